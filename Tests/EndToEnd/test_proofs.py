"""Proof files: what stands where in a log, growth, and forks; as others check them."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import cbor2
from test_witness import WitnessCase
from world import BIN, Ran

HERE = Path(__file__).resolve().parent
GO = "/usr/bin/go"
GO_PATH = Path("/usr/share/gocode")


class Proofs(WitnessCase):
    def check(self, *words, status=0):
        """Runs the auditor's `check-proof`, who has nothing but what is given."""
        command = [str(BIN / "strongroom-verify"), "check-proof", *(str(word) for word in words)]
        done = subprocess.run(command, capture_output=True, timeout=60, text=True,
                              env=self.world.environment("nobody", STRONGROOM_LEDGER=None),
                              cwd=self.world.folder)
        ran = Ran(command, done.returncode, done.stdout, done.stderr)
        self.assertEqual(ran.status, status, ran)
        return ran

    def prove(self, event, name="event.tlog-proof"):
        path = self.world.path(name)
        path.unlink(missing_ok=True)
        self.world.ok("nobody", "prove", "event", event, "--out", path)
        return path

    def compare(self, one, two, *words, status=0):
        ran = self.world.run("nobody", "compare", one, two, *words)
        self.assertEqual(ran.status, status, ran)
        return ran

    def kept(self, name="kept.checkpoint", ledger=None):
        path = self.world.path(name)
        path.write_text((ledger or self.world).ok("alice", "checkpoint", "--offline").out)
        return path

    def test_every_event_is_proven_by_the_ledgers_id_alone(self):
        self.grow()
        size = self.world.size()
        for position in range(size):
            ran = self.check(self.prove(position), "--ledger-id", self.world.id.hex())
            self.assertIn(f"{position}, of {size} entries", ran.out)
            self.assertIn("It holds.", ran.out)
            self.assertIn("Not proven   that it was authorised", ran.out)

    def test_an_event_is_named_by_its_id_too(self):
        self.world.head()
        facts = json.loads(self.check(self.prove(2), "--ledger-id", self.world.id.hex(),
                                      "--json").out)[0]["facts"]
        self.assertEqual(facts["author"], ["bob, a founding member"])
        by_id = self.prove(facts["id"][0], "by-id.tlog-proof")
        self.assertEqual(by_id.read_text(), self.prove(2).read_text())
        self.refused("nobody", "prove", "event", "0" * 64, "--out", "x", naming="0" * 64)
        self.refused("nobody", "prove", "event", 99, "--out", "x", naming="99")

    def test_what_is_not_checkpointed_is_not_proven(self):
        self.world.head()
        shutil.move(self.world.home("alice") / "keys/log.key", self.world.path("log.key"))
        self.grow()
        size = self.world.json("status")["appended"]
        ran = self.world.run("nobody", "prove", "event", size - 1, "--out", "x")
        self.assert_refused(ran, size - 1, "strongroom checkpoint")
        self.assertFalse(self.world.path("x").exists())

    def test_nothing_is_believed_of_the_file_itself(self):
        path = self.prove(1)
        ran = self.check(path, status=2)
        self.assertIn("--ledger-id", ran.out)
        other = "0" * 64
        self.check(path, "--ledger-id", other, status=1)
        self.check(path, "--log-key", self.log_key)
        self.check(path, "--log-key", self.log_key, "--ledger-id", other, status=1)

    def policy(self, text):
        path = self.world.path("a.policy")
        path.write_text(text)
        return path

    def test_a_policy_that_lists_no_log_trusts_none(self):
        path = self.prove(1)
        policy = self.policy("quorum none\n")
        ran = self.check(path, "--policy", policy, status=2)
        self.assertIn("--ledger-id", ran.out)
        self.check(path, "--policy", policy, "--ledger-id", self.world.id.hex())
        self.check(path, "--policy", self.policy(f"log {self.log_key}\nquorum none\n"))

    def test_the_quorum_is_asked_for_of_growth_too(self):
        old = self.kept()
        self.grow()
        proof = self.world.path("growth.proof")
        self.world.ok(
            "nobody", "prove", "consistency", old, self.world.size(), "--out", proof)
        key = bytes([4]) + hashlib.sha256(b"a witness").digest()
        number = hashlib.sha256(b"absent\n" + key).hexdigest()[:8]
        witness = f"absent+{number}+{base64.b64encode(key).decode()}"
        text = f"log {self.log_key}\nwitness one {witness}\nquorum "
        ran = self.check(proof, "--policy", self.policy(text + "one\n"), status=1)
        self.assertIn("quorum", ran.out)
        self.check(proof, "--policy", self.policy(text + "none\n"))

    def test_every_changed_line_is_noticed(self):
        path = self.prove(1)
        lines = path.read_text().split("\n")
        for number, line in enumerate(lines[:-1]):
            middle = len(line) // 2
            changed = line[:middle] + ("A" if line[middle:middle + 1] != "A" else "B") \
                + line[middle + 1:]
            spoilt = self.world.path("spoilt.tlog-proof")
            spoilt.write_text("\n".join(lines[:number] + [changed] + lines[number + 1:]))
            self.check(spoilt, "--ledger-id", self.world.id.hex(), status=1)

    def test_all_of_a_request(self):
        self.grow()
        folder = self.world.path("request-1")
        self.world.ok("nobody", "prove", "request", 1, "--out", folder)
        names = sorted(path.name for path in folder.iterdir())
        self.assertEqual([name.split("-")[1] for name in names], ["initiated.tlog"])
        self.check(folder, "--ledger-id", self.world.id.hex())
        self.refused("nobody", "prove", "request", 1, "--out", folder, naming=str(folder))

    def test_consistency(self):
        old = self.kept()
        self.grow()
        size = self.world.size()
        proof = self.world.path("growth.proof")
        self.world.ok("nobody", "prove", "consistency", old, size, "--out", proof)
        self.check(proof, "--log-key", self.log_key)
        self.check(proof, status=2)
        text = proof.read_text()
        for spoilt in (text.replace("/v1", "/v2", 1), text.replace("\n\n", "\n", 1)):
            self.world.path("spoilt").write_text(spoilt)
            self.check(self.world.path("spoilt"), "--log-key", self.log_key, status=1)
        self.assert_bad_usage(self.world.run(
            "nobody", "prove", "consistency", size, old, "--out", "x"), size)

    def test_same_prefix_and_fork(self):
        world = self.world
        self.assertEqual(world.size(), 4)
        copy = self.copy_of(world)
        kept = self.kept()
        self.assertIn("Same", self.compare(world.ledger, copy.ledger).out)
        self.assertIn("Same", self.compare(world.ledger, kept).out)
        self.grow()
        ran = self.compare(world.ledger, copy.ledger)
        self.assertIn("1 behind", " ".join(ran.out.split()))
        self.compare(world.ledger, kept)
        ahead = self.kept("ahead.checkpoint")
        self.assertIn("claims", self.compare(copy.ledger, ahead, status=2).err)
        # The copy goes on by itself, twice: a fork after the fourth entry.
        for name in ("n1", "n2"):
            copy.ok("alice", "key", "create", name)
            key = copy.ok("alice", "key", "show", name).out.strip()
            copy.act("alice", "member", "enrol", f"{name}:{key}:operator")
        proof = world.path("fork.proof")
        ran = self.compare(world.ledger, copy.ledger, "--proof", proof, status=1)
        self.assertIn("first 4 entries", ran.out)
        self.check(proof, "--log-key", self.log_key)
        self.check(proof, status=2)
        # Of one signed head alone too, and never over a file that is there.
        self.assertEqual(json.loads(self.compare(
            copy.ledger, ahead, "--proof", world.path("f2"), "--json", status=1).out)["verdict"],
            "fork")
        self.check(world.path("f2"), "--log-key", self.log_key)
        text = proof.read_text()
        self.compare(copy.ledger, ahead, "--proof", proof, status=1)
        self.assertEqual(proof.read_text(), text)
        # The ledger's id, which such a proof does not lead to the key from, is not asked for again.
        ran = self.check(proof, "--ledger-id", world.id.hex(), status=2)
        self.assertIn("--log-key or --policy", ran.out)
        self.assertNotIn("give --ledger-id", ran.out)
        # A proof that shows no fork is none.
        text = proof.read_text().replace("prefix ", "prefix A", 1)
        world.path("spoilt").write_text(text)
        self.check(world.path("spoilt"), "--log-key", self.log_key, status=1)

    def test_two_heads_of_one_size(self):
        copy = self.copy_of(self.world)
        self.grow()
        mine = self.kept("mine.checkpoint")
        copy.ok("alice", "key", "create", "n1")
        key = copy.ok("alice", "key", "show", "n1").out.strip()
        copy.act("alice", "member", "enrol", f"n1:{key}:operator")
        theirs = self.kept("theirs.checkpoint", copy)
        self.compare(mine, theirs, status=2)
        self.compare(mine, theirs, "--log-key", self.log_key, status=1)
        ran = self.check(self.world.path("fork.proof"), "--log-key", self.log_key)
        self.assertIn("one size has two roots", ran.out)

    def test_an_export_is_compared_too(self):
        self.world.head()
        self.world.ok("alice", "key", "create", "archive", "--export")
        export = self.world.path("export")
        self.world.ok("alice", "export", export)
        self.assertIn("Same", self.compare(self.world.ledger, export).out)
        self.grow()
        self.assertIn("behind", self.compare(export, self.world.ledger).out)

    def test_go_agrees(self):
        if not os.access(GO, os.X_OK) or not (GO_PATH / "src/golang.org/x/mod/sumdb").is_dir():
            self.skipTest("no Go, or no golang.org/x/mod")
        judge = self.world.path("judge")
        cache = self.world.path("cache")
        settings = os.environ | {"GO111MODULE": "off", "GOPATH": str(GO_PATH),
                                 "GOCACHE": str(cache), "GOFLAGS": ""}
        built = subprocess.run([GO, "build", "-o", judge, HERE / "judges/tlog.go"],
                               env=settings, capture_output=True, text=True, timeout=300)
        self.assertEqual(built.returncode, 0, built.stderr)
        for _ in range(3):
            self.grow()
        size = self.world.size()
        entry = self.world.path("entry")
        for position in range(size):
            path = self.prove(position)
            extra = next(line for line in path.read_text().split("\n")
                         if line.startswith("extra "))
            entry.write_bytes(cbor2.loads(base64.b64decode(extra[6:]))["entry"])
            ran = subprocess.run([judge, path, entry, self.log_key], capture_output=True,
                                 text=True, timeout=20)
            self.assertEqual(ran.returncode, 0, ran.stderr)
            self.assertIn(f" {position} of {size}, 0 other", ran.stdout)
            entry.write_bytes(entry.read_bytes() + b"\0")
            ran = subprocess.run([judge, path, entry, self.log_key], capture_output=True,
                                 text=True, timeout=20)
            self.assertEqual(ran.returncode, 1)
