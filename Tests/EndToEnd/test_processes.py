"""Several processes at once, and processes that are killed at any moment."""

import random
import time
from concurrent.futures import ThreadPoolExecutor

from world import MEMBERS, TestCase, kill

SEED = 20261121


class Processes(TestCase):
    def check_log(self):
        """Every event genuine, each key's numbers without a gap, no address twice."""
        entries = self.world.entries()
        self.assertTrue(all(entry.event.is_genuine for entry in entries))
        times = [entry.recorded for entry in entries]
        self.assertEqual(times, sorted(times))
        for key in {entry.event.key for entry in entries}:
            numbers = [entry.event.seq for entry in entries if entry.event.key == key]
            self.assertEqual(numbers, list(range(len(numbers))))
        issued = [entry.event.body["index"] for entry in entries
                  if entry.event.kind == "issued" and entry.event.body["wallet"] == "main"]
        self.assertEqual(issued, list(range(len(issued))))
        self.assert_verifies()
        return entries

    def test_members_at_the_same_time(self):
        """Each answer is a record or a clear refusal; what was said to be recorded is there."""
        before = self.world.size()
        with ThreadPoolExecutor(3) as pool:
            rounds = [pool.submit(self.world.run, who, "address", "main", "--as", who)
                      for _ in range(8) for who in MEMBERS]
            runs = [item.result() for item in rounds]
        recorded = [ran for ran in runs if ran.status == 0]
        for ran in runs:
            self.assertIn(ran.status, (0, 1), ran)
            if ran.status:
                self.assertRegex(ran.err, "no index is used twice|another process is using", ran)
        positions = [int(ran.out.rsplit("(position ", 1)[1].split(")")[0]) for ran in recorded]
        self.assertEqual(len(set(positions)), len(recorded))
        self.assertGreater(len(recorded), 0)
        self.assertEqual(self.world.size(), before + len(recorded))
        self.check_log()

    def test_one_key_at_the_same_time(self):
        before = self.world.size()
        with ThreadPoolExecutor(4) as pool:
            runs = list(pool.map(
                lambda _: self.world.run("alice", "address", "main", "--as", "alice"), range(8)))
        recorded = [ran for ran in runs if ran.status == 0]
        self.assertGreater(len(recorded), 0)
        self.assertEqual(self.world.size(), before + len(recorded))
        self.check_log()

    def test_backup_while_others_append(self):
        world = self.world
        with ThreadPoolExecutor(2) as pool:
            appending = pool.submit(
                lambda: [world.act("alice", "address", "main") for _ in range(6)])
            for count in range(4):
                world.ok("bob", "backup", world.path(f"backup-{count}"))
            appending.result()
        for count in range(4):
            ran = world.run("alice", "restore", world.path(f"backup-{count}"),
                            STRONGROOM_LEDGER=world.path(f"restored-{count}"))
            self.assertEqual(ran.status, 0, ran)
        self.check_log()

    def test_killed_at_twenty_random_moments(self):
        world = self.world
        started = time.monotonic()
        world.act("alice", "address", "main")
        whole = time.monotonic() - started
        generator = random.Random(SEED)
        before = world.size()
        for _ in range(20):
            process = world.start("alice", "address", "main", "--as", "alice")
            time.sleep(generator.uniform(0, whole))
            kill(process)
        ran = world.act("alice", "address", "main")
        self.assertIn("Address", ran.out)
        after = self.check_log()
        self.assertLessEqual(len(after), before + 22)
        pending = world.ok("alice", "key", "pending", "alice", "--ledger-id", world.id.hex())
        self.assertIn("Nothing is pending.", pending.out)
        ran = world.ok("alice", "submit", world.forged(
            "alice", "issued", {"wallet": "tap", "index": 2}))
        self.assertIn("position", ran.out)

    def test_signing_is_killed_at_random_moments(self):
        """Whatever was recorded is recorded once, and the transfer comes to its end."""
        world = self.world
        number = world.authorised("main", "0.1")
        generator = random.Random(SEED)
        for _ in range(6):
            process = world.start("alice", "sign", number, "--as", "alice", "--yes")
            time.sleep(generator.uniform(0, 0.15))
            kill(process)
        world.run("alice", "sign", number, "--as", "alice", "--yes")
        world.act("bob", "sign", number)
        signed = [entry.event for entry in self.check_log() if entry.event.kind == "signed"]
        self.assertEqual(len(signed), 2)
        world.broadcast(number)
        world.mine()
        world.watch()
        self.assertEqual(world.json("show", number)["status"], "confirmed")
