"""What is disturbed: one command each, on a copy of a small treasury."""

import re
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

import witnessing
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
    world.ok("alice", "export", world.path("first"), "--key", "archive")
    world.ok("nobody", "replica", "create", world.path("first"), world.path("replica"))
    shutil.copy(world.path("replica") / "checkpoint", world.path("first.checkpoint"))
    world.ok("alice", "backup", world.path("old-backup"))
    world.ok("alice", "request", "export", 2, "--out", world.path("r2.request"))
    world.act("bob", "approve", "--request", world.path("r2.request"), "--out",
              world.path("bob.event"))
    world.act("alice", "address", "main")
    world.path("kept.checkpoint").write_text(world.ok("alice", "checkpoint").out)
    world.ok("alice", "export", world.path("delta"), "--key", "archive", "--since",
             world.path("first.checkpoint"))
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
    # What is done to each copy of the treasury before the command.
    prepare: object = None
    # What is wrong with what the command has told its user.
    hears: object = None

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


def judge_replica(world, made):
    """A replica is the one before or the one after, whole, and goes on from the one before."""
    if not made.exists():
        return None
    ran = world.verify("--since", world.path("first.checkpoint"), ledger=made)
    return None if ran.status == 0 else f"{made.name} does not verify: {ran}"


def judge_applied(world, made):
    """A replica is never gone."""
    return judge_replica(world, made) if made.exists() else "the replica is gone"


def judge_witnessed(world, made):
    """What is recorded of witnesses can be read, and is of this log."""
    ran = world.run("nobody", "status", "--json")
    return None if ran.status == 0 else f"{made.name} has no status: {ran}"


def hears_witnessed(world, traced):
    """Who is told that all entries are witnessed finds them so."""
    found = re.search(r"checkpointed, (\d+) witnessed", traced.err)
    if traced.status != 0 or not found:
        return []
    known = world.json("status")["witnessed"]
    return [] if known >= int(found[1]) else [f"{found[0]} was said, and {known} are known"]


SCENARIOS = [
    Scenario("submit", "alice", ["submit", "@bob.event"]),
    Scenario("approve", "alice", ["approve", 2, "--as", "alice", "--yes"], "has approved"),
    Scenario("address", "alice", ["address", "main", "--as", "alice"]),
    Scenario("checkpoint", "alice", ["checkpoint"]),
    Scenario("gathering", "alice", ["checkpoint"], makes="treasury", judge=judge_witnessed,
             prepare=witnessing.name_witness, hears=hears_witnessed),
    Scenario("backup", "alice", ["backup", "@copy"], "a log in .* already", makes="copy",
             judge=judge_ledger),
    Scenario("restore", "alice", ["restore", "@old-backup"], "a log in .* already",
             {"STRONGROOM_LEDGER": "@restored"}, "restored", judge_older_ledger),
    Scenario("request file", "alice", ["request", "export", 2, "--out", "@new.request"],
             "exists already", makes="new.request", judge=judge_request),
    Scenario("event file", "bob", ["approve", "--as", "bob", "--yes", "--request", "@r2.request",
                                   "--out", "@again.event"],
             "has approved|exists already", makes="again.event", judge=judge_event),
    Scenario("key file", "alice", ["key", "create", "extra"], "there is a key called",
             makes="alice/keys/extra.key", judge=judge_key),
    Scenario("export folder", "alice", ["export", "@out", "--key", "archive"],
             "exists|already|not empty", makes="out", judge=judge_export),
    Scenario("export file", "alice", ["export", "@out.tar.zst", "--key", "archive"],
             "exists|already", makes="out.tar.zst", judge=judge_export),
    Scenario("replica create", "nobody", ["replica", "create", "@first", "@copied"],
             "exists already", makes="copied", judge=judge_replica),
    Scenario("replica apply", "nobody", ["replica", "apply", "@delta", "--replica", "@replica"],
             "the replica has it already", makes="replica", judge=judge_applied),
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
    return replace(scenario, words=words)


def copied(base, folder, scenario=None):
    """A copy of the treasury, to be disturbed by a scenario."""
    if folder.exists():
        shutil.rmtree(folder)
    shutil.copytree(base.folder, folder)
    world = treasury.World(Path(folder))
    if scenario and scenario.prepare:
        scenario.prepare(world)
    return world
