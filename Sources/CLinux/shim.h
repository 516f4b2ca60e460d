// Calls of Linux that glibc declares for _GNU_SOURCE alone, and Swift's Glibc module hides.
#pragma once

#ifdef __linux__
extern int syncfs(int descriptor);
extern int renameat2(
    int oldFolder, const char *oldPath, int newFolder, const char *newPath, unsigned int flags);
#endif
