"""A small treasury with everything that its people use: homes with keys, a ledger, a node.

It is founded once, with four wallets and their deposits; each test works on a copy of its own.
"""

import functools
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import unittest
from dataclasses import dataclass
from pathlib import Path


import answers
import envelope
import keyfiles

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("STRONGROOM_BIN", ROOT / ".build/release"))
# BIP-173's example key: somebody else's address.
PAYEE = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"
MEMBERS = ("alice", "bob", "carol")
RULE = "2 of (alice, bob, carol)"
# No command takes longer than a few seconds; none may hang.
SECONDS = 120


@dataclass
class Ran:
    """How a program ended."""

    words: list
    status: int
    out: str
    err: str

    def __post_init__(self):
        if "--json" in self.words:
            answers.check(self.words, self.out)

    def __str__(self):
        command = " ".join(str(word) for word in self.words)
        return f"$ {command}\nstatus {self.status}\n{self.out}{self.err}"


class World:
    """A folder with a home for each person, the ledger `treasury`, and a node."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.ledger = self.folder / "treasury"
        self.node_folder = self.folder / "node"
        self._url = None

    @property
    def id(self):
        return bytes.fromhex((self.folder / "id").read_text())

    def home(self, who):
        return self.folder / who

    def path(self, name):
        return self.folder / name

    # The programs ---------------------------------------------------------------------------

    def environment(self, who, **more):
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith("STRONGROOM_")}
        settings = {"STRONGROOM_HOME": self.home(who), "STRONGROOM_LEDGER": self.ledger,
                    "STRONGROOM_PASSPHRASE": keyfiles.PASSPHRASE,
                    "STRONGROOM_COOKIE": self.node_folder / "regtest" / ".cookie", **more}
        return kept | {name: str(value) for name, value in settings.items() if value is not None}

    def run(self, who, *words, stdin=b"", **environment):
        """Runs `strongroom` in somebody's home."""
        command = [str(BIN / "strongroom"), *(str(word) for word in words)]
        done = subprocess.run(command, input=stdin, capture_output=True, timeout=SECONDS,
                              env=self.environment(who, **environment), cwd=self.folder)
        return Ran(["strongroom", *words], done.returncode, done.stdout.decode(),
                   done.stderr.decode())

    def verify(self, *words, ledger=None):
        """Runs `strongroom-verify` on the ledger, as somebody who knows its id alone."""
        command = [str(BIN / "strongroom-verify"), str(ledger or self.ledger), "--ledger-id",
                   self.id.hex(), *(str(word) for word in words)]
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, cwd=self.folder,
                              env=self.environment("nobody"))
        return Ran(["strongroom-verify", *words], done.returncode, done.stdout.decode(),
                   done.stderr.decode())

    def audited_node(self):
        """The options by which a verifier rescans this world's chain."""
        return "--node", self.node(), "--cookie", self.node_folder / "regtest" / ".cookie"

    def json(self, *words):
        """What a reading command answers."""
        return json.loads(self.ok("nobody", *words, "--json").out)

    def start(self, who, *words):
        """Starts `strongroom`, and leaves it running."""
        return subprocess.Popen(
            [str(BIN / "strongroom"), *(str(word) for word in words)], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment(who),
            cwd=self.folder, text=True)

    def ok(self, who, *words, **environment):
        """Runs a command that must succeed."""
        ran = self.run(who, *words, **environment)
        assert ran.status == 0, ran
        return ran

    def act(self, who, *words, **environment):
        """Runs a command as a member, which must succeed."""
        # An address decides nothing, so that nothing is asked.
        yes = [] if words[0] == "address" else ["--yes"]
        return self.ok(who, *words, "--as", who, *yes, **environment)

    def act_by_file(self, who, number, *words):
        """Takes a request to a member's machine and brings his event back."""
        request, event = self.path(f"{who}.request"), self.path(f"{who}.event")
        for path in (request, event):
            path.unlink(missing_ok=True)
        self.ok("alice", "request", "export", *([number] if number else []), "--out", request)
        self.act(who, *words, "--request", request, "--out", event)
        return self.ok("alice", "submit", event)

    # What the ledger holds ------------------------------------------------------------------

    def head(self):
        """(size, root) of the head, freshly checkpointed."""
        _, size, root = envelope.parse_checkpoint(self.ok("alice", "checkpoint").out)
        return size, root

    def size(self):
        return self.head()[0]

    def entries(self):
        """Every entry, read by this folder's own code; the root must be the checkpoint's."""
        path = self.path("whole.request")
        for _ in range(20):
            size, root = self.head()
            path.unlink(missing_ok=True)
            self.ok("alice", "request", "export", "--out", path)
            found, computed = envelope.entries_of(path, self.id)
            # A watcher may have appended in between.
            if len(found) == size:
                break
        assert computed == root, "the entries do not hash to the checkpoint's root"
        return found

    def request_id(self, number):
        """The id of a request with a running number: of the number-th `initiated` event."""
        made = [entry.event for entry in self.entries() if entry.event.kind == "initiated"]
        return made[number - 1].id

    def forged(self, who, kind, body, *, at=None, seq=None, seen=None, blobs=()):
        """An event file that the product would not write, signed with a member's key."""
        secret = keyfiles.read(self.home(who), who)
        key = bytes.fromhex(keyfiles.public_part("event", secret))
        if seq is None:
            seq = sum(entry.event.key == key for entry in self.entries())
        event = envelope.sign(secret, self.id, kind, body, seq=seq, seen=seen or self.head(),
                              at=at)
        return envelope.write_event(self.path(f"forged-{who}-{kind}.event"), self.id, event, blobs)

    # Transfers ------------------------------------------------------------------------------

    def initiate(self, wallet, amount, *more, to=PAYEE, rate=2, who="alice"):
        """Makes a transfer request and returns its number."""
        ran = self.act(who, "initiate", wallet, "--to", f"{to}:{amount}", "--fee-rate", rate,
                       *more)
        return number_in(ran)

    def approve(self, number, *members):
        for who in members:
            self.act(who, "approve", number)

    def authorised(self, wallet, amount, *more, **options):
        number = self.initiate(wallet, amount, *more, **options)
        self.approve(number, *APPROVERS[wallet])
        return number

    def signed(self, wallet, amount, *more, **options):
        number = self.authorised(wallet, amount, *more, **options)
        for who in SIGNERS[wallet]:
            self.act(who, "sign", number)
        return number

    def broadcast(self, number):
        return self.act("alice", "broadcast", number, "--node", self.node())

    def watch(self):
        return self.ok("alice", "watch", "--once", "--as", "alice", "--node", self.node())

    # The node -------------------------------------------------------------------------------

    def node(self):
        """The URL of this world's node, which is started when it is first wanted."""
        if not self._url:
            # Known from here on, so that a node which does not come up is stopped too.
            self._url = ""
            self._url = self.regtest("start", "--port", 0, "--kernel").strip()
        return self._url

    def regtest(self, command, *words):
        done = subprocess.run(
            [str(ROOT / "Tools/regtest"), command, "--datadir", str(self.node_folder),
             *(str(word) for word in words)],
            capture_output=True, text=True, timeout=SECONDS)
        assert done.returncode == 0, f"Tools/regtest {command} {words}: {done.stderr}"
        return done.stdout

    def cli(self, *words):
        self.node()
        return self.regtest("cli", *words).strip()

    def faucet(self, address, amount):
        self.node()
        return self.regtest("faucet", address, amount).strip()

    def mine(self, count=1):
        return json.loads(self.cli("generatetoaddress", count, PAYEE))

    def stop_node(self):
        if self._url is not None:
            self._url = None
            self.regtest("stop")


# Who approves and who signs in each wallet of the base, and in those that tests make; and what the
# base's are made of.
APPROVERS = {"main": ("alice", "bob"), "single": ("alice",), "tap": ("alice", "bob"),
             "tapmulti": ("bob", "carol"), "given": ("alice", "carol"), "quiet": ("alice", "bob")}
SIGNERS = {**APPROVERS, "tap": ("alice",)}
WALLETS = {
    "main": ("wsh", "48h/1h/0h/2h", MEMBERS, RULE, ["--threshold", 2]),
    "single": ("wpkh", "84h/1h/0h", ("alice",), "1 of (alice, bob)", []),
    "tap": ("tr", "86h/1h/0h", ("alice",), RULE, ["--declare-shortcut"]),
    "tapmulti": ("tr-multi", "87h/1h/0h", MEMBERS, RULE, ["--threshold", 2]),
}


def number_in(ran):
    """The running number of the request that a command made."""
    return int(re.search(r"^Request (\d+) \(", ran.out, re.MULTILINE).group(1))


def address_in(ran):
    """The address that a command handed out."""
    return re.search(r"^Address \d+ of \S+: (\S+)", ran.out, re.MULTILINE).group(1)


# The base --------------------------------------------------------------------------------------


def found(world):
    """Keys, founding, acceptances."""
    public = {}
    for who in MEMBERS:
        public[who] = keyfiles.write(world.home(who), who, "event", keyfiles.secret_of(who))
        keyfiles.write(world.home(who), f"{who}-wallet", "wallet",
                       keyfiles.secret_of(who, "wallet"))
    keyfiles.write(world.home("alice"), "log", "log", keyfiles.secret_of("log"))
    ran = world.ok(
        "alice", "init", world.ledger, "--name", "treasury", "--network", "regtest", "--as",
        "alice", "--member", f"alice:{public['alice']}:executive,operator,watcher",
        "--member", f"bob:{public['bob']}:executive",
        "--member", f"carol:{public['carol']}:executive", "--policy", RULE)
    (world.folder / "id").write_text(re.search(r"\b[0-9a-f]{64}\b", ran.out).group())
    for who in MEMBERS:
        world.act(who, "member", "accept")


def expressions(world, holders, path):
    """The key expressions that holders bring to a wallet."""
    return [world.ok(who, "key", "expression", f"{who}-wallet", "--path", path).out.strip()
            for who in holders]


def make_wallet(world, name, holders, quorum, *words):
    """Requests a wallet, has it approved and accepted by all; the screen of the request."""
    ran = world.act("alice", "wallet", "create", name, "--quorum", quorum, *words)
    world.approve(number_in(ran), "alice", "bob")
    for who in holders:
        world.act(who, "wallet", "accept", name)
    return ran


def create_wallet(world, name):
    kind, path, holders, quorum, more = WALLETS[name]
    keys = [f"--key={who}={expression}"
            for who, expression in zip(holders, expressions(world, holders, path))]
    make_wallet(world, name, holders, quorum, "--kind", kind, *keys, *more)


def fund_wallet(world, name, *amounts):
    for amount in amounts:
        world.faucet(address_in(world.act("alice", "address", name)), amount)


@functools.lru_cache(maxsize=None)
def scratch():
    return Path(tempfile.mkdtemp(prefix="strongroom-e2e-"))


_building = threading.Lock()
_built = None


def base():
    """The treasury that every test starts from: four wallets with two deposits each."""
    global _built
    with _building:
        if _built is None:
            world = World(scratch() / "base")
            world.folder.mkdir()
            try:
                found(world)
                for name in WALLETS:
                    create_wallet(world, name)
                    fund_wallet(world, name, "1.5", "0.5")
                world.mine()
                world.watch()
            finally:
                world.stop_node()
            _built = world
    return _built


def clean_up():
    if scratch.cache_info().currsize:
        shutil.rmtree(scratch(), ignore_errors=True)


# Tests -----------------------------------------------------------------------------------------

# What a sentence for people does not hold: names of types and cases, nil, traces of a crash.
NOT_A_SENTENCE = re.compile(
    r"Optional\(|\bnil\b|Fatal error|Swift\.|Foundation\.|NSCocoa|Error Domain|\w+Error\.\w+|"
    r"\b[a-z]+[A-Z]\w*\([a-z]\w*:|\bTreeHead\b|\[UInt8\]|Span<")


class TestCase(unittest.TestCase):
    """A test with a copy of the base; its node is stopped and its folder removed in the end."""

    def setUp(self):
        self.world = self.copy_of(base())

    def copy_of(self, world):
        """A copy of a whole world, as of a disk: homes, ledger and node."""
        folder = Path(tempfile.mkdtemp(prefix="world-", dir=scratch()))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        world.stop_node()
        shutil.copytree(world.folder, folder, dirs_exist_ok=True)
        copy = World(folder)
        self.addCleanup(copy.stop_node)
        return copy

    def assert_refused(self, ran, *needles, status=1):
        """One sentence on standard error that names what is wrong, and the status of a refusal."""
        self.assertEqual(ran.status, status, ran)
        lines = ran.err.strip().splitlines()
        self.assertEqual(len(lines), 1, f"not one line on standard error:\n{ran}")
        self.assertTrue(lines[0].startswith("strongroom: "), ran)
        for needle in needles:
            self.assertIn(str(needle), lines[0], ran)
        self.assertIsNone(NOT_A_SENTENCE.search(lines[0]),
                          f"this is for programmers, not for people: {lines[0]}")

    def assert_verifies(self, *words, world=None):
        ran = (world or self.world).verify(*words)
        self.assertEqual(ran.status, 0, ran)
        return ran

    def assert_bad_usage(self, ran, *needles):
        """Status 2, and words that say what would be accepted."""
        self.assertEqual(ran.status, 2, ran)
        for needle in needles:
            self.assertIn(str(needle), ran.err, ran)
        self.assertNotIn("Fatal error", ran.err)

    def refused(self, who, *words, naming, status=1, **environment):
        """Runs a command that must be refused and leave the ledger as it was."""
        before = self.world.head()
        ran = self.world.run(who, *words, **environment)
        self.assert_refused(ran, *([naming] if isinstance(naming, str) else naming), status=status)
        self.assertEqual(self.world.head(), before, f"the ledger has grown:\n{ran}")
        return ran


def psbt_of(path):
    from embit.psbt import PSBT
    return PSBT.from_string(path.read_text())


def write_psbt(psbt, path):
    path.write_text(psbt.to_string())
    return path


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    process.stderr.close()


