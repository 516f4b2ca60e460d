"""What is disturbed: one command each, on a copy of a small treasury."""

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import world as treasury

FOLDER_OF_LEDGER = "treasury"


def prepare(folder):
    """A founded ledger with a wallet, an open request, and files that are on their way."""
    folder.mkdir()
    world = treasury.World(folder)
    treasury.found(world)
    treasury.create_wallet(world, "main")
    keys = []
    for who in treasury.MEMBERS:
        expression = world.ok(who, "key", "expression", f"{who}-wallet", "--path", "48h/1h/7h/2h")
        keys += ["--key", f"{who}={expression.out.strip()}"]
    world.act("alice", "wallet", "create", "second", "--kind", "wsh", "--threshold", 2, *keys,
              "--quorum", treasury.RULE)
    world.ok("alice", "key", "create", "archive", "--export")
    world.ok("alice", "backup", world.path("old-backup"))
    world.ok("alice", "request", "export", 2, "--out", world.path("r2.request"))
    world.act("bob", "approve", "--request", world.path("r2.request"), "--out",
              world.path("bob.event"))
    world.path("kept.checkpoint").write_text(world.ok("alice", "checkpoint").out)
    return world


@dataclass
class Scenario:
    """A command, where its result is, and how one tells that it is whole."""

    name: str
    who: str
    words: list
    # The refusals with which a repetition may say that the first one went through after all.
    settled: str = "$^"
    environment: dict = field(default_factory=dict)
    # The folder or file that the command makes, judged by `judge`.
    makes: str = None
    judge: object = None

    def command(self, world):
        """The program with its arguments, and the environment of who runs it."""
        words = [str(word).replace("@", f"{world.folder}/") for word in self.words]
        more = {name: value.replace("@", f"{world.folder}/")
                for name, value in self.environment.items()}
        return [str(treasury.BIN / "strongroom"), *words], world.environment(self.who, **more)


def judge_ledger(world, made):
    """A folder with a database is a whole ledger; one without is none yet."""
    if not (made / "ledger.mdb").exists():
        return None
    ran = world.verify("--since", world.path("kept.checkpoint"), ledger=made)
    return None if ran.status == 0 else f"{made.name} does not verify: {ran}"


def judge_older_ledger(world, made):
    if not (made / "ledger.mdb").exists():
        return None
    ran = world.verify(ledger=made)
    return None if ran.status == 0 else f"{made.name} does not verify: {ran}"


def judge_new_ledger(world, made):
    """A founded ledger verifies under the id that its first entry gives it."""
    if not (made / "ledger.mdb").exists():
        return None
    ran = world.run("nobody", "verify", STRONGROOM_LEDGER=made)
    return None if ran.status == 0 else f"{made.name} does not verify: {ran}"


def judge_export(world, made):
    """An export under its own name is whole: it verifies as the ledger does."""
    if not made.exists():
        return None
    ran = world.verify("--since", world.path("kept.checkpoint"), ledger=made)
    return None if ran.status == 0 else f"{made.name} does not verify: {ran}"


def judge_request(world, made):
    """Bob can read a request file that is there."""
    if not made.exists():
        return None
    ran = world.run("bob", "approve", "--as", "bob", "--yes", "--request", made, "--out", "-")
    return None if ran.status == 0 or "bob has approved" in ran.err else f"not whole: {ran}"


def judge_event(world, made):
    """An event file that is there is taken by the ledger."""
    if not made.exists():
        return None
    ran = world.run("alice", "submit", made)
    return None if ran.status == 0 else f"not whole: {ran}"


def judge_key(world, made):
    """A key file that is there opens, and signs."""
    if not made.exists():
        return None
    ran = world.run("alice", "key", "list")
    return None if ran.status == 0 and "extra" in ran.out else f"not whole: {ran}"


SCENARIOS = [
    Scenario("submit", "alice", ["submit", "@bob.event"]),
    Scenario("approve", "alice", ["approve", 2, "--as", "alice", "--yes"], "has approved"),
    Scenario("address", "alice", ["address", "main", "--as", "alice", "--yes"]),
    Scenario("checkpoint", "alice", ["checkpoint"]),
    Scenario("backup", "alice", ["backup", "@copy"], "a log in .* already", makes="copy",
             judge=judge_ledger),
    Scenario("restore", "alice", ["restore", "@old-backup"], "a log in .* already",
             {"STRONGROOM_LEDGER": "@restored"}, "restored", judge_older_ledger),
    Scenario("request file", "alice", ["request", "export", 2, "--out", "@new.request"],
             makes="new.request", judge=judge_request),
    Scenario("event file", "bob", ["approve", "--as", "bob", "--yes", "--request", "@r2.request",
                                   "--out", "@again.event"],
             "has approved", makes="again.event", judge=judge_event),
    Scenario("key file", "alice", ["key", "create", "extra"], "there is a key called",
             makes="alice/keys/extra.key", judge=judge_key),
    Scenario("export folder", "alice", ["export", "@out", "--key", "archive"],
             "exists|already|not empty", makes="out", judge=judge_export),
    Scenario("export file", "alice", ["export", "@out.tar.zst", "--key", "archive"],
             "exists|already", makes="out.tar.zst", judge=judge_export),
    Scenario("init", "alice",
             ["init", "@fresh", "--name", "fresh", "--network", "regtest", "--as", "alice",
              "--member", "alice:KEY:executive,operator,watcher", "--policy", "1 of (alice)"],
             "a log in .* already", makes="fresh", judge=judge_new_ledger),
]


def with_keys(scenario, world):
    """The scenario with alice's public key where its words say KEY."""
    listing = world.ok("alice", "key", "list").out
    key = re.search(r"\b0[23][0-9a-f]{64}\b", listing).group()
    words = [str(word).replace("KEY", key) for word in scenario.words]
    return Scenario(scenario.name, scenario.who, words, scenario.settled, scenario.environment,
                    scenario.makes, scenario.judge)


def copied(base, folder):
    """A copy of the treasury, to be disturbed."""
    if folder.exists():
        shutil.rmtree(folder)
    shutil.copytree(base.folder, folder)
    return treasury.World(Path(folder))
