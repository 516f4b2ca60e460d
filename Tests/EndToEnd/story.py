"""A treasury with a history: requests with every ending, changes of every kind, texts that try to
break out of what shows them. It is made once; each test works on a copy."""

import shutil
import time
import tempfile
import threading
from pathlib import Path

import envelope
import keyfiles
import world as treasury
from world import APPROVERS, RULE, number_in

# What people may write into the ledger for ever, chosen to harm whoever shows it carelessly.
FORMULA = '=HYPERLINK("https://example.com","pay"),@SUM(1;2)'
SCRIPT = "<script>alert(1)</script>"
IMAGE = "'\"><img src=x onerror=alert(2)> & \u00fcber \U0001f4b0"
NODE = "-26: </title></svg><style>*{display:none}</style>, min relay fee not met"

_making = threading.Lock()
_made = None


class Story:
    """What the history holds, by what it is."""

    def __init__(self, world):
        self.world = world
        self.requests = {}
        # What reading commands answered at each step, by the position of its last entry.
        self.seen = {}

    def keep(self):
        self.seen[self.world.size() - 1] = {
            words: self.world.json(*words)
            for words in (("balance",), ("coins",), ("member", "list"), ("wallet", "list"),
                          ("status",))}

    def govern(self, name, *words, approvers=("alice", "bob")):
        self.requests[name] = number_in(self.world.act("alice", *words))
        self.world.approve(self.requests[name], *approvers)

    def submit(self, who, kind, body, **more):
        self.world.ok("alice", "submit", self.world.forged(who, kind, body, **more))

    # The history ----------------------------------------------------------------------------

    def tell(self):
        world = self.world
        self.keep()
        self.pay()
        self.expire()
        self.abort()
        self.cancel()
        self.leave_outstanding()
        self.replace()
        self.refuse_by_node()
        self.govern("enrolment", "member", "enrol", self.enrolment("dave", "auditor"))
        world.act("dave", "member", "accept")
        self.keep()
        self.void()
        self.attach()
        self.sign_unauthorised()
        self.govern("suspension", "member", "suspend", "carol")
        self.keep()
        self.act_late()
        self.attest()
        world.ok("alice", "checkpoint")
        self.keep()

    def pay(self):
        """A transfer from its initiation to its block, seen at each step."""
        world = self.world
        number = self.requests["paid"] = world.initiate(
            "main", "0.2", "--reference", FORMULA)
        self.keep()
        for who in ("alice", "bob"):
            world.act(who, "approve", number)
            self.keep()
        for who in ("alice", "bob"):
            world.act(who, "sign", number)
        self.keep()
        world.broadcast(number)
        self.keep()
        world.mine()
        world.watch()
        self.keep()

    def expire(self):
        """A transfer that nobody approves in its four seconds, which are waited for."""
        copy = treasury.World(self.world.folder / "copy")
        shutil.copytree(self.world.ledger, copy.folder / "treasury")
        shutil.copytree(self.world.home("alice"), copy.home("alice"))
        (copy.folder / "id").write_text(self.world.id.hex())
        copy.initiate("tapmulti", "0.1")
        request = copy.entries()[-1].event.body["request"]
        shutil.rmtree(copy.folder)
        self.requests["expired"] = self.next()
        expires = envelope.now() + 4_000
        self.submit("alice", "initiated", {"expires": expires, "request": request})
        # Nothing is kept here: by the clock it has expired, at its last entry it has not.
        while (left := expires - envelope.now()) >= 0:
            time.sleep((left + 1) / 1_000)

    def abort(self):
        number = self.requests["aborted"] = self.world.initiate(
            "single", "0.1", "--reference", SCRIPT, who="bob")
        self.world.act("alice", "abort", number, "--reason", IMAGE)
        self.keep()

    def cancel(self):
        number = self.requests["cancelled"] = self.world.authorised("tap", "0.1")
        self.govern("cancel", "cancel", str(number), approvers=APPROVERS["tap"])
        self.keep()

    def leave_outstanding(self):
        """One signature is out when the wallet's rule changes."""
        number = self.requests["outstanding"] = self.world.authorised("tapmulti", "0.3")
        self.world.act("bob", "sign", number)
        self.govern("rule", "policy", "1 of (bob, carol)", "--wallet", "tapmulti")
        self.keep()

    def replace(self):
        number = self.requests["superseded"] = self.world.initiate("single", "0.15")
        self.requests["replacing"] = self.world.initiate(
            "single", "0.15", "--replaces", number, rate=9)
        self.world.approve(self.requests["replacing"], "alice")
        self.keep()

    def refuse_by_node(self):
        """A signed transfer that the node refuses in words of its own."""
        number = self.requests["broadcast"] = self.world.signed("tap", "0.2")
        self.world.broadcast(number)
        event = [entry.event for entry in self.world.entries()
                 if entry.event.kind == "relayed"][-1]
        self.submit("alice", "relayed", {**event.body, "accepted": False, "message": NODE})
        self.keep()

    def void(self):
        number = self.requests["voided"] = self.world.initiate("main", "0.1")
        self.world.approve(number, "carol")
        self.govern("narrowing", "policy", "2 of (alice, bob)", "--wallet", "main",
                    approvers=("alice", "carol"))
        self.keep()

    def attach(self):
        document = bytes(32) + b"a scan of the invoice"
        self.submit(
            "bob", "attached",
            {"label": IMAGE, "request": self.world.request_id(self.requests["paid"]),
             "document": [len(document), envelope.sha256(document)]}, blobs=[document])

    def sign_unauthorised(self):
        """A signature of a transfer that nobody has approved: on record, as an incident."""
        world = self.world
        number = self.requests["incident"] = world.initiate("main", "0.05")
        copy = treasury.World(world.folder / "copy")
        shutil.copytree(world.ledger, copy.folder / "treasury")
        for who in treasury.MEMBERS:
            shutil.copytree(world.home(who), copy.home(who))
        (copy.folder / "id").write_text(world.id.hex())
        copy.approve(number, "alice", "bob")
        copy.act("bob", "sign", number)
        signed = [entry.event for entry in copy.entries() if entry.event.kind == "signed"][-1]
        shutil.rmtree(copy.folder)
        self.submit("bob", "signed", signed.body)
        self.keep()

    def act_late(self):
        """An event that its author has kept in the drawer for two days."""
        number = self.requests["late"] = self.world.initiate("single", "0.01", who="bob")
        self.world.act("bob", "abort", number)
        self.submit("bob", "attached",
                    {"label": "late", "document": [33, envelope.sha256(bytes(33))]},
                    at=envelope.now() - 2 * 86_400_000, blobs=[bytes(33)])

    def attest(self):
        size, root = self.world.head()
        self.submit("dave", "attested",
                    {"head": [size, root], "state": bytes(32), "findings": 1})

    # Parts ----------------------------------------------------------------------------------

    def next(self):
        """The number that the next request gets."""
        return sum(entry.event.kind == "initiated" for entry in self.world.entries()) + 1

    def enrolment(self, who, role):
        public = keyfiles.write(self.world.home(who), who, "event", keyfiles.secret_of(who))
        return f"{who}:{public}:{role}"


def story():
    """The story, told once."""
    global _made
    with _making:
        if isinstance(_made, Exception):
            raise _made
        if _made is None:
            base = treasury.base()
            folder = Path(tempfile.mkdtemp(prefix="story-", dir=treasury.scratch()))
            shutil.copytree(base.folder, folder, dirs_exist_ok=True)
            made = Story(treasury.World(folder))
            try:
                made.tell()
                _made = made
            except Exception as error:
                _made = error
                raise
            finally:
                made.world.stop_node()
    return _made


class TestCase(treasury.TestCase):
    """A test with a copy of the story's world."""

    def setUp(self):
        self.story = story()
        self.world = self.copy_of(self.story.world)
        self.requests = self.story.requests


__all__ = ["FORMULA", "IMAGE", "NODE", "RULE", "SCRIPT", "TestCase", "story"]
