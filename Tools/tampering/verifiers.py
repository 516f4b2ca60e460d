"""The two verifiers, each asked for what it finds."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120


@dataclass
class Verdict:
    """What a verifier answered: the exit status and the pairs of position and rule."""

    status: int
    pairs: set = field(default_factory=set)
    output: str = ""

    @property
    def is_checked(self):
        return self.status in (0, 1)


def programs():
    """The folder of the built programs."""
    named = os.environ.get("STRONGROOM_BIN")
    if named:
        return Path(named)
    shown = subprocess.run(["swift", "build", "--configuration", "release", "--show-bin-path"],
                           cwd=ROOT, capture_output=True, text=True, check=True)
    return Path(shown.stdout.strip())


def run(command):
    try:
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                              timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return Verdict(124, output=f"no answer within {SECONDS} s")
    verdict = Verdict(done.returncode, output=done.stdout + done.stderr)
    if verdict.is_checked:
        try:
            report = json.loads(done.stdout)
            verdict.pairs = {(found.get("position"), found["rule"])
                             for found in report["findings"]}
        except (ValueError, KeyError, TypeError) as error:
            return Verdict(125, output=f"no report: {error}\n{verdict.output}")
    return verdict


def swift(binaries, path, *arguments):
    return run([binaries / "strongroom-verify", "--json", path, *arguments])


def python(path, *arguments):
    return run([sys.executable, ROOT / "Tools" / "audit.py", "--json", path, *arguments])


def shown(pair):
    position, rule = pair
    return rule if position is None else f"{rule} @{position}"


def ordered(pairs):
    return sorted(pairs, key=lambda pair: (pair[0] is None, pair[0] or 0, pair[1]))
