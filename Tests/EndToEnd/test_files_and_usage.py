"""Files that are none, and command lines that can not be meant."""

import os
import subprocess
import threading

import cbor2
import envelope
import keyfiles
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from world import BIN, PAYEE, SECONDS, TestCase

GARBAGE = {
    "empty": b"", "a byte": b"\x00", "text": b"hello\n", "not UTF-8": bytes(range(128, 256)) * 9,
    "zeros": bytes(100_000), "psbt's magic alone": b"psbt\xff", "a PSBT cut short": b"cHNidP8B",
    "an empty PSBT": b"cHNidP8A", "nothing in it": b"-----BEGIN STRONGROOM EVENT-----\n"
    b"-----END STRONGROOM EVENT-----\n-----BEGIN STRONGROOM REQUEST-----\n"
    b"-----END STRONGROOM REQUEST-----\n",
    "no base64": b"-----BEGIN STRONGROOM EVENT-----\n!!!\n-----END STRONGROOM EVENT-----\n"
    b"-----BEGIN STRONGROOM REQUEST-----\n!!!\n-----END STRONGROOM REQUEST-----\n",
    "no end": b"-----BEGIN STRONGROOM EVENT-----\nAAAA\n-----BEGIN STRONGROOM REQUEST-----\nAAAA\n",
    "deep": envelope.armor(b"\x81" * 60_000, "EVENT").encode()
    + envelope.armor(b"\x81" * 60_000, "REQUEST").encode(),
    "a huge array": envelope.armor(b"\xa8\x65blobs\x9a\xff\xff\xff\xff", "REQUEST").encode()
    + envelope.armor(b"\xa3\x65blobs\x9a\xff\xff\xff\xff", "EVENT").encode(),
    "a huge string": envelope.armor(b"\xa8\x65blobs\x81\x5b" + b"\x7f" * 8, "REQUEST").encode()
    + envelope.armor(b"\xa3\x65blobs\x81\x5b" + b"\x7f" * 8, "EVENT").encode(),
}


class Malformed(TestCase):
    def garbage(self):
        for name, data in GARBAGE.items():
            path = self.world.path("garbage")
            path.write_bytes(data)
            yield name, path

    def test_event_files(self):
        for name, path in self.garbage():
            with self.subTest(name):
                self.refused("alice", "submit", path, naming=str(path))

    def test_event_on_standard_input(self):
        before = self.world.head()
        for name, data in GARBAGE.items():
            with self.subTest(name):
                self.assert_refused(self.world.run("alice", "submit", "-", stdin=data))
        self.assertEqual(self.world.head(), before)

    def test_request_files(self):
        for name, path in self.garbage():
            with self.subTest(name):
                out = self.world.path("x.event")
                self.refused("bob", "approve", "--as", "bob", "--yes", "--request", path, "--out",
                             out, naming=str(path))
                self.assertFalse(out.exists())

    def test_psbts(self):
        number = self.world.authorised("main", "0.1")
        for name, path in self.garbage():
            with self.subTest(name):
                self.refused("alice", "sign", number, "--as", "alice", "--yes", "--psbt-in", path,
                             naming=str(path))

    def test_files_that_are_not_there(self):
        number = self.world.authorised("main", "0.1")
        for path in (self.world.path("missing"), self.world.folder):
            with self.subTest(str(path)):
                self.refused("alice", "submit", path, naming=str(path))
                self.refused("bob", "approve", "--as", "bob", "--yes", "--request", path, "--out",
                             "x.event", naming=str(path))
                self.refused("alice", "sign", number, "--as", "alice", "--yes", "--psbt-in", path,
                             naming=str(path))

    def test_files_of_another_kind(self):
        world = self.world
        number = world.initiate("main", "0.1")
        request, event = world.path("r.request"), world.path("r.event")
        world.ok("alice", "request", "export", number, "--out", request)
        world.act("bob", "approve", "--request", request, "--out", event)
        self.refused("alice", "submit", request, naming=str(request))
        self.refused("carol", "approve", "--as", "carol", "--yes", "--request", event, "--out",
                     "x.event", naming=str(event))

    def test_event_file_as_mail_mangles_it(self):
        world = self.world
        number = world.initiate("main", "0.1")
        world.ok("alice", "request", "export", number, "--out", world.path("r.request"))
        world.act("bob", "approve", "--request", world.path("r.request"), "--out",
                  world.path("r.event"))
        text = world.path("r.event").read_text()
        world.path("r.event").write_text("Dear Alice,\r\n\r\n  " + text.replace("\n", "\r\n  ")
                                         + "\r\nBob")
        self.assertIn("approved by bob", world.ok("alice", "submit", world.path("r.event")).out)

    def test_what_is_there_is_never_replaced(self):
        world = self.world
        number = world.initiate("main", "0.1")
        request = world.path("r.request")
        world.ok("alice", "request", "export", number, "--out", request)
        kept, link, pipe = (world.path(name) for name in ("kept", "link", "pipe"))
        kept.write_text("evidence")
        link.symlink_to(kept)
        dangling = world.path("dangling")
        dangling.symlink_to(world.path("nothing"))
        before = world.head()
        for path in (kept, link, dangling, world.ledger / "head", world.folder):
            for who, words in (
                    ("alice", ["request", "export", number, "--out", path]),
                    ("nobody", ["prove", "event", 1, "--out", path]),
                    ("nobody", ["prove", "consistency", before[0], before[0], "--out", path]),
                    ("bob", ["approve", "--as", "bob", "--yes", "--request", request, "--out",
                             path])):
                self.assert_refused(world.run(who, *words), path)
            self.assert_refused(world.run("nobody", "report", "--html", path), path, status=2)
        self.assertEqual(kept.read_text(), "evidence")
        self.assertTrue(link.is_symlink() and dangling.is_symlink())
        self.assertEqual(world.head(), before)
        # Nothing was signed for a file that can not be written.
        self.assertEqual(world.ok("bob", "key", "pending", "bob", "--ledger-id",
                                  world.id.hex()).out, "Nothing is pending.\n")
        # A pipe takes what a file would hold.
        os.mkfifo(pipe)
        taken = []
        reader = threading.Thread(target=lambda: taken.append(pipe.read_bytes()), daemon=True)
        reader.start()
        world.ok("nobody", "prove", "event", 1, "--out", pipe)
        reader.join(SECONDS)
        self.assertEqual(taken, [world.ok("nobody", "prove", "event", 1, "--out", "-")
                                 .out.encode()])
        self.assertTrue(pipe.is_fifo())

    def test_file_that_can_not_be_written(self):
        world = self.world
        number = world.initiate("main", "0.1")
        world.ok("alice", "request", "export", number, "--out", world.path("r.request"))
        nowhere = world.path("nowhere/r.event")
        self.refused("bob", "approve", "--as", "bob", "--yes", "--request",
                     world.path("r.request"), "--out", nowhere, naming=str(nowhere))
        self.assert_refused(world.run("alice", "request", "export", number, "--out",
                                      world.path("nowhere/r.request")), "nowhere/r.request")


class ForgedRequestFiles(TestCase):
    """Request files that tell the member on the other machine something untrue."""

    def setUp(self):
        super().setUp()
        self.number = self.world.initiate("main", "0.1")
        self.path = self.world.path("r.request")
        self.world.ok("alice", "request", "export", self.number, "--out", self.path)
        self.fields = envelope.read_request(self.path)

    def refuse(self, *naming, **changes):
        changed = self.fields | changes
        self.path.write_text(envelope.armor(envelope.cbor(changed), "REQUEST"))
        out = self.world.path("x.event")
        self.refused("bob", "approve", "--as", "bob", "--yes", "--request", self.path, "--out",
                     out, naming=naming)
        self.assertFalse(out.exists())

    def test_file_that_is_right_is_taken(self):
        self.path.write_text(envelope.armor(envelope.cbor(self.fields), "REQUEST"))
        self.world.act("bob", "approve", "--request", self.path, "--out", "x.event")

    def test_entry_changed(self):
        entries = list(self.fields["entries"])
        recorded, event = cbor2.loads(entries[-1])
        entries[-1] = envelope.cbor([recorded + 1, event])
        self.refuse("checkpoint", entries=entries)

    def test_entry_missing(self):
        for place in (0, 5, -1):
            with self.subTest(place):
                entries = list(self.fields["entries"])
                del entries[place]
                self.refuse(entries=entries)

    def test_entries_exchanged(self):
        entries = list(self.fields["entries"])
        entries[-1], entries[-2] = entries[-2], entries[-1]
        self.refuse(entries=entries)

    def test_entry_added(self):
        self.refuse(entries=[*self.fields["entries"], self.fields["entries"][-1]])

    def test_signature_inside_an_entry_changed(self):
        entries = list(self.fields["entries"])
        entries[-1] = entries[-1][:-1] + bytes([entries[-1][-1] ^ 1])
        self.refuse("checkpoint", entries=entries)

    def test_checkpoint_of_another_key(self):
        text = self.fields["checkpoint"].decode()
        body, _, line = text.rstrip("\n").rpartition("\n")
        name, _, signature = line.rpartition(" ")
        flipped = ("A" if signature[10] != "A" else "B")
        changed = signature[:10] + flipped + signature[11:]
        self.refuse(checkpoint=f"{body}\n{name} {changed}\n".encode())

    def test_older_checkpoint_than_the_key_has_seen(self):
        before = self.world.path("r.request").read_text()
        self.world.approve(self.number, "bob")
        self.world.path("r.request").write_text(before)
        self.refused("bob", "abort", "--as", "bob", "--yes", "--request", self.path, "--out",
                     "x.event", naming=["events of your key", "Ask for a newer one"])

    def test_another_request_named(self):
        self.refuse(request=bytes(32))

    def test_ledger_id_that_the_reader_knows_better(self):
        other = "0" * 63 + "1"
        self.refused("bob", "approve", "--as", "bob", "--yes", "--request", self.path, "--out",
                     "x.event", "--ledger-id", other, naming=[other, self.world.id.hex()])
        self.refused("bob", "approve", "--as", "bob", "--yes", "--request", self.path, "--out",
                     "x.event", "--ledger-id", "cafe", naming="cafe", status=2)

    def founded(self, rules):
        """A request file of a ledger of our own, whose founding names a version of the rules."""
        secret = keyfiles.secret_of("another log")
        log = Ed25519PrivateKey.from_private_bytes(secret)
        public = bytes.fromhex(keyfiles.public_part("log", secret))
        body = envelope.parse(cbor2.loads(self.fields["entries"][0])[1], None).body
        event = envelope.sign(
            keyfiles.secret_of("alice"), None, "founded", body | {"rules": rules, "log": public},
            seq=0, seen=(0, envelope.sha256(b"")))
        ledger = envelope.parse(event, None).id
        entry = envelope.cbor([envelope.now(), event])
        fields = self.fields | {
            "entries": [entry], "proofs": [], "roots": [], "blobs": [], "request": None,
            "checkpoint": envelope.checkpoint(f"treasury/{ledger.hex()}", 1, envelope.leaf(entry),
                                              log, public)}
        self.path.write_text(envelope.armor(envelope.cbor(fields), "REQUEST"))
        return self.world.run("bob", "member", "accept", "--as", "bob", "--yes", "--request",
                              self.path, "--out", self.world.path("accept.event"))

    def test_unknown_version_of_the_rules(self):
        ran = self.founded(2)
        self.assertIn(ran.status, (1, 2), ran)
        self.assert_refused(ran, "rules", "2", status=ran.status)
        self.assertFalse(self.world.path("accept.event").exists())
        self.assertEqual(self.founded(1).status, 0, "the control: nothing else is wrong with it")


class Usage(TestCase):
    def bad(self, *words, naming, who="alice", **environment):
        before = self.world.head()
        ran = self.world.run(who, *words, **environment)
        self.assert_bad_usage(ran, naming)
        self.assertEqual(self.world.head(), before)

    def test_no_ledger_named(self):
        for words in (["address", "main", "--as", "alice"], ["submit", "x"], ["checkpoint"],
                      ["backup", "x"], ["request", "export", "--out", "x"],
                      ["wallet", "export", "main"], ["restore", "x"]):
            with self.subTest(" ".join(words)):
                self.bad(*words, naming="STRONGROOM_LEDGER", STRONGROOM_LEDGER=None)
                self.bad(*words, naming="STRONGROOM_LEDGER", STRONGROOM_LEDGER="")

    def test_ledger_that_is_none(self):
        for path in (self.world.path("nowhere"), self.world.home("alice"),
                     self.world.ledger / "ledger.mdb"):
            with self.subTest(str(path)):
                self.assert_refused(self.world.run("alice", "address", "main", "--as", "alice",
                                                   STRONGROOM_LEDGER=path), str(path))
        self.assertFalse(self.world.path("nowhere").exists(), "looking makes no folder")

    def test_database_of_zeros(self):
        folder = self.world.path("zeros")
        folder.mkdir()
        (folder / "ledger.mdb").write_bytes(bytes(65_536))
        self.assert_refused(self.world.run("alice", "address", "main", "--as", "alice",
                                           STRONGROOM_LEDGER=folder), str(folder))

    def test_out_without_request_and_the_other_way_round(self):
        number = self.world.initiate("main", "0.1")
        self.world.ok("alice", "request", "export", number, "--out", "r.request")
        self.bad("approve", number, "--as", "alice", "--yes", "--out", "x", naming="--request")
        self.bad("approve", "--as", "alice", "--yes", "--request", "r.request", naming="--out")

    def test_psbt_both_ways_and_by_request(self):
        number = self.world.authorised("main", "0.1")
        self.world.ok("alice", "request", "export", number, "--out", "r.request")
        self.bad("sign", number, "--as", "alice", "--psbt-in", "a", "--psbt-out", "b",
                 naming="--psbt-out")
        self.bad("sign", "--as", "alice", "--request", "r.request", "--out", "x", "--psbt-out",
                 "b", naming="PSBT")

    def test_nobody_to_answer(self):
        number = self.world.initiate("main", "0.1")
        self.bad("approve", number, "--as", "alice", naming="--yes")

    def test_request_that_is_not_named(self):
        self.bad("approve", "--as", "alice", "--yes", naming="number")

    def test_commands_and_options_that_are_none(self):
        for words in (["frobnicate"], ["approve", "one", "--as", "alice"], ["approve", "-1"],
                      ["approve", "1"], ["approve", "1", "--as"], ["initiate", "main"],
                      ["approve", "18446744073709551616", "--as", "alice"]):
            with self.subTest(" ".join(words)):
                self.bad(*words, naming="")

    def test_names_that_are_none(self):
        self.bad("address", "Main Wallet", "--as", "alice", naming='"Main Wallet"')
        self.bad("member", "suspend", "", "--as", "alice", naming="member")
        for name in ("../alice", "Alice", "", "a" * 65):
            with self.subTest(name):
                self.assertNotEqual(
                    self.world.run("alice", "address", "main", f"--as={name}").status, 0)

    def test_wallet_options(self):
        create = ["wallet", "create", "x", "--quorum", "1 of (alice)", "--as", "alice", "--yes"]
        self.bad(*create, naming="--descriptor")
        self.bad(*create, "--kind", "wpkh", naming="--key")
        self.bad(*create, "--kind", "p2pkh", "--key", "alice=x", naming="p2pkh")
        self.bad(*create, "--kind", "wpkh", "--key", "x", naming='"x"')
        self.bad(*create, "--descriptor", "wpkh(x)", naming="--holders")

    def test_numbers_beyond_their_range(self):
        """Each is a sentence that says the range; none is taken for a fault of the program."""
        key = keyfiles.public_part("event", keyfiles.secret_of("alice"))
        found = ["init", self.world.path("new"), "--name", "x", "--network", "regtest", "--as",
                 "alice", "--member", f"alice:{key}", "--policy", "1 of (alice)"]
        wallet = ["wallet", "create", "x", "--kind", "wpkh", "--key", "alice=x", "--quorum",
                  "1 of (alice)", "--as", "alice", "--yes"]
        for words, option, last, beyond in (
                (found, "--daily-blob-bytes", 2**53 - 1, (0, 2**53, 2**64 - 1)),
                (found, "--hourly-events", 2**53 - 1, (0, 2**53, 2**64 - 1)),
                (found, "--open-transfers", 2**53 - 1, (0, 2**53, 2**64 - 1)),
                (wallet, "--max-fee-rate", 10**6, (0, 10**6 + 1, 2**64 - 1)),
                (wallet, "--max-fee-percent", 10**6, (0, 10**6 + 1, 2**64 - 1)),
                (wallet, "--depth", 1_000, (0, 1_001, 2**32 - 1)),
                (wallet, "--gap", 1_000, (0, 1_001, 2**32 - 1))):
            for number in beyond:
                with self.subTest(option, number=number):
                    ran = self.world.run("alice", *words, option, number)
                    self.assert_refused(ran, f"{option} is from 1 to {last}, not {number}",
                                        status=2)
        self.assertFalse(self.world.path("new").exists())
        # The largest is taken.
        ran = self.world.ok("alice", *found, "--daily-blob-bytes", 2**53 - 1, "--hourly-events",
                            2**53 - 1, "--open-transfers", 2**53 - 1)
        self.assertIn("Founded", ran.out)

    def test_restore_needs_one_source(self):
        self.bad("restore", naming="--missing-from")
        self.bad("restore", "a", "--missing-from", "b", naming="--missing-from")

    def test_node_that_is_not_named(self):
        self.bad("watch", "--once", "--as", "alice", naming="--node")
        self.bad("broadcast", "1", "--as", "alice", naming="--node")
        self.bad("initiate", "main", "--to", f"{PAYEE}:0.1", "--as", "alice", "--yes",
                 naming="--fee-rate")

    def test_existing_folder_is_not_founded_again(self):
        key = keyfiles.public_part("event", keyfiles.secret_of("alice"))
        self.refused("alice", "init", self.world.ledger, "--name", "treasury", "--network",
                     "regtest", "--as", "alice", "--member", f"alice:{key}", "--policy",
                     "1 of (alice)", naming=str(self.world.ledger))

    def test_key_is_never_overwritten(self):
        path = self.world.home("alice") / "keys" / "alice.key"
        before = path.read_bytes()
        self.refused("alice", "key", "create", "alice", naming="alice")
        self.assertEqual(path.read_bytes(), before)

    def test_key_files_that_others_may_read(self):
        path = self.world.home("alice") / "keys" / "alice.key"
        os.chmod(path, 0o644)
        ran = self.world.run("alice", "address", "main", "--as", "alice")
        self.assert_refused(ran, str(path), "644")

    def test_key_made_by_the_product(self):
        """Its file opens by the format's text, and only with its passphrase."""
        ran = self.world.ok("dave", "key", "create", "dave")
        secret = keyfiles.read(self.world.home("dave"), "dave")
        self.assertIn(keyfiles.public_part("event", secret), ran.out)
        self.refused("dave", "key", "create", "short", naming="8", STRONGROOM_PASSPHRASE="seven77")

    def test_output_that_can_not_be_written(self):
        """A full disk behind `>`: the status says so, also for a checkpoint that is to be kept."""
        world = self.world
        for words in (["checkpoint"], ["status"], ["status", "--json"], ["log"], ["--help"],
                      ["request", "export", "--out", "-"], ["verify"]):
            with open("/dev/full", "wb") as full:
                done = subprocess.run([str(BIN / "strongroom"), *words], stdout=full,
                                      stderr=subprocess.PIPE, timeout=SECONDS,
                                      env=world.environment("alice"), cwd=world.folder)
            self.assertEqual(done.returncode, 1, (words, done.stderr))
            self.assertIn(b"standard output could not be written", done.stderr)

    def test_message_that_can_not_be_written(self):
        """Nobody hears of the refusal, but it stays one."""
        with open("/dev/full", "wb") as full:
            done = subprocess.run([str(BIN / "strongroom"), "show", "99"], stderr=full,
                                  stdout=subprocess.PIPE, timeout=SECONDS,
                                  env=self.world.environment("alice"), cwd=self.world.folder)
        self.assertEqual(done.returncode, 1, done)
