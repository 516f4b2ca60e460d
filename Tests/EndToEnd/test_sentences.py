"""Refusals that say what would be accepted, where they once said less, or something else."""

import json

import keyfiles
from world import MEMBERS, PAYEE, RULE, TestCase, expressions, number_in


class Sentences(TestCase):
    def initiate(self, to, *more, naming, status):
        self.refused("alice", "initiate", "main", "--to", to, "--fee-rate", "2", *more, "--as",
                     "alice", "--yes", naming=naming, status=status)

    def test_amounts_are_told_their_bounds(self):
        for amount in ("0", "21000001"):
            with self.subTest(amount):
                self.initiate(f"{PAYEE}:{amount}", status=2,
                              naming=[f'"{amount}"', "more than 0", "at most 21,000,000"])

    def test_an_expiry_is_read_before_coins_are_chosen(self):
        self.initiate(f"{PAYEE}:5", "--expires", "soon", naming='"soon" is no time span', status=2)

    def test_a_rule_that_needs_more_than_the_keys_names_what_is_possible(self):
        self.refused("alice", "policy", "3 of (alice, bob, carol)", "--wallet", "main", "--as",
                     "alice", "--yes", naming=["2 members could spend", "A quorum that 2 members"])
        keys = [f"--key={who}={key}" for who, key in
                zip(MEMBERS, expressions(self.world, MEMBERS, "48h/1h/7h/2h"))]
        create = ("wallet", "create", "new", "--kind", "wsh", "--threshold", "2", *keys, "--quorum",
                  "3 of (alice, bob, carol)")
        self.refused("alice", *create, "--as", "alice", "--yes", naming="declare the shortcut")
        self.world.act("alice", *create, "--declare-shortcut")

    def test_equal_keys_are_called_by_their_holders(self):
        key, = expressions(self.world, ["alice"], "48h/1h/7h/2h")
        self.refused("alice", "wallet", "create", "new", "--kind", "wsh", "--threshold", "2",
                     f"--key=alice={key}", f"--key=bob={key}", "--quorum", RULE, "--as", "alice",
                     "--yes", naming=["key 0, of alice", "key 1, of bob", "the same"])

    def test_a_broadcast_says_what_is_missing_in_a_sentence(self):
        world = self.world
        number = world.initiate("main", "0.1")
        node = ("--node", world.node())
        self.refused("alice", "broadcast", number, *node, "--as", "alice", "--yes",
                     naming="is initiated and not fully signed; it misses 2 more of alice, bob")
        world.approve(number, "alice", "bob")
        world.act("alice", "sign", number)
        self.refused("alice", "broadcast", number, *node, "--as", "alice", "--yes",
                     naming="is authorised and not fully signed; it misses 1 signature for each")

    def test_a_member_who_has_not_accepted_is_told_how(self):
        world = self.world
        public = keyfiles.write(world.home("dave"), "dave", "event", keyfiles.secret_of("dave"))
        world.approve(number_in(world.act("alice", "member", "enrol", f"dave:{public}:operator")),
                      "alice", "bob")
        self.refused("dave", "address", "main", "--as", "dave",
                     naming=["dave", "must come first"])

    def test_keys_that_are_not_there(self):
        self.refused(
            "bob", "key", "show", "nobody", naming=["nobody", "there are: bob, bob-wallet"]
        )
        self.refused("eve", "key", "show", "eve",
                     naming=["there is none yet", "strongroom key create"])
        self.refused("bob", "address", "main", "--as", "bob", naming="8 to 1024 bytes, not 0",
                     STRONGROOM_PASSPHRASE="")

    def test_keys_and_policies_in_json(self):
        world = self.world
        public = keyfiles.public_part("event", keyfiles.secret_of("bob"))
        shown = json.loads(world.ok("bob", "key", "show", "bob", "--json").out)
        self.assertEqual(shown, {"name": "bob", "public": public, "purpose": "event"})
        expression, = expressions(world, ["bob"], "84h/1h/0h")
        shown = json.loads(world.ok("bob", "key", "expression", "bob-wallet", "--path",
                                    "84h/1h/0h", "--json").out)
        self.assertEqual(shown, {"expression": expression, "name": "bob-wallet",
                                 "path": "84h/1h/0h"})
        text = world.ok("nobody", "witness-policy", "show").out
        shown = world.json("witness-policy", "show")
        self.assertEqual((shown["policy"], shown["witnesses"], shown["needed"], shown["of"]),
                         (text, [], 0, 0))
        self.assertIn(f"log {shown['logs'][0]}\n", text)
