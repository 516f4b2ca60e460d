"""What members, nodes and file senders of ill will put in front of a tired executive."""

import fcntl
import http.server
import json
import threading
import time
from pathlib import Path

import keyfiles
from world import MEMBERS, PAYEE, RULE, TestCase, expressions, kill, number_in

COLUMNS = 80
DOWN = "http://user:password@127.0.0.1:1"
CLEAR = "\x1b[2J\x1b[H"


def rows(text):
    """What stands on a terminal of 80 columns, row by row."""
    for line in text.splitlines():
        yield from (line[start:start + COLUMNS] for start in range(0, len(line) or 1, COLUMNS))


class LyingNode(http.server.BaseHTTPRequestHandler):
    """Answers Bitcoin Core's JSON-RPC as a test says."""

    answers = {}

    def do_POST(self):
        call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        result, error = self.answers.get(call["method"], (None, {"code": -32601, "message": ""}))
        body = json.dumps({"result": result, "error": error, "id": call["id"]}).encode()
        self.send_response(500 if error else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Screens(TestCase):
    def test_ceilings_and_holders_are_read_before_a_wallet_is_approved(self):
        keys = [f"--key={who}={text}" for who, text in zip(
            MEMBERS, expressions(self.world, MEMBERS, "45h/7h/0h"))]
        ran = self.world.act(
            "carol", "wallet", "create", "drain", "--kind", "wsh", "--threshold", 2, *keys,
            "--quorum", RULE, "--max-fee", "20999999", "--max-fee-rate", 1000000,
            "--max-fee-percent", 100, "--depth", 7, "--gap", 9)
        shown = self.world.act("bob", "approve", number_in(ran)).out
        for needle in ("20999999.00000000 BTC", "1000000 sat/vB", "100 %", "alice, bob, carol",
                       "7 confirmations", "gap of 9"):
            self.assertIn(needle, shown)

    def test_a_holder_reads_his_own_key_and_what_was_declared(self):
        own = expressions(self.world, ["alice"], "45h/8h/0h")[0]
        ran = self.world.act(
            "alice", "wallet", "create", "short", "--kind", "tr", f"--key=alice={own}",
            "--quorum", RULE, "--declare-shortcut")
        self.world.approve(number_in(ran), "alice", "bob")
        shown = self.world.act("alice", "wallet", "accept", "short").out
        self.assertRegex(shown, r"(?m)^Your key: +" + own.replace("[", r"\[").replace("*", r"\*"))
        self.assertIn("fewer members than the quorum", shown)

    def test_a_replacement_says_what_it_replaces_and_what_it_pays_in_all(self):
        first = self.world.authorised("main", "0.1")
        ran = self.world.act(
            "alice", "initiate", "main", "--to", f"{PAYEE}:0.1", "--to", f"{PAYEE}:0.25",
            "--fee-rate", 9, "--replaces", first)
        shown = self.world.act("bob", "approve", number_in(ran)).out
        self.assertRegex(shown, rf"(?m)^Replaces: +request {first}\b")
        self.assertRegex(shown, r"(?m)^Total: +0\.35000000 BTC to 2 recipients$")
        self.assertRegex(shown, r"(?m)^Initiated: +by alice, expires 20")

    def test_no_reference_imitates_a_line_of_the_screen(self):
        for label in ("Pays:", "Total:", "Rule:"):
            with self.subTest(label):
                text = "invoice".ljust(COLUMNS - len("Reference:  ")) + label.ljust(12) + "0 BTC"
                number = self.world.initiate("single", "0.001", "--reference", text, who="bob")
                shown = self.world.act("alice", "abort", number).out
                lines = [row for row in rows(shown) if row.startswith(label)]
                self.assertNotIn("0 BTC", [line[12:].strip() for line in lines], shown)
                self.assertIn("0 BTC", shown)

    def test_a_new_member_reads_the_keys_that_the_names_of_the_others_stand_for(self):
        world = self.world
        keyfiles.write(world.home("dave"), "dave", "event", keyfiles.secret_of("dave"))
        key = world.ok("dave", "key", "show", "dave").out.strip()
        world.approve(number_in(world.act("alice", "member", "enrol", f"dave:{key}")), "alice",
                      "bob")
        shown = world.act("dave", "member", "accept").out
        for who in (*MEMBERS, "dave"):
            key = world.ok(who, "key", "show", who).out.strip()
            self.assertIn(f"Key:      {key} of {who}\n", shown)


class Nodes(TestCase):
    def lying(self, **answers):
        handler = type("Lying", (LyingNode,), {
            "answers": {"getblockchaininfo": ({
                "chain": "regtest", "blocks": 1, "headers": 1, "bestblockhash": "00" * 32,
                "mediantime": 0, "initialblockdownload": False, "pruned": False}, None)} | answers})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://user:password@127.0.0.1:{server.server_address[1]}"

    def assert_quiet(self, text):
        self.assertTrue(all(c == "\n" or c.isprintable() for c in text), repr(text))

    def test_a_node_does_not_write_on_the_screen_of_a_request(self):
        words = f"no data{CLEAR}\nPays:       0.00000001 BTC  {PAYEE}\u202e"
        url = self.lying(estimatesmartfee=({"feerate": 0.00002, "errors": [words], "blocks": 6},
                                           None))
        ran = self.world.act("alice", "initiate", "main", "--to", f"{PAYEE}:0.1", "--node", url)
        self.assert_quiet(ran.out)
        self.assertEqual(sum(line.startswith("Pays:") for line in ran.out.splitlines()), 1)

    def test_a_node_does_not_write_on_the_screen_of_an_error(self):
        for code in (-1, -28):
            url = self.lying(estimatesmartfee=(None, {"code": code, "message": CLEAR + "\nPaid."}))
            ran = self.refused("alice", "initiate", "main", "--to", f"{PAYEE}:0.1", "--node", url,
                               "--as", "alice", "--yes", naming="estimatesmartfee"
                               if code == -1 else "start")
            self.assert_quiet(ran.err)

    def test_whatever_a_node_says_to_a_broadcast_its_answer_is_recorded(self):
        texts = ("\U0001f600" * 4_000, "e" + "\u0301" * 4_000, CLEAR * 400 + "\U000e0100")
        for wallet, text in zip(("single", "main", "tap"), texts):
            with self.subTest(repr(text[:4])):
                number = self.world.signed(wallet, "0.001")
                url = self.lying(sendrawtransaction=(None, {"code": -26, "message": text}))
                ran = self.world.run("alice", "broadcast", number, "--as", "alice", "--yes",
                                     "--node", url)
                self.assert_refused(ran, "the node refuses")
                self.assert_quiet(ran.err)
                last = self.world.entries()[-1].event
                self.assertEqual((last.kind, last.body["accepted"]), ("relayed", False))


class Races(TestCase):
    def test_a_watch_waits_while_its_key_is_in_use(self):
        """Its owner reads a question at the same time, say."""
        self.world.mine()
        self.world.watch()
        before = self.world.size()
        with open(self.world.home("alice") / "keys" / "alice.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.world.mine()
            process = self.world.start("alice", "watch", "--as", "alice", "--interval", 1,
                                       "--node", self.world.node())
            self.addCleanup(kill, process)
            self.assertIn("trying again", process.stderr.readline())
        deadline = time.monotonic() + 60
        while self.world.size() == before:
            self.assertLess(time.monotonic(), deadline)
            self.assertIsNone(process.poll())


class ByFile(TestCase):
    def test_an_event_that_can_never_be_recorded_does_not_silence_its_key(self):
        world = self.world
        number, next_one = world.initiate("main", "0.1"), world.initiate("main", "0.1")
        request, event = world.path("r.request"), world.path("bob.event")
        world.ok("alice", "request", "export", number, "--out", request)
        world.act("bob", "approve", "--request", request, "--out", event)
        world.act("alice", "abort", number)
        self.assert_refused(world.run("alice", "submit", event), "has ended")
        # The next file shows Bob's client that the request is no more.
        world.act_by_file("bob", next_one, "approve")
        self.assertEqual(world.entries()[-1].event.kind, "approved")


class Crashes(TestCase):
    def test_no_crash_leaves_keys_in_a_core_file(self):
        """A watcher has an open key for as long as it runs."""
        process = self.world.start("alice", "watch", "--as", "alice", "--node", DOWN)
        self.addCleanup(kill, process)
        self.assertIn("trying again", process.stderr.readline())
        limits = Path(f"/proc/{process.pid}/limits").read_text()
        self.assertRegex(limits, r"(?m)^Max core file size +0 +0 ")
