"""The node is down, refuses, reorganises; the watcher goes on where it stopped."""

import json
import time

from embit import script, transaction
from embit.networks import NETWORKS

import keyfiles
from world import PAYEE, TestCase, World, address_in, expressions, kill, make_wallet

DOWN = "http://user:password@127.0.0.1:1"


class Node(TestCase):
    def test_node_down(self):
        number = self.world.signed("main", "0.1")
        self.refused("alice", "watch", "--once", "--as", "alice", "--node", DOWN,
                     naming=("no Bitcoin node answers at 127.0.0.1:1 "
                             "(connection refused, tried 4 times): start it"))
        self.refused("alice", "broadcast", number, "--as", "alice", "--yes", "--node", DOWN,
                     naming="127.0.0.1:1")
        self.refused("alice", "initiate", "main", "--to", f"{PAYEE}:0.1", "--as", "alice",
                     "--yes", "--node", DOWN, naming="127.0.0.1:1")
        self.world.broadcast(number)

    def test_wrong_cookie(self):
        self.world.path("cookie").write_text("__cookie__:wrong")
        self.refused("alice", "watch", "--once", "--as", "alice", "--node", self.world.node(),
                     naming="credentials", STRONGROOM_COOKIE=self.world.path("cookie"))
        self.refused("alice", "watch", "--once", "--as", "alice", "--node", self.world.node(),
                     naming="nowhere", STRONGROOM_COOKIE=self.world.path("nowhere"))

    def test_address_of_a_node_that_is_none(self):
        for url in ("localhost", "ftp://127.0.0.1", "http://", "http://127.0.0.1:99999"):
            with self.subTest(url):
                self.refused("alice", "watch", "--once", "--as", "alice", "--node", url,
                             naming=url, status=2)
        ran = self.refused("alice", "watch", "--once", "--as", "alice", "--node",
                           "ftp://user:secret@127.0.0.1:1", naming="ftp://...@127.0.0.1:1",
                           status=2)
        self.assertNotIn("secret", ran.err)
        self.refused("alice", "watch", "--once", "--as", "alice", "--node", "http://127.0.0.1:1",
                     naming="cookie file", status=2, STRONGROOM_COOKIE=None)
        ran = self.world.verify("--node", "ftp://127.0.0.1")
        self.assertEqual(ran.status, 2, ran)

    def test_node_refuses(self):
        """A node on another chain does not know the coins. Both facts are on record."""
        number = self.world.signed("main", "0.1")
        other = World(self.world.path("another"))
        other.folder.mkdir()
        self.addCleanup(other.stop_node)
        ran = self.world.run("alice", "broadcast", number, "--as", "alice", "--yes", "--node",
                             other.node(),
                             STRONGROOM_COOKIE=other.node_folder / "regtest" / ".cookie")
        self.assert_refused(ran, "the node refuses", "-25")
        kinds = [entry.event.kind for entry in self.world.entries()[-2:]]
        self.assertEqual(kinds, ["broadcast", "relayed"])
        self.assertFalse(self.world.entries()[-1].event.body["accepted"])
        self.world.broadcast(number)
        self.world.mine()
        self.assertIn("1 transaction of ours", self.world.watch().out)

    def test_broadcast_before_it_is_signed(self):
        number = self.world.authorised("main", "0.1")
        for _ in range(2):
            self.refused("alice", "broadcast", number, "--as", "alice", "--yes", "--node",
                         self.world.node(), naming=f"request {number}")
            if len(self.world.entries()[-1].event.body.get("signatures", [])) == 0:
                self.world.act("alice", "sign", number)


class Chain(TestCase):
    def test_reorganisation_takes_a_confirmation_back(self):
        world = self.world
        number = world.signed("main", "0.1")
        world.broadcast(number)
        txid = world.cli("getrawmempool").strip('[]\n "')
        block = world.mine()[0]
        world.watch()
        self.refused("alice", "sign", number, "--as", "alice", "--yes", naming="confirmed")
        world.cli("invalidateblock", block)
        # The other branch is longer, and leaves the transaction out.
        for _ in range(3):
            world.cli("generateblock", PAYEE, "[]")
        world.watch()
        ran = world.run("alice", "sign", number, "--as", "alice", "--yes")
        self.assertNotIn("confirmed", ran.err, "the request is broadcast again, not confirmed")
        # Its coin stays reserved, and its change is not there.
        ran = world.run("alice", "initiate", "main", "--to", f"{PAYEE}:1.2", "--fee-rate", "2",
                        "--as", "alice", "--yes")
        self.assert_refused(ran, "reserved")
        if txid not in world.cli("getrawmempool"):
            world.broadcast(number)
        world.mine()
        self.assertIn("1 transaction of ours", world.watch().out)
        self.refused("alice", "sign", number, "--as", "alice", "--yes", naming="confirmed")

    def test_reorganisation_takes_a_deposit_back(self):
        world = self.world
        address = address_in(world.act("alice", "address", "tap"))
        world.faucet(address, "3")
        block = world.mine()[0]
        world.watch()
        copy = self.copy_of(world)
        copy.initiate("tap", "2.5")
        world.cli("invalidateblock", block)
        for _ in range(2):
            world.cli("generateblock", PAYEE, "[]")
        world.watch()
        self.refused("alice", "initiate", "tap", "--to", f"{PAYEE}:2.5", "--fee-rate", "2",
                     "--as", "alice", "--yes", naming="tap")
        world.mine()
        world.watch()
        world.initiate("tap", "2.5")

    def transactions(self):
        return sum(len(entry.event.body["transactions"]) for entry in self.world.entries()
                   if entry.event.kind == "observed")

    def assert_whole(self):
        """What the ledger holds is what the chain holds."""
        self.assert_verifies(*self.world.audited_node())

    def test_balance_with_a_replacement_under_way(self):
        """One of the two confirms: the smaller change alone is pending."""
        world = self.world
        number = world.signed("main", "0.1")
        world.broadcast(number)
        first = world.json("balance", "main")[0]["pending"]["satoshis"]
        second = world.signed("main", "0.1", "--replaces", number, rate=20)
        world.broadcast(second)
        pending = world.json("balance", "main")[0]["pending"]["satoshis"]
        self.assertTrue(0 < first - 10_000 < pending < first, (first, pending))

    def test_block_with_more_than_one_event_holds(self):
        """And the watcher is killed between the two."""
        world = self.world
        address = address_in(world.act("alice", "address", "main"))
        payments = self.chain_of_payments(address, 150)
        world.mine()
        world.watch()
        world.cli("generateblock", PAYEE, json.dumps(payments))
        before = self.transactions()
        watcher = world.start("alice", "watch", "--as", "alice", "--interval", "60", "--node",
                              world.node())
        first = watcher.stdout.readline()
        kill(watcher)
        self.assertRegex(first, r"^Block \d+: 1 header, 1\d\d transactions of ours$",
                         "a line is there as soon as it is said")
        world.watch()
        self.assertEqual(self.transactions(), before + 150)
        self.assert_whole()
        self.assertIn("Nothing new.", world.watch().out)

    def chain_of_payments(self, address, count):
        """Raw transactions that pay an address, each out of what the one before has left; the
        first out of one that waits for the next block."""
        first = self.world.faucet(address, "1")
        before = transaction.Transaction.from_string(
            self.world.cli("getrawtransaction", first).strip('"'))
        payee, anyone = script.address_to_scriptpubkey(address), script.Script(b"\x51")
        index = next(number for number, out in enumerate(before.vout)
                     if out.script_pubkey == script.p2wsh(anyone))
        raw = []
        for _ in range(count):
            left = before.vout[index]
            after = transaction.Transaction(2, [transaction.TransactionInput(
                before.txid(), index, witness=script.Witness([anyone.data]))], [
                    transaction.TransactionOutput(10_000, payee),
                    transaction.TransactionOutput(left.value - 11_000, left.script_pubkey)])
            raw.append(after.serialize().hex())
            before, index = after, 1
        return raw

    def test_theft_that_no_branch_proves(self):
        """A spend whose transaction has 64 bytes without its witnesses."""
        world = self.world
        coin = world.json("coins", "single")[0]
        world.cli("generateblock", PAYEE, json.dumps([self.theft_of_64_bytes(coin)]))
        for _ in range(2):
            ran = world.run("alice", "watch", "--once", "--as", "alice", "--node", world.node())
            self.assert_refused(ran, "no Merkle branch proves it", "64 bytes")
        ran = world.verify(*world.audited_node())
        self.assertEqual(ran.status, 1, ran)
        self.assertIn(coin["outPoint"].split(":")[0], "".join(ran.out.split()))

    def theft_of_64_bytes(self, coin):
        """A transaction by alice's wallet key, signed elsewhere, to an output of four bytes."""
        txid, index = coin["outPoint"].split(":")
        account = keyfiles.root_of(keyfiles.secret_of("alice", "wallet")).derive("m/84h/1h/0h")
        keys = [account.derive([0, number]).key for number in range(10)]
        key = next(key for key in keys
                   if script.p2wpkh(key).address(NETWORKS["regtest"]) == coin["address"])
        value = coin["amount"]["satoshis"]
        theft = transaction.Transaction(2, [
            transaction.TransactionInput(bytes.fromhex(txid), int(index))
        ], [transaction.TransactionOutput(value - 1_000, script.Script(bytes.fromhex("51024e73")))])
        self.assertEqual(len(theft.serialize()), 64)
        digest = theft.sighash_segwit(0, script.p2pkh(key), value)
        signature = key.sign(digest).serialize() + b"\x01"
        theft.vin[0].witness = script.Witness([signature, key.sec()])
        return theft.serialize().hex()

    def test_payments_beyond_the_gap(self):
        """Each is seen as soon as another one has moved the gap, also in an earlier block."""
        world = self.world
        words = ("--kind", "wpkh", "--gap", 2, "--key",
                 f"alice={expressions(world, ('alice',), '84h/1h/7h')[0]}")
        make_wallet(world, "narrow", ("alice",), "1 of (alice, bob)", *words)
        known = world.json("wallet", "export", "narrow")["receive"]
        self.assertEqual(len(known), 2, "no address is shown that is not watched")
        self.refused("alice", "wallet", "export", "narrow", "--addresses", 4, naming="watches 2")
        copy = self.copy_of(world)
        for _ in range(3):
            address_in(copy.act("alice", "address", "narrow"))
        later = copy.json("wallet", "export", "narrow", "--addresses", 5)["receive"]
        world.faucet(later[3], "0.5")
        world.mine()
        world.watch()
        self.assertEqual(world.json("balance", "narrow")[0]["confirmed"]["satoshis"], 0)
        world.faucet(later[1], "0.25")
        world.mine()
        self.assertIn("looked through again: 1 transaction of ours", world.watch().out)
        self.assertEqual(world.json("balance", "narrow")[0]["confirmed"]["satoshis"], 75_000_000)
        self.assert_whole()

    def test_wallet_whose_coins_were_there_before_it(self):
        world = self.world
        words = ("--kind", "wpkh", "--key",
                 f"alice={expressions(world, ('alice',), '84h/1h/8h')[0]}")
        copy = self.copy_of(world)
        make_wallet(copy, "late", ("alice",), "1 of (alice, bob)", *words)
        address = copy.json("wallet", "export", "late")["receive"][0]
        world.faucet(address, "0.75")
        world.mine(3)
        world.watch()
        make_wallet(world, "late", ("alice",), "1 of (alice, bob)", *words)
        world.watch()
        self.assertEqual(world.json("balance", "late")[0]["confirmed"]["satoshis"], 75_000_000)
        self.assert_whole()

    def test_watch_is_restarted(self):
        world = self.world
        words = ("watch", "--as", "alice", "--interval", "1", "--node", world.node())
        first = world.start("alice", *words)
        address = address_in(world.act("alice", "address", "main"))
        world.faucet(address, "3")
        world.mine()
        self.wait_for_deposit()
        kill(first)
        world.mine(4)
        second = world.start("alice", *words)
        self.addCleanup(kill, second)
        world.faucet(address, "2")
        world.mine()
        self.wait_for_deposit(2)
        headers = sum(len(entry.event.body["headers"]) // 80 for entry in world.entries()
                      if entry.event.kind == "observed")
        self.assertEqual(headers, int(world.cli("getblockcount")), "each block once")

    def wait_for_deposit(self, count=1):
        """Until the watcher has recorded as many transactions as were sent since the base."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = sum(len(entry.event.body["transactions"]) for entry in self.world.entries()
                        if entry.event.kind == "observed")
            if found >= 8 + count:
                return
            time.sleep(0.5)
        self.fail(f"the watcher has recorded {found} transactions, not {8 + count}")

    def test_watch_waits_for_a_node_that_is_down(self):
        world = self.world
        url = world.node()
        port = url.rsplit(":", 1)[1].strip("/")
        world.stop_node()
        watcher = world.start("alice", "watch", "--as", "alice", "--interval", "1", "--node", url)
        self.addCleanup(kill, watcher)
        time.sleep(2)
        self.assertIsNone(watcher.poll(), "it waits")
        world._url = world.regtest("start", "--port", port, "--kernel").strip()
        address = address_in(world.act("alice", "address", "main"))
        world.faucet(address, "3")
        world.mine()
        self.wait_for_deposit()
