"""Coins move end to end, out of a wallet of each kind, through Bitcoin Core's consensus engine."""

import re

from world import MEMBERS, PAYEE, RULE, TestCase, expressions, fund_wallet, make_wallet

# BIP-341's point that nobody has the secret key of.
H = "50929b74c1a04954b78b4b6035e97a5e078a5a0f28ec96d547bfee9ace803ac0"


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

    def test_taproot_multi_a_from_a_descriptor_moves_coins(self):
        keys = ",".join(expressions(self.world, MEMBERS, "45h/1h/0h"))
        self.made("given", "--descriptor", f"tr({H},multi_a(2,{keys}))", "--holders",
                  ",".join(MEMBERS))
        self.moves("given")

    def test_taproot_under_a_key_that_does_not_show_its_kind_moves_coins(self):
        keys = [f"--key={who}={expression}" for who, expression in zip(
            MEMBERS, expressions(self.world, MEMBERS, "45h/1h/0h"))]
        ran = self.made("quiet", "--kind", "tr-multi", "--threshold", 2, *keys,
                        "--internal-key-offset", "random")
        r = re.search(r"^Key path: +closed: its key is H \+ rG, r ([0-9a-f]{64})$", ran.out,
                      re.MULTILINE).group(1)
        shown = self.world.json("wallet", "show", "quiet")
        self.assertEqual(shown["internalKeyOffset"], r)
        self.assertNotIn(H, shown["descriptor"])
        self.moves("quiet")

    def test_an_internal_key_that_may_be_spendable_is_refused(self):
        keys = ",".join(expressions(self.world, MEMBERS, "45h/1h/0h"))

        def refused(key, *words, naming, status=1):
            self.refused(
                "alice", "wallet", "create", "odd", "--descriptor",
                f"tr({key},sortedmulti_a(2,{keys}))", "--holders", ",".join(MEMBERS), "--quorum",
                RULE, "--as", "alice", "--yes", *words, naming=naming, status=status)

        one = "11" * 32
        refused("02" * 32, naming="internal key may be spendable")
        refused(H, "--internal-key-offset", one, naming="internal key may be spendable")
        for r in ("random", "00" * 32, "ff" * 32, "1234"):
            refused(H, "--internal-key-offset", r, naming=["64 hexadecimal digits", r], status=2)
        self.refused(
            "alice", "wallet", "create", "odd", "--kind", "tr", "--key",
            f"alice={keys.split(',')[0]}", "--quorum", RULE, "--internal-key-offset", one,
            "--declare-shortcut", "--as", "alice", "--yes", naming="no internal key")

    def made(self, name, *words):
        ran = make_wallet(self.world, name, MEMBERS, RULE, *words)
        fund_wallet(self.world, name, "1.5", "0.5")
        self.world.mine()
        self.world.watch()
        return ran

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
