// Calls of Linux that glibc declares for _GNU_SOURCE alone, and Swift's Glibc module hides.
#pragma once

#ifdef __linux__
extern int syncfs(int descriptor);
extern int sync_file_range(int descriptor, long long offset, long long count, unsigned int flags);
extern int renameat2(
    int oldFolder, const char *oldPath, int newFolder, const char *newPath, unsigned int flags);
#endif
