"""Backups, older copies, full disks, other formats: nothing is lost or signed twice."""

import os
import shutil
import subprocess

from world import PAYEE, TestCase, number_in


class Restore(TestCase):
    def elsewhere(self, who, *words, ledger, **options):
        return self.world.run(who, *words, STRONGROOM_LEDGER=ledger, **options)

    def entries_in(self, ledger):
        """How many entries a ledger that may be read-only has."""
        copy = self.world.path(f"count-{len(os.listdir(self.world.folder))}")
        ran = self.elsewhere("alice", "backup", copy, ledger=ledger)
        self.assertEqual(ran.status, 0, ran)
        shutil.rmtree(copy)
        return int(ran.out.split()[1])

    def catch_up(self):
        """What `restore --missing-from` says of the copy `old`, which lacks what the ledger has."""
        return self.elsewhere("alice", "restore", "--missing-from", self.world.ledger,
                              ledger=self.world.path("old"))

    def test_backup_is_restored_and_goes_on(self):
        world = self.world
        world.ok("alice", "backup", world.path("backup"))
        restored = world.path("restored")
        ran = self.elsewhere("alice", "restore", world.path("backup"), ledger=restored)
        self.assertEqual(ran.status, 0, ran)
        self.assertIn(f"Restored {world.size()} entries", ran.out)
        shutil.rmtree(world.ledger)
        world.ledger = restored
        world.initiate("main", "0.1")
        world.approve(5, "bob")

    def test_backup_and_restore_replace_nothing(self):
        world = self.world
        self.refused("alice", "backup", world.ledger, naming=str(world.ledger))
        world.ok("alice", "backup", world.path("backup"))
        self.refused("alice", "restore", world.path("backup"), naming=str(world.ledger))
        ran = self.elsewhere("alice", "restore", world.path("nowhere"), ledger=world.path("new"))
        self.assert_refused(ran, str(world.path("nowhere")))

    def behind(self):
        """A ledger whose database was lost and restored from an older backup, its head kept."""
        world = self.world
        world.ok("alice", "backup", world.path("backup"))
        old = world.size()
        world.initiate("main", "0.1")
        world.approve(5, "alice")
        shutil.copytree(world.ledger, world.path("other"))
        for file in world.ledger.iterdir():
            if file.name.startswith("ledger.mdb"):
                file.unlink()
        ran = world.run("alice", "restore", world.path("backup"))
        self.assert_refused(ran, "older", str(old), str(old + 2))
        return old

    def test_older_backup_behind_a_known_head_is_for_reading_only(self):
        world = self.world
        old = self.behind()
        for who, words in (("bob", ["approve", "5"]), ("alice", ["address", "main"]),
                           ("alice", ["submit", "x.event"]), ("alice", ["checkpoint"])):
            with self.subTest(words[0]):
                more = {"approve": ["--as", who, "--yes"], "address": ["--as", who]}
                ran = world.run(who, *words, *more.get(words[0], []))
                self.assert_refused(ran, "older", str(old), str(old + 2))
        self.assertEqual(self.entries_in(world.ledger), old, "it can be read, and has not grown")

    def test_older_backup_is_caught_up_from_another_copy(self):
        world = self.world
        old = self.behind()
        ran = world.run("alice", "restore", "--missing-from", world.path("backup"))
        self.assertEqual(ran.status, 1, ran)
        self.assertEqual(self.entries_in(world.ledger), old, "that copy lacks them too")
        ran = world.ok("alice", "restore", "--missing-from", world.path("other"))
        self.assertIn("Appended 2 entries", ran.out)
        world.approve(5, "bob")
        world.act("alice", "sign", 5)
        self.assertEqual([entry.position for entry in world.entries()], list(range(old + 4)))

    def test_older_copy_without_a_newer_head_is_caught_up_as_well(self):
        """A backup under its own head, or a copy left behind: nothing marks it as old."""
        world = self.world
        world.ok("alice", "backup", world.path("old"))
        size = world.size()
        world.act("alice", "address", "main")
        ran = self.catch_up()
        self.assertEqual(ran.status, 0, ran)
        self.assertIn("Appended 1 entry ", ran.out)
        ran = self.elsewhere("alice", "compare", world.path("old"), world.ledger,
                             ledger=world.path("old"))
        self.assertIn(f"Same: {size + 1} entries", ran.out)
        self.assertEqual((world.path("old") / "head").read_text(),
                         (world.ledger / "head").read_text())
        self.assertIn("Appended 0 entries", self.catch_up().out)

    def test_what_no_checkpoint_covers_is_not_taken_silently(self):
        world = self.world
        world.ok("alice", "backup", world.path("old"))
        # Bob has no key of the log: nobody signs a checkpoint over his entry.
        world.act("bob", "address", "main")
        ran = self.catch_up()
        self.assert_refused(ran, "1 entry more", "strongroom checkpoint")
        self.assertIn("Appended 0 entries", ran.out)

    def test_copy_of_another_history_or_ledger_is_refused(self):
        world = self.world
        fork = self.copy_of(world)
        fork.initiate("main", "0.2")
        world.initiate("main", "0.1")
        size = world.size()
        ran = world.run("alice", "restore", "--missing-from", fork.ledger)
        self.assert_refused(ran, "two histories")
        self.assertEqual(world.size(), size)

    def test_refused_events_kept_elsewhere_come_along(self):
        world = self.world
        number = world.initiate("main", "0.1")
        world.ok("alice", "backup", world.path("old"))
        request = {"request": world.request_id(number)}
        first = world.forged("bob", "approved", request)
        twin = world.forged("bob", "aborted", request)
        world.ok("alice", "submit", first)
        self.refused("alice", "submit", twin, naming="evidence")
        world.ok("alice", "checkpoint")
        ran = self.catch_up()
        self.assertEqual(ran.status, 0, ran)
        self.assertIn("kept 1 refused event as evidence", ran.out)

    def test_witness_policy_comes_back_with_a_backup(self):
        world = self.world
        policy = world.ledger / "tlog-policy"
        policy.write_text("quorum none\n")
        world.ok("alice", "backup", world.path("backup"))
        self.assertEqual((world.path("backup") / "tlog-policy").read_text(), policy.read_text())
        restored = world.path("restored")
        ran = self.elsewhere("alice", "restore", world.path("backup"), ledger=restored)
        self.assertEqual(ran.status, 0, ran)
        self.assertEqual((restored / "tlog-policy").read_text(), policy.read_text())
        for folder in (world.path("backup"), restored):
            for file in folder.iterdir():
                self.assertEqual(file.stat().st_mode & 0o077, 0, file)

    def test_refused_restore_and_backup_leave_no_folder(self):
        world = self.world
        ran = self.elsewhere("alice", "restore", world.path("nowhere"), ledger=world.path("new"))
        self.assert_refused(ran, str(world.path("nowhere")))
        self.assertFalse(world.path("new").exists())
        deep = world.path("no") / "deep" / "backup"
        self.refused("alice", "backup", deep, naming=str(deep.parent))

    def test_fork_does_not_catch_up(self):
        world = self.world
        fork = self.copy_of(world)
        fork.initiate("main", "0.2")
        fork.initiate("main", "0.2")
        old = self.behind()
        ran = world.run("alice", "restore", "--missing-from", fork.ledger)
        self.assert_refused(ran, "two histories")
        self.assertEqual(self.entries_in(world.ledger), old)

    def test_older_database_put_back(self):
        world = self.world
        old = world.size()
        database = world.ledger / "ledger.mdb"
        before = database.read_bytes()
        world.initiate("main", "0.1")
        database.write_bytes(before)
        self.assert_refused(world.run("bob", "approve", "5", "--as", "bob", "--yes"), "older",
                            str(old), str(old + 1))

    def test_older_ledger_put_back_with_its_head(self):
        """No file of the ledger shows it; the keys that saw more do."""
        world = self.world
        saved = world.path("saved")
        shutil.copytree(world.ledger, saved)
        world.initiate("main", "0.1")
        world.approve(5, "bob")
        shutil.rmtree(world.ledger)
        shutil.copytree(saved, world.ledger)
        for who in ("alice", "bob"):
            ran = world.run(who, "address", "main", "--as", who)
            self.assert_refused(ran)
            self.assertRegex(
                ran.err, "your key has seen|events of this key|log's key has signed")

    def put_back(self, saved):
        shutil.rmtree(self.world.ledger)
        shutil.copytree(saved, self.world.ledger)

    def test_log_key_signs_one_root_for_a_size(self):
        """An older copy of the folder with its head: the log's key knows what it has signed."""
        world = self.world
        world.path("a.txt").write_text("a")
        world.initiate("main", "0.1")
        world.ok("alice", "request", "export", "5", "--out", "r5.request")
        world.act("carol", "approve", "--request", "r5.request", "--out", "carol.event")
        saved, ahead = world.path("saved"), world.path("ahead")
        shutil.copytree(world.ledger, saved)
        world.act("alice", "attach", "a.txt", "5", "--label", "a")
        size, root = world.head()
        shutil.copytree(world.ledger, ahead)
        self.put_back(saved)
        # Neither appended to nor signed for.
        for words in (["submit", "carol.event"], ["checkpoint"],
                      ["address", "main", "--as", "alice"]):
            with self.subTest(words[0]):
                ran = world.run("alice", *words)
                self.assert_refused(ran, f"at size {size - 1}", f"{root.hex()} at size {size}",
                                    "restore --missing-from", "successor ledger")
        # Somebody without the log's key appends: a history of its own.
        world.ok("bob", "submit", "carol.event")
        ran = world.run("alice", "checkpoint")
        self.assert_refused(ran, f"at size {size},", f"{root.hex()} at size {size}",
                            "another history")
        self.put_back(ahead)
        self.assertEqual(world.head(), (size, root))
        self.assertIn("approved by carol", world.ok("alice", "submit", "carol.event").out)
        # A lost memory adopts the head that is there.
        memory = world.home("alice") / "keys" / "log.memory"
        memory.unlink()
        self.assertEqual(world.size(), size + 1)
        self.assertTrue(memory.exists())

    def test_older_ledger_put_back_is_caught_up_from_another_copy(self):
        world = self.world
        saved, ahead = world.path("saved"), world.path("ahead")
        shutil.copytree(world.ledger, saved)
        world.initiate("main", "0.1")
        head = world.head()
        shutil.copytree(world.ledger, ahead)
        self.put_back(saved)
        self.assert_refused(world.run("alice", "checkpoint"), "restore --missing-from")
        world.ok("alice", "restore", "--missing-from", ahead)
        self.assertEqual(world.head(), head)
        world.approve(5, "bob")

    def test_database_of_a_newer_format(self):
        database = self.world.ledger / "ledger.mdb"
        data = database.read_bytes()
        place = b"format\x00\x00\x00"
        self.assertIn(place + b"\x02", data)
        database.write_bytes(data.replace(place + b"\x02", place + b"\x03"))
        self.assert_refused(self.world.run("alice", "address", "main", "--as", "alice"),
                            "format 3", "up to 2")
        database.write_bytes(data.replace(place + b"\x02", place + b"\x00"))
        self.assert_refused(self.world.run("alice", "address", "main", "--as", "alice"),
                            str(self.world.ledger), "format is 0")

    def test_database_with_a_changed_byte(self):
        world = self.world
        world.initiate("main", "0.1", "--reference", "invoice 4711")
        database = world.ledger / "ledger.mdb"
        data = database.read_bytes()
        self.assertIn(b"invoice 4711", data)
        database.write_bytes(data.replace(b"invoice 4711", b"invoice 4712"))
        for who in ("alice", "bob"):
            self.assertEqual(world.run(who, "address", "main", "--as", who).status, 1)

    def test_head_of_another_ledger(self):
        head = self.world.ledger / "head"
        text = head.read_text()
        head.write_text(text.replace("treasury/", "treasurx/"))
        ran = self.world.run("alice", "address", "main", "--as", "alice")
        self.assertEqual(ran.status, 1, ran)
        head.write_text("garbage")
        self.assert_refused(self.world.run("alice", "address", "main", "--as", "alice"))

    def test_full_disk(self):
        """Refused with a clear sentence; what was signed is sent again once there is room."""
        world = self.world
        disk = world.path("disk")
        disk.mkdir()
        size = (world.ledger / "ledger.mdb").stat().st_size + (256 << 10)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(disk)],
                                 capture_output=True, text=True)
        if mounted.returncode != 0:
            self.skipTest(f"no disk of a given size can be mounted here: {mounted.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", str(disk)], check=False)
        shutil.copytree(world.ledger, disk / "treasury")
        filler = disk / "filler"
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        world.ledger = disk / "treasury"
        recorded = 0
        for _ in range(40):
            ran = world.run("alice", "address", "main", "--as", "alice")
            if ran.status:
                break
            recorded += 1
        self.assertEqual(ran.status, 1, ran)
        refusal = ran.err.strip().splitlines()[-1]
        self.assertRegex(refusal.lower(), r"space|full", ran)
        filler.unlink()
        before = world.size()
        ran = world.act("alice", "address", "main")
        issued = [entry.event for entry in world.entries() if entry.event.kind == "issued"
                  and entry.event.body["wallet"] == "main"]
        self.assertEqual([event.body["index"] for event in issued], list(range(len(issued))))
        self.assertIn(world.size() - before, (1, 2), "and the event that was held, if it was")


class Pending(TestCase):
    """An event that was signed on another machine, and whose file was lost."""

    def test_pending_event_is_written_again(self):
        world = self.world
        number = world.initiate("main", "0.1")
        other = world.initiate("main", "0.2")
        first, second = world.path("first.request"), world.path("second.request")
        world.ok("alice", "request", "export", number, "--out", first)
        world.ok("alice", "request", "export", other, "--out", second)
        world.act("bob", "approve", "--request", first, "--out", world.path("lost.event"))
        lost = world.path("lost.event").read_bytes()
        world.path("lost.event").unlink()
        # Nothing else is signed with its number meanwhile; the same is given again.
        self.refused("bob", "approve", "--as", "bob", "--yes", "--request", second, "--out",
                     world.path("x.event"), naming=["bob", "key pending bob"])
        world.act("bob", "approve", "--request", first, "--out", world.path("again.event"))
        self.assertEqual(world.path("again.event").read_bytes(), lost)
        again = world.path("pending.event")
        world.ok("bob", "key", "pending", "bob", "--ledger-id", world.id.hex(), "--out", again)
        self.assertEqual(again.read_bytes(), lost)
        self.assertIn("approved by bob", world.ok("alice", "submit", again).out)
        before = world.head()
        self.assertIn("recorded before", world.ok("alice", "submit", again).out)
        self.assertEqual(world.head(), before)
        world.act_by_file("bob", other, "approve")
        ran = world.ok("bob", "key", "pending", "bob", "--ledger-id", world.id.hex())
        self.assertNotIn("approved", ran.err)

    def test_pending_event_is_sent_when_its_author_comes_to_the_ledger(self):
        world = self.world
        number = world.initiate("main", "0.1")
        world.ok("alice", "request", "export", number, "--out", "r.request")
        world.act("bob", "approve", "--request", "r.request", "--out", "r.event")
        world.act("bob", "address", "main")
        kinds = [entry.event.kind for entry in world.entries()[-2:]]
        self.assertEqual(kinds, ["approved", "issued"])

    def test_refused_event_that_was_given_out_keeps_its_number(self):
        """Its author signs no other with the number, since a copy may be recorded later."""
        world = self.world
        world.ok("alice", "request", "export", "--out", "whole.request")
        world.act("bob", "initiate", "main", "--to", f"{PAYEE}:0.1", "--fee-rate", 2,
                  "--request", "whole.request", "--out", "x.event")
        # All coins, and no change: the refusal passes when the request ends.
        number = world.initiate("main", "1.9999945")
        ran = self.refused("bob", "address", "main", "--as", "bob",
                           naming=["(`initiated`)", "refused for now", "reserve"])
        ran = world.run("alice", "submit", "x.event")
        self.assertEqual(ran.status, 1, ran)
        self.assertNotIn("evidence", ran.err, "he is no equivocator")
        world.act("alice", "abort", number)
        world.act("bob", "address", "main")
        kinds = [entry.event.kind for entry in world.entries()[-2:]]
        self.assertEqual(kinds, ["initiated", "issued"])
        self.assertIn("recorded before", world.ok("alice", "submit", "x.event").out)
        self.assert_verifies()

    def test_pending_for_the_only_ledger(self):
        world = self.world
        number = world.initiate("main", "0.1")
        world.ok("alice", "request", "export", number, "--out", "r.request")
        world.act("bob", "approve", "--request", "r.request", "--out", "r.event")
        ran = world.ok("bob", "key", "pending", "bob")
        self.assertEqual(ran.out, world.path("r.event").read_text())

    def test_nothing_pending(self):
        self.assertIn("Nothing is pending.", self.world.ok("bob", "key", "pending", "bob").out)
        ran = self.world.ok("bob", "key", "pending", "bob", "--ledger-id", self.world.id.hex())
        self.assertIn("Nothing is pending.", ran.out)
        self.refused("bob", "key", "pending", "bob", "--ledger-id", "cafe", naming="cafe",
                     status=2)


class Voiding(TestCase):
    def test_policy_change_voids_what_it_decided(self):
        world = self.world
        number = world.initiate("main", "0.1")
        world.approve(number, "bob")
        change = number_in(world.act("alice", "policy", "2 of (alice, carol)", "--wallet",
                                     "main"))
        world.approve(change, "alice", "bob")
        self.refused("carol", "approve", number, "--as", "carol", "--yes",
                     naming=f"request {number}")
        world.ok("alice", "initiate", "main", "--to", f"{PAYEE}:0.1", "--fee-rate", "2", "--as",
                 "alice", "--yes")
