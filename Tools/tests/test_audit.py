"""Tests of audit.py: the standards' vectors, golden events, and histories written in Python."""

import argparse
import base64
import copy
import csv
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import unittest
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import cbor2

import audit
from written_history import (
    START, EventKey, History, NoteKey, Transfer, WalletKeys, payment, root_of, seed, sha256, tx_id,
    write,
)

from tampering import disclosure, headers
from tampering.export import Export

ROOT = HERE.parent.parent
VECTORS = Path(os.environ.get("STRONGROOM_VECTORS", ROOT.parent / "shared" / "vectors"))
EXECUTIVES = {"of": ["alice", "bob", "carol"], "need": 2}
unhex = bytes.fromhex


def vectors(name):
    path = VECTORS / name
    if not path.is_file():
        raise unittest.SkipTest(f"no vectors {name}")
    with open(path, encoding="utf-8") as file:
        return list(csv.DictReader(file)) if name.endswith(".csv") else json.load(file)


class StandardsTests(unittest.TestCase):
    def test_bip340_vectors_verify_or_not_as_they_say(self):
        for row in vectors("bip340.csv"):
            parts = [unhex(row[name]) for name in ("public key", "message", "signature")]
            expected = row["verification result"] == "TRUE"
            self.assertEqual(audit.schnorr_verify(*parts), expected, row["comment"])

    def test_bip341_output_keys(self):
        for one in vectors("bip341_wallet.json")["scriptPubKey"]:
            root = unhex(one["intermediary"]["merkleRoot"] or "")
            output, odd = audit.taproot_output(unhex(one["given"]["internalPubkey"]), root)
            self.assertEqual((b"\x51\x20" + output).hex(), one["expected"]["scriptPubKey"])
            for block in one["expected"].get("scriptPathControlBlocks", []):
                self.assertEqual(unhex(block)[0] & 1, odd)

    def test_bip143_digest_of_the_p2wpkh_example(self):
        """BIP-143's native P2WPKH example: the second input, SIGHASH_ALL."""
        raw = (
            "0100000002fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f0000000000"
            "eeffffffef51e1b804cc89d182d279655c3aa89e815b1b309fe287d9b2b55d57b90ec68a0100000000ff"
            "ffffff02202cb206000000001976a9148280b37df378db99f66f85c95a783a76ac7a6d5988ac9093510d"
            "000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa815988ac11000000"
        )
        transaction = audit.Transaction(unhex(raw), bare=True)
        key = "025476c2e83188368da1ff3e292e7acafcdb3566bb0ad253f62fc70f07aeee6357"
        code = b"\x76\xa9\x14" + audit.hash160(unhex(key)) + b"\x88\xac"
        digest = transaction.digest_v0(1, code, 600_000_000)
        self.assertEqual(
            digest.hex(), "c37af31116d1b27caf68aae9e3ac82f1477929014d5b917657d0eb49478cb670"
        )

    def test_bip32_chains_follow_by_public_derivation(self):
        followed = 0
        for one in vectors("bip32.json")["valid"]:
            chains = one["chains"]
            for parent, child in zip(chains, chains[1:]):
                step = child["path"].split("/")[-1]
                if not step.endswith(("h", "'", "H")):
                    key = audit.extended_key(parent["xpub"])
                    expected = audit.extended_key(child["xpub"])
                    derived = audit.derive_child(key.chain, key.key, int(step))
                    self.assertEqual(derived, (expected.chain, expected.key))
                    followed += 1
        self.assertEqual(followed, 3)

    def test_bip32_invalid_extended_keys_are_refused(self):
        for one in vectors("bip32.json")["invalid"]:
            self.assertIsNone(audit.extended_key(one["key"]), one["reason"])

    def test_descriptor_checksums(self):
        body = "raw(deadbeef)"  # BIP-380's example
        self.assertEqual(audit.descriptor_checksum(body), "89f8spxm")

    def test_wycheproof_signatures_in_der_with_low_s(self):
        checked = 0
        for group in vectors("wycheproof_ecdsa_bitcoin.json")["testGroups"]:
            point = unhex(group["publicKey"]["uncompressed"])
            key = bytes([2 + (point[-1] & 1)]) + point[1:33]
            for test in group["tests"]:
                raw = audit.raw_signature(unhex(test["sig"]) + b"\1")
                holds = raw is not None and audit.ecdsa_verify(key, sha256(unhex(test["msg"])), raw)
                self.assertEqual(holds, test["result"] == "valid", test["comment"])
                checked += 1
        self.assertGreater(checked, 100)

    def test_high_s_is_refused_though_openssl_takes_it(self):
        key, digest = EventKey("somebody"), sha256(b"x")
        signature = key.sign(digest)
        high = audit.ORDER - int.from_bytes(signature[32:], "big")
        self.assertTrue(audit.ecdsa_verify(key.public, digest, signature))
        turned = signature[:32] + high.to_bytes(32, "big")
        self.assertFalse(audit.ecdsa_verify(key.public, digest, turned))

    def test_compact_targets_as_core_reads_and_writes_them(self):
        for bits, target in (
            (0x01123456, 0x12),
            (0x02123456, 0x1234),
            (0x03123456, 0x123456),
            (0x04123456, 0x12345600),
            (0x05009234, 0x92340000),
            (0x20123456, 0x123456 << 232),
            (0x1D00FFFF, 0xFFFF << 208),
        ):
            self.assertEqual(audit.expand(bits), target)
        for bits in (0, 0x00123456, 0x01003456, 0x04923456, 0x01FEDCBA, 0xFF123456, 0x23000001):
            self.assertIsNone(audit.expand(bits), hex(bits))
        for target in (0x12, 0x80, 0x1234, 0x92340000, 0xFFFF << 208, 2**255 - 1, 0x377AE << 216):
            self.assertLessEqual(audit.expand(audit.compact(target)), target)
        self.assertEqual(audit.compact(0x80), 0x02008000)


class FormatTests(unittest.TestCase):
    def test_every_golden_event_has_its_id_leaf_and_signature(self):
        paths = sorted((ROOT / "Schemas" / "golden").glob("*.json"))
        self.assertGreater(len(paths), 30)
        for path in paths:
            golden = json.loads(path.read_text(encoding="utf-8"))
            entry = unhex(golden["entry"])
            _, envelope = audit.decode_entry(entry)
            event = audit.decode_event(envelope, unhex(golden["ledger"] or ""))
            self.assertEqual(event.id.hex(), golden["event_id"], path.name)
            self.assertEqual(audit.leaf_hash(entry).hex(), golden["leaf_hash"])
            self.assertTrue(audit.ecdsa_verify(event.key, event.id, event.signature))

    def test_each_byte_of_a_golden_event_matters(self):
        """No change of one byte leaves the same event: its id or signature or encoding breaks."""
        golden = json.loads((ROOT / "Schemas/golden/approved.json").read_text())
        envelope, ledger = unhex(golden["envelope"]), unhex(golden["ledger"])
        for at in range(len(envelope)):
            changed = bytearray(envelope)
            changed[at] ^= 1 << at % 8
            try:
                event = audit.decode_event(bytes(changed), ledger)
            except audit.Bad:
                continue
            self.assertFalse(audit.ecdsa_verify(event.key, event.id, event.signature), at)

    def test_only_the_deterministic_encoding_is_read(self):
        for value in (
            0,
            23,
            24,
            255,
            256,
            2**32,
            2**53 - 1,
            -1,
            -25,
            b"",
            b"x" * 30,
            "\u00fc",
            [],
            {},
        ):
            self.assertEqual(audit.cbor_decode(cbor2.dumps(value, canonical=True)), value)
        for bad in (
            "1800",
            "1817",
            "190001",
            "1a00000001",
            "1b0000000000000001",
            "1b0020000000000000",
            "1b8000000000000000",
            "3b001fffffffffffff",
            "5800",
            "5f40ff",
            "7f60ff",
            "9fff",
            "bfff",
            "f7",
            "f800",
            "f820",
            "f90000",
            "fa00000000",
            "fb0000000000000000",
            "c000",
            "d81800",
            "62c328",
            "61ff",
            "a1616100",
            "a2616200616100",
            "a2616100616100",
            "a10000",
            "a1410000",
            "0000",
            "",
            "40ff",
            "41",
            "6161ff",
            "82",
            "8200",
            "a1",
            "ff",
            "1c",
            "fc",
            "9b0000ffffffffffff",
            "81" * 17 + "00",
        ):
            if bad == "a1616100":
                self.assertEqual(audit.cbor_decode(unhex(bad)), {"a": 0})
                continue
            with self.assertRaises(audit.Bad, msg=bad):
                audit.cbor_decode(unhex(bad))
        audit.cbor_decode(unhex("81" * 16 + "00"))

    def test_transactions_have_one_encoding(self):
        golden = json.loads((ROOT / "Schemas/golden/broadcast.json").read_text())
        fields = audit.cbor_decode(unhex(golden["payload"]))
        raw = fields["body"]["transaction"]
        transaction = audit.Transaction(raw)
        self.assertEqual(len(transaction.witnesses), 2)
        for at in range(len(raw)):
            with self.assertRaises(audit.Bad):
                audit.Transaction(raw[:at])
        with self.assertRaises(audit.Bad):
            audit.Transaction(raw + b"\0")
        stripped = transaction.stripped
        self.assertEqual(audit.Transaction(stripped, bare=True).txid, transaction.txid)
        wide = stripped[:4] + b"\xfd\x02\x00" + stripped[5:]
        with self.assertRaises(audit.Bad):
            audit.Transaction(wide, bare=True)
        empty = raw[:4] + b"\0\1" + stripped[4:-4] + b"\0\0" + raw[-4:]
        with self.assertRaises(audit.Bad):
            audit.Transaction(empty)


class TreeTests(unittest.TestCase):
    def test_roots_at_every_size_are_those_of_the_definition(self):
        leaves, tree = [sha256(bytes([n])) for n in range(130)], audit.Tree()
        for leaf in leaves:
            tree.append(leaf)
        for size in range(131):
            self.assertEqual(tree.root(size), root_of(leaves[:size]))

    def test_low_levels_are_forgotten_and_roots_in_the_window_stay(self):
        window, audit.SEEN_WINDOW = audit.SEEN_WINDOW, 4096
        try:
            leaves, tree = [sha256(str(n).encode()) for n in range(40_000)], audit.Tree()
            for leaf in leaves:
                tree.append(leaf)
            self.assertLess(len(tree.levels[0][1]), 32 * 25_000)
            for size in (40_000, 39_999, 38_001, 35_904):
                self.assertEqual(tree.root(size), root_of(leaves[:size]))
            self.assertEqual(tree.root(256 * 7), root_of(leaves[: 256 * 7]))
        finally:
            audit.SEEN_WINDOW = window

    def test_paths_of_tiles(self):
        self.assertEqual(audit.tile_path(0, 0, 5), "tile/0/000.p/5")
        self.assertEqual(audit.tile_path("entries", 1_234_067), "tile/entries/x001/x234/067")


class NoteTests(unittest.TestCase):
    def setUp(self):
        self.key, self.witness = NoteKey("example.org/log", 1, "l"), NoteKey("w.example", 4, "w")
        self.text = f"example.org/log\n7\n{base64.b64encode(bytes(32)).decode()}\n"

    def note(self, *lines):
        return f"{self.text}\n{''.join(lines)}".encode()

    def test_signatures_and_cosignatures(self):
        point = audit.Checkpoint(self.note(self.key.line(self.text), self.witness.line(self.text)))
        self.assertEqual((point.origin, point.size), ("example.org/log", 7))
        log, witness = audit.NoteKey.parse(self.key.vkey, 1, 4), audit.NoteKey.parse(
            self.witness.vkey, 1, 4
        )
        self.assertIs(point.note.verified(log), True)
        self.assertIs(point.note.verified(witness), True)
        other = audit.NoteKey.parse(NoteKey("example.org/log", 1, "other").vkey, 1, 4)
        self.assertIsNone(point.note.verified(other))
        forged = NoteKey("w.example", 4, "other")
        forged.public = self.witness.public
        point = audit.Checkpoint(self.note(self.key.line(self.text), forged.line(self.text)))
        self.assertIs(point.note.verified(witness), False)

    def test_what_is_no_checkpoint_is_refused(self):
        good, line = self.text, self.key.line(self.text)
        audit.Checkpoint(f"{good}\n{line}".encode())
        for text in (
            good.replace("\n7\n", "\n07\n"), good.replace("\n7\n", "\n-7\n"), good + "more\n",
            good.replace("\n7\n", "\r\n7\n"), good.replace("\n7\n", "\n9007199254740992\n"),
            good.replace("AA=", "AB="), good.replace("AAAA", "", 1), "\n" + good[16:],
        ):
            with self.assertRaises(audit.Bad, msg=text):
                audit.Checkpoint(f"{text}\n{line}".encode())
        for lines in (
            "",
            line[:-1],
            line.replace("\u2014", "-"),
            line.replace(" ", "  "),
            line + "\n",
            line[:-2] + "\n",
            line * 101,
        ):
            with self.assertRaises(audit.Bad, msg=lines[:80]):
                audit.Checkpoint(f"{good}\n{lines}".encode())

    def test_policies(self):
        keys = [NoteKey(f"w{n}.example", 4, f"w{n}") for n in range(3)]
        head = f"log {self.key.vkey} https://log.example\n# witnesses\n" + "".join(
            f"witness\tw{n}  {key.vkey}\n" for n, key in enumerate(keys)
        )
        for quorum, cosigned, expected in (
            ("quorum none", (), True),
            ("quorum w1", (1,), True),
            ("quorum w1", (0, 2), False),
            ("group g 2 w0 w1 w2\nquorum g", (0, 2), True),
            ("group g 2 w0 w1 w2\nquorum g", (1,), False),
            ("group g any w0 w1\ngroup h all g w2\nquorum h", (0, 2), True),
            ("group g any w0 w1\ngroup h all g w2\nquorum h", (0, 1), False),
        ):
            policy = audit.Policy(f"{head}{quorum}\n".encode())
            note = audit.Note(
                self.note(self.key.line(self.text), *(keys[n].line(self.text) for n in cosigned))
            )
            self.assertEqual(policy.satisfied(note, policy.quorum), expected, (quorum, cosigned))
        for bad in (
            "",
            "quorum w9",
            "quorum none\nquorum none",
            "group g 3 w0 w1\nquorum g",
            "group g 0 w0\nquorum g",
            "group g any w0\ngroup h any w0\nquorum h",
            "group g any\nquorum g",
            "group none any w0\nquorum w0",
            f"witness again {keys[0].vkey}\nquorum none",
            f"log {self.key.vkey}\nquorum none",
            "quorum none\r",
            "group g 1 w0 w0\nquorum g",
            "quorum none\nquo",
            "".join(f"group g{n} all {f'g{n - 1}' if n else 'w0'}\n" for n in range(101))
            + "quorum none",
            f"witness w9 {self.key.vkey}\nquorum none",
            "other\nquorum none",
        ):
            with self.assertRaises(audit.Bad, msg=bad):
                audit.Policy(f"{head}{bad}\n".encode())


def run(folder, **options):
    """The findings of an export as pairs, in order; NotCheckable is raised."""
    names = ("ledger_id", "since", "policy", "export_key")
    options = {"json": False, **dict.fromkeys(names), **options}
    one = audit.Audit(argparse.Namespace(export=str(folder), **options))
    one.run()
    return [(f.position, f.rule) for f in sorted(set(one.findings), key=audit.in_order)]


def command(*arguments):
    out, error = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(error):
        status = audit.main([str(a) for a in arguments])
    return status, out.getvalue(), error.getvalue()


FORMS = (
    ("wpkh", 1),
    ("multi", 2),
    ("sortedmulti", 2),
    ("tr", 1),
    ("multi_a", 2),
    ("sortedmulti_a", 3),
)
NAMES = ["alice", "bob", "carol"]
MEMBERS = {
    "alice": ["auditor", "executive", "operator", "watcher"],
    "bob": ["executive"],
    "carol": [],
}


def founded(**changed):
    history = History(MEMBERS, EXECUTIVES, **changed)
    for name in NAMES:
        history.add(name, "accepted", {"member": name})
    history.checkpoint_sizes.append(len(history.entries))
    return history


def with_coin(form="sortedmulti", threshold=2, history=None):
    """A ledger with a wallet of this form and a coin of 100,000 in it: (history, keys, coin)."""
    history = history or founded()
    keys = WalletKeys(form.replace("_", "-"), form, NAMES if threshold > 1 else ["bob"], threshold)
    history.create_wallet(keys, EXECUTIVES, "alice", ["alice", "bob"], shortcut=threshold == 1)
    history.add("alice", "issued", {"wallet": keys.name, "index": 0})
    history.watched[keys.name][1] = 4
    coin = payment(keys.script(0, 0), 100_000, form)
    history.observe("alice", [coin])
    return history, keys, (coin, 1, 0, 0)


def transfer(history, keys, coin, **changed):
    to = b"\0\x14" + seed("payee")[:20]
    options = {"amount": 50_000, "fee": 1000, "change_index": 0, **changed}
    return Transfer(history, keys, [coin], to, **options)


def whole_life(form, threshold, history=None):
    history, keys, coin = with_coin(form, threshold, history)
    made = transfer(history, keys, coin)
    request = history.request("alice", made.intent, ["alice", "carol"])
    history.watched[keys.name][2] = 4
    history.add("alice", "exported", {"request": request, "psbt": seed("psbt")})
    for n in range(threshold):
        history.add(keys.holders[n], "signed", {"request": request, "signatures": made.sign(n)})
    final = made.final()
    body = {"request": request, "transaction": history.value(final.serialize())}
    history.add("alice", "broadcast", body)
    body = {"request": request, "txid": tx_id(final), "message": "", "accepted": True}
    history.add("alice", "relayed", body)
    history.observe("alice", [final])
    return history


class ExportTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def findings(self, history, **options):
        place = tempfile.mkdtemp(dir=self.folder)
        history.export(place)
        return run(place, **options)


class HistoryTests(ExportTest):
    def test_the_whole_life_of_a_transfer_of_every_kind_of_wallet_is_clean(self):
        history = founded()
        for form, threshold in FORMS:
            whole_life(form, threshold, history)
        self.assertEqual(self.findings(history, ledger_id=history.ledger.hex()), [])

    def test_more_than_a_bundle_of_entries(self):
        history = founded(limits=(100_000, 8, 67_108_864))
        document = bytes(40)
        history.blobs[sha256(document)] = document
        for _ in range(700):
            history.add(
                "bob", "attached", {"document": [40, sha256(document)]}, seen=[4, history.root(4)]
            )
        self.assertEqual(self.findings(history), [])

    def refused(self, expected, build, base=None):
        history = base or founded()
        build(history)
        position = len(history.entries) - 1
        self.assertEqual(self.findings(history), [(position, expected)], expected)

    def test_what_every_event_obeys(self):
        document = bytes(40)

        def attach(history, who="bob", **changed):
            history.blobs[sha256(document)] = document
            history.add(who, "attached", {"document": [40, sha256(document)]}, **changed)

        def stranger(history):
            history.keys["eve"] = EventKey("eve")
            attach(history, "eve")

        late = START + 86_400_000 * 40
        for rule, build in (
            ("unknown-key", stranger),
            ("equivocation", lambda h: attach(h, seq=0)),
            ("sequence", lambda h: attach(h, seq=2)),
            ("too-old", lambda h: attach(h, recorded=late, time=START)),
            ("from-the-future", lambda h: attach(h, time=START + 3_600_000)),
            ("seen-beyond-entry", lambda h: attach(h, seen=[9, bytes(32)])),
            ("seen-shrank", lambda h: attach(h, seen=[1, h.root(1)])),
            ("seen-foreign", lambda h: attach(h, seen=[3, bytes(32)])),
            ("founding", self.found_again),
            ("recorded-time", lambda h: attach(h, recorded=START)),
            ("signature", lambda h: self.spoil(h, attach)),
            ("signature", lambda h: attach(h, ledger=bytes(32))),
            (
                "role",
                lambda h: h.add(
                    "bob", "attested", {"head": [4, h.root(4)], "state": bytes(32), "findings": 0}
                ),
            ),
            (
                "attestation",
                lambda h: h.add(
                    "alice", "attested", {"head": [3, h.root(3)], "state": bytes(32), "findings": 0}
                ),
            ),
            ("blob", lambda h: h.add("bob", "attached", {"document": [41, sha256(document)]})),
            ("unknown-request", lambda h: h.add("bob", "approved", {"request": bytes(32)})),
            ("acceptance", lambda h: h.add("bob", "accepted", {"member": "bob"})),
            ("unknown-wallet", lambda h: h.add("bob", "issued", {"wallet": "main", "index": 0})),
            ("encoding", lambda h: h.add_entry(b"\x82\x00")),
            ("encoding", lambda h: h.add("bob", "attached", {"document": [0, sha256(b"")]})),
        ):
            with self.subTest(rule):
                self.refused(rule, build)

    @staticmethod
    def found_again(history):
        payload = audit.cbor_decode(
            audit.cbor_decode(audit.decode_entry(history.entries[0])[1][1:])[2]
        )
        history.add("bob", "founded", payload["body"])

    @staticmethod
    def spoil(history, attach):
        attach(history)
        entry = bytearray(history.entries.pop())
        history.leaves.pop()
        entry[-1] ^= 1
        history.add_entry(bytes(entry))

    def test_limits_of_a_member(self):
        document = bytes(40)
        for rule, limits in (("hourly-limit", (1, 8, 1000)), ("blob-limit", (1000, 8, 39))):
            history = founded(limits=limits)
            history.blobs[sha256(document)] = document
            history.add("bob", "attached", {"document": [40, sha256(document)]})
            self.assertEqual(self.findings(history), [(4, rule)])

    def test_decisions_on_requests(self):
        change = {"kind": "replace-policy", "quorum": {"of": NAMES, "need": 3}}

        def request(history, *approvers, **intent):
            return history.request("alice", {**change, **intent}, approvers)

        def vote(kind, who, *before, **intent):
            return lambda h: h.add(who, kind, {"request": request(h, *before, **intent)})

        enrol = {"key": EventKey("dan").public, "name": "dan", "roles": ["executive"]}
        suspend = {"kind": "suspend-member", "member": "carol"}
        for rule, build in (
            ("already-approved", vote("approved", "alice", "alice")),
            ("request-ended", vote("approved", "carol", "alice", "bob")),
            (
                "request-ended",
                lambda h: [h.add("bob", "aborted", {"request": r}) for r in [request(h)] * 2],
            ),
            (
                "quorum-unreachable",
                lambda h: request(h, quorum={"of": [["watcher", 2]], "need": 1}),
            ),
            (
                "quorum-overlap",
                lambda h: request(h, quorum={"of": ["alice", ["watcher", 1]], "need": 2}),
            ),
            ("unknown-member", lambda h: request(h, quorum={"of": ["zoe"], "need": 1})),
            ("unknown-wallet", lambda h: request(h, wallet="main")),
            (
                "expiry",
                lambda h: h.add("alice", "initiated", {"expires": START, "request": change}),
            ),
            (
                "name-taken",
                lambda h: h.request(
                    "alice", {"kind": "enrol-member", "member": {**enrol, "name": "bob"}}
                ),
            ),
            (
                "key-taken",
                lambda h: h.request(
                    "alice",
                    {"kind": "enrol-member", "member": {**enrol, "key": h.keys["bob"].public}},
                ),
            ),
            ("unknown-member", lambda h: h.request("alice", {**suspend, "member": "zoe"})),
            (
                "unknown-request",
                lambda h: h.request("alice", {"kind": "cancel", "request": bytes(32)}),
            ),
            (
                "not-cancellable",
                lambda h: h.request("alice", {"kind": "cancel", "request": request(h)}),
            ),
            (
                "unknown-wallet",
                lambda h: h.request("alice", {"kind": "retire-wallet", "wallet": "main"}),
            ),
            (
                "subject",
                lambda h: h.add("carol", "approved", {"request": h.request("alice", suspend)}),
            ),
            (
                "subject",
                lambda h: h.add("carol", "aborted", {"request": h.request("alice", suspend)}),
            ),
            (
                "seen-does-not-cover",
                lambda h: h.add("bob", "approved", {"request": request(h)}, seen=[4, h.root(4)]),
            ),
        ):
            with self.subTest(rule):
                self.refused(rule, build)

    def test_an_approval_by_a_member_suspended_one_event_before(self):
        history = founded()
        waiting = history.request(
            "alice", {"kind": "replace-policy", "quorum": {"of": ["alice"], "need": 1}}
        )
        history.request("alice", {"kind": "suspend-member", "member": "carol"}, ["alice", "bob"])
        history.add("carol", "approved", {"request": waiting})
        self.assertEqual(self.findings(history), [(len(history.entries) - 1, "member-suspended")])

    def test_a_member_with_a_new_key(self):
        history = founded()
        new = EventKey("carol 2")
        history.request(
            "alice", {"kind": "rotate-key", "member": "carol", "to": new.public}, ["alice", "bob"]
        )
        history.add("carol", "attached", {"document": [1, bytes(32)]})
        old = history.keys["carol"]
        history.keys["carol"] = new
        history.add("carol", "attached", {"document": [1, bytes(32)]})
        history.add("carol", "accepted", {"member": "carol"})
        history.request("carol", {"kind": "replace-policy", "quorum": {"of": NAMES, "need": 2}})
        history.keys["carol"] = old
        history.add("carol", "accepted", {"member": "carol"})
        expected = [(7, "key-retired"), (8, "key-not-accepted"), (11, "acceptance")]
        self.assertEqual(self.findings(history), expected)

    def test_the_quorum_of_a_retired_wallet_stays_in_force(self):
        history, keys, coin = with_coin()
        rule = {"kind": "replace-policy", "wallet": keys.name}
        suspend = {"kind": "suspend-member", "member": "bob"}
        history.request(
            "alice", {**rule, "quorum": {"of": ["alice", "bob"], "need": 2}}, ["alice", "bob"]
        )
        history.request("alice", {"kind": "retire-wallet", "wallet": keys.name}, ["alice", "bob"])
        refused = len(history.entries)
        history.request("alice", suspend)
        history.request(
            "alice", {**rule, "quorum": {"of": ["alice", "carol"], "need": 2}}, ["alice", "bob"]
        )
        history.request("alice", suspend, ["alice", "carol"])
        made = transfer(history, keys, coin, amount=99_000, change_index=None)
        history.request("alice", made.intent, ["alice", "carol"])
        self.assertEqual(self.findings(history), [(refused, "quorum-unreachable")])

    def test_a_request_that_nobody_completes_expires(self):
        history = founded()
        request = history.request(
            "alice", {"kind": "retire-wallet", "wallet": "main"}
        ) and history.request(
            "alice", {"kind": "replace-policy", "quorum": {"of": NAMES, "need": 3}}
        )
        history.clock += 86_400_001
        history.add("bob", "approved", {"request": request})
        self.assertEqual(self.findings(history), [(4, "unknown-wallet"), (6, "request-ended")])


    def test_what_a_newer_program_may_know_is_not_checkable(self):
        """EventsTests/UnknownFormTests.swift has the same table."""
        policy = lambda quorum: {"kind": "replace-policy", "quorum": quorum}
        asking = lambda request: ("initiated", {"expires": 1, "request": request})
        inner = {"of": ["alice", {"of": [{"any": []}], "need": 1}], "need": 9}
        for kind, body in (
            ("frozen", {}), ("frozen", None), ("x" * 32, {}), asking({"kind": "raise-rules"}),
            ("initiated", {"request": {"kind": "raise-rules", "to": 2}}),
            asking({"kind": "x" * 32}),
            asking(policy({})), asking(policy({"any": ["alice"]})), asking(policy(inner)),
            asking(policy({"of": ["alice"], "need": 1, "after": 3})),
            asking({"kind": "create-wallet", "quorum": {"all": []}}),
        ):
            with self.subTest(kind, body=body), self.assertRaises(audit.NotCheckable):
                history = founded()
                history.add("alice", kind, body)
                self.findings(history)

    def test_what_is_merely_malformed_is_a_finding(self):
        policy = lambda quorum: {"kind": "replace-policy", "quorum": quorum}
        asking = lambda request: ("initiated", {"expires": 1, "request": request})
        for kind, body in (
            ("x" * 33, {}), (1, {}), asking({"kind": "x" * 33}), asking({"kind": 1}), asking({}),
            asking("raise-rules"), ("initiated", {"kind": "raise-rules"}),
            ("approved", asking({"kind": "raise-rules"})[1]), asking(policy(["alice"])),
            asking({"kind": "cancel", "quorum": {"any": []}}),
            asking(policy({"of": [["alice", "bob"]], "need": 1})),
        ):
            with self.subTest(kind, body=body):
                history = founded()
                history.add("alice", kind, body)
                self.assertEqual(self.findings(history), [(4, "encoding")])


class TransferTests(ExportTest):
    def setUp(self):
        super().setUp()
        self.history, self.keys, self.coin = with_coin()

    def expect(self, rule, history=None):
        history = history or self.history
        self.assertEqual(self.findings(history), [(len(history.entries) - 1, rule)])

    def test_intents_that_do_not_hold(self):
        foreign = b"\0\x14" + bytes(20)
        for rule, change in (
            ("unknown-wallet", lambda t: t.update(wallet="other")),
            ("transaction", lambda t: t.update(transaction=t["transaction"] + b"\0")),
            ("transaction", lambda t: t.update(transaction=b"\1" + t["transaction"][1:])),
            ("transaction", lambda t: t.update(transaction=t["transaction"][:-1] + b"\1")),
            (
                "transaction",
                lambda t: t.update(
                    transaction=t["transaction"].replace(b"\xfd\xff\xff\xff", b"\xfe\xff\xff\xff")
                ),
            ),
            ("transaction", lambda t: t.update(coins=t["coins"] * 2)),
            ("unknown-coin", lambda t: t["coins"][0].__setitem__(1, foreign)),
            ("coin-mismatch", lambda t: t["coins"][0].__setitem__(0, 99_999)),
            ("previous-transaction", lambda t: t["coins"][0].__setitem__(2, None)),
            ("previous-transaction", lambda t: t["coins"][0].__setitem__(2, t["transaction"])),
            ("fee", lambda t: t.update(fee=1001)),
            ("change", lambda t: t.update(change=[0, 0])),
            ("change", lambda t: t.update(change=[7, 0])),
            ("address-index", lambda t: t.update(change=[1, 1])),
            ("replacement", lambda t: t.update(replaces=bytes(32))),
        ):
            history = copy.deepcopy(self.history)
            intent = transfer(history, self.keys, self.coin).intent
            change(intent)
            history.request("alice", intent)
            with self.subTest(rule):
                self.expect(rule, history)

    def test_amounts_and_ceilings(self):
        for rule, options in (
            ("dust", {"amount": 293}),
            ("dust", {"fee": 49_671}),
            ("fee-ceiling", {"fee": 49_670, "amount": 49_000}),
            ("fee-ceiling", {"amount": 900, "fee": 1000}),
        ):
            history = copy.deepcopy(self.history)
            history.request("alice", transfer(history, self.keys, self.coin, **options).intent)
            with self.subTest(rule):
                self.expect(rule, history)

    def test_a_coin_is_reserved_by_one_request(self):
        intent = transfer(self.history, self.keys, self.coin).intent
        self.history.request("alice", intent)
        self.history.request(
            "alice", transfer(self.history, self.keys, self.coin, change_index=1).intent
        )
        self.expect("coin-reserved")

    def test_a_replacement_with_a_higher_fee_supersedes(self):
        first = self.history.request(
            "alice", transfer(self.history, self.keys, self.coin).intent, ["alice", "bob"]
        )
        made = transfer(
            self.history, self.keys, self.coin, change_index=1, fee=2000, replaces=first
        )
        self.history.request("alice", made.intent, ["alice", "bob"])
        self.history.add(
            "bob",
            "signed",
            {"request": first, "signatures": transfer(self.history, self.keys, self.coin).sign(1)},
        )
        self.expect("unauthorised-signature")

    def test_a_replacement_needs_a_higher_fee(self):
        first = self.history.request("alice", transfer(self.history, self.keys, self.coin).intent)
        made = transfer(self.history, self.keys, self.coin, change_index=1, replaces=first)
        self.history.request("alice", made.intent)
        self.expect("replacement")

    def test_what_ended_without_authority_need_not_be_outbid(self):
        made = transfer(self.history, self.keys, self.coin, fee=2000)
        first = self.history.request("alice", made.intent)
        self.history.add("bob", "signed", {"request": first, "signatures": made.sign(1)})
        signed = len(self.history.entries) - 1
        for ended in (False, True):
            if ended:
                self.history.add("alice", "aborted", {"request": first})
            other = transfer(self.history, self.keys, self.coin, change_index=1, replaces=first)
            self.history.request("alice", other.intent)
        expected = [(signed, "unauthorised-signature"), (signed + 1, "replacement")]
        self.assertEqual(self.findings(self.history), expected)

    def authorised(self):
        made = transfer(self.history, self.keys, self.coin)
        return made, self.history.request("alice", made.intent, ["alice", "bob"])

    def test_signatures_that_are_none_of_the_request(self):
        made, request = self.authorised()
        good = made.sign(0)[0]
        cases = (
            [],
            [[1, *good[1:]]],
            [[0, bytes(33), good[2]]],
            [good, good],
            [[0, good[1], good[2][:-1] + b"\3"]],
            [[0, good[1], good[2] + b"\1"]],
            [[0, good[1], b""]],
        )
        for signatures in cases:
            history = copy.deepcopy(self.history)
            history.add("alice", "signed", {"request": request, "signatures": signatures})
            self.expect("signature-of-input", history)

    def test_a_signature_over_another_digest_is_a_finding_and_yet_on_record(self):
        made, request = self.authorised()
        other = transfer(self.history, self.keys, self.coin, amount=49_000)
        self.history.add("alice", "signed", {"request": request, "signatures": other.sign(0)})
        position = len(self.history.entries) - 1
        self.history.add("alice", "signed", {"request": request, "signatures": made.sign(0)})
        expected = [(position, "signature"), (position + 1, "signature-of-input")]
        self.assertEqual(self.findings(self.history), expected)

    def test_a_signature_before_the_quorum_is_an_incident(self):
        made = transfer(self.history, self.keys, self.coin)
        request = self.history.request("alice", made.intent, ["alice"])
        self.history.add("bob", "signed", {"request": request, "signatures": made.sign(1)})
        self.expect("unauthorised-signature")

    def test_a_broadcast_before_the_quorum(self):
        made = transfer(self.history, self.keys, self.coin)
        request = self.history.request("alice", made.intent, ["alice"])
        self.history.add(
            "alice", "broadcast", {"request": request, "transaction": made.transaction.serialize()}
        )
        self.expect("not-authorised")

    def test_a_broadcast_needs_signatures_on_record(self):
        made, request = self.authorised()
        self.history.add("alice", "signed", {"request": request, "signatures": made.sign(0)})
        made.sign(1)
        self.history.add(
            "alice", "broadcast", {"request": request, "transaction": made.final().serialize()}
        )
        self.expect("final-transaction")

    def test_a_spend_that_no_request_explains(self):
        made = transfer(self.history, self.keys, self.coin)
        made.sign(0), made.sign(1)
        self.history.observe("alice", [made.final()])
        self.expect("unexplained-spend")

    def test_a_reorganisation_brings_a_coin_back(self):
        made, request = self.authorised()
        for n in (0, 1):
            self.history.add(NAMES[n], "signed", {"request": request, "signatures": made.sign(n)})
        self.history.watched[self.keys.name][2] = 4
        fork = self.history.chain[-1]
        self.history.observe("alice", [made.final()])
        first = self.history.next_block([], parent=fork, time=START // 1000 - 100)[0]
        second = self.history.next_block([], parent=first, time=START // 1000 - 99)[0]
        body = {
            "headers": first.header + second.header,
            "scripts": self.history.scripts_digest(),
            "transactions": [],
        }
        self.history.add("alice", "observed", body)
        body = {"request": request, "transaction": made.final().serialize()}
        self.history.add("alice", "broadcast", body)
        self.assertEqual(self.findings(self.history), [])

    def test_observations_that_do_not_hold(self):
        coin = payment(self.keys.script(0, 1), 5000, "second")
        block, branches = self.history.next_block([coin])
        index, branch, transaction = branches[0]
        right = [block.hash, index, branch, transaction.serialize()]
        stranger = self.history.next_block([payment(b"\0\x14" + bytes(20), 9, "x")])
        header = bytearray(block.header)
        for nonce in range(256):  # a header without the work that its bits ask for
            header[76] = nonce
            if int.from_bytes(audit.double_sha256(bytes(header)), "little") >= 2**255:
                break
        for rule, changed in (
            ("watched-scripts", {"scripts": bytes(32)}),
            ("header", {"headers": b"", "transactions": []}),
            ("header", {"headers": bytes(header), "transactions": []}),
            ("header", {"headers": self.history.chain[-1].header, "transactions": []}),
            (
                "header",
                {"headers": block.header[:4] + bytes(32) + block.header[36:], "transactions": []},
            ),
            ("branch", {"transactions": [[bytes(32), *right[1:]]]}),
            ("branch", {"transactions": [[right[0], 0, *right[2:]]]}),
            ("branch", {"transactions": [[right[0], index, [bytes(32)] * len(branch), right[3]]]}),
            ("branch", {"transactions": [right, right]}),
            (
                "branch",
                {
                    "headers": stranger[0].header,
                    "transactions": [
                        [
                            stranger[0].hash,
                            stranger[1][0][0],
                            stranger[1][0][1],
                            stranger[1][0][2].serialize(),
                        ]
                    ],
                },
            ),
            ("role", {"author": "bob"}),
        ):
            history = copy.deepcopy(self.history)
            body = {
                "headers": block.header,
                "scripts": history.scripts_digest(),
                "transactions": [right],
            }
            body |= changed
            history.add(body.pop("author", "alice"), "observed", body)
            with self.subTest(rule):
                self.expect(rule, history)

    def test_evidence_that_is_not_there(self):
        history = whole_life("sortedmulti", 2)
        last = len(history.entries) - 1
        event = audit.decode_event(audit.decode_entry(history.entries[last])[1], history.ledger)
        history = copy.deepcopy(self.history)
        event.body["transactions"][0][3] = [20_000, bytes(32)]
        history.add("alice", "observed", event.body)
        self.expect("blob-missing", history)


class HeadersTests(ExportTest):
    def test_real_headers_under_every_networks_rules(self):
        """Retargeting, versions, times, BIP-94: as `Tools/differential` demands it of both."""
        for name, chain in headers.cases():
            with self.subTest(name):
                place = chain.export().write(os.path.join(self.folder, "headers"))
                try:
                    self.assertEqual(set(run(place)), chain.expected())
                except audit.NotCheckable:
                    self.assertIsNone(chain.expected())


class DisclosureTests(ExportTest):
    def setUp(self):
        super().setUp()
        history = whole_life("sortedmulti", 2)
        history.export(self.folder + "/whole")
        self.whole = Export.read(self.folder + "/whole")

    def found(self, change=lambda files: None, positions=(5, 9, 12)):
        made = disclosure.disclose(self.whole, positions)
        change(made.files)
        made.vouch()
        return set(run(made.write(self.folder + "/disclosure")))

    def test_what_is_opened_is_a_name_or_the_whole_document(self):
        salt = bytes(32)
        for value, expected in (
            (b"Carla Notary", set()),
            (b"x" * 256, set()),
            (b"x" * 257, {(9, "blob")}),
            (b"", {(9, "blob")}),
            (b" ", {(9, "blob")}),
            (b"two\nlines", {(9, "blob")}),
            (b"\xff", {(9, "blob")}),
        ):
            history = founded()
            digest = sha256(salt + value)
            history.blobs[digest] = salt + value
            member = {"key": EventKey("dora").public, "name": "dora", "roles": [], "person": digest}
            for size in (len(salt + value), len(salt + value) + 1):
                history.add("bob", "attached", {"document": [size, digest]})
            while len(history.entries) < 9:
                history.add("bob", "attached", {"document": [9, bytes(32)]})
            history.request("alice", {"kind": "enrol-member", "member": member}, [])
            folder = tempfile.mkdtemp(dir=self.folder)
            history.export(folder)
            self.whole = Export.read(folder)
            self.assertEqual(self.found(positions=[9]), expected, value)
            self.assertEqual(self.found(positions=[4]), set())
            self.assertEqual(self.found(positions=[5]), {(5, "blob")})

    def test_a_file_of_a_delta_is_foreign_to_it(self):
        for name in ("since", "consistency"):
            self.assertEqual(
                self.found(lambda files: files.update({name: b"x"})), {(None, "layout")}
            )
        self.whole.files["consistency"] = b""
        self.whole.vouch()
        self.assertEqual(run(self.whole.write(self.folder + "/more")), [(None, "layout")])

    def test_any_choice_of_entries_is_proven(self):
        size = self.whole.size
        for positions in ((), range(size), (size - 1,), (1, 2, 3), range(0, size, 3)):
            self.assertEqual(self.found(positions=positions), set())

    def test_no_byte_of_an_entry_or_a_proof_can_change(self):
        bits = random.Random(3)
        for path in (disclosure.entry_path(9), disclosure.proof_path(9)):
            for at in range(0, len(disclosure.disclose(self.whole, [9]).files[path]), 7):
                def flip(files):
                    data = bytearray(files[path])
                    data[at] ^= 1 << bits.randrange(8)
                    files[path] = bytes(data)
                self.assertIn((9, "tree"), self.found(flip), f"{path} at {at}")

    def test_a_kept_checkpoint(self):
        path, head = self.folder + "/kept", self.whole.checkpoint
        place = disclosure.disclose(self.whole, [9]).write(self.folder + "/disclosure")
        origin, size, rest = head.split("\n", 2)
        log = NoteKey(origin, 1, "log treasury")
        other = base64.b64encode(bytes(32)).decode()
        for size, root, expected in (
            (int(size), rest.split("\n")[0], []),
            (5, other, []),
            (int(size), other, [(int(size) - 1, "rollback")]),
            (int(size) + 1, other, [(None, "rollback")]),
        ):
            text = f"{origin}\n{size}\n{root}\n"
            Path(path).write_text(f"{text}\n{log.line(text)}", encoding="utf-8")
            self.assertEqual(run(place, since=path), expected)

    def test_a_blob_that_no_event_names_is_named_in_whole_exports_alike(self):
        data = b"a salt of thirty-two bytes, and a document of nobody's"
        path = Export.blob_path(sha256(data))
        self.assertEqual(self.found(lambda files: files.update({path: data})), {(None, "layout")})
        self.whole.files[path] = data
        self.whole.vouch()
        place = self.whole.write(self.folder + "/more")
        self.assertEqual(set(run(place)), {(None, "layout")})


class TamperTests(ExportTest):
    def setUp(self):
        super().setUp()
        self.history = founded()
        self.history.witnesses = [NoteKey("w.example/a", 4, "wa")]
        document = bytes(33)
        self.history.blobs[sha256(document)] = document
        self.history.add("bob", "attached", {"document": [33, sha256(document)]})
        self.export = os.path.join(self.folder, "export")
        self.history.export(self.export)
        self.key = self.history.exporter.vkey

    def test_no_change_of_a_byte_passes_and_none_crashes(self):
        """Every byte of every file, one bit of it flipped: findings, or not checkable."""
        self.assertEqual(run(self.export, export_key=self.key), [])
        bits = random.Random(7)
        for path in sorted(p for p in Path(self.export).rglob("*") if p.is_file()):
            whole = path.read_bytes()
            for at in range(len(whole)):
                changed = bytearray(whole)
                changed[at] ^= 1 << bits.randrange(8)
                path.write_bytes(changed)
                try:
                    self.assertTrue(run(self.export, export_key=self.key), f"{path} at {at}")
                except audit.NotCheckable:
                    pass
            path.write_bytes(whole)

    def test_no_truncation_or_removal_passes(self):
        for path in sorted(p for p in Path(self.export).rglob("*") if p.is_file()):
            whole = path.read_bytes()
            for changed in (whole[:-1], whole + b"\0", whole[: len(whole) // 2], b"", None):
                path.unlink() if changed is None else path.write_bytes(changed)
                try:
                    self.assertTrue(run(self.export), path)
                except audit.NotCheckable:
                    pass
                path.write_bytes(whole)

    def test_a_bundle_that_is_not_of_its_form_is_refused_whole(self):
        history = founded(limits=(100_000, 8, 67_108_864))
        for _ in range(300):
            history.add("bob", "attached", {"document": [1, bytes(32)]}, seen=[4, history.root(4)])
        for path, expected in (
            ("tile/entries/000", {(None, "layout"), (None, "encoding")}),
            ("tile/entries/001.p/48", {(None, "layout"), (256, "missing-entry")}),
        ):
            for change in (lambda d: d[:-1], lambda d: d + b"\0", lambda d: d + b"\0\1x"):
                folder = tempfile.mkdtemp(dir=self.folder)
                history.export(folder)
                whole = Path(folder, path).read_bytes()
                write(folder, path, change(whole))
                found = {one for one in run(folder) if one[1] not in ("blob", "manifest")}
                self.assertEqual(found, expected)

    def test_foreign_files_and_links_are_named(self):
        for path in (
            "tile/0/001",
            "tile/1/000",
            "tile/0/000.p/4",
            "blobs/00/11",
            "run.sh",
            "schemas/a/b/x",
        ):
            write(self.export, path, b"x")
            self.assertEqual({rule for _, rule in run(self.export)}, {"layout"}, path)
            os.remove(os.path.join(self.export, path))
        os.symlink("/etc/hostname", os.path.join(self.export, "schemas/link"))
        self.assertEqual(run(self.export), [(None, "layout")])

    def test_names_of_files_do_not_steer_a_terminal(self):
        for name in ("\x1b[2Jevil", "\u202etxt", b"\xff".decode("utf-8", "surrogateescape")):
            write(self.export, name, b"x")
            status, out, _ = command(self.export)
            os.remove(os.path.join(self.export, name))
            self.assertEqual(status, 1)
            self.assertTrue(all(c.isprintable() or c == "\n" for c in out), ascii(out))

    def test_older_checkpoints(self):
        kept = os.path.join(self.folder, "kept")
        for size in (1, 4, 5):
            Path(kept).write_bytes(self.history.checkpoint(size))
            self.assertEqual(run(self.export, since=kept), [])
        other = copy.deepcopy(self.history)
        other.roots[3] = bytes(32)
        Path(kept).write_bytes(other.checkpoint(3))
        self.assertEqual(run(self.export, since=kept), [(2, "rollback")])
        self.history.add("bob", "attached", {"document": [33, sha256(bytes(33))]})
        Path(kept).write_bytes(self.history.checkpoint(6))
        self.assertEqual(run(self.export, since=kept), [(None, "rollback")])

    def test_witnesses_that_a_policy_asks_for(self):
        path = os.path.join(self.folder, "policy")
        known, unknown = self.history.witnesses[0], NoteKey("w.example/b", 4, "wb")
        log, lacks = f"log {self.history.log.vkey}\n", [(None, "witness")]
        both = f"witness w {known.vkey}\nwitness v {unknown.vkey}\ngroup g any w v\nquorum g\n"
        for text, expected in (
            (f"{log}witness w {known.vkey}\nquorum w\n", []), (log + both, []),
            (f"{log}witness w {unknown.vkey}\nquorum w\n", lacks),
            (f"witness w {known.vkey}\nquorum w\n", lacks),  # a log that the policy does not name
            (f"log {NoteKey(self.history.origin, 1, 'other').vkey}\n{both}", lacks),
            (f"log {NoteKey('elsewhere', 1, 'log treasury').vkey}\n{both}", lacks),
        ):
            Path(path).write_text(text, encoding="utf-8")
            self.assertEqual(run(self.export, policy=path), expected, text)

    def test_a_signature_that_fails_is_not_made_up_for_by_another(self):
        path, forged = os.path.join(self.folder, "policy"), NoteKey("w.example/b", 4, "wb")
        vkey, known = forged.vkey, self.history.witnesses[0].vkey
        forged.secret, public = self.history.log.secret, forged.public
        self.history.witnesses.append(forged)
        self.history.export(self.export)
        lines = f"log {self.history.log.vkey}\nwitness w {known}\nwitness v {vkey}\n"
        Path(path).write_text(lines + "group g any w v\nquorum g\n", encoding="utf-8")
        write(self.export, "tlog-policy", f"log {self.history.log.vkey}\nquorum none\n".encode())
        self.history.write_manifest(self.export, 5)
        self.assertEqual(run(self.export), [])
        found = set(run(self.export, policy=path))
        self.assertEqual(found, {(None, "checkpoint"), (None, "witness")})

    def test_a_replica_needs_no_manifest_and_a_recipients_key_one(self):
        write(self.export, "kept", b"what its own verification came to")
        shutil.rmtree(os.path.join(self.export, "verify"))
        self.assertEqual(run(self.export), [])
        self.assertEqual(run(self.export, export_key=self.key), [(None, "manifest")])
        os.remove(os.path.join(self.export, "tlog-policy"))
        self.assertEqual(run(self.export), [(None, "layout")])

    def test_of_a_delta_it_is_said_what_can_be_done(self):
        write(self.export, "since", self.history.checkpoint(4))
        status, _, error = command(self.export)
        self.assertEqual(status, 2)
        self.assertIn("`strongroom replica apply`, then `audit.py REPLICA`", error)

    def test_what_is_missing_or_too_large_is_one_finding(self):
        def changed(name, data):
            place = Path(tempfile.mkdtemp(dir=self.folder), "export")
            shutil.copytree(self.export, place)
            if data is None:
                os.remove(place / name) if (place / name).is_file() else shutil.rmtree(place / name)
            else:
                write(place, name, data)
            if name != "verify":
                self.history.write_manifest(place, 5)
            return sorted(run(place))
        size, layout = 16_777_216, (None, "layout")
        policy = Path(self.export, "tlog-policy").read_bytes()
        history = Path(self.export, "checkpoints").read_bytes()
        self.history.add("bob", "attached", {"document": [33, sha256(bytes(33))]})
        for name, data, expected in (
            ("verify", None, [layout, layout]),
            ("checkpoint", None, [layout]),
            ("schemas", None, [layout]),
            ("checkpoints", None, [layout]),
            ("checkpoints", b"", [layout]),
            ("tlog-policy", None, [layout]),
            ("tlog-policy", policy[:-1], [layout]),
            ("README.txt", b"x" * size, []),
            ("README.txt", b"x" * (size + 1), [layout]),
            ("schemas/x", b"x" * size, []),
            ("schemas/x", b"x" * (size + 1), [layout]),
            ("checkpoints", history + self.history.checkpoint(6) + b"\n", [(None, "rollback")]),
            ("checkpoints", history + b"x" * 1_000_001, [layout]),
        ):
            with self.subTest(f"{name}, {data and len(data)} bytes"):
                self.assertEqual(changed(name, data), expected)

    def test_an_export_of_no_entries_is_never_clean(self):
        write(self.export, "checkpoint", self.history.checkpoint(0))
        write(self.export, "checkpoints", self.history.checkpoint(0) + b"\n")
        self.history.write_manifest(self.export, 0)
        self.assertEqual(set(run(self.export)), {(None, "layout")})
        for name in ("tile", "blobs"):
            shutil.rmtree(os.path.join(self.export, name))
        self.history.write_manifest(self.export, 0)
        self.assertEqual(command(self.export)[0], 2)

    def test_an_empty_option_removes_no_check(self):
        for name in ("--ledger-id", "--since", "--policy", "--export-key"):
            error = io.StringIO()
            with self.assertRaises(SystemExit) as end, redirect_stderr(error):
                audit.main([self.export, name, ""])
            self.assertEqual(end.exception.code, 2)
            self.assertIn(name.lstrip("-").replace("-", "_"), error.getvalue())

    def test_exit_status_and_json(self):
        identity = self.history.ledger.hex()
        status, out, _ = command(self.export, "--ledger-id", identity, "--json")
        self.assertEqual(status, 0)
        result = json.loads(out)
        self.assertEqual((result["ledger"], result["head"]["size"]), (identity, 5))
        self.assertEqual(result["head"]["root"], self.history.root(5).hex())
        self.assertEqual((result["findings"], result["counts"]["accepted"]), ([], 3))
        self.assertEqual(command(self.export, "--ledger-id", "00" * 32)[0], 2)
        self.assertEqual(command(self.folder + "/nothing")[0], 2)
        write(self.export, "README.txt", b"changed")
        status, out, _ = command(self.export)
        self.assertEqual(status, 1)
        self.assertIn("FINDING      manifest, the whole log", out)

    def test_an_event_of_a_type_to_come_ends_the_check(self):
        self.history.add("bob", "cremated", {})
        self.history.export(self.export)
        shutil.rmtree(self.export)
        self.history.export(self.export)
        self.assertEqual(command(self.export)[0], 2)

    def test_the_program_runs_by_itself(self):
        done = subprocess.run(
            [sys.executable, "-B", str(HERE.parent / "audit.py"), self.export],
            capture_output=True, text=True, timeout=60,
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("Clean: nothing was found.", done.stdout)

    def test_a_reader_who_closes_the_pipe_changes_no_verdict(self):
        for changed, status in ((b"A test.\n", 0), (b"changed", 1)):
            write(self.export, "README.txt", changed)
            program = [sys.executable, "-B", str(HERE.parent / "audit.py"), self.export]
            with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run_:
                run_.stdout.close()
                self.assertEqual(run_.stderr.read(), b"")
            self.assertEqual(run_.returncode, status)


if __name__ == "__main__":
    unittest.main()
