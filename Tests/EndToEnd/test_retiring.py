"""How a wallet ends: it is retired in the open, and its coins leave whole."""

import re

from world import PAYEE, RULE, TestCase, address_in, number_in

MINE = "bcrt1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqc8gma6"


class Leaving(TestCase):
    def all_of(self, wallet, *more, to=PAYEE, rate=2):
        return self.world.act("alice", "initiate", wallet, "--to", f"{to}:all", "--fee-rate", rate,
                              *more)

    def sent(self, number, approvers=("alice", "bob")):
        """Brings a request into a block."""
        self.world.approve(number, *approvers)
        for who in approvers:
            self.world.act(who, "sign", number)
        self.world.broadcast(number)
        self.world.mine()
        self.assertIn("1 transaction of ours", self.world.watch().out)

    def holds(self, wallet):
        wallets = {row["wallet"]: row for row in self.world.json("balance")}
        return sum(wallets[wallet][part]["satoshis"]
                   for part in ("confirmed", "pending", "reserved"))

    def retire(self, wallet, approvers=("alice", "bob")):
        self.world.approve(number_in(self.world.act("alice", "wallet", "retire", wallet)),
                           *approvers)

    def test_all_that_is_free_leaves_without_change(self):
        ran = self.all_of("main")
        paid, fee = (re.search(rf"^{name}: +([0-9.]+) BTC", ran.out, re.MULTILINE).group(1)
                     for name in ("Pays", "Fee"))
        self.assertEqual(round((float(paid) + float(fee)) * 1e8), 200_000_000)
        self.assertIn("Change:     none\n", ran.out)
        self.assertIn("Leaves:     nothing in the wallet\n", ran.out)
        self.sent(number_in(ran))
        self.assertEqual(self.holds("main"), 0)
        self.assert_verifies()

    def test_all_besides_a_given_amount(self):
        self.world.initiate("main", "0.1", "--fee-rate", "2")
        ran = self.world.act("alice", "initiate", "main", "--to", f"{PAYEE}:0.2", "--to",
                             f"{MINE}:all", "--fee-rate", "2")
        self.assertIn(f"Pays:       0.20000000 BTC  {PAYEE}\n", ran.out)
        self.assertIn(f"BTC  {MINE}\n", ran.out)
        self.assertRegex(ran.out, r"Leaves:     [0-9.]+ BTC in 1 coin reserved by other requests\n")
        self.refused("alice", "initiate", "main", "--to", f"{PAYEE}:all", "--fee-rate", "2", "--as",
                     "alice", "--yes", naming=["main", "0.00000000 BTC free", "reserved"])
        self.refused("alice", "initiate", "single", "--to", f"{PAYEE}:all", "--to", f"{MINE}:all",
                     "--fee-rate", "2", "--as", "alice", "--yes", naming="not two", status=2)

    def test_coins_of_a_retired_wallet_leave(self):
        world = self.world
        late = address_in(world.act("alice", "address", "main"))
        self.retire("main")
        self.refused("alice", "initiate", "main", "--to", f"{PAYEE}:0.4", "--fee-rate", "2", "--as",
                     "alice", "--yes", naming=["main", "retired", "--to ADDRESS:all"])
        self.refused("alice", "address", "main", "--as", "alice", naming=["main", "retired"])
        first = number_in(self.all_of("main"))
        world.approve(first, "alice", "bob")
        # A higher fee, under approvals of its own.
        second = self.all_of("main", "--replaces", first, rate=5)
        self.assertIn("Replaces:", second.out)
        self.sent(number_in(second))
        self.assertEqual(self.holds("main"), 0)
        # What somebody sends to an address that he has kept leaves in the same way.
        world.faucet(late, "0.25")
        world.mine()
        world.watch()
        self.assertEqual(self.holds("main"), 25_000_000)
        self.sent(number_in(self.all_of("main")))
        self.assertEqual(self.holds("main"), 0)
        self.assert_verifies()

    def test_the_rule_of_a_retired_wallet_stays_in_force(self):
        world = self.world
        world.approve(number_in(world.act("alice", "policy", "2 of (alice, bob)", "--wallet",
                                          "main")), "alice", "bob")
        self.retire("main")
        self.refused("alice", "member", "suspend", "bob", "--as", "alice", "--yes",
                     naming=["main", "2 of (alice, bob)", "would miss bob"])
        ran = world.act("alice", "policy", "2 of (alice, carol)", "--wallet", "main")
        self.assertIn("New rule:   2 of (alice, carol) for the wallet main, which is retired\n"
                      "Instead of: 2 of (alice, bob)\n", ran.out)
        world.approve(number_in(ran), "alice", "bob")
        world.approve(number_in(world.act("alice", "policy", "2 of (alice, carol)")), "alice",
                      "bob")
        world.approve(number_in(world.act("alice", "policy", "2 of (alice, carol)", "--wallet",
                                          "tapmulti")), "alice", "bob")
        for wallet in ("single", "tap"):
            world.approve(
                number_in(world.act("alice", "policy", "1 of (alice)" if wallet == "single"
                                    else "2 of (alice, carol)", "--wallet", wallet)),
                "alice", *(["bob"] if wallet == "tap" else []))
        world.approve(number_in(world.act("alice", "member", "suspend", "bob")), "alice", "carol")
        self.sent(number_in(self.all_of("main")), ("alice", "carol"))
        self.assertEqual(self.holds("main"), 0)
        self.assert_verifies()

    def test_whoever_retires_a_wallet_sees_what_it_holds(self):
        world = self.world
        world.initiate("main", "1.2")
        ran = world.act("alice", "wallet", "retire", "main")
        seen = ["Retires:    the wallet main\n", "Holds:      2.00000000 BTC in 2 coins\n",
                "            1.50000000 BTC in 1 coin reserved by requests\n",
                "strongroom initiate main --to ADDRESS:all\n"]
        for text in (*seen, f"Rule:       {RULE}\n"):
            self.assertIn(text, ran.out)
        approved = world.act("bob", "approve", number_in(ran))
        for text in seen:
            self.assertIn(text, approved.out)

    def test_needs_are_told_without_a_fee_that_nobody_has_counted(self):
        before = self.world.head()
        ran = self.world.run("alice", "initiate", "main", "--to", f"{PAYEE}:5", "--fee-rate", "2",
                             "--as", "alice", "--yes")
        self.assert_refused(ran, "2.00000000 BTC free", "sends 5.00000000 BTC, and pays a fee")
        ran = self.world.run("alice", "initiate", "main", "--to", f"{PAYEE}:2", "--fee-rate", "2",
                             "--as", "alice", "--yes")
        need = re.search(r"needs ([0-9.]+) BTC at least", ran.err)
        fee = round((float(need.group(1)) - 2) * 1e8)
        self.assertEqual(self.world.head(), before)
        # All of it less that very fee goes through.
        ran = self.all_of("main")
        self.assertIn(f"Fee:        {fee / 1e8:.8f} BTC", ran.out)


class Asking(TestCase):
    def test_whatever_makes_a_request_shows_it_and_asks(self):
        world = self.world
        transfer = world.authorised("main", "0.2")
        key = "02" + "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
        for words, shown in (
            (["member", "enrol", f"dave:{key}:auditor"], "Enrols:     dave"),
            (["member", "suspend", "carol"], "Suspends:   carol"),
            (["member", "rotate", "carol", "--key", key], "Replaces:   the event key of carol"),
            (
                ["cancel", transfer],
                f"Cancels:    request {transfer} (authorised)\n"
                "            which sends 0.20000000 BTC from the wallet main",
            ),
            (["wallet", "retire", "single"], "Retires:    the wallet single"),
            (
                ["policy", "1 of (alice, bob)", "--wallet", "main"],
                "New rule:   1 of (alice, bob) for the wallet main",
            ),
        ):
            with self.subTest(words[0]):
                before = world.head()
                ran = world.run("alice", *words, "--as", "alice")
                self.assert_bad_usage(ran, "nobody is there to answer", "Make this request?",
                                      "--yes")
                self.assertIn(shown, ran.out)
                self.assertEqual(world.head(), before)

    def test_the_subject_of_a_request_is_told_from_who_is_not_active(self):
        number = number_in(self.world.act("alice", "member", "suspend", "carol"))
        said = "carol (no say: the request is about him)"
        self.assertIn(said, self.world.act("alice", "approve", number).out)
        text = self.world.ok("nobody", "explain", number).out
        self.assertIn("[ ] carol has no say: the request is about him\n", text)
        self.assertNotIn("not active", text)

    def test_an_address_asks_nothing_and_is_printed_by_whoever_brings_it(self):
        world = self.world
        request, event = world.path("a.request"), world.path("a.event")
        world.ok("alice", "request", "export", "--out", request)
        ran = world.ok(
            "bob", "address", "main", "--as", "bob", "--request", request, "--out", event
        )
        address = address_in(ran)
        self.assertIn("counts once its event is submitted", ran.out)
        submitted = world.ok("alice", "submit", event)
        self.assertEqual(address_in(submitted), address)
        # Two ask at a time: the second hears what to do, though he named no index.
        request, event = world.path("b.request"), world.path("b.event")
        world.ok("alice", "request", "export", "--out", request)
        world.ok("carol", "address", "main", "--as", "carol", "--request", request, "--out", event)
        world.act("alice", "address", "main")
        self.refused("alice", "submit", event, naming=["main", "ask for an address again"])

    def test_the_number_of_a_request_that_is_submitted(self):
        world = self.world
        request, event = world.path("i.request"), world.path("i.event")
        world.ok("alice", "request", "export", "--out", request)
        world.act("bob", "initiate", "main", "--to", f"{PAYEE}:0.2", "--fee-rate", "2", "--request",
                  request, "--out", event)
        ran = world.ok("alice", "submit", event)
        self.assertRegex(ran.out, r"initiated by bob: position \d+, request 5 \(transfer\)\n")
