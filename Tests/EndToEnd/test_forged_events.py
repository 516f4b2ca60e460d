"""Events that the product would not sign, made by our own code, and what the ledger says."""

import shutil

import cbor2
import envelope
import keyfiles
from embit.psbt import PSBT
from embit.transaction import SIGHASH
from world import TestCase

DAY = 86_400_000


class ForgedEvents(TestCase):
    def submitted(self, path, *naming):
        return self.refused("alice", "submit", path, naming=[str(word) for word in naming])

    def test_forged_event_that_is_right_is_taken(self):
        """The control: what the other tests change is all that is wrong with their events."""
        number = self.world.initiate("main", "0.1")
        event = self.world.forged("bob", "approved", {"request": self.world.request_id(number)})
        self.assertIn("approved by bob", self.world.ok("alice", "submit", event).out)
        before = self.world.head()
        self.assertIn("recorded before", self.world.ok("alice", "submit", event).out)
        self.assertEqual(self.world.head(), before, "the same bytes are recorded once")

    def approval(self, **changes):
        number = self.world.initiate("main", "0.1")
        body = {"request": self.world.request_id(number)}
        return self.world.forged("bob", "approved", body, **changes)

    def test_event_from_the_drawer(self):
        event = self.approval(at=envelope.now() - 30 * DAY - 60_000)
        self.submitted(event, "30 days")
        event = self.world.forged(
            "bob", "approved", {"request": self.world.request_id(5)},
            at=envelope.now() - 30 * DAY + 120_000)
        self.world.ok("alice", "submit", event)

    def test_event_from_the_future(self):
        self.submitted(self.approval(at=envelope.now() + 660_000), "seconds ahead", "600")
        event = self.world.forged(
            "bob", "approved", {"request": self.world.request_id(5)},
            at=envelope.now() + 590_000)
        self.world.ok("alice", "submit", event)

    def test_event_number_with_a_gap(self):
        self.submitted(self.approval(seq=77), "77")

    def test_equivocation_is_refused_and_kept_as_evidence(self):
        world = self.world
        first = world.initiate("main", "0.1")
        world.ok("alice", "request", "export", first, "--out", world.path("r.request"))
        twin = world.path("twin")
        shutil.copytree(world.home("bob"), twin)
        world.act("bob", "approve", "--request", world.path("r.request"), "--out",
                  world.path("yes.event"))
        world.act("bob", "abort", "--request", world.path("r.request"), "--out",
                  world.path("no.event"), STRONGROOM_HOME=twin)
        one, other = (envelope.read_event(world.path(name)) for name in ("yes.event", "no.event"))
        self.assertEqual((one.key, one.seq), (other.key, other.seq))
        world.ok("alice", "submit", world.path("yes.event"))
        self.submitted(world.path("no.event"), "bob", one.key.hex(), f"another event {one.seq}")
        stored = (world.ledger / "ledger.mdb").read_bytes()
        self.assertIn(other.raw, stored, "the second event is kept as evidence")

    def test_seen_of_a_forked_copy(self):
        world = self.world
        fork = self.copy_of(world)
        world.initiate("main", "0.1")
        fork.initiate("main", "0.2")
        fork.ok("alice", "request", "export", 5, "--out", fork.path("r.request"))
        fork.act("bob", "approve", "--request", fork.path("r.request"), "--out",
                 fork.path("r.event"))
        event = envelope.read_event(fork.path("r.event"))
        self.submitted(fork.path("r.event"), event.seen[1].hex(), world.head()[1].hex())
        self.assertIn(event.raw, (world.ledger / "ledger.mdb").read_bytes(),
                      "the event is kept as evidence of the fork")

    def test_fork_is_refused_by_whoever_has_seen_the_other_branch(self):
        fork = self.copy_of(self.world)
        self.world.initiate("main", "0.1")
        self.world.approve(5, "bob")
        fork.initiate("main", "0.2")
        fork.initiate("main", "0.2")
        ran = self.world.run("bob", "approve", 5, "--as", "bob", "--yes",
                             STRONGROOM_LEDGER=fork.ledger)
        self.assert_refused(ran, "another history")

    def test_seen_beyond_the_log(self):
        size, root = self.world.head()
        self.submitted(self.approval(seen=(size + 10, root)), size + 10)

    def test_seen_that_shrinks(self):
        self.submitted(self.approval(seen=(1, envelope.leaf(b""))), "seen 1 entries")

    def test_event_signed_by_another_key(self):
        world = self.world
        path = self.approval()
        event = envelope.read_event(path)
        protected, _, payload, signature = cbor2.loads(event.raw).value
        flipped = signature[:-1] + bytes([signature[-1] ^ 1])
        raw = envelope.cbor(cbor2.CBORTag(18, [protected, {}, payload, flipped]))
        self.submitted(envelope.write_event(path, world.id, raw), "signature")

    def test_event_with_high_s(self):
        path = self.approval()
        event = envelope.read_event(path)
        protected, _, payload, signature = cbor2.loads(event.raw).value
        order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
        high = order - int.from_bytes(signature[32:], "big")
        raw = envelope.cbor(cbor2.CBORTag(
            18, [protected, {}, payload, signature[:32] + high.to_bytes(32, "big")]))
        self.submitted(envelope.write_event(path, self.world.id, raw), "signature")

    def test_event_of_another_ledger(self):
        world = self.world
        path = self.approval()
        event = envelope.read_event(path)
        other = bytes(31) + b"\x01"
        self.submitted(envelope.write_event(path, other, event.raw), other.hex(), world.id.hex())
        # Relabelled, its signature does not cover this ledger.
        secret = keyfiles.read(world.home("bob"), "bob")
        raw = envelope.sign(secret, other, "approved", event.body, seq=event.seq, seen=event.seen)
        self.submitted(envelope.write_event(path, world.id, raw), "signature")

    def test_event_of_a_type_that_the_rules_do_not_know(self):
        self.submitted(self.world.forged("bob", "confiscated", {"wallet": "main"}), "confiscated")

    def test_encodings_that_are_not_deterministic(self):
        for body in ({"request": 1.5}, {"request": b"short"}, {}, {"request": None},
                     {"request": bytes(32), "reasonx": "x"}, [], {"request": [[[]]] * 3}):
            with self.subTest(body=str(body)):
                path = self.world.forged("bob", "approved", body)
                self.submitted(path, "forged-bob-approved.event")

    def test_unknown_request(self):
        self.submitted(self.world.forged("bob", "approved", {"request": bytes(32)}), "00" * 32)

    def test_second_founding(self):
        founding = self.world.entries()[0].event
        self.submitted(self.world.forged("alice", "founded", founding.body), "founded")

    def test_issued_index_out_of_turn(self):
        self.submitted(self.world.forged("alice", "issued", {"wallet": "main", "index": 7}), "7")

    def test_observation_by_who_is_no_watcher(self):
        body = {"headers": b"", "scripts": bytes(32), "transactions": []}
        self.submitted(self.world.forged("bob", "observed", body), "bob", "watcher")


class ForgedSignatures(TestCase):
    """`signed` events whose signatures are not those that the request needs."""

    def setUp(self):
        super().setUp()
        self.number = self.world.authorised("main", "0.1")
        path = self.world.path("r.psbt")
        self.world.act("bob", "sign", self.number, "--psbt-out", path)
        self.psbt = path.read_text()
        self.request = self.world.request_id(self.number)
        self.root = keyfiles.root_of(keyfiles.secret_of("bob", "wallet"))

    def signature(self, kind=SIGHASH.ALL):
        psbt = PSBT.from_string(self.psbt)
        for signed in psbt.inputs:
            signed.sighash_type = kind
        psbt.sign_with(self.root, sighash=kind)
        key, signature = next(iter(psbt.inputs[0].partial_sigs.items()))
        return key.sec(), bytes(signature)

    def forged(self, *signatures):
        return self.world.forged(
            "bob", "signed", {"request": self.request, "signatures": list(signatures)})

    def refuse(self, event, *naming):
        self.refused("alice", "submit", event, naming=naming)

    def test_right_signature_is_taken(self):
        self.world.ok("alice", "submit", self.forged([0, *self.signature()]))

    def test_flipped_bit(self):
        key, signature = self.signature()
        changed = bytearray(signature)
        changed[-2] ^= 1
        self.refuse(self.forged([0, key, bytes(changed)]), "signature")

    def test_another_sighash_type(self):
        for kind in (SIGHASH.NONE, SIGHASH.SINGLE, SIGHASH.ALL | SIGHASH.ANYONECANPAY):
            with self.subTest(kind):
                self.refuse(self.forged([0, *self.signature(kind)]), "input 0")

    def test_key_of_nobody(self):
        _, signature = self.signature()
        stranger = keyfiles.root_of(b"\x01" * 32).key.get_public_key().sec()
        self.refuse(self.forged([0, stranger, signature]), stranger.hex())

    def test_input_that_is_not_there(self):
        self.refuse(self.forged([7, *self.signature()]), "input 7")

    def test_no_signature(self):
        self.refuse(self.forged(), "no signature")

    def test_one_signature_twice(self):
        key, signature = self.signature()
        self.refuse(self.forged([0, key, signature], [0, key, signature]), key.hex())

    def test_signature_for_a_request_that_is_not_authorised_is_recorded(self):
        """It exists, so it is on record: as an incident that everybody sees from then on."""
        world = self.world
        copy = self.copy_of(world)
        number = world.initiate("main", "0.1")
        copy.initiate("main", "0.1")
        self.assertEqual(number, 6)
        copy.approve(6, "alice", "bob")
        # The transaction of the copy's request is the same, so its signature fits here.
        copy.act("bob", "sign", 6)
        signed = [entry.event for entry in copy.entries() if entry.event.kind == "signed"][-1]
        body = {"request": world.request_id(6), "signatures": signed.body["signatures"]}
        world.ok("alice", "submit", world.forged("bob", "signed", body))
        ran = world.act("alice", "address", "main")
        self.assertIn("incident at position", ran.err)
