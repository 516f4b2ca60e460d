"""What the regtest node promises to its clients: run by `python -m unittest` in Tools."""

import base64
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from decimal import Decimal
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOOLS))

from regtest_node.address import AddressError, address_of_script, script_of_address  # noqa: E402
from regtest_node.errors import RPCError  # noqa: E402
from regtest_node.faucet import ADDRESS, SCRIPT, WITNESS_SCRIPT  # noqa: E402
from regtest_node.node import Node  # noqa: E402
from regtest_node.wire import Block, Input, Output, Transaction, WireError, display  # noqa: E402

# BIP-173's example key, and a script hash beside it.
MINER = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"
ELSEWHERE = bytes.fromhex("0014751e76e8199196d454941c45d1b3a323f1433bd6")
# What a coinbase of 50 bitcoin leaves after a fee of 10,000 satoshis.
FAIR = 50 * 10**8 - 10_000


def spend(coins, outputs, sequence=0xFFFFFFFD, witness=(WITNESS_SCRIPT,), version=2, locktime=0):
    """A transaction over faucet coins, given as (txid in display order, vout)."""
    inputs = tuple(Input(bytes.fromhex(txid)[::-1], vout, b"", sequence) for txid, vout in coins)
    return Transaction(version, inputs, tuple(Output(v, s) for v, s in outputs),
                       (tuple(witness),) * len(inputs), locktime)


class NodeTest(unittest.TestCase):
    """A node inside the test's own process, with 110 blocks of the faucet's."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.node = Node(Path(self.folder.name))
        self.addCleanup(lambda: self.node.close())
        self.blocks = self.call("generatetoaddress", 110, ADDRESS)

    def call(self, method, *params):
        return self.node.call(method, list(params))

    def coin(self, height=1):
        """The coinbase of a block as a coin of 50 bitcoin."""
        return self.call("getblock", self.blocks[height - 1])["tx"][0], 0

    def send(self, transaction, *more):
        return self.call("sendrawtransaction", transaction.raw.hex(), *more)

    def assertRefused(self, code, text, transaction, *more):
        with self.assertRaises(RPCError) as caught:
            self.send(transaction, *more)
        self.assertEqual((caught.exception.code, caught.exception.message[:len(text)]),
                         (code, text))

    def restart(self):
        self.node.close()
        self.node = Node(Path(self.folder.name))


class ChainTests(NodeTest):
    def test_headers_link_and_blocks_decode(self):
        previous = self.call("getblockhash", 0)
        self.assertEqual(previous,
                         "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206")
        for height, name in enumerate(self.blocks, 1):
            shown = self.call("getblockheader", name)
            self.assertEqual((shown["height"], shown["previousblockhash"]), (height, previous))
            raw = bytes.fromhex(self.call("getblock", name, 0))
            self.assertEqual(raw[:80].hex(), self.call("getblockheader", name, False))
            self.assertEqual(display(Block.parse(raw).header.hash), name)
            previous = name
        info = self.call("getblockchaininfo")
        self.assertEqual((info["chain"], info["blocks"], info["bestblockhash"]),
                         ("regtest", 110, self.blocks[-1]))

    def test_refuses_what_core_refuses(self):
        cases = [
            (-8, "Block height out of range", "getblockhash", [111]),
            (-3, "JSON value of type string is not of expected type number", "getblockhash", ["1"]),
            (-5, "Block not found", "getblock", ["00" * 32]),
            (-8, "blockhash must be of length 64 (not 3, for 'abc')", "getblock", ["abc"]),
            (-8, "blockhash must be hexadecimal string", "getblock", ["zz" * 32]),
            (-5, "Error: Invalid address", "generatetoaddress", [1, "bc1qnothere"]),
            (-22, "TX decode failed", "sendrawtransaction", ["00"]),
            (-5, "No such mempool transaction", "getrawtransaction", ["00" * 32]),
            (-5, "Transaction not in mempool", "getmempoolentry", ["00" * 32]),
            (-32601, "Method not found", "getnewaddress", []),
            (-1, "getblockhash height", "getblockhash", []),
            (-8, "Fee rates larger than or equal to 1BTC/kvB", "testmempoolaccept", [["00"], 1]),
        ]
        for code, text, method, params in cases:
            with self.subTest(method=method, params=params), self.assertRaises(RPCError) as caught:
                self.call(method, *params)
            self.assertEqual((caught.exception.code, caught.exception.message[:len(text)]),
                             (code, text))

    def test_a_block_that_breaks_consensus_is_refused(self):
        coin = self.coin()
        rich = spend([coin], [(51 * 10**8, ELSEWHERE)])
        with self.assertRaises(RPCError) as caught:
            self.call("generateblock", MINER, [rich.raw.hex()])
        self.assertIn("not accepted: consensus", caught.exception.message)
        self.assertEqual(self.call("getblockcount"), 110)
        self.assertEqual(len(self.call("generatetoaddress", 1, MINER)), 1)

    def test_submitblock_says_what_became_of_a_block(self):
        raw = self.call("getblock", self.blocks[-1], 0)
        self.assertEqual(self.call("submitblock", raw), "duplicate")
        self.call("invalidateblock", self.blocks[-1])
        self.assertEqual(self.call("submitblock", raw), "duplicate-invalid")
        orphan = bytes.fromhex(raw)
        self.assertEqual(self.call("submitblock", (orphan[:4] + bytes(32) + orphan[36:]).hex()),
                         "prev-blk-not-found")

    def test_gettxout_follows_chain_and_mempool(self):
        txid, vout = self.coin()
        self.assertEqual(self.call("gettxout", txid, vout)["value"], Decimal(50))
        child = spend([(txid, vout)], [(FAIR, ELSEWHERE)])
        self.send(child)
        self.assertIsNone(self.call("gettxout", txid, vout))
        self.assertEqual(self.call("gettxout", txid, vout, False)["confirmations"], 110)
        self.assertEqual(self.call("gettxout", display(child.txid), 0)["confirmations"], 0)


class ReorganisationTests(NodeTest):
    def test_invalidateblock_takes_the_chain_back_and_reconsiderblock_forward(self):
        payment = spend([self.coin()], [(FAIR, ELSEWHERE)])
        self.send(payment)
        [lost] = self.call("generatetoaddress", 1, MINER)
        self.call("generatetoaddress", 2, MINER)
        self.call("invalidateblock", lost)
        self.assertEqual(self.call("getblockcount"), 110)
        self.assertEqual(self.call("getrawmempool"), [display(payment.txid)])
        self.assertEqual(self.call("getblockheader", lost)["confirmations"], -1)
        self.assertIsNone(self.call("gettxout", display(payment.txid), 0, False))
        self.call("reconsiderblock", lost)
        self.assertEqual(self.call("getblockcount"), 113)
        self.assertEqual(self.call("getrawmempool"), [])
        self.assertEqual(self.call("gettxout", display(payment.txid), 0)["confirmations"], 3)

    def test_the_branch_with_most_work_wins_whatever_the_order(self):
        long = self.call("generatetoaddress", 3, MINER)
        self.call("invalidateblock", long[0])
        short = self.call("generatetoaddress", 2, MINER)
        self.call("reconsiderblock", long[0])
        self.assertEqual(self.call("getbestblockhash"), long[-1])
        self.call("invalidateblock", long[2])
        # Two blocks against two: the first seen stays, as with Core.
        self.assertEqual(self.call("getbestblockhash"), long[1])
        self.call("invalidateblock", long[1])
        self.assertEqual(self.call("getbestblockhash"), short[-1])
        self.restart()
        self.assertEqual(self.call("getbestblockhash"), short[-1])

    def test_a_conflict_in_the_new_chain_drops_the_waiting_one(self):
        first = spend([self.coin()], [(FAIR, ELSEWHERE)])
        rival = spend([self.coin()], [(48 * 10**8, ELSEWHERE)])
        self.send(first)
        child = spend([(display(first.txid), 0)], [(47 * 10**8, ELSEWHERE)], witness=())
        self.assertRefused(-26, "mandatory-script-verify-flag-failed", child)
        self.call("generateblock", MINER, [rival.raw.hex()])
        self.assertEqual(self.call("getrawmempool"), [])
        self.assertRefused(-25, "bad-txns-inputs-missingorspent", first)


class MempoolTests(NodeTest):
    def test_refusals_have_cores_codes_and_words(self):
        coin, young = self.coin(), self.coin(105)
        fair, bitcoin = FAIR, 10**8
        cases = {
            "min relay fee not met": spend([coin], [(50 * bitcoin, ELSEWHERE)]),
            "bad-txns-premature-spend-of-coinbase": spend([young], [(fair, ELSEWHERE)]),
            "dust": spend([coin], [(293, ELSEWHERE)]),
            "scriptpubkey": spend([coin], [(fair, b"\x51")]),
            "version": spend([coin], [(fair, ELSEWHERE)], version=4),
            "bad-txns-in-belowout": spend([coin], [(51 * bitcoin, ELSEWHERE)]),
            "bad-txns-vout-negative": spend([coin], [(-1, ELSEWHERE)]),
            "bad-txns-vout-toolarge": spend([coin], [(21_000_001 * bitcoin, ELSEWHERE)]),
            "bad-txns-inputs-duplicate": spend([coin, coin], [(fair, ELSEWHERE)]),
            "non-final": spend([coin], [(fair, ELSEWHERE)], locktime=111),
            "non-BIP68-final": spend([coin], [(fair, ELSEWHERE)], sequence=111),
            "mandatory-script-verify-flag-failed":
                spend([coin], [(fair, ELSEWHERE)], witness=[b""]),
        }
        for text, transaction in cases.items():
            with self.subTest(text):
                self.assertRefused(-26, text, transaction)
                [tested] = self.call("testmempoolaccept", [transaction.raw.hex()], 0)
                self.assertFalse(tested["allowed"])
                self.assertTrue(tested["reject-reason"].startswith(text), tested)
        missing = spend([("ab" * 32, 0)], [(fair, ELSEWHERE)])
        self.assertRefused(-25, "bad-txns-inputs-missingorspent", missing)
        [tested] = self.call("testmempoolaccept", [missing.raw.hex()])
        self.assertEqual(tested["reject-reason"], "missing-inputs")

    def test_edges_of_locks_dust_and_maturity_are_accepted(self):
        at_edge = [
            spend([self.coin(1)], [(FAIR, ELSEWHERE)], locktime=110),
            spend([self.coin(2)], [(FAIR, ELSEWHERE)], sequence=109),
            spend([self.coin(3)], [(294, ELSEWHERE), (FAIR, SCRIPT)]),
            spend([self.coin(11)], [(FAIR, ELSEWHERE)]),
        ]
        for transaction in at_edge:
            self.assertEqual(self.send(transaction, 0), display(transaction.txid))
        one_past = spend([self.coin(12)], [(FAIR, ELSEWHERE)])
        self.assertRefused(-26, "bad-txns-premature-spend-of-coinbase", one_past)

    def test_minimum_fee_is_exact(self):
        draft = spend([self.coin()], [(1, ELSEWHERE)])
        self.assertRefused(-26, "min relay fee not met, ",
                           spend([self.coin()], [(50 * 10**8 - draft.vsize + 1, ELSEWHERE)]))
        self.send(spend([self.coin()], [(50 * 10**8 - draft.vsize, ELSEWHERE)]))

    def test_the_same_again_is_no_error_and_a_confirmed_one_is(self):
        payment = spend([self.coin()], [(FAIR, ELSEWHERE)])
        self.assertEqual(self.send(payment), self.send(payment))
        [tested] = self.call("testmempoolaccept", [payment.raw.hex()])
        self.assertEqual(tested["reject-reason"], "txn-already-in-mempool")
        self.call("generatetoaddress", 1, MINER)
        self.assertRefused(-27, "Transaction outputs already in utxo set", payment)
        [tested] = self.call("testmempoolaccept", [payment.raw.hex()])
        self.assertEqual(tested["reject-reason"], "txn-already-known")

    def test_replacement_needs_a_signal_and_the_higher_fee(self):
        final = spend([self.coin(1)], [(FAIR, ELSEWHERE)], sequence=0xFFFFFFFE)
        self.send(final)
        self.assertRefused(-26, "txn-mempool-conflict",
                           spend([self.coin(1)], [(48 * 10**8, ELSEWHERE)]))
        value = 50 * 10**8 - 1000
        first = spend([self.coin(2)], [(value, SCRIPT)])
        child = spend([(display(first.txid), 0)], [(value - 1000, ELSEWHERE)])
        self.send(first), self.send(child)
        size = first.vsize
        cheap = spend([self.coin(2)], [(50 * 10**8 - 1999, SCRIPT)])
        self.assertRefused(-26, "insufficient fee", cheap)
        nearly = spend([self.coin(2)], [(50 * 10**8 - 2000 - size + 1, SCRIPT)])
        self.assertRefused(-26, "insufficient fee", nearly)
        enough = spend([self.coin(2)], [(50 * 10**8 - 2000 - size, SCRIPT)])
        self.send(enough)
        waiting = self.call("getrawmempool")
        self.assertIn(display(enough.txid), waiting)
        self.assertNotIn(display(child.txid), waiting)

    def test_maxfeerate_and_maxburnamount_protect_the_sender(self):
        costly = spend([self.coin()], [(10**8, ELSEWHERE)])
        self.assertRefused(-25, "Fee exceeds maximum configured by user", costly)
        self.assertEqual(self.send(costly, 0), display(costly.txid))
        burning = spend([self.coin(2)], [(10**8, b"\x6a" + b"\x04note")])
        self.assertRefused(-25, "Unspendable output exceeds maximum", burning, 0)
        self.assertEqual(self.send(burning, 0, 1), display(burning.txid))

    def test_chains_end_at_25(self):
        value, tip = 50 * 10**8, self.coin()
        for _ in range(25):
            value -= 1000
            link = spend([tip], [(value, SCRIPT)])
            self.send(link)
            tip = (display(link.txid), 0)
        self.assertRefused(-26, "too-long-mempool-chain", spend([tip], [(value - 1000, SCRIPT)]))
        self.assertEqual(self.call("getmempoolentry", tip[0])["ancestorcount"], 25)

    def test_blocks_take_the_best_fee_rate_first_and_parents_before_children(self):
        low = spend([self.coin(1)], [(50 * 10**8 - 500, ELSEWHERE)])
        parent = spend([self.coin(2)], [(50 * 10**8 - 300, SCRIPT)])
        child = spend([(display(parent.txid), 0)], [(FAIR, ELSEWHERE)])
        for transaction in (low, parent, child):
            self.send(transaction, 0)
        [block] = self.call("generatetoaddress", 1, MINER)
        self.assertEqual(self.call("getblock", block)["tx"][1:],
                         [display(t.txid) for t in (parent, child, low)])

    def test_estimatesmartfee_says_that_it_falls_back(self):
        answer = self.call("estimatesmartfee", 6)
        self.assertEqual((answer["feerate"], answer["source"], answer["blocks"]),
                         (Decimal("0.00002000"), "fallback", 6))
        self.assertEqual(answer["errors"], ["Insufficient data or no feerate found"])


class StateTests(NodeTest):
    def test_a_restart_keeps_chain_mempool_and_marks(self):
        payment = spend([self.coin()], [(FAIR, ELSEWHERE)])
        self.send(payment)
        [marked] = self.call("generatetoaddress", 1, MINER)
        self.call("invalidateblock", marked)
        best, coins = self.call("getbestblockhash"), dict(self.node.chainstate.coins)
        self.restart()
        self.assertEqual(self.call("getbestblockhash"), best)
        self.assertEqual(self.call("getrawmempool"), [display(payment.txid)])
        self.assertEqual(self.node.chainstate.coins, coins)
        self.call("reconsiderblock", marked)
        self.assertEqual(self.call("getbestblockhash"), marked)

    def test_a_torn_block_file_loses_only_its_last_block(self):
        self.node.close()
        path = Path(self.folder.name) / "regtest" / "blocks.dat"
        path.write_bytes(path.read_bytes()[:-7])
        self.node = Node(Path(self.folder.name))
        self.assertEqual(self.call("getbestblockhash"), self.blocks[-2])
        self.call("generatetoaddress", 1, MINER)
        self.restart()
        self.assertEqual(self.call("getblockcount"), 110)

    def test_one_folder_has_one_node(self):
        with self.assertRaises(SystemExit) as caught:
            Node(Path(self.folder.name))
        self.assertIn("already running", str(caught.exception))

    def test_the_faucet_pays_and_mines_what_it_lacks(self):
        txid = self.call("faucet", MINER, Decimal("123.45678901"))
        shown = self.call("getrawtransaction", txid, 1)
        self.assertEqual(shown["vout"][0]["value"], Decimal("123.45678901"))
        self.assertEqual(shown["vout"][0]["scriptPubKey"]["address"], MINER)
        other = self.call("faucet", MINER, "0.00000294")
        self.assertEqual(set(self.call("getrawmempool")), {txid, other})
        for amount in ("0.00000293", "0", "-1", "x", "1e-9", "99999999"):
            with self.subTest(amount), self.assertRaises(RPCError):
                self.call("faucet", MINER, amount)


class FormTests(unittest.TestCase):
    def test_addresses_round_trip_and_faults_are_found(self):
        scripts = ["0014" + "11" * 20, "0020" + "22" * 32, "5120" + "33" * 32, "51024e73",
                   "76a914" + "44" * 20 + "88ac", "a914" + "55" * 20 + "87"]
        for script in map(bytes.fromhex, scripts):
            text = address_of_script(script)
            self.assertEqual(script_of_address(text), script)
            for index in range(len(text)):
                wrong = text[:index] + ("q" if text[index] != "q" else "p") + text[index + 1:]
                with self.assertRaises(AddressError):
                    script_of_address(wrong)

    def test_every_cut_of_a_transaction_is_refused(self):
        raw = spend([("ab" * 32, 1)], [(5, ELSEWHERE)]).raw
        self.assertEqual(Transaction.parse(raw).raw, raw)
        for length in range(len(raw)):
            with self.assertRaises(WireError):
                Transaction.parse(raw[:length])
        with self.assertRaises(WireError):
            Transaction.parse(raw + b"\0")


class ServerTests(unittest.TestCase):
    """The server as a process of its own, spoken to over HTTP."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.process = subprocess.Popen(
            [TOOLS / "regtest", "--datadir", cls.folder.name, "--port", "0",
             "--rpcuser", "alice", "--rpcpassword", "p:w"], stdout=subprocess.PIPE, text=True,
            preexec_fn=cls.block_signals)
        cls.url = cls.process.stdout.readline().strip()
        cls.port = int(cls.url.rpartition(":")[2])
        cls.cookie = (Path(cls.folder.name) / "regtest" / ".cookie").read_text()

    @staticmethod
    def block_signals():
        """What a parent's thread may have done: the server has to end on SIGTERM all the same."""
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTERM, signal.SIGINT))

    @classmethod
    def tearDownClass(cls):
        cls.process.send_signal(signal.SIGTERM)
        rest, _ = cls.process.communicate(timeout=30)
        left = {p.name for p in (Path(cls.folder.name) / "regtest").iterdir()}
        cls.folder.cleanup()
        assert cls.process.returncode == 0, cls.process.returncode
        assert rest == "", "standard output holds the URL alone"
        assert not left & {".cookie", "rpc.url", "regtest.pid"}, left

    def post(self, body, credentials=None, method="POST"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        self.addCleanup(connection.close)
        token = base64.b64encode((credentials or self.cookie).encode()).decode()
        text = body if isinstance(body, str) else json.dumps(body)
        connection.request(method, "/", text, {"Authorization": "Basic " + token})
        response = connection.getresponse()
        data = response.read()
        return response.status, json.loads(data) if data[:1] in b"{[" and data else data

    def test_statuses_and_envelopes_are_cores(self):
        count = {"method": "getblockcount", "params": [], "id": "x"}
        self.assertEqual(self.post(count), (200, {"result": 0, "error": None, "id": "x"}))
        self.assertEqual(self.post({**count, "jsonrpc": "2.0"}),
                         (200, {"jsonrpc": "2.0", "result": 0, "id": "x"}))
        cases = [({"method": "nothing", "id": 1}, 404, -32601), ({"id": 1}, 400, -32600),
                 ("{", 500, -32700), ("1", 500, -32700), ("[" * 100000, 500, -32700),
                 ({"method": "getblockhash", "params": [9], "id": 1}, 500, -8),
                 ({"method": "getblockhash", "params": {"high": 9}, "id": 1}, 500, -8)]
        for body, status, code in cases:
            with self.subTest(str(body)[:60]):
                answer = self.post(body)
                self.assertEqual((answer[0], answer[1]["error"]["code"]), (status, code))
        status, reply = self.post({"jsonrpc": "2.0", "method": "nothing", "id": 1})
        self.assertEqual((status, reply["error"]["code"]), (200, -32601))
        status, replies = self.post([count, {"method": "nothing", "id": 2}, 7])
        self.assertEqual([r["error"] and r["error"]["code"] for r in replies],
                         [None, -32601, -32600])
        self.assertEqual(status, 200)

    def test_credentials_are_needed(self):
        for wrong in ("alice:pw", "__cookie__:", "alice:", self.cookie + "0"):
            self.assertEqual(self.post({"method": "uptime"}, wrong), (401, b""))
        self.assertEqual(self.post({"method": "uptime", "id": 1}, "alice:p:w")[0], 200)
        self.assertEqual(self.post("", method="GET")[0], 405)
        mode = os.stat(Path(self.folder.name) / "regtest" / ".cookie").st_mode
        self.assertEqual(mode & 0o077, 0)

    def test_the_command_line_reaches_it(self):
        def run(*words):
            return subprocess.run([TOOLS / "regtest", *words], capture_output=True, text=True)
        datadir = ["--datadir", self.folder.name]
        self.assertIn(self.url, run("status", *datadir).stdout)
        self.assertEqual(run("cli", *datadir, "getblockhash", "0").stdout.strip(),
                         "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206")
        refused = run("cli", *datadir, "getblockhash", "5000")
        self.assertEqual(refused.returncode, 8)
        self.assertIn("error code: -8", refused.stderr)
        self.assertIn("relay policy", " ".join(run("--help").stdout.split()))

    def test_start_and_stop_by_process_id(self):
        with tempfile.TemporaryDirectory() as folder:
            def run(*words):
                return subprocess.run([TOOLS / "regtest", *words, "--datadir", folder],
                                      capture_output=True, text=True, timeout=90)
            url = run("start", "--kernel", "--port", "0").stdout
            self.assertTrue(url.startswith("http://127.0.0.1:"), url)
            self.assertEqual(run("start", "--kernel", "--port", "0").stdout, url)
            self.assertEqual(run("status").returncode, 0)
            self.assertIn("ended", run("stop").stdout)
            self.assertEqual(run("status").returncode, 1)


if __name__ == "__main__":
    unittest.main()
