"""Documents that are attached, names that are committed to, and what is opened of either."""

import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys

import cbor2
import cddl_verifier
import envelope
import keyfiles
import world
from world import MEMBERS, RULE, TestCase, number_in

LIMIT = 4 << 20
INVOICE = b"%PDF-1.7 the invoice 4711, which nobody else may read\n" * 40
OTHER = b"a letter about something else, as confidential\n" * 30
# What people are called is more than ASCII.
NAMES = {"alice": "Name of Alice, \u00e9 \u4e2d \U0001f511", "bob": "Name of Bob"}


def position_in(ran):
    return int(re.search(r"\(position (\d+)\)", ran.out).group(1))


def files_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes()
            for path in folder.rglob("*") if path.is_file()}


class Case(TestCase):
    def write(self, name, content):
        path = self.world.path(name)
        path.write_bytes(content)
        return path

    def attach(self, who, content, *words, label="invoice 4711"):
        """Attaches a document and returns the position of its event."""
        path = self.write("to-attach", content)
        return position_in(self.world.act(who, "attach", path, *words, "--label", label))

    def document(self, position, *words):
        """The bytes that `document` writes."""
        out = self.world.path("document")
        out.unlink(missing_ok=True)
        self.world.ok("nobody", "document", position, "--out", out, *words)
        return out.read_bytes()

    def set_up_request(self):
        self.number = self.world.initiate("main", "0.1")

    def assert_nowhere(self, text, folder):
        """No file below a folder has the text, nor its hexadecimal or base64 digits."""
        for name, content in files_of(folder).items():
            for form in (text, text.hex().encode()):
                self.assertNotIn(form, content, name)


class Documents(Case):
    """`attach` and `document` where the ledger lives."""

    def setUp(self):
        super().setUp()
        self.set_up_request()

    def test_an_attached_document_is_shown_and_written_again(self):
        world = self.world
        position = self.attach("bob", INVOICE, self.number)
        event = world.entries()[position].event
        size, digest = event.body["document"]
        self.assertEqual(event.kind, "attached")
        self.assertEqual(event.body["request"], world.request_id(self.number))
        self.assertEqual(event.body["label"], "invoice 4711")
        self.assertEqual(size, len(INVOICE) + 32)
        self.assertNotEqual(digest, envelope.sha256(INVOICE), "the digest is not salted")
        for entry in world.entries():
            self.assertNotIn(b"confidential", entry.event.raw)
            self.assertNotIn(b"nobody else may read", entry.event.raw)

        shown = world.ok("nobody", "show", self.number).out
        section = shown[shown.index("\nDocuments\n"):shown.index("\nEvents\n")]
        for needle in (f"  {position}  ", '"invoice 4711"', f"{len(INVOICE)} bytes", "by bob",
                       digest.hex()):
            self.assertIn(needle, section)
        listed = world.json("show", self.number)["documents"]
        self.assertEqual(
            [(item["position"], item["author"], item["label"], item["bytes"], item["digest"],
              item["isAtHand"]) for item in listed],
            [(position, "bob", "invoice 4711", len(INVOICE), digest.hex(), True)])
        self.assertIn(f"attached a document of {len(INVOICE)} bytes to request {self.number}: "
                      "invoice 4711", world.ok("nobody", "log", "--json").out)
        self.assertIn(f'"invoice 4711" at position {position}',
                      world.ok("nobody", "explain", self.number).out)
        self.assertEqual(world.json("explain", self.number)["documents"], listed)

        for name in (position, digest.hex()):
            self.assertEqual(self.document(name), INVOICE)
        mode = stat.S_IMODE(os.stat(world.path("document")).st_mode)
        self.assertEqual(mode, 0o600, "only its owner may read it")
        ran = subprocess.run(
            [world_program(), "document", str(position), "--out", "-"], capture_output=True,
            env=world.environment("nobody"), cwd=world.folder, timeout=60)
        self.assertEqual((ran.returncode, ran.stdout, ran.stderr), (0, INVOICE, b""))
        self.assert_verifies()

    def test_the_screen_says_what_will_be_signed(self):
        path = self.write("invoice", INVOICE)
        before = self.world.head()
        ran = self.world.run("bob", "attach", path, self.number, "--label", "invoice 4711",
                             "--as", "bob")
        self.assertEqual(ran.status, 2, ran)
        for needle in (f"{len(INVOICE)} bytes", hashlib.sha256(INVOICE).hexdigest(),
                       "invoice 4711", f"request {self.number}", "for ever"):
            self.assertIn(needle, ran.out)
        self.assertIn("--yes", ran.err)
        self.assertEqual(self.world.head(), before)

    def test_the_same_document_twice_has_two_digests(self):
        first, second = (self.attach("alice", INVOICE, self.number) for _ in range(2))
        digests = {item["digest"] for item in self.world.json("show", self.number)["documents"]}
        self.assertEqual(len(digests), 2)
        self.assertEqual(self.document(first), self.document(second))

    def test_an_approver_reads_what_was_attached(self):
        position = self.attach("bob", INVOICE, self.number)
        ran = self.world.act("alice", "approve", self.number)
        self.assertRegex(ran.out, r'Attached: +"invoice 4711", \d+ bytes, by bob')
        self.assertIn(f"strongroom document {position}", ran.out)
        other = self.world.initiate("single", "0.1")
        self.assertNotIn("Attached", self.world.act("alice", "approve", other).out)

    def test_documents_of_the_ledger_and_of_ended_requests(self):
        world = self.world
        ledgers = self.attach("carol", OTHER, label="minutes")
        self.assertNotIn("request", world.entries()[ledgers].event.body)
        self.assertIn(
            "attached a document of", world.json("log", "--type", "attached")[0]["summary"]
        )
        world.act("bob", "abort", self.number)
        ended = self.attach("bob", INVOICE, self.number)
        self.assertEqual(world.json("show", self.number)["documents"][0]["position"], ended)
        self.assertEqual(self.document(ledgers), OTHER)
        self.assert_verifies()

    def test_the_smallest_and_the_largest(self):
        for content in (b"x", bytes(LIMIT - 32)):
            position = self.attach("bob", content, self.number)
            self.assertEqual(self.document(position), content)
        self.assertEqual(self.world.json("show", self.number)["documents"][1]["bytes"],
                         LIMIT - 32)
        self.assert_verifies()

    def test_what_is_no_document_is_refused(self):
        number = self.number
        folder = self.world.path("folder")
        folder.mkdir()
        good = self.write("good", INVOICE)
        for path, needle in ((self.write("empty", b""), "is empty"),
                             (self.write("large", bytes(LIMIT - 31)), str(LIMIT - 32)),
                             (self.world.path("nowhere"), "no readable file"), (folder, "no file"),
                             ("/dev/zero", "no file")):
            with self.subTest(path):
                self.refused("bob", "attach", path, number, "--label", "x", "--as", "bob", "--yes",
                             naming=[str(path), needle])
        self.refused("bob", "attach", good, 99, "--label", "x", "--as", "bob", "--yes",
                     naming=["request 99", f"1 to {number}"])
        for label in ("", "x" * 141, "\u00e4" * 71, "two\nlines", "\u202etxt"):
            with self.subTest(label):
                self.refused("bob", "attach", good, number, "--label", label, "--as", "bob",
                             "--yes", naming="--label", status=2)
        self.attach("bob", INVOICE, number, label="\u00e4" * 70)
        self.assert_bad_usage(self.world.run("bob", "attach", good, number, "--as", "bob"),
                              "--label")

    def test_a_suspended_member_attaches_nothing(self):
        world = self.world
        number = number_in(world.act("alice", "member", "suspend", "carol"))
        world.approve(number, "alice", "bob")
        self.refused("carol", "attach", self.write("good", INVOICE), "--label", "x", "--as",
                     "carol", "--yes", naming=["carol", "suspended"])

    def test_the_daily_sum_is_kept_to(self):
        world = self.world
        world.ledger = found(world, "--daily-blob-bytes", 3_000)
        self.attach("alice", bytes(2_000 - 32))
        self.refused("alice", "attach", self.write("more", bytes(1_001 - 32)), "--label", "x",
                     "--as", "alice", "--yes", naming=["alice", "3001", "3000"])
        self.attach("alice", bytes(1_000 - 32))
        self.attach("bob", bytes(3_000 - 32))

    def test_documents_that_are_none_or_may_not_be_written(self):
        position = self.attach("bob", INVOICE, self.number)
        out = self.write("precious", b"precious")
        for words, needle, status in (
                (["0", "--out", "new"], "`founded`", 1), (["999", "--out", "new"], "999", 1),
                (["00" * 32, "--out", "new"], "00" * 32, 1),
                (["invoice.pdf", "--out", "new"], "invoice.pdf", 2),
                ([position, "--out", out], "exists already", 1),
                ([position, "--out", "/nowhere/new"], "/nowhere/new", 1)):
            with self.subTest(words):
                self.refused("nobody", "document", *words, naming=needle, status=status)
        self.assertEqual(out.read_bytes(), b"precious")
        self.assertFalse(self.world.path("new").exists())

    def test_a_changed_document_is_found(self):
        position = self.attach("bob", INVOICE, self.number)
        database = self.world.ledger / "ledger.mdb"
        content = database.read_bytes()
        self.assertIn(b"invoice 4711, which", content)
        database.write_bytes(content.replace(b"invoice 4711, which", b"invoice 4712, which"))
        ran = self.world.run("nobody", "document", position, "--out", self.world.path("new"))
        self.assert_refused(ran, "was changed")
        self.assertFalse(self.world.path("new").exists())
        found = self.world.verify()
        self.assertEqual(found.status, 1, found)
        self.assertRegex(found.out, rf"FINDING +blob, position {position}")

    def test_a_killed_write_leaves_nothing_under_its_name(self):
        position = self.attach("bob", INVOICE, self.number)
        out = self.world.path("document")
        for call in ("write", "fsync", "renameat2"):
            subprocess.run(
                ["strace", "-f", "-q", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                 f"inject={call}:signal=KILL:when=1", world_program(), "document", str(position),
                 "--out", str(out)], env=self.world.environment("nobody"), capture_output=True,
                cwd=self.world.folder, timeout=60)
            if out.exists():
                self.assertEqual(out.read_bytes(), INVOICE)
                out.unlink()
        self.assertEqual(self.document(position), INVOICE)

    def test_copies_hold_the_documents(self):
        position = self.attach("bob", INVOICE, self.number)
        world = self.world
        world.ok("alice", "backup", world.path("backup"))
        later = self.attach("bob", OTHER, self.number)
        world.ledger = caught_up(world)
        self.assertEqual(self.document(position), INVOICE)
        self.assertEqual(self.document(later), OTHER)
        self.assert_verifies()


class OtherMachines(Case):
    """Documents that travel with request and event files."""

    def setUp(self):
        super().setUp()
        self.set_up_request()

    def export(self, number, *words):
        path = self.world.path(f"r{number}.request")
        path.unlink(missing_ok=True)
        self.world.ok("alice", "request", "export", number, "--out", path, *words)
        return path

    def test_a_document_comes_by_file(self):
        world = self.world
        document, event = self.write("invoice", INVOICE), world.path("bob.event")
        request = self.export(self.number)
        world.act("bob", "attach", document, "--label", "invoice 4711", "--request", request,
                  "--out", event, STRONGROOM_LEDGER=None)
        fields = cbor2.loads(envelope.unarmor(event.read_text(), "EVENT"))
        self.assertEqual([blob[32:] for blob in fields["blobs"]], [INVOICE])
        ran = world.ok("alice", "submit", event)
        self.assertIn("attached by bob: position", ran.out)
        position = world.json("show", self.number)["documents"][0]["position"]
        self.assertEqual(self.document(position), INVOICE)
        again = world.ok("alice", "submit", event)
        self.assertIn("recorded before", again.out)
        self.assert_verifies()

    def test_an_event_that_lost_its_document_is_refused(self):
        world = self.world
        event = world.path("bob.event")
        world.act("bob", "attach", self.write("invoice", INVOICE), "--label", "x", "--request",
                  self.export(self.number), "--out", event)
        fields = cbor2.loads(envelope.unarmor(event.read_text(), "EVENT"))
        for blobs in ([], [fields["blobs"][0] + b"x"], [bytes(len(fields["blobs"][0]))]):
            stripped = envelope.write_event(world.path("stripped.event"), world.id,
                                            fields["event"], blobs)
            self.refused("alice", "submit", stripped, naming=["document", "submit it with"])
        # It is beside the key still, whole.
        world.ok("bob", "key", "pending", "bob", "--ledger-id", world.id.hex(), "--out",
                 world.path("again.event"))
        world.ok("alice", "submit", world.path("again.event"))
        self.assert_verifies()

    def test_a_blob_that_the_event_does_not_name_is_not_stored(self):
        world = self.world
        event = world.path("bob.event")
        world.act("bob", "attach", self.write("invoice", INVOICE), "--label", "x", "--request",
                  self.export(self.number), "--out", event)
        fields = cbor2.loads(envelope.unarmor(event.read_text(), "EVENT"))
        stuffed = envelope.write_event(world.path("stuffed.event"), world.id, fields["event"],
                                       [b"a stowaway" * 40, *fields["blobs"]])
        world.ok("alice", "submit", stuffed)
        self.assertNotIn(b"a stowaway", (world.ledger / "ledger.mdb").read_bytes())
        self.assert_verifies()

    def test_an_approver_elsewhere_reads_the_documents_of_his_request_alone(self):
        world = self.world
        elsewhere = world.initiate("single", "0.1")
        position = self.attach("alice", INVOICE, self.number)
        other = self.attach("alice", OTHER, elsewhere, label="a letter")
        request, event = self.export(self.number), world.path("bob.event")
        blobs = cbor2.loads(envelope.unarmor(request.read_text(), "REQUEST"))["blobs"]
        self.assertEqual([blob[32:] for blob in blobs if len(blob) != 0 and INVOICE in blob],
                         [INVOICE])
        self.assertFalse(any(OTHER in blob for blob in blobs))
        self.assertEqual(self.document(position, "--request", request), INVOICE)
        self.refused("nobody", "document", other, "--request", request, "--out",
                     world.path("new"), naming=[request, f"at {position}"])
        ran = world.act("bob", "approve", "--request", request, "--out", event,
                        STRONGROOM_LEDGER=None)
        self.assertIn('"invoice 4711"', ran.out)
        shown = "".join(ran.out.split())
        self.assertIn(f"strongroomdocument{position}--request{request}", shown)
        self.assertNotIn("a letter", ran.out)
        world.ok("alice", "submit", event)

    def test_request_files_without_documents_serve_as_well(self):
        world = self.world
        position = self.attach("alice", INVOICE, self.number)
        request, event = self.export(self.number, "--without-documents"), world.path("bob.event")
        blobs = cbor2.loads(envelope.unarmor(request.read_text(), "REQUEST"))["blobs"]
        self.assertFalse(any(INVOICE in blob for blob in blobs))
        self.refused("nobody", "document", position, "--request", request, "--out",
                     world.path("new"), naming="--without-documents")
        ran = world.act("bob", "approve", "--request", request, "--out", event,
                        STRONGROOM_LEDGER=None)
        self.assertIn("not at hand", ran.out)
        world.ok("alice", "submit", event)
        whole = self.world.path("whole.request")
        world.ok("alice", "request", "export", "--out", whole)
        blobs = cbor2.loads(envelope.unarmor(whole.read_text(), "REQUEST"))["blobs"]
        self.assertFalse(any(INVOICE in blob for blob in blobs))

    def test_files_are_as_their_schema_says(self):
        schema = cddl_verifier.Validator(world.ROOT / "Schemas/files.cddl")
        self.attach("alice", INVOICE, self.number)
        size = self.world.size()
        self.world.act("bob", "address", "main")
        event = self.world.path("bob.event")
        for words in ([], ["--since", size - 1]):
            request = self.export(self.number, *words)
            content = envelope.unarmor(request.read_text(), "REQUEST")
            self.assertTrue(schema.validate(content, root_type="request-file"), words)
        self.world.act("carol", "attach", self.write("invoice", INVOICE), "--label", "x",
                       "--request", self.export(self.number), "--out", event)
        content = envelope.unarmor(event.read_text(), "EVENT")
        self.assertTrue(schema.validate(content, root_type="event-file"))
        self.assertFalse(
            schema.validate(content.replace(b"blobs", b"blubs"), root_type="event-file"))
        self.assertFalse(schema.validate(content, root_type="request-file"))


def world_program():
    return str(world.BIN / "strongroom")


def caught_up(world_):
    """The backup under the head of today, with the entries that it lacks from the ledger."""
    old = world_.path("old")
    world_.head()
    old.mkdir()
    shutil.copy(world_.ledger / "head", old)
    world_.run("alice", "restore", world_.path("backup"), STRONGROOM_LEDGER=old)
    ran = world_.ok("alice", "restore", "--missing-from", world_.ledger, STRONGROOM_LEDGER=old)
    assert "Appended" in ran.out and "Appended 0" not in ran.out, ran
    return old


def found(world_, *words, persons=()):
    """A second ledger of the same people, accepted by all; returns its folder."""
    folder = world_.path("second")
    public = {who: keyfiles.public_part("event", keyfiles.secret_of(who)) for who in MEMBERS}
    members = [word for who in MEMBERS for word in ("--member", f"{who}:{public[who]}")]
    named = [word for who in persons for word in ("--person", f"{who}={NAMES[who]}")]
    ran = world_.ok("alice", "init", folder, "--name", "second", "--network", "regtest", "--as",
                    "alice", *members, *named, "--policy", RULE, *words)
    (world_.folder / "id").write_text(re.search(r"\b[0-9a-f]{64}\b", ran.out).group())
    for who in MEMBERS:
        world_.act(who, "member", "accept", STRONGROOM_LEDGER=folder)
    world_.ok("alice", "checkpoint", STRONGROOM_LEDGER=folder)
    return folder


class Names(Case):
    """The names of the people behind the handles."""

    def setUp(self):
        super().setUp()
        self.world.ledger = found(self.world, persons=NAMES)

    def key_of(self, who):
        return keyfiles.write(self.world.home(who), who, "event", keyfiles.secret_of(who))

    def test_the_events_hold_commitments_alone(self):
        entries = self.world.entries()
        members = {member["name"]: member for member in entries[0].event.body["members"]}
        self.assertEqual({name for name in members if "person" in members[name]}, set(NAMES))
        for name in NAMES.values():
            for entry in entries:
                self.assertNotIn(name.encode(), entry.event.raw)
                self.assertNotEqual(envelope.sha256(name.encode()),
                                    members["alice"].get("person"))
        self.assert_verifies()

    def test_a_name_is_shown_to_who_asks_for_the_member(self):
        world = self.world
        shown = world.ok("nobody", "member", "show", "alice").out
        self.assertIn(NAMES["alice"], shown)
        commitment = world.entries()[0].event.body["members"][0]["person"].hex()
        self.assertIn(commitment, shown)
        self.assertEqual(world.json("member", "show", "alice")["person"],
                         {"commitment": commitment, "name": NAMES["alice"]})
        self.assertNotIn("person", world.json("member", "show", "carol"))
        self.assertNotIn("person ", world.ok("nobody", "member", "show", "carol").out)

    def test_screens_keep_to_handles(self):
        world = self.world
        number = number_in(world.act("alice", "policy", "3 of (alice, bob, carol)"))
        screens = [world.ok("nobody", *words).out for words in (
            ("status",), ("log",), ("member", "list"), ("show", number), ("explain", number),
            ("status", "--json"), ("member", "list", "--json"), ("show", "--event", 0))]
        screens.append(world.act("bob", "approve", number).out)
        request = world.path("r.request")
        world.ok("alice", "request", "export", number, "--out", request)
        screens.append(envelope.unarmor(request.read_text(), "REQUEST").decode("latin-1"))
        for name in NAMES.values():
            for screen in screens:
                self.assertNotIn(name, screen)
                self.assertNotIn(name.encode().decode("latin-1"), screen)

    def test_a_later_member_has_a_name_too(self):
        world = self.world
        ran = world.act("alice", "member", "enrol", f"dave:{self.key_of('dave')}:auditor",
                        "--person", "Name of Dave")
        self.assertNotIn("Name of Dave", ran.out)
        world.approve(number_in(ran), "alice", "bob")
        self.assertIn("Name of Dave", world.ok("nobody", "member", "show", "dave").out)
        for entry in world.entries():
            self.assertNotIn(b"Name of Dave", entry.event.raw)
        self.assert_verifies()
        # A backup, and what is appended from another copy, hold names.
        world.ok("alice", "backup", world.path("backup"))
        ran = world.act("alice", "member", "enrol", f"erin:{self.key_of('erin')}", "--person",
                        "Name of Erin")
        world.approve(number_in(ran), "alice", "bob")
        world.ledger = caught_up(world)
        for who in ("dave", "erin"):
            self.assertIn(f"Name of {who.title()}",
                          world.ok("nobody", "member", "show", who).out)
        self.assert_verifies()

    def enrol_by_file(self, blobs_of):
        """Enrols dave from another machine; `blobs_of` changes what travels with the event."""
        world = self.world
        request, event = world.path("whole.request"), world.path("bob.event")
        world.ok("alice", "request", "export", "--out", request)
        world.act("bob", "member", "enrol", f"dave:{self.key_of('dave')}", "--person",
                  "Name of Dave", "--request", request, "--out", event)
        fields = cbor2.loads(envelope.unarmor(event.read_text(), "EVENT"))
        self.assertEqual([blob[32:] for blob in fields["blobs"]], [b"Name of Dave"])
        return envelope.write_event(event, world.id, fields["event"],
                                    blobs_of(fields["blobs"]))

    def test_a_name_comes_by_file(self):
        self.world.ok("alice", "submit", self.enrol_by_file(lambda blobs: blobs))
        self.world.approve(1, "alice", "bob")
        self.assertIn("Name of Dave", self.world.ok("nobody", "member", "show", "dave").out)

    def test_a_name_that_is_not_there_is_no_finding(self):
        world = self.world
        world.ok("alice", "submit", self.enrol_by_file(lambda blobs: []))
        world.approve(1, "alice", "bob")
        self.assertIn("erased or not at hand", world.ok("nobody", "member", "show", "dave").out)
        self.assertEqual(list(world.json("member", "show", "dave")["person"]), ["commitment"])
        self.assert_verifies()

    def test_what_is_no_name_is_not_stored(self):
        for name in (b"x" * 257, b"two\nlines", b"\xff", b""):
            salted = bytes(32) + name
            forged = self.world.forged(
                "alice", "initiated",
                {"expires": envelope.now() + 3_600_000, "request": {
                    "kind": "enrol-member", "member": {
                        "key": bytes.fromhex(keyfiles.public_part(
                            "event", keyfiles.secret_of("dave"))),
                        "name": "dave", "roles": [], "person": envelope.sha256(salted)}}},
                blobs=[salted])
            self.refused("alice", "submit", forged,
                         naming=[envelope.sha256(salted).hex(), "1 to 256 bytes"])

    def test_names_that_are_none(self):
        dave = f"dave:{keyfiles.public_part('event', keyfiles.secret_of('dave'))}"
        for name in ("", " ", "x" * 257, "two\nlines", "\u202eeman"):
            self.refused("alice", "member", "enrol", dave, "--person", name, "--as", "alice",
                         naming="no person's name", status=2)
        member = f"alice:{keyfiles.public_part('event', keyfiles.secret_of('alice'))}"
        for words, needle in ((["alice"], "HANDLE=NAME"), (["zoe=Name"], "zoe"),
                              (["alice=One", "alice=Two"], "twice"), (["alice="], "no person's"),
                              (["Alice=Name"], "Alice")):
            persons = [word for text in words for word in ("--person", text)]
            ran = self.world.run("alice", "init", self.world.path("third"), "--name", "third",
                                 "--network", "regtest", "--as", "alice", "--member", member,
                                 *persons, "--policy", "1 of (alice)")
            self.assert_refused(ran, needle, status=2)
            self.assertFalse(self.world.path("third").exists())

    def test_a_suspended_members_handle_is_spent(self):
        """What the help of `member suspend` says: another handle, another key."""
        world = self.world
        world.approve(number_in(world.act("alice", "member", "suspend", "carol")), "alice", "bob")
        old = keyfiles.public_part("event", keyfiles.secret_of("carol"))
        new = keyfiles.write(world.home("carol"), "carol-two", "event",
                             keyfiles.secret_of("carol", "two"))
        self.refused("alice", "member", "enrol", f"carol:{new}", "--as", "alice", naming="carol")
        self.refused("alice", "member", "enrol", f"carol-two:{old}", "--as", "alice", naming=old)
        self.refused("alice", "member", "rotate", "carol", "--key", new, "--as", "alice",
                     naming="carol")
        world.approve(number_in(world.act("alice", "member", "enrol", f"carol-two:{new}")),
                      "alice", "bob")
        world.ok("carol", "member", "accept", "--as", "carol-two", "--yes")
        self.assertEqual(world.json("member", "show", "carol-two")["status"], "active")


class Disclosures(Case):
    """What an export holds, whole or of some events, and what its verification shows."""

    def setUp(self):
        super().setUp()
        world = self.world
        world.ledger = found(world, persons=NAMES)
        keyfiles.write(world.home("alice"), "archive", "export", keyfiles.secret_of("archive"))
        self.number = number_in(world.act("alice", "policy", RULE))
        self.invoice = self.attach("alice", INVOICE, self.number)
        self.letter = self.attach("bob", OTHER, self.number, label="a letter")
        dave = keyfiles.write(world.home("dave"), "dave", "event", keyfiles.secret_of("dave"))
        self.enrolment = number_in(world.act("alice", "member", "enrol", f"dave:{dave}",
                                             "--person", "Name of Dave"))
        world.approve(self.enrolment, "alice", "bob")
        world.ok("alice", "checkpoint")
        self.values = {"invoice": INVOICE[:40], "letter": OTHER[:40],
                       "alice": NAMES["alice"].encode(), "bob": NAMES["bob"].encode(),
                       "dave": b"Name of Dave"}

    def export(self, name, *words):
        self.world.ok("alice", "export", self.world.path(name), *words)
        return self.world.path(name)

    def assert_opens(self, folder, *expected):
        """Just these values can be read in the folder, and its verification shows them."""
        content = b"".join(files_of(folder).values())
        for name, value in self.values.items():
            if name in expected:
                self.assertIn(value, content, name)
            else:
                self.assertNotIn(value, content, name)
                self.assert_nowhere(value, folder)
        ran = self.world.verify("--json", ledger=folder)
        self.assertEqual(ran.status, 0, ran)
        opened = json.loads(ran.out).get("opened", [])
        self.assertEqual({item["member"] for item in opened if "member" in item},
                         set(expected) & {"alice", "bob", "dave"})
        self.assertEqual(
            {(item["label"], item["bytes"], item["sha256"]) for item in opened
             if "label" in item},
            {(label, len(text), hashlib.sha256(text).hexdigest()) for name, label, text in
             (("invoice", "invoice 4711", INVOICE), ("letter", "a letter", OTHER))
             if name in expected})
        notes = " ".join(json.loads(ran.out)["notes"])
        self.assertIn(f"{2 - len({'invoice', 'letter'} & set(expected))} of their documents are "
                      "closed", notes)

    def test_a_disclosure_opens_what_was_asked_for_and_nothing_else(self):
        digest = self.world.json("show", self.number)["documents"][1]["digest"]
        request = ["--request", self.number]
        for number, (words, expected) in enumerate((
                ([], []), (["--open", "all"], ["invoice", "letter"]),
                (["--open", self.invoice], ["invoice"]), (["--open", digest], ["letter"]),
                (["--open", digest, "--open", self.invoice], ["invoice", "letter"]),
                (["--open-name", "bob"], ["bob"]), (["--open-name", "all"], ["alice", "bob"]),
                (["--open", self.invoice, "--open-name", "alice"], ["invoice", "alice"]),
                (["--request", self.enrolment, "--open-name", "dave"], ["dave"]),
                (["--request", self.enrolment, "--open", "all", "--open-name", "all"],
                 list(self.values)))):
            with self.subTest(words):
                folder = self.export(f"out{number}", *request, *words)
                self.assert_opens(folder, *expected)

    def test_the_verifiers_screen_shows_what_was_opened(self):
        folder = self.export("out", "--request", self.number, "--open", self.invoice,
                             "--open-name", "alice")
        shown = " ".join(self.world.verify(ledger=folder).out.split())
        for needle in (NAMES["alice"], "position 0 commits to for alice",
                       f"the document of position {self.invoice} (invoice 4711): {len(INVOICE)} "
                       f"bytes with SHA-256 {hashlib.sha256(INVOICE).hexdigest()}"):
            self.assertIn(needle, shown)
        self.assertNotIn(NAMES["bob"], shown)
        self.assertNotIn("a letter", shown)

    def test_coreutils_give_the_document_back(self):
        folder = self.export("out", "--request", self.number, "--open", self.invoice)
        digest = self.world.json("show", self.number)["documents"][0]["digest"]
        done = subprocess.run(
            f"tail -c +33 blobs/{digest[:2]}/{digest}; sha256sum blobs/{digest[:2]}/{digest} >&2",
            shell=True, cwd=folder, capture_output=True, check=True)
        self.assertEqual(done.stdout, INVOICE)
        self.assertEqual(done.stderr.decode()[:64], digest)
        text = (folder / "README.txt").read_text()
        self.assertIn("tail -c +33", text)
        self.assertIn("1 document and", text)
        self.assertIn("2 people's names", text)

    def test_a_value_that_does_not_match_is_found(self):
        folder = self.export("out", "--request", self.number, "--open", "all", "--open-name",
                             "all")
        for path in sorted((folder / "blobs").rglob("*")):
            if not path.is_file():
                continue
            before = path.read_bytes()
            for change in (before[:-1] + bytes([before[-1] ^ 1]), b"\x01" + before[1:], before[:32],
                           before + b"x"):
                path.write_bytes(change)
                ran = self.world.verify("--json", ledger=folder)
                self.assertEqual(ran.status, 1, ran)
                report = json.loads(ran.out)
                self.assertIn("blob", {item["rule"] for item in report["findings"]})
                self.assertEqual(len(report["opened"]), 3, "the others are shown")
            path.write_bytes(before)
        self.assertEqual(self.world.verify(ledger=folder).status, 0)

    def test_what_can_not_be_opened_is_refused(self):
        request = ["--request", self.number]
        founded = self.world.entries()[0].event.body["members"]
        for words, needle, status in (
                ([*request, "--open", "00" * 32], "attached by none", 1),
                ([*request, "--open", "0"], "`founded`", 1),
                ([*request, "--open", "invoice"], "--open invoice", 2),
                ([*request, "--open", founded[0]["person"].hex()], "attached by none", 1),
                ([*request, "--open-name", "zoe"], "no member is called zoe", 1),
                ([*request, "--open-name", "carol"], "carol", 1),
                ([*request, "--open-name", "dave"], "none of the chosen events", 1),
                (["--open-name", "alice"], "--open-name", 2)):
            with self.subTest(words):
                self.refused("alice", "export", self.world.path("out"), *words, naming=needle,
                             status=status)
                self.assertFalse(self.world.path("out").exists())

    def test_a_whole_export_holds_everything_and_says_so(self):
        for name, words in (("whole", []), ("whole.tar", [])):
            self.export(name, *words)
        folder = self.world.path("whole")
        content = b"".join(files_of(folder).values())
        for name, value in self.values.items():
            self.assertIn(value, content, name)
        self.assertIn("documents and names", (folder / "README.txt").read_text())
        self.assertIn("readable", self.world.ok("nobody", "export", "--help").out)
        self.assertEqual(self.world.verify(ledger=folder).status, 0)
        done = subprocess.run(
            [sys.executable, str(world.ROOT / "Tools/audit.py"), str(folder), "--ledger-id",
             self.world.id.hex()], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done)
        # In no other file than the blobs'.
        for value in self.values.values():
            for path, found_ in files_of(folder).items():
                self.assertEqual(value in found_ and not path.startswith("blobs/"), False, path)

    def test_both_verifiers_miss_a_document_and_no_name(self):
        folder = self.export("whole")
        digest = self.world.json("show", self.number)["documents"][0]["digest"]
        person = self.world.json("member", "show", "alice")["person"]["commitment"]
        for name, rules in ((person, set()), (digest, {"blob"})):
            (folder / "blobs" / name[:2] / name).unlink()
            swift = json.loads(self.world.verify("--json", ledger=folder).out)
            done = subprocess.run(
                [sys.executable, str(world.ROOT / "Tools/audit.py"), str(folder), "--ledger-id",
                 self.world.id.hex(), "--json"], capture_output=True, text=True, timeout=120)
            for report in (swift, json.loads(done.stdout)):
                # The manifest lists the file that is gone.
                found_ = {(item["rule"], item["position"]) for item in report["findings"]
                          if item["rule"] != "manifest"}
                self.assertEqual(found_, {(rule, self.invoice) for rule in rules})
