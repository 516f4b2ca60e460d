"""Coins move end to end, out of a wallet of each kind, through Bitcoin Core's consensus engine."""

from world import PAYEE, TestCase


class WalletKinds(TestCase):
    def moves(self, wallet):
        world = self.world
        number = world.signed(wallet, "0.4")
        self.assertIn("The node has taken", world.broadcast(number).out)
        txid = world.cli("getrawmempool").strip('[]\n "')
        self.assertEqual(len(txid), 64, "the transaction waits in the node's mempool")
        block = world.mine()[0]
        self.assertIn(txid, world.cli("getblock", block))
        self.assertIn("1 transaction of ours", world.watch().out)
        self.assertIn("Nothing new.", world.watch().out)
        # A confirmed request has ended for everybody.
        self.refused("alice", "sign", number, "--as", "alice", "--yes",
                     naming=f"request {number}")
        # Its change can be spent again, together with the coin that was left.
        again = world.signed(wallet, "1.55", "--reference", "all that is left but a little")
        world.broadcast(again)
        world.mine()
        self.assertIn("1 transaction of ours", world.watch().out)
        self.assertEqual(world.json("show", number)["status"], "confirmed")
        self.assert_verifies(*world.audited_node())

    def test_wpkh_moves_coins(self):
        self.moves("single")

    def test_wsh_sortedmulti_moves_coins(self):
        self.moves("main")

    def test_taproot_key_path_moves_coins(self):
        self.moves("tap")

    def test_taproot_sortedmulti_a_moves_coins(self):
        self.moves("tapmulti")

    def test_each_holder_works_on_a_machine_of_his_own(self):
        world = self.world
        number = world.initiate("main", "0.3")
        for who in ("bob", "carol"):
            world.act_by_file(who, number, "approve")
        for who in ("carol", "bob"):
            world.act_by_file(who, number, "sign")
        world.broadcast(number)
        world.mine()
        self.assertIn("1 transaction of ours", world.watch().out)

    def test_two_recipients_and_a_replacement_with_a_higher_fee(self):
        world = self.world
        first = world.signed("main", "0.2", "--to", f"{PAYEE}:0.1")
        world.broadcast(first)
        second = world.signed("main", "0.2", "--to", f"{PAYEE}:0.1", "--replaces", first, rate=9)
        world.broadcast(second)
        world.mine()
        self.assertIn("1 transaction of ours", world.watch().out)
