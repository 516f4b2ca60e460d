"""Lets system calls of the programs fail, and kills the programs at each of them.

Every command of a small treasury runs under strace, once undisturbed and then once for each call by
which it changes a file: the call fails with EIO, fails with ENOSPC, or the process is killed there.
The same commands run on file systems with room for one page more each time. After each run the
ledger must verify, hold everything that was acknowledged, and take the same command again.
"""

import argparse
import contextlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "Tests/EndToEnd"))

import world as treasury  # noqa: E402

import appending  # noqa: E402
import checks  # noqa: E402
import scenarios  # noqa: E402
import tracing  # noqa: E402
import witnessing  # noqa: E402
from tracing import Fault  # noqa: E402

KINDS = "EIO", "ENOSPC", "KILL"
PAGE = 4096


class Campaign:
    """Runs scenarios, counts what was done to them, and keeps what went wrong."""

    def __init__(self, folder, share):
        self.folder = folder
        self.share = share
        self.choice = random.Random(share)
        self.seen = 0
        self.counts = Counter()
        self.lost = Counter()
        self.failures = []
        self.base = scenarios.prepare(folder / "base")
        self.before = checks.size_of(self.base.verify())

    def takes(self):
        """Whether the next fault is in the share that this run has time for."""
        self.seen += 1
        return self.choice.randrange(self.share) == 0

    def record(self, row, what, problems):
        self.counts[row] += 1
        if problems:
            self.lost[row] += 1
            self.failures.append((row, what))
            print(f"FAILED {row[0]}: {what}", flush=True)
            for problem in problems:
                print(f"    {problem}", flush=True)

    # System calls -----------------------------------------------------------------------------

    def disturb_calls(self, scenario):
        """Each call of one command, with each kind of fault."""
        world = scenarios.copied(self.base, self.folder / "run", scenario)
        scenario = scenarios.with_keys(scenario, world)
        clean = self.traced(scenario, world)
        assert clean.status == 0, f"{scenario.name} undisturbed: {clean.err}"
        for call, nth, path in dict.fromkeys(clean.calls(world.folder)):
            path = path.removeprefix(f"{world.folder}/")
            for kind in KINDS:
                # Nothing that only takes a name away can run out of space.
                if kind == "ENOSPC" and call.startswith("unlink") or not self.takes():
                    continue
                self.disturb_call(scenario, Fault(call, nth, kind, path))

    def disturb_call(self, scenario, fault):
        world = scenarios.copied(self.base, self.folder / "run", scenario)
        traced = self.traced(scenario, world, fault)
        problems = []
        if fault.kind != "KILL" and not traced.injected():
            problems.append("nothing was injected: the command did not come to that call")
        problems += self.judge(scenario, world, traced)
        self.record((scenario.name, fault.call, fault.kind), fault, problems)

    def traced(self, scenario, world, fault=None):
        command, environment = scenario.command(world)
        return tracing.run(command, self.folder / "trace", environment, world.folder, fault)

    # Full file systems ------------------------------------------------------------------------

    def fill(self, scenario):
        """A file system with room for nothing, for one page more, and so on until it is enough."""
        with small_file_system(self.folder / "small") as small:
            pages, stride = 0, 1 if self.share == 1 else 5
            while True:
                world = scenarios.copied(self.base, small / "run", scenario)
                scenario = scenarios.with_keys(scenario, world)
                is_enough = self.run_filled(scenario, world, small, pages)
                shutil.rmtree(world.folder)
                if is_enough:
                    return
                assert pages < 400, f"{scenario.name} wants more than 400 pages"
                pages += stride

    def run_filled(self, scenario, world, small, pages):
        filler = small / "filler"
        fill_up(filler, pages)
        traced = self.traced(scenario, world)
        filler.unlink()
        problems = self.judge(scenario, world, traced)
        self.record((scenario.name, "full file system", "ENOSPC"), f"room for {pages} pages",
                    problems)
        # What is asked of a command that could not even checkpoint is not done yet.
        return traced.status == 0 and not re.search("not yet|[Nn]o space|is full", traced.err)

    # Judging ----------------------------------------------------------------------------------

    def judge(self, scenario, world, traced):
        """Everything that must hold now, and after the same command once more."""
        problems = checks.problems_of_ending(traced)
        problems += checks.problems_of_syncing(traced)
        problems += checks.problems_of_leftovers(world, traced)
        problems += checks.problems_of_ledger(world, self.before, traced.out)
        problems += checks.problems_of_made(world, scenario)
        if scenario.hears:
            problems += scenario.hears(world, traced)
        command, environment = scenario.command(world)
        again = subprocess.run(command, capture_output=True, env=environment, cwd=world.folder,
                               stdin=subprocess.DEVNULL, timeout=tracing.SECONDS, text=True)
        if again.returncode != 0 and not re.search(scenario.settled, again.stderr):
            problems.append(f"the same again is refused: {again.stderr[:300]}")
        problems += checks.problems_of_made(world, scenario)
        problems += checks.problems_of_ledger(world, self.before, again.stdout + traced.out)
        return problems


def fill_up(filler, pages):
    """Writes until nothing fits any more, and gives back so many pages."""
    with open(filler, "wb", buffering=0) as file:
        with contextlib.suppress(OSError):
            while file.write(bytes(PAGE)):
                pass
        file.truncate(max(0, file.seek(0, os.SEEK_END) // PAGE * PAGE - pages * PAGE))


@contextlib.contextmanager
def small_file_system(path):
    """A file system of 2 MiB of memory at `path`."""
    path.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "tmpfs", str(path)],
                   check=True, capture_output=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", str(path)], check=True)


def may_mount(folder):
    try:
        with small_file_system(folder / "probe"):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


def print_table(campaign):
    """What was injected, how many times, and what was lost."""
    print(f"\n{'COMMAND':14} {'WHERE':18} {'WHAT':8} {'TIMES':>6}  LOST OR BROKEN")
    for row in sorted(campaign.counts):
        lost = campaign.lost[row]
        print(f"{row[0]:14} {row[1]:18} {row[2]:8} {campaign.counts[row]:6}  {lost or 'nothing'}")


def disturb_all(campaign, chosen, words, mounts):
    for scenario in chosen:
        campaign.disturb_calls(scenario)
        if mounts:
            campaign.fill(scenario)
    if not words or "appender" in words:
        appending.disturb(campaign)
    if not words or any(word in "witness" for word in words):
        witnessing.disturb(campaign, mounts)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--share", type=int, default=1, metavar="N",
                        help="only one fault of N, always the same ones (1: all)")
    parser.add_argument("-k", action="append", default=[], metavar="WORD",
                        help="only commands whose name has the word")
    parser.add_argument("--keep", action="store_true", help="leave the folder")
    options = parser.parse_args()
    if not shutil.which("strace"):
        print("Tools/faults: strace is not installed; Tools/setup installs it", file=sys.stderr)
        return 2
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="strongroom-faults-"))
    campaign = Campaign(folder, options.share)
    chosen = [item for item in scenarios.SCENARIOS
              if not options.k or any(word in item.name for word in options.k)]
    mounts = may_mount(folder)
    # Who has no more time gets the table of what was done.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended before all faults were injected"))
    try:
        disturb_all(campaign, chosen, options.k, mounts)
    finally:
        witnessing.end()
        print_table(campaign)
    if not mounts:
        print("Full file systems are left out: mounting one is not permitted here.")
    total, failed = sum(campaign.counts.values()), len(campaign.failures)
    print(f"{total} faults in {time.monotonic() - started:.0f} s")
    if not options.keep:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{total - failed} passed, {failed} failed")
    return 1 if failed or not total else 0


if __name__ == "__main__":
    sys.exit(main())
