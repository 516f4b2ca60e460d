"""The node is down, refuses, reorganises; the watcher goes on where it stopped."""

import time

from world import PAYEE, TestCase, World, address_in, kill

DOWN = "http://user:password@127.0.0.1:1"


class Node(TestCase):
    def test_node_down(self):
        number = self.world.signed("main", "0.1")
        self.refused("alice", "watch", "--once", "--as", "alice", "--node", DOWN,
                     naming="127.0.0.1:1")
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
                before = self.world.head()
                ran = self.world.run("alice", "watch", "--once", "--as", "alice", "--node", url)
                self.assertIn(ran.status, (1, 2), ran)
                self.assert_refused(ran, status=ran.status)
                self.assertEqual(self.world.head(), before)

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
