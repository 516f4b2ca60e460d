"""Request files: what they hold is enough to judge the request, and nothing in them is believed."""

import envelope
from world import TestCase


class RequestFiles(TestCase):
    def export(self, who, number, *words, name="r.request"):
        path = self.world.path(name)
        path.unlink(missing_ok=True)
        return path, self.world.run(who, "request", "export", *([number] if number else []),
                                    "--out", path, *words)

    def test_what_is_not_checkpointed_is_signed_for_or_refused(self):
        """Bob's home has no log's key, alice's has."""
        world = self.world
        number = world.initiate("main", "0.1", who="bob")
        for asked, name in ((number, f"request {number} is"), (None, "the newest entries are")):
            path, ran = self.export("bob", asked)
            self.assert_refused(ran, f"{name} not checkpointed yet", "strongroom checkpoint")
            self.assertFalse(path.exists())
        path, ran = self.export("alice", number)
        self.assertEqual((ran.status, ran.err), (0, ""), ran)
        world.act("carol", "approve", "--request", path, "--out", "carol.event")
        world.ok("alice", "submit", "carol.event")

    def test_newer_entries_that_are_not_checkpointed(self):
        """The request's own are covered: the file is good, and says what it lacks."""
        world = self.world
        number = world.initiate("main", "0.1")
        world.act("carol", "address", "main")
        path, ran = self.export("bob", number)
        self.assertEqual(ran.status, 0, ran)
        self.assertIn("lacks 1 newer entry", ran.err)
        # Her own event is not in it, which is no sign of an older copy.
        ran = world.run("carol", "approve", "--as", "carol", "--yes", "--request", path, "--out",
                        "carol.event")
        self.assert_refused(ran, "Ask for a newer one", "recorded since")
        path, ran = self.export("alice", number)
        self.assertEqual((ran.status, ran.err), (0, ""), ran)
        world.act("carol", "approve", "--request", path, "--out", "carol.event")
        world.act("bob", "approve", "--request", path, "--out", "bob.event")
        world.ok("alice", "submit", "carol.event", "bob.event")

    def test_ended_request_named_after_the_head_that_the_reader_knows(self):
        world = self.world
        world.path("a.txt").write_text("minutes")
        ended = world.initiate("main", "0.1")
        world.act("bob", "abort", ended)
        known = world.initiate("main", "0.1")
        path, _ = self.export("alice", known)
        size = world.size()
        world.act("bob", "approve", "--request", path, "--out", "bob.event")
        world.ok("alice", "submit", "bob.event")
        world.act("alice", "attach", "a.txt", ended, "--label", "minutes")
        number = world.initiate("tapmulti", "0.1")
        path, ran = self.export("alice", number, "--since", size, name="since.request")
        self.assertEqual(ran.status, 0, ran)
        # What stands in for an entry from before must have its proof.
        place = next(index for index, item in enumerate(envelope.read_request(path)["proofs"])
                     if item[0] < size)
        for changed in ("position", "hash", "nothing"):
            content = envelope.read_request(path)
            position, entry, proof = content["proofs"][place]
            if changed == "position":
                content["proofs"][place] = [position - 1, entry, proof]
            elif changed == "hash":
                content["proofs"][place] = [position, entry, [bytes(32), *proof[1:]]]
            world.path("c.request").write_text(
                envelope.armor(envelope.cbor(content), "REQUEST"))
            ran = world.run("bob", "approve", number, "--as", "bob", "--yes", "--request",
                            "c.request", "--out", "since.event")
            self.assertEqual(ran.status, 0 if changed == "nothing" else 1, ran)
        self.assertIn("approved by bob", world.ok("alice", "submit", "since.event").out)
