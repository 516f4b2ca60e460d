"""The tamper campaign: every attack, and where each verifier finds it."""

import argparse
import os
import shutil
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tampering import (
    attacks_disclosure, attacks_entries, attacks_files, attacks_ledger, disclosure, verifiers,
)
from tampering.database import Database
from tampering.export import Export
from tampering.scene import Scene

COLUMNS = (46, 26, 26)


@dataclass
class Result:
    name: str
    swift: str
    python: str
    problems: list


def matches(verdict, expected):
    """The finding of those expected that a verdict has, in words; None when it has none."""
    if verdict.status == 2:
        return "not checkable" if "not checkable" in expected else None
    if verdict.status != 1:
        return None
    wanted = {pair for pair in expected if isinstance(pair, tuple)}
    rules = {rule for rule in expected if isinstance(rule, str)}
    found = [pair for pair in verifiers.ordered(verdict.pairs)
             if pair in wanted or pair[1] in rules]
    # That a file is not the sender's says less than what is wrong with it.
    found.sort(key=lambda pair: pair[1] == "manifest")
    return verifiers.shown(found[0]) if found else None


def judged(name, expected, swift, python):
    problems = []
    for who, verdict in (("swift", swift), ("python", python)):
        if verdict and not matches(verdict, expected):
            found = ", ".join(map(verifiers.shown, verifiers.ordered(verdict.pairs)[:20]))
            problems.append(f"{who} ended with {verdict.status} and found: {found or 'nothing'}; "
                            f"expected one of {sorted(map(str, expected))}\n"
                            f"{verdict.output[-2000:] if not found else ''}")
    if swift and python and swift.is_checked and python.is_checked and swift.pairs != python.pairs:
        problems.append(
            "the verifiers differ: swift alone "
            + ", ".join(map(verifiers.shown, verifiers.ordered(swift.pairs - python.pairs)))
            + "; python alone "
            + ", ".join(map(verifiers.shown, verifiers.ordered(python.pairs - swift.pairs))))
    return Result(name, matches(swift, expected) or "NOT FOUND",
                  (matches(python, expected) or "NOT FOUND") if python else "-", problems)


class Campaign:
    def __init__(self, binaries, story, folder):
        self.binaries, self.story, self.folder = binaries, story, folder
        self.export = Export.read(story / "export")

    def place(self, name):
        kept = "".join(letter if letter.isalnum() else "-" for letter in name)
        return self.folder / kept

    def on_export(self, name, attack, resigns):
        scene = Scene(self.export)
        expected = attack(scene)
        if resigns:
            scene.resign()
        path, arguments = scene.write(self.place(name))
        return judged(name, expected, verifiers.swift(self.binaries, path, *arguments),
                      verifiers.python(path, *arguments))

    def on_ledger(self, name, attack):
        copy = self.place(name)
        shutil.copytree(self.story / "ledger", copy)
        expected = attack(Database(copy))
        return judged(name, expected, verifiers.swift(self.binaries, copy), None)

    def baseline(self):
        """Without an attack neither verifier finds anything."""
        written = Scene(self.export)
        written.resign()
        problems, disclosed = [], disclosure.disclose(self.export, range(18, 41))
        replica = Scene(self.export).export
        replica.become_replica()
        for what, path in (("the export", self.story / "export"),
                           ("a disclosure", disclosed.write(self.folder / "disclosure")),
                           ("a replica", replica.write(self.folder / "replica")),
                           ("the export made anew", written.export.write(self.folder / "anew")),
                           ("the ledger", self.story / "ledger")):
            verdicts = [("swift", verifiers.swift(self.binaries, path))]
            if what != "the ledger":
                verdicts.append(("python", verifiers.python(path)))
            problems += [f"{who} on {what}: status {verdict.status}, {verdict.output}"
                         for who, verdict in verdicts if verdict.status != 0]
        return Result("no attack", "clean" if not problems else "NOT CLEAN", "clean", problems)

    def jobs(self, word):
        yield "no attack", self.baseline
        for attacks, resigns in ((attacks_entries.ATTACKS, True), (attacks_files.ATTACKS, False),
                                 (attacks_disclosure.ATTACKS, False)):
            for name, attack in attacks.items():
                yield name, lambda name=name, attack=attack, resigns=resigns: self.on_export(
                    name, attack, resigns)
        for name, attack in attacks_ledger.ATTACKS.items():
            yield name, lambda name=name, attack=attack: self.on_ledger(name, attack)


def row(*cells):
    return " ".join(cell.ljust(width) for cell, width in zip(cells, COLUMNS)).rstrip()


def main():
    parser = argparse.ArgumentParser(prog="Tools/tamper")
    parser.add_argument("--only", default="", help="only attacks whose name has this word")
    parser.add_argument("--keep", type=Path, help="keep what was attacked in this folder")
    arguments = parser.parse_args()
    start = time.time()
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.keep or Path(scratch)
        binaries = verifiers.programs()
        subprocess.run([binaries / "histories", folder / "base", "--seeds", "0", "--story"],
                       check=True, stdout=subprocess.DEVNULL, timeout=120)
        campaign = Campaign(binaries, folder / "base" / "story", folder / "attacked")
        jobs = [job for name, job in campaign.jobs(arguments.only) if arguments.only in name]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            results = list(pool.map(lambda job: job(), jobs))
    print(row("attack", "found by Swift", "found by Python"))
    print(row(*("-" * width for width in COLUMNS)))
    for result in results:
        print(row(result.name, result.swift, result.python))
    failed = [result for result in results if result.problems]
    for result in failed:
        print(f"\n{result.name}:")
        for problem in result.problems:
            print(f"  {problem}")
    print(f"\n{len(results)} attacks in {time.time() - start:.0f} s")
    print(f"{len(results) - len(failed)} passed, {len(failed)} failed")
    raise SystemExit(bool(failed))


if __name__ == "__main__":
    main()
