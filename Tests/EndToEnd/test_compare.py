"""Comparing two copies of a ledger in every form that `verify` reads."""

import json
import shutil
import subprocess

import world
from test_verify_export import ExportCase


class Compare(ExportCase):
    def compare(self, one, two, *words, status=0):
        ran = self.world.run("nobody", "compare", one, *([two] if two else []), *words)
        self.assertEqual(ran.status, status, ran)
        return ran

    def answer(self, one, two, *words, status=0):
        return json.loads(self.compare(one, two, *words, "--json", status=status).out)

    def exported(self, world_, name, *words):
        world_.ok("alice", "checkpoint")
        world_.ok("alice", "export", world_.path(name), *words)
        return world_.path(name)

    def forms(self, world_, name, *words):
        return [self.exported(world_, name + end, *words) for end in ("", ".tar", ".tar.zst")]

    def served(self, folder):
        handler = self.handler(folder, lambda request: request.asked.append(request.path))
        return self.serve(handler), handler

    def fork(self):
        """A copy of the world, and both have gone on without each other."""
        fork = self.copy_of(self.world)
        self.world.initiate("main", "0.1")
        for amount in ("0.2", "0.05"):
            fork.initiate("main", amount)
        for each in (self.world, fork):
            each.ok("alice", "checkpoint")
        return fork

    def extend(self, world_):
        """Appends an event: an address."""
        world_.act("alice", "address", "main")

    def check_proof(self, path, status=0):
        policy = self.world.ok("alice", "witness-policy").out
        ran = self.world.run("nobody", "check-proof", path, "--log-key", policy.split()[1])
        self.assertEqual(ran.status, status, ran)

    def test_every_form_of_one_head_is_the_same(self):
        forms = self.forms(self.world, "evidence")
        url, handler = self.served(forms[0])
        size = self.world.size()
        for one in forms + [self.world.ledger]:
            self.assertEqual(self.answer(one, self.world.ledger),
                             {"verdict": "same", "size": size})
            self.assertEqual(self.answer(forms[2], one)["verdict"], "same")
        # Of a URL the tree alone is read, and that is said.
        answer = self.answer(url, self.world.ledger)
        self.assertEqual((answer["verdict"], answer["size"]), ("same", size))
        self.assertEqual(len(answer["notChecked"]), 1)
        self.assertIn(url, answer["notChecked"][0])
        self.assertIn("Not checked", self.compare(forms[2], url).out)
        self.assertFalse([path for path in handler.asked if "blobs" in path],
                         "a comparison reads no documents")

    def test_every_form_behind_is_a_prefix(self):
        old = self.forms(self.world, "old")
        url, _ = self.served(old[0])
        size = self.world.size()
        self.world.initiate("main", "0.1")
        new = self.forms(self.world, "new")
        for one in old + [url]:
            for two in new + [self.world.ledger]:
                for pair in ((one, two), (two, one)):
                    answer = self.answer(*pair)
                    self.assertEqual("notChecked" in answer, url in pair)
                    answer.pop("notChecked", None)
                    self.assertEqual(answer, {
                        "verdict": "prefix", "size": size, "behind": str(one), "by": 1})

    def test_entries_that_are_not_those_of_the_tree_are_not_the_same(self):
        export = self.exported(self.world, "evidence")
        since = self.world.path("since")
        shutil.copy(export / "checkpoint", since)
        good = self.copy_of(self.world)
        self.extend(self.world)
        delta = self.exported(self.world, "delta", "--since", since)
        self.assertEqual(self.answer(delta, self.world.ledger)["verdict"], "same")
        for folder in (export, delta):
            bundle = next((folder / "tile/entries").rglob("*.p/*"))
            data = bytearray(bundle.read_bytes())
            data[-3] ^= 1
            bundle.write_bytes(bytes(data))
            for pair in ((folder, self.world.ledger), (self.world.ledger, folder)):
                self.assert_refused(self.compare(*pair, status=2), folder, "position", status=2)
        database = good.ledger / "ledger.mdb"
        data = database.read_bytes()
        self.assertIn(b"single", data)
        database.write_bytes(data.replace(b"single", b"sjngle"))
        self.assert_refused(self.compare(good.ledger, self.world.ledger, status=2), good.ledger,
                            "entr", status=2)

    def test_a_replica_is_compared(self):
        first = self.exported(self.world, "first.tar.zst")
        replica = self.world.path("replica")
        self.world.ok("nobody", "replica", "create", first, replica)
        self.assertEqual(self.answer(replica, self.world.ledger)["verdict"], "same")

    def test_forks_in_every_form(self):
        size = self.world.size()
        fork = self.fork()
        mine = self.forms(self.world, "mine") + [self.world.ledger]
        theirs = self.forms(fork, "theirs") + [fork.ledger]
        mine.append(self.served(mine[0])[0])
        for number, (one, two) in enumerate([(one, two) for one in mine for two in theirs]):
            proof = self.world.path(f"{number}.proof")
            answer = self.answer(one, two, "--proof", proof, status=1)
            self.assertEqual((answer["verdict"], answer["common"], answer["differing"]),
                             ("fork", size, size))
            self.assertEqual([entry["event"] for entry in answer["entries"]], ["initiated"] * 2)
            self.check_proof(proof)
        text = self.compare(mine[2], fork.ledger, "--proof", self.world.path("x"), status=1).out
        self.assertIn(f"Position {size} is the first that differs.", text)
        self.assertIn("`initiated` by 0", text)

    def test_a_fork_is_told_whatever_becomes_of_its_proof(self):
        fork = self.fork()
        proof, second = self.world.path("fork.proof"), self.world.path("fork-2.proof")
        self.assertEqual(self.answer(self.world.ledger, fork.ledger, status=1)["proof"],
                         "fork.proof")
        self.check_proof(proof)
        text = proof.read_text()
        # The same proof again is not another one; of another fork it is.
        self.assertEqual(self.answer(self.world.ledger, fork.ledger, status=1)["proof"],
                         "fork.proof")
        self.compare(self.world.ledger, fork.ledger, "--proof", proof, status=1)
        self.extend(fork)
        fork.ok("alice", "checkpoint")
        self.assertEqual(self.answer(self.world.ledger, fork.ledger, status=1)["proof"],
                         "fork-2.proof")
        self.check_proof(second)
        self.assertEqual(proof.read_text(), text)
        # A name that was given is never another's.
        for path in (proof, self.world.path("none/here")):
            ran = self.compare(self.world.ledger, fork.ledger, "--proof", path, status=1)
            self.assertTrue(ran.out.startswith("FORK"), ran)
            self.assertIn("could not be written", ran.err)
            self.assertNotIn("proof", self.answer(
                self.world.ledger, fork.ledger, "--proof", path, status=1))
        self.assertEqual(proof.read_text(), text)

    def test_a_delta_is_compared_as_far_as_it_reaches(self):
        since = self.world.path("since")
        shutil.copy(self.exported(self.world, "first") / "checkpoint", since)
        before = self.copy_of(self.world)
        self.world.initiate("main", "0.1")
        middle = self.copy_of(self.world)
        self.extend(self.world)
        for delta in self.forms(self.world, "delta", "--since", since):
            self.assertEqual(self.answer(delta, self.world.ledger)["verdict"], "same")
            # Its proof shows that it goes on from where it starts, its tiles from later on.
            self.assertEqual(self.answer(delta, before.ledger)["by"], 2)
            self.assertEqual(self.answer(middle.ledger, delta)["by"], 1)
            self.assertEqual(self.answer(
                since, delta, "--log-key",
                self.world.ok("alice", "witness-policy").out.split()[1])["by"], 2)

    def test_a_delta_of_a_fork(self):
        since = self.world.path("since")
        shutil.copy(self.exported(self.world, "first") / "checkpoint", since)
        size = self.world.size()
        fork = self.fork()
        delta = self.exported(fork, "delta.tar", "--since", since)
        proof = self.world.path("delta.proof")
        answer = self.answer(delta, self.world.ledger, "--proof", proof, status=1)
        self.assertEqual(answer["common"], size)
        self.check_proof(proof)
        # One that starts after the two parted: its start contradicts already.
        later = fork.path("later")
        shutil.copy(fork.path("delta.tar"), fork.path("kept.tar"))
        shutil.copy(self.exported(fork, "whole") / "checkpoint", later)
        self.extend(fork)
        self.extend(self.world)
        self.extend(self.world)
        self.world.ok("alice", "checkpoint")
        delta = self.exported(fork, "later.tar.zst", "--since", later)
        proof = self.world.path("later.proof")
        answer = self.answer(self.world.ledger, delta, "--proof", proof, status=1)
        self.assertNotIn("common", answer)
        self.check_proof(proof)

    def test_a_disclosure_is_compared_by_its_head_and_its_proofs(self):
        fork = self.fork()
        behind = self.copy_of(self.world)
        mine = self.forms(self.world, "chosen", "--from", 3, "--to", 3)
        for one in mine:
            self.assertEqual(self.answer(one, self.world.ledger)["verdict"], "same")
            proof = self.world.path(f"{one.name}.proof")
            self.assertEqual(self.answer(one, fork.ledger, "--proof", proof, status=1)["verdict"],
                             "fork")
            self.check_proof(proof)
        # Of a larger head alone nothing follows, but of an entry at one place that is another.
        self.extend(self.world)
        self.extend(self.world)
        same = self.exported(self.world, "same.tar", "--from", 3, "--to", 3)
        self.assertIn("does not show", self.compare(same, behind.ledger, status=2).err)
        self.assertIn("does not show", self.compare(fork.ledger, same, status=2).err)
        place = self.world.size() - 3
        other = self.exported(self.world, "other.tar", "--from", place, "--to", place)
        answer = self.answer(other, fork.ledger, status=1)
        self.assertEqual(answer["differing"], place)
        self.assertNotIn("proof", answer)

    def test_a_proof_is_checked_again_and_tells_which_head_a_copy_has(self):
        before = self.copy_of(self.world)
        fork = self.fork()
        proof = self.world.path("fork.proof")
        self.compare(self.world.ledger, fork.ledger, "--proof", proof, status=1)
        text = proof.read_text()

        def relations(copy):
            heads = self.answer(proof, copy, status=1)["heads"]
            self.assertEqual([head["size"] for head in heads],
                             [self.world.size(), fork.size()])
            return [head["relation"] for head in heads]
        self.assertEqual(relations(self.world.ledger), ["same", "contradicts"])
        self.assertEqual(relations(fork.ledger), ["contradicts", "same"])
        self.assertEqual(relations(before.ledger), ["unknown", "unknown"])
        self.assertEqual(relations(self.exported(fork, "e.tar")), ["contradicts", "same"])
        size, other = self.world.size(), fork.size()
        self.extend(self.world)
        self.world.ok("alice", "checkpoint")
        heads = self.answer(self.world.ledger, proof, status=1)["heads"]
        self.assertEqual([(head["size"], head["relation"]) for head in heads],
                         [(size, "behind"), (other, "contradicts")])
        self.assertEqual(proof.read_text(), text)
        # Alone it needs the key, and one that is spoilt shows nothing.
        self.assertIn("--log-key", self.compare(proof, None, status=2).err)
        key = self.world.ok("alice", "witness-policy").out.split()[1]
        self.assertIn("holds", self.compare(proof, None, "--log-key", key, status=1).out)
        spoilt = self.world.path("spoilt.proof")
        spoilt.write_text(text.replace("prefix ", "prefix A", 1))
        self.compare(spoilt, self.world.ledger, status=2)
        self.compare(proof, proof, status=2)
        self.compare(self.world.ledger, None, status=2)

    def test_what_can_not_be_compared(self):
        export = self.exported(self.world, "evidence")
        for path, data in (("text", b"hello\n" * 50), ("nothing", b""), ("noise", bytes(600))):
            self.world.path(path).write_bytes(data)
            ran = self.compare(self.world.path(path), export, status=2)
            self.assert_refused(ran, str(self.world.path(path)), status=2)
        self.assert_refused(self.compare("http://127.0.0.1:1/x", export, status=2), "127.0.0.1",
                            status=2)
        bundle = next((export / "tile/0").rglob("*.p/*"))
        data = bytearray(bundle.read_bytes())
        data[5] ^= 1
        bundle.write_bytes(bytes(data))
        self.assert_refused(self.compare(self.world.ledger, export, status=2), "tiles", status=2)

    def test_archives_leave_nothing_behind(self):
        archive = self.exported(self.world, "evidence.tar.zst")
        scratch = self.world.path("scratch")
        scratch.mkdir()
        done = subprocess.run(
            [str(world.BIN / "strongroom-verify"), "compare", archive, archive],
            capture_output=True, timeout=world.SECONDS,
            env=self.world.environment("nobody", TMPDIR=scratch))
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(list(scratch.iterdir()), [])
