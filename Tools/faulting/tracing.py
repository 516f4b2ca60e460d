"""Runs a program under strace, which makes one of its system calls fail or kills it there."""

import re
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

# Every call by which a file or a folder comes to differ, or is made durable.
WRITING = ("write", "pwrite64", "writev", "pwritev", "pwritev2", "ftruncate", "fallocate",
           "copy_file_range", "sendfile")
SYNCING = ("fsync", "fdatasync", "msync", "sync_file_range")
NAMING = ("rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "mkdir",
          "mkdirat")
CALLS = WRITING + SYNCING + NAMING

LINE = re.compile(r"^(?P<thread>\d+) +(?P<call>\w+)\((?P<rest>.*)$")
SECONDS = 60


@dataclass(frozen=True)
class Fault:
    """What happens at the nth call of a name."""

    call: str
    nth: int
    kind: str
    path: str

    @property
    def injection(self):
        effect = "signal=KILL" if self.kind == "KILL" else f"error={self.kind}"
        return f"inject={self.call}:{effect}:when={self.nth}"

    def __str__(self):
        return f"{self.kind} at {self.call} number {self.nth} ({self.path})"


@dataclass
class Traced:
    """How a traced program ended, and the calls of it that change files."""

    status: int
    out: str
    err: str
    lines: list

    @property
    def is_killed(self):
        return self.status == -signal.SIGKILL

    def calls(self, folder):
        """(name, n, path) of every call on something below `folder`, or on standard output."""
        counts, found = {}, []
        for line in self.lines:
            match = LINE.match(line)
            if not match or match["call"] not in CALLS:
                continue
            key = match["thread"], match["call"]
            counts[key] = counts.get(key, 0) + 1
            path = named_path(match["rest"])
            if path and (path.startswith(f"{folder}/") or match["rest"].startswith("1<")):
                found.append((match["call"], counts[key], path))
        return found

    def injected(self):
        """The lines in which strace says that it did what it was told."""
        return [line for line in self.lines if "(INJECTED)" in line]


def named_path(rest):
    """The path of a call's first argument: a descriptor with its path, or a text."""
    match = re.match(r'\d+<([^>]*)>|(?:AT_FDCWD(?:<[^>]*>)?, )?"([^"]*)"', rest)
    return match and (match[1] or match[2])


def run(command, log, environment, cwd, fault=None, limit=None):
    """Runs a command; `limit` is the largest size of a file that it may write."""
    words = ["strace", "--follow-forks", "--decode-fds=path", "--quiet=all", "-e",
             "signal=none", "-e", f"trace={','.join(CALLS)}", "-s", "0", "-o", str(log)]
    if fault:
        words += ["-e", fault.injection]
    if limit is not None:
        words = ["prlimit", f"--fsize={limit}", *words]
    done = subprocess.run([*words, *(str(word) for word in command)], capture_output=True,
                          stdin=subprocess.DEVNULL, env=environment, cwd=cwd, timeout=SECONDS)
    lines = Path(log).read_text(errors="replace").splitlines()
    return Traced(done.returncode, done.stdout.decode(errors="replace"),
                  done.stderr.decode(errors="replace"), lines)
