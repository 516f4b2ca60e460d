"""Runs the tests of this folder, two at a time, and counts them in its last line."""

import argparse
import concurrent.futures
import sys
import time
import unittest
from pathlib import Path

import world

HERE = Path(__file__).resolve().parent


def flattened(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from flattened(item)
        else:
            yield item


def run_one(test):
    """One test's verdict, what there is to say about it, and its seconds."""
    result = unittest.TestResult()
    start = time.monotonic()
    test.run(result)
    seconds = time.monotonic() - start
    for verdict, items in (("FAILED", result.failures), ("ERROR", result.errors)):
        if items:
            return verdict, "\n".join(text for _, text in items), seconds
    if result.unexpectedSuccesses:
        return "FAILED", "a defect that was expected is gone: remove the mark", seconds
    if result.skipped:
        return "skipped", result.skipped[0][1], seconds
    if result.expectedFailures:
        return "known defect", "", seconds
    return "passed", "", seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-k", action="append", default=[], metavar="WORD",
                        help="only tests whose name has the word")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    tests = [
        test for test in flattened(unittest.defaultTestLoader.discover(str(HERE), "test_*.py"))
        if not options.k or any(word in test.id() for word in options.k)]
    tally = {}
    try:
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            running = {pool.submit(run_one, test): test for test in tests}
            for done in concurrent.futures.as_completed(running):
                verdict, text, seconds = done.result()
                tally[verdict] = tally.get(verdict, 0) + 1
                name = running[done].id()
                print(f"{verdict:8} {seconds:5.1f} s  {name}", flush=True)
                if text:
                    print("    " + text.rstrip().replace("\n", "\n    "), flush=True)
    finally:
        world.clean_up()
    failed = tally.get("FAILED", 0) + tally.get("ERROR", 0)
    others = {name: count for name, count in tally.items()
              if name not in ("passed", "FAILED", "ERROR")}
    for name, count in others.items():
        print(f"{count} {name}")
    print(f"{tally.get('passed', 0)} passed, {failed} failed")
    return 1 if failed or not tally.get("passed") else 0


if __name__ == "__main__":
    sys.exit(main())
