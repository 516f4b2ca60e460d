"""What the verifier says of a ledger as it should be, and of ledgers that somebody has touched."""

import shutil

import keyfiles
from embit import script
from embit.transaction import Transaction, TransactionInput, TransactionOutput
from world import PAYEE, TestCase


class Verify(TestCase):
    def finds(self, *words, ledger=None, status=1):
        ran = self.world.verify(*words, ledger=ledger)
        self.assertEqual(ran.status, status, ran)
        return ran

    def node(self):
        return self.world.audited_node()

    def test_ledger_as_it_should_be(self):
        self.assert_verifies()
        self.assert_verifies(*self.node())
        self.world.ok("nobody", "verify", self.world.ledger)

    def test_verifying_changes_no_byte(self):
        def files():
            return {path.name: (path.read_bytes(), path.stat().st_mtime_ns)
                    for path in self.world.ledger.iterdir()}
        before = files()
        self.assert_verifies()
        self.assertEqual(files(), before)

    def test_another_ledger_id(self):
        other = "0" * 63 + "1"
        ran = self.world.run("nobody", "verify", self.world.ledger, "--ledger-id", other)
        self.assert_refused(ran, other, self.world.id.hex(), status=2)

    def test_what_can_not_be_checked(self):
        self.finds(ledger=self.world.path("nowhere"), status=2)
        database = self.world.ledger / "ledger.mdb"
        place = b"format\x00\x00\x00"
        database.write_bytes(database.read_bytes().replace(place + b"\x02", place + b"\x03"))
        self.assertIn("format 3", self.finds(status=2).err)

    def test_history_cut_off_behind_a_kept_checkpoint(self):
        world = self.world
        saved = world.path("saved")
        shutil.copytree(world.ledger, saved)
        world.initiate("main", "0.1")
        kept = world.path("kept.checkpoint")
        kept.write_text(world.ok("alice", "checkpoint").out)
        self.assert_verifies("--since", kept)
        self.finds("--since", kept, ledger=saved)

    def test_forked_history_behind_a_kept_checkpoint(self):
        fork = self.copy_of(self.world)
        self.world.initiate("main", "0.1")
        fork.initiate("main", "0.2")
        fork.initiate("main", "0.2")
        kept = self.world.path("kept.checkpoint")
        kept.write_text(self.world.ok("alice", "checkpoint").out)
        self.finds("--since", kept, ledger=fork.ledger)
        self.assert_verifies(world=fork)

    def test_changed_text(self):
        self.world.initiate("main", "0.1", "--reference", "invoice 4711")
        database = self.world.ledger / "ledger.mdb"
        database.write_bytes(database.read_bytes().replace(b"invoice 4711", b"invoice 4712"))
        self.finds()

    def spend_outside(self):
        """Signs with alice's wallet key, outside every request, and confirms it."""
        world = self.world
        world.node()
        coin = world.json("coins", "single")[0]
        txid, _, index = coin["outPoint"].partition(":")
        account = keyfiles.root_of(keyfiles.secret_of("alice", "wallet")).derive("m/84h/1h/0h")
        for number in range(10):
            key = account.derive([0, number]).key
            if script.p2wpkh(key).address(network()) == coin["address"]:
                break
        amount = 150_000_000 if coin["amount"]["btc"].startswith("1.5") else 50_000_000
        transaction = Transaction(
            vin=[TransactionInput(bytes.fromhex(txid), int(index))],
            vout=[TransactionOutput(amount - 1_000, script.address_to_scriptpubkey(PAYEE))])
        digest = transaction.sighash_segwit(0, script.p2pkh(key), amount)
        signature = key.sign(digest).serialize() + b"\x01"
        transaction.vin[0].witness = script.Witness([signature, key.get_public_key().sec()])
        world.cli("sendrawtransaction", transaction.serialize().hex())
        world.mine()

    def test_spend_that_no_request_explains(self):
        self.spend_outside()
        self.assert_verifies()
        before = self.finds(*self.node())
        self.assertRegex(before.out + before.err, "spen")
        self.world.watch()
        after = self.finds()
        self.assertRegex(after.out + after.err, "incident|no request")
        self.assertEqual(self.world.json("status")["incidentCount"], 1)


class Reading(TestCase):
    def test_balance_and_status_follow_a_transfer(self):
        world = self.world
        number = world.authorised("main", "0.4")
        status = world.json("status")
        self.assertEqual(status["ledger"], world.id.hex())
        self.assertEqual(status["appended"], world.size())
        self.assertEqual([item["number"] for item in status["requests"]], [number])
        self.assertEqual(world.json("show", number)["status"], "authorised")
        world.ok("nobody", "explain", number)
        world.ok("nobody", "history")
        world.ok("nobody", "log")
        world.act("alice", "cancel", number)

    def test_nothing_is_there(self):
        for words in (["balance", "savings"], ["coins", "savings"], ["show", "99"],
                      ["explain", "99"], ["show", "--event", "9999"]):
            with self.subTest(" ".join(words)):
                self.refused("nobody", *words, naming=words[-1])


def network():
    from embit.networks import NETWORKS
    return NETWORKS["regtest"]
