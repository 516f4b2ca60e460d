"""What members, nodes and file senders of ill will put in front of a tired executive."""

import fcntl
import http.server
import json
import threading
import time

import keyfiles
from world import MEMBERS, PAYEE, RULE, TestCase, expressions, kill, number_in

COLUMNS = 80
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
