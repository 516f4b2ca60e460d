"""Refusals of who may do what: the status, one clear sentence, and a ledger that has not grown."""

import time

import envelope
import keyfiles
from world import PAYEE, RULE, TestCase, address_in

MAINNET = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"


class Members(TestCase):
    def test_unknown_member(self):
        keyfiles.write(
            self.world.home("mallory"), "mallory", "event", keyfiles.secret_of("mallory")
        )
        public = keyfiles.public_part("event", keyfiles.secret_of("mallory"))
        self.refused("mallory", "address", "main", "--as", "mallory", naming=public)
        self.refused("alice", "member", "suspend", "mallory", "--as", "alice", naming="mallory")
        self.refused("alice", "policy", "2 of (alice, mallory)", "--as", "alice", naming="mallory")

    def test_unknown_key_file(self):
        self.refused("alice", "address", "main", "--as", "nobody", naming="nobody")

    def test_key_of_another_purpose(self):
        self.refused("alice", "address", "main", "--as", "alice-wallet",
                     naming=["alice-wallet", "wallet key"], status=2)

    def test_wrong_passphrase(self):
        self.refused("alice", "address", "main", "--as", "alice", naming="key alice",
                     STRONGROOM_PASSPHRASE="wrong horse battery staple")
        number = self.world.authorised("main", "0.1")
        self.refused("bob", "sign", number, "--as", "bob", "--yes", naming="key bob",
                     STRONGROOM_PASSPHRASE="wrong horse battery staple")

    def test_no_passphrase_and_nobody_to_ask(self):
        before = self.world.head()
        ran = self.world.run("alice", "address", "main", "--as", "alice",
                             STRONGROOM_PASSPHRASE=None)
        self.assertIn(ran.status, (1, 2), ran)
        self.assertIn("passphrase", ran.err)
        self.assertEqual(self.world.head(), before)

    def test_duplicate_key_across_members(self):
        public = keyfiles.public_part("event", keyfiles.secret_of("bob"))
        self.refused("alice", "member", "enrol", f"dave:{public}", "--as", "alice",
                     naming=[public, "bob", "dave"])
        ran = self.world.run(
            "alice", "init", self.world.path("other"), "--name", "other", "--network", "regtest",
            "--as", "alice", "--member",
            f"alice:{keyfiles.public_part('event', keyfiles.secret_of('alice'))}",
            "--member", f"bob:{public}", "--member", f"dave:{public}", "--policy",
            "1 of (alice, bob)")
        self.assert_refused(ran, public)
        self.assertFalse(self.world.path("other").exists(), "a refused founding leaves no folder")

    def test_name_taken(self):
        key = keyfiles.public_part("event", keyfiles.secret_of("another bob"))
        self.refused("alice", "member", "enrol", f"bob:{key}", "--as", "alice", naming="bob")

    def test_member_who_has_not_accepted(self):
        world = self.world
        key = keyfiles.write(world.home("dave"), "dave", "event", keyfiles.secret_of("dave"))
        enrolment = world.act("alice", "member", "enrol", f"dave:{key}:executive,operator")
        self.assertIn("enrol-member", enrolment.out)
        world.approve(5, "alice", "bob")
        request = world.initiate("main", "0.1")
        self.refused("dave", "approve", request, "--as", "dave", "--yes", naming=["dave", key])
        self.refused("dave", "address", "main", "--as", "dave", naming=["dave", key])
        world.act("dave", "member", "accept")
        self.refused("dave", "member", "accept", "--as", "dave", "--yes", naming="dave")
        world.act("dave", "address", "main")

    def test_suspended_member(self):
        world = self.world
        world.act("alice", "member", "suspend", "carol")
        request = world.initiate("main", "0.1")
        self.refused("carol", "approve", 5, "--as", "carol", "--yes", naming=["carol", "request 5"])
        self.refused("carol", "abort", 5, "--as", "carol", "--yes", naming=["carol", "request 5"])
        world.approve(5, "alice", "bob")
        self.refused("carol", "approve", request, "--as", "carol", "--yes", naming="carol")
        self.refused("carol", "address", "main", "--as", "carol", naming="carol")
        self.refused("alice", "member", "suspend", "carol", "--as", "alice", naming="carol")
        self.refused("alice", "member", "suspend", "bob", "--as", "alice", naming=RULE)

    def test_role_that_is_missing(self):
        self.world.mine()
        self.refused("bob", "watch", "--once", "--node", self.world.node(), "--as", "bob",
                     naming=["bob", "watcher"])

    def test_rotated_key(self):
        world = self.world
        new = keyfiles.write(world.home("carol"), "carol-2", "event", keyfiles.secret_of("carol 2"))
        world.act("alice", "member", "rotate", "carol", "--key", new)
        self.refused("carol", "approve", 5, "--as", "carol", "--yes", naming=["carol", "request 5"])
        world.approve(5, "alice", "bob")
        world.ok("carol", "member", "accept", "--as", "carol-2", "--yes")
        old = keyfiles.public_part("event", keyfiles.secret_of("carol"))
        self.refused("carol", "address", "main", "--as", "carol", naming=["carol", old])
        world.ok("carol", "address", "main", "--as", "carol-2")


class Approvals(TestCase):
    def test_duplicate_approval(self):
        number = self.world.initiate("main", "0.1")
        self.world.approve(number, "bob")
        self.refused("bob", "approve", number, "--as", "bob", "--yes",
                     naming=["bob", f"request {number}"])

    def test_approval_after_the_quorum(self):
        number = self.world.authorised("main", "0.1")
        self.refused("carol", "approve", number, "--as", "carol", "--yes",
                     naming=f"request {number}")

    def test_abort_after_the_quorum(self):
        number = self.world.authorised("main", "0.1")
        self.refused("carol", "abort", number, "--as", "carol", "--yes",
                     naming=[f"request {number}", "cancel"])
        cancel = self.world.act("carol", "cancel", number)
        self.assertIn("(cancel)", cancel.out)

    def test_signing_before_the_quorum(self):
        number = self.world.initiate("main", "0.1")
        self.world.approve(number, "alice")
        self.refused("alice", "sign", number, "--as", "alice", "--yes",
                     naming=f"request {number}")
        self.refused("alice", "sign", number, "--as", "alice", "--yes", "--psbt-out",
                     self.world.path("early.psbt"), naming=f"request {number}")
        self.assertFalse(self.world.path("early.psbt").exists())

    def test_unknown_request(self):
        for command in ("approve", "abort", "sign", "cancel"):
            with self.subTest(command):
                self.refused("alice", command, "99", "--as", "alice",
                             *(["--yes"] if command != "cancel" else []), naming="99")
        self.assert_refused(
            self.world.run("alice", "request", "export", "99", "--out", "x.request"), "99")

    def test_ended_request(self):
        number = self.world.initiate("main", "0.1")
        self.world.act("bob", "abort", number, "--reason", "wrong payee")
        self.refused("carol", "approve", number, "--as", "carol", "--yes",
                     naming=f"request {number}")

    def test_approver_whom_the_rule_does_not_name(self):
        number = self.world.initiate("single", "0.1")
        self.refused("carol", "approve", number, "--as", "carol", "--yes",
                     naming=["carol", f"request {number}", "1 of (alice, bob)"])

    def test_expired_request(self):
        """The product's shortest expiry is a minute; events of our own have ten seconds."""
        world = self.world
        transfer = self.transfer_on_a_copy()
        expires = envelope.now() + 10_000
        retirement = {"kind": "retire-wallet", "wallet": "tap"}
        for request in (retirement, transfer):
            world.ok("alice", "submit", world.forged(
                "alice", "initiated", {"expires": expires, "request": request}))
        world.approve(6, "alice", "bob")
        time.sleep(max(0, expires + 500 - envelope.now()) / 1_000)
        self.refused("bob", "approve", 5, "--as", "bob", "--yes", naming="request 5")
        self.refused("alice", "sign", 6, "--as", "alice", "--yes", naming="request 6")
        self.assertEqual(world.json("show", 6)["status"], "expired")
        self.assert_verifies()

    def transfer_on_a_copy(self):
        """The body of a transfer request as the product makes it."""
        copy = self.copy_of(self.world)
        copy.initiate("main", "0.1")
        return copy.entries()[-1].event.body["request"]

    def test_expiry_out_of_range(self):
        self.refused("alice", "initiate", "main", "--to", f"{PAYEE}:0.1", "--fee-rate", "2",
                     "--expires", "31d", "--as", "alice", "--yes", naming="31")
        for text in ("0m", "soon", "-1d", "99999999999999999999d", "d"):
            with self.subTest(text):
                self.refused("alice", "initiate", "main", "--to", f"{PAYEE}:0.1", "--fee-rate",
                             "2", f"--expires={text}", "--as", "alice", "--yes",
                             naming=f'"{text}"', status=2)

    def test_too_many_open_transfers(self):
        for wallet in ("main", "single", "tap", "tapmulti"):
            for _ in range(2):
                self.world.initiate(wallet, "0.4")
        self.world.act("alice", "abort", 5)
        self.world.initiate("main", "0.3")
        self.assertEqual(self.world.entries()[-1].event.kind, "initiated")
        self.world.act("alice", "abort", 7)
        self.world.initiate("single", "0.2", who="bob")


class Texts(TestCase):
    """What stands in the log for ever, and on other people's screens."""

    def test_references_and_reasons_that_are_refused(self):
        number = self.world.initiate("main", "0.1")
        for text in ("a" * 141, "two\nlines", "\x1b[2J", "\u202egnp.exe", "tab\tbed", "\u2028"):
            with self.subTest(repr(text[:12])):
                self.refused("alice", "initiate", "main", "--to", f"{PAYEE}:0.1", "--fee-rate",
                             "2", "--reference", text, "--as", "alice", "--yes",
                             naming="--reference", status=2)
                self.refused("bob", "abort", number, "--reason", text, "--as", "bob", "--yes",
                             naming="--reason", status=2)
        self.world.act("bob", "abort", number, "--reason", "ä" * 70)


class Outstanding(TestCase):
    def test_cancelled_transfer_whose_psbt_is_out_keeps_its_coins(self):
        world = self.world
        number = world.authorised("single", "1.2")
        world.act("alice", "sign", number, "--psbt-out", world.path("out.psbt"))
        world.act("alice", "cancel", number)
        world.approve(6, "alice")
        self.assertEqual(world.json("show", number)["status"], "outstanding")
        self.refused("alice", "initiate", "single", "--to", f"{PAYEE}:1.2", "--fee-rate", "2",
                     "--as", "alice", "--yes", naming="reserved")
        self.refused("alice", "sign", number, "--as", "alice", "--yes", naming=f"request {number}")
        self.assert_verifies()

    def test_cancelled_transfer_that_nobody_signed_frees_its_coins(self):
        world = self.world
        number = world.authorised("single", "1.2")
        world.act("alice", "cancel", number)
        world.approve(6, "alice")
        self.assertEqual(world.json("show", number)["status"], "cancelled")
        world.initiate("single", "1.2")


class Money(TestCase):
    def pays(self, to, amount="0.1", *more, wallet="main", rate="2", naming, status=1):
        return self.refused("alice", "initiate", wallet, "--to", f"{to}:{amount}", "--fee-rate",
                            rate, *more, "--as", "alice", "--yes", naming=naming, status=status)

    def test_unknown_wallet(self):
        self.pays(PAYEE, wallet="savings", naming=["savings", "main"])
        self.refused("alice", "address", "savings", "--as", "alice", naming=["savings", "main"])
        self.refused("alice", "wallet", "accept", "savings", "--as", "alice", "--yes",
                     naming=["savings", "main"])
        self.assert_refused(self.world.run("alice", "wallet", "export", "savings"), "savings")

    def test_address_of_another_network(self):
        self.pays(MAINNET, naming=MAINNET)
        self.pays("1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH",
                  naming="1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH")

    def test_mistyped_address(self):
        mistyped = PAYEE[:-1] + "q"
        self.pays(mistyped, naming=mistyped)

    def test_amounts_that_are_none(self):
        for amount in ("0", "-1", "1e3", "0.000000001", "21000001", "nan", "", "0x10", "1,5"):
            with self.subTest(amount):
                self.pays(PAYEE, amount, naming=f'"{amount}"', status=2)

    def test_recipient_that_is_none(self):
        for text in (PAYEE, f"{PAYEE}:1:2", "::"):
            with self.subTest(text):
                self.refused("alice", "initiate", "main", "--to", text, "--fee-rate", "2",
                             "--as", "alice", "--yes", naming=f'"{text}"', status=2)

    def test_dust(self):
        self.pays(PAYEE, "0.00000293", naming="0.00000293 BTC")

    def test_insufficient_coins(self):
        self.pays(PAYEE, "2.5", naming=["main", "2.5", "2.0"])

    def test_reserved_coins(self):
        number = self.world.initiate("main", "1.2")
        self.pays(PAYEE, "1.2", naming=["main", "reserved"])
        self.world.act("bob", "abort", number)
        self.world.initiate("main", "1.2")

    def test_immature_coins(self):
        address = address_in(self.world.act("alice", "address", "tap"))
        self.world.node()
        self.world.cli("generatetoaddress", 1, address)
        self.world.watch()
        self.pays(PAYEE, "2.2", wallet="tap", naming=["tap", "not yet confirmed"])

    def test_coins_not_deep_enough(self):
        world = self.world
        expression = world.ok("carol", "key", "expression", "carol-wallet", "--path", "84h/1h/9h")
        world.act("alice", "wallet", "create", "deep", "--kind", "wpkh", "--key",
                  f"carol={expression.out.strip()}", "--quorum", "1 of (alice, carol)", "--depth",
                  "3")
        world.approve(5, "alice", "bob")
        world.act("carol", "wallet", "accept", "deep")
        world.faucet(address_in(world.act("carol", "address", "deep")), "0.5")
        world.mine(2)
        world.watch()
        self.pays(PAYEE, "0.1", wallet="deep", naming=["deep", "0.5"])
        world.mine()
        world.watch()
        world.initiate("deep", "0.1")

    def test_fee_rate_above_its_ceiling(self):
        self.pays(PAYEE, "0.9", rate="501", naming=["500", "501"])

    def test_fee_above_its_share_of_the_amount(self):
        self.pays(PAYEE, "0.0005", rate="400", naming="10")

    def test_fee_rates_that_are_none(self):
        for rate in ("0", "0.0", "-1", "fast", "1e9", "0x1"):
            with self.subTest(rate):
                self.refused("alice", "initiate", "main", "--to", f"{PAYEE}:0.1",
                             f"--fee-rate={rate}", "--as", "alice", "--yes",
                             naming=f'"{rate}"', status=2)


class Wallets(TestCase):
    def create(self, name, kind, keys, quorum, *more):
        return ["wallet", "create", name, "--kind", kind,
                *(word for key in keys for word in ("--key", key)), "--quorum", quorum, *more,
                "--as", "alice", "--yes"]

    def key(self, who, path):
        expression = self.world.ok(who, "key", "expression", f"{who}-wallet", "--path", path)
        return f"{who}={expression.out.strip()}"

    def test_path_around_the_quorum(self):
        alice, bob = self.key("alice", "84h/1h/5h"), self.key("bob", "84h/1h/5h")
        self.refused("alice", *self.create("short", "wpkh", [alice], RULE), naming=RULE)
        self.refused("alice", *self.create("short", "wsh", [alice, bob], RULE, "--threshold", "1"),
                     naming=RULE)
        second = "alice=" + self.key("bob", "84h/1h/6h").split("=", 1)[1]
        self.refused("alice", *self.create("short", "wsh", [alice, second], RULE, "--threshold",
                                           "2"), naming=RULE)
        self.assertIn("initiated", self.world.ok(
            "alice", *self.create("short", "wpkh", [alice], RULE, "--declare-shortcut")).out)

    def test_duplicate_keys(self):
        alice = self.key("alice", "84h/1h/5h")
        again = "bob=" + alice.split("=", 1)[1]
        self.refused("alice", *self.create("twice", "wsh", [alice, again], RULE, "--threshold",
                                           "2"), naming="descriptor")
        used = self.key("alice", "48h/1h/0h/2h")
        self.refused("alice", *self.create("used", "wpkh", [used], "1 of (alice)"),
                     naming=["alice", "main"])

    def test_wallet_that_waits_for_its_holders(self):
        bob = self.key("bob", "84h/1h/5h")
        self.world.ok("alice", *self.create("new", "wpkh", [bob], "1 of (alice, bob)"))
        self.refused("bob", "wallet", "accept", "new", "--as", "bob", "--yes", naming="new")
        self.world.approve(5, "alice", "bob")
        self.refused("alice", "address", "new", "--as", "alice", naming=["new", "bob"])
        self.refused("alice", "wallet", "accept", "new", "--as", "alice", "--yes",
                     naming=["alice", "new", "bob"])
        self.assert_refused(self.world.run("alice", "wallet", "export", "new"), "new", "bob")
        self.world.act("bob", "wallet", "accept", "new")
        self.refused("bob", "wallet", "accept", "new", "--as", "bob", "--yes",
                     naming=["bob", "new"])

    def test_descriptors_that_are_none(self):
        good = self.key("alice", "84h/1h/5h").split("=", 1)[1]
        for text in ("", "wpkh()", f"pkh({good})", f"sh(wpkh({good}))", "wpkh(" * 500,
                     f"wpkh({good})#aaaaaaaa", f"wpkh({good.replace('<0;1>', '0')})",
                     f"wsh(sortedmulti(2,{good}))", "wsh(sortedmulti(99999999999999999999,a,b))"):
            with self.subTest(text[:40]):
                self.refused("alice", "wallet", "create", "odd", "--descriptor", text, "--holders",
                             "alice", "--quorum", "1 of (alice)", "--as", "alice", "--yes",
                             naming="descriptor")

    def test_quorums_that_are_none(self):
        for text in ("", "2 of", "3 of (alice, bob)", "0 of (alice)", "alice and bob",
                     "1 of (" * 50 + "alice" + ")" * 50):
            with self.subTest(text[:30]):
                before = self.world.head()
                ran = self.world.run("alice", "policy", text, "--as", "alice", "--yes")
                self.assert_refused(ran, f'"{text[:12]}', status=2)
                self.assertEqual(self.world.head(), before)

    def test_quorum_that_counts_a_member_twice(self):
        self.refused("alice", "policy", "2 of (alice, 1 of executive)", "--as", "alice", "--yes",
                     naming="alice")
