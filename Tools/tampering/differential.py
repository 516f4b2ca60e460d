"""Both verifiers on the same histories and headers: the sets of (position, rule) must be equal."""

import argparse
import collections
import json
import os
import shutil
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tampering import changes, headers, verifiers
from tampering.export import Export

# What only a ledger's folder has, and no export.
ONLY_LEDGER = {"projection"}


def make(binaries, folder, arguments):
    """Has the histories written; returns what was done to each."""
    command = [binaries / "histories", folder / "histories", "--first", arguments.first,
               "--seeds", arguments.seeds, "--provoked", arguments.provoked, "--story"]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          check=True, timeout=1800)
    return json.loads(done.stdout)


def judge(binaries, folder):
    return {"swift": verifiers.swift(binaries, folder / "export"),
            "swift, ledger": verifiers.swift(binaries, folder / "ledger"),
            "python": verifiers.python(folder / "export")}


def difference(history, verdicts):
    """What the verifiers disagree in, in full; none when they agree."""
    told = {name: (verdict.is_checked, frozenset(
        pair for pair in verdict.pairs if pair[1] not in ONLY_LEDGER))
        for name, verdict in verdicts.items()}
    if "expected" in history and verdicts["python"].is_checked:
        # Whoever made it does not say which documents he has not kept.
        blobs = {pair for pair in verdicts["python"].pairs if pair[1] == "blob"}
        told["whoever made it"] = (True, frozenset(blobs | {
            (found["position"], found["rule"]) for found in history["expected"]}))
    if len(set(told.values())) == 1 and verdicts["python"].status in (0, 1, 2):
        return None
    common = frozenset.intersection(*(pairs for _, pairs in told.values()))
    lines = [f"{history['name']}: {history['entries']} entries", *history["story"],
             "all find: " + ", ".join(map(verifiers.shown, verifiers.ordered(common)))]
    for name, (is_checked, pairs) in told.items():
        alone = ", ".join(map(verifiers.shown, verifiers.ordered(pairs - common)))
        lines.append(f"{name} also: {alone or 'nothing'}" if is_checked
                     else f"{name}: status {verdicts[name].status}")
    lines += [f"--- {name}, status {verdict.status}\n{verdict.output}"
              for name, verdict in verdicts.items()]
    return "\n".join(lines)


def judge_headers(binaries, folder, name, chain):
    """What is wrong with what the verifiers say of a chain of headers; none when they are right."""
    path = chain.export().write(folder / "headers" / name.replace(" ", "-"))
    expected, problems = chain.expected(), []
    for who, verdict in (("swift", verifiers.swift(binaries, path)),
                         ("python", verifiers.python(path))):
        found = None if verdict.status == 2 else verdict.pairs
        if found != expected or verdict.status not in (0, 1, 2):
            problems.append(f"{who}: status {verdict.status}, not {expected}\n{verdict.output}")
    return "\n".join(problems)


def judge_change(binaries, folder, export, seed):
    """What the verifiers disagree in about a changed export; none when they agree."""
    story, scene = changes.case(export, seed)
    path, arguments = scene.write(folder / "changed" / str(seed))
    swift = verifiers.swift(binaries, path, *arguments)
    python = verifiers.python(path, *arguments)
    shutil.rmtree(path.parent)
    # Where entry 0 founds no ledger nothing can be judged; how far each came is its own affair.
    stops = (None, "encoding")
    told = [(one.is_checked, stops if stops in one.pairs else one.pairs) for one in (swift, python)]
    if told[0] == told[1] and swift.status in (0, 1, 2):
        return None
    told = [f"{who} ends with {one.status}: "
            + (", ".join(map(verifiers.shown, verifiers.ordered(one.pairs)[:12]))
               if one.is_checked else one.output[:300].strip())
            for who, one in (("swift", swift), ("python", python))]
    return "\n  ".join(["; ".join([*story, *map(str, arguments)]), *told])


def main():
    parser = argparse.ArgumentParser(prog="Tools/differential")
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--provoked", type=int, default=1,
                        help="how many histories for each rule that refuses")
    parser.add_argument("--files", type=int, default=60,
                        help="how many times an export's files are changed")
    parser.add_argument("--keep", type=Path, help="keep the histories in this folder")
    arguments = parser.parse_args()
    binaries, start = verifiers.programs(), time.time()
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.keep or Path(scratch)
        histories = make(binaries, folder, arguments)
        passed, failed, rules, kinds = 0, 0, collections.Counter(), collections.Counter()

        def work(history):
            return history, judge(binaries, folder / "histories" / history["name"])

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for history, verdicts in pool.map(work, histories):
                found = difference(history, verdicts)
                kinds[history["kind"]] += 1
                rules.update({rule for _, rule in verdicts["python"].pairs})
                if found is None:
                    passed += 1
                    continue
                failed += 1
                if failed == 1:
                    print(found)
                else:
                    print(f"{history['name']}: the verifiers differ")
        export = Export.read(folder / "histories" / "story" / "export")
        seeds = range(arguments.first, arguments.first + arguments.files)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for seed, found in zip(seeds, pool.map(
                    lambda seed: judge_change(binaries, folder, export, seed), seeds)):
                passed, failed = passed + (not found), failed + bool(found)
                if found:
                    print(f"files changed by seed {seed}: {found}")
        chains = dict(headers.cases())
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for name, found in zip(chains, pool.map(
                    lambda one: judge_headers(binaries, folder, *one), chains.items())):
                passed, failed = passed + (not found), failed + bool(found)
                if found:
                    print(f"headers, {name}: {found}")
    print(f"{len(chains)} chains of real headers under other anchors and networks, "
          f"{len(seeds)} exports of changed files")
    print("histories: " + ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))
    print(f"{len(rules)} rules found, each in so many histories: "
          + ", ".join(f"{rule} {count}" for rule, count in sorted(rules.items())))
    print(f"{time.time() - start:.0f} s")
    print(f"{passed} passed, {failed} failed")
    raise SystemExit(failed > 0)


if __name__ == "__main__":
    main()
