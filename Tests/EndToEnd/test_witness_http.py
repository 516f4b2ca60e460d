"""The witness's HTTP to the letter: C2SP tlog-witness, RFC 9110 and RFC 9112, over bare sockets."""

import base64
import concurrent.futures
import hashlib
import http.client
import re
import socket
import time

import keyfiles
from test_witness import Served, WitnessCase

BODY_BYTES_MAX = 1 << 20


def head(length, *fields, method="POST", path="/add-checkpoint", version="1.1", host="Host: w"):
    """A request's head; `length` is its Content-Length, None for none."""
    lines = [f"{method} {path} HTTP/{version}", host, *fields]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return ("\r\n".join(line for line in lines if line) + "\r\n\r\n").encode()


def chunked(body, size):
    parts = [body[start:start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x;ext=1\r\n%s\r\n" % (len(part), part) for part in parts) + \
        b"0\r\nTrailer: x\r\n\r\n"


class Connection:
    """A bare connection to a witness."""

    def __init__(self, served, timeout=20):
        self.socket = socket.create_connection(("127.0.0.1", served.port), timeout)
        self.stream = self.socket.makefile("rb")

    def send(self, *parts):
        for part in parts:
            self.socket.sendall(part)
        return self

    def answer(self, method="POST"):
        """(status, fields, body) of the next answer."""
        status = self.stream.readline().decode()
        found = re.fullmatch(r"HTTP/1\.1 (\d{3}) [A-Za-z ]+\r\n", status)
        if not found:
            raise AssertionError(f"no status line: {status!r}")
        fields = http.client.parse_headers(self.stream)
        length = int(fields.get("Content-Length", 0))
        body = b"" if method == "HEAD" or found[1] == "100" else self.stream.read(length)
        return int(found[1]), fields, body.decode()

    def rest(self):
        """What arrives until the other side closes; a reset is no more than that."""
        try:
            return self.stream.read()
        except ConnectionError:
            return b""

    def close(self):
        self.stream.close()
        self.socket.close()


class WitnessHTTP(WitnessCase):
    def setUp(self):
        super().setUp()
        (self.key,) = self.init()
        self.add_log()
        self.served = Served(self, self.folder)
        self.first = self.checkpoint("--offline").out
        self.size = int(self.first.split("\n")[1])

    def connect(self, timeout=20):
        connection = Connection(self.served, timeout)
        self.addCleanup(connection.close)
        return connection

    def ask(self, body, *fields, **words):
        body = body.encode() if isinstance(body, str) else body
        return self.connect().send(head(len(body), *fields, **words), body).answer(
            words.get("method", "POST"))

    def assert_text(self, answer, status):
        self.assertEqual((answer[0], answer[1]["Content-Type"]),
                         (status, "text/plain; charset=utf-8"), answer)
        self.assertTrue(answer[2].endswith("\n") and answer[2].count("\n") == 1, answer)

    def assert_size(self, answer, size):
        self.assertEqual((answer[0], answer[1].get_all("Content-Type"), answer[2]),
                         (409, ["text/x.tlog.size"], f"{size}\n"))

    def assert_cosigned(self, answer, note):
        """The one line of a 200, a cosignature/v1 that verifies over the note's text."""
        status, fields, body = answer
        self.assertEqual(status, 200, body)
        self.assertEqual(fields["Content-Length"], str(len(body.encode())))
        found = re.fullmatch("\u2014 (\\S+) (\\S+)\n", body)
        self.assertTrue(found, body)
        raw = base64.b64decode(found[2], validate=True)
        self.assertEqual((found[1], len(raw)), (self.key.split("+")[0], 4 + 8 + 64))
        self.assertEqual(raw[:4].hex(), self.key.split("+")[1])
        public = base64.b64decode(self.key.split("+")[2])
        seconds = int.from_bytes(raw[4:12], "big")
        self.assertLess(abs(seconds - time.time()), 3_600)
        text = note.split("\n\n")[0] + "\n"
        from cryptography.hazmat.primitives.asymmetric import ed25519
        ed25519.Ed25519PublicKey.from_public_bytes(public[1:]).verify(
            raw[12:], f"cosignature/v1\ntime {seconds}\n{text}".encode())

    # C2SP tlog-witness, one sentence after the other.

    def test_each_answer_to_the_letter(self):
        valid = self.request(0, self.first)
        self.assert_text(self.ask("nonsense"), 400)
        self.assert_text(self.ask(valid, path="/"), 404)
        self.assert_text(self.ask(valid.replace("\ntreasury/", "\nother/", 1)), 404)
        signature = re.search("\u2014 (\\S+) (\\S+)\n", self.first)
        raw = bytearray(base64.b64decode(signature[2]))
        raw[40] ^= 1
        forged = self.first.replace(signature[2], base64.b64encode(raw).decode())
        self.assert_text(self.ask(self.request(0, forged)), 403)
        both = self.first + forged.splitlines()[-1] + "\n"
        self.assert_text(self.ask(self.request(0, both)), 403)
        raw[0] ^= 1
        stranger = f"\u2014 {signature[1]} {base64.b64encode(raw).decode()}\n"
        unsigned = self.first.replace(signature[0], stranger)
        self.assert_text(self.ask(self.request(0, unsigned)), 403)
        self.assert_text(self.ask(self.request(self.size + 1, self.first)), 400)
        self.assert_size(self.ask(self.request(1, self.first)), 0)
        hash_ = base64.b64encode(bytes(32)).decode()
        self.assert_text(self.ask(self.request(0, self.first, [hash_])), 422)
        self.assert_text(self.ask(self.request(0, self.first, [hash_] * 63)), 422)
        self.assert_text(self.ask(self.request(0, self.first, [hash_] * 64)), 400)
        self.assert_cosigned(self.ask(self.request(0, self.first + stranger)), self.first)
        self.assert_size(self.ask(valid), self.size)
        self.assert_cosigned(self.ask(self.request(self.size, self.first)), self.first)
        self.assert_text(self.ask(self.request(self.size, self.first, [hash_])), 422)
        self.grow()
        second = self.checkpoint("--offline").out
        proof = self.proof_lines(self.size, self.size + 1)
        self.assert_text(self.ask(self.request(self.size, second)), 422)
        self.assert_text(self.ask(self.request(self.size, second, proof[::-1] + [hash_])), 422)
        self.assert_cosigned(self.ask(self.request(self.size, second, proof)), second)
        self.assert_size(self.ask(self.request(self.size, self.first)), self.size + 1)

    def test_another_root_at_the_cosigned_size_is_422_and_the_ledger_is_told(self):
        fork, mine, theirs = self.two_heads()
        self.assert_cosigned(self.ask(self.request(0, mine)), mine)
        self.assert_text(self.ask(self.request(self.size + 1, theirs)), 422)
        self.assert_size(self.ask(self.request(0, theirs)), self.size + 1)
        fork.ok("alice", "witness-policy", "add", "w1", self.key, self.served.url)
        self.assertIn("two histories", fork.run("alice", "checkpoint").err)

    def test_a_monitor_gets_what_was_cosigned(self):
        origin = self.log_key.split("+")[0]
        path = f"/{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint"
        self.assert_text(self.ask("", method="GET", path=path), 404)
        status, _, line = self.ask(self.request(0, self.first))
        self.assertEqual(status, 200)
        status, fields, note = self.ask("", method="GET", path=path)
        self.assertEqual((status, fields["Content-Type"], note),
                         (200, "text/plain; charset=utf-8", self.first + line))
        self.assertEqual(self.ask("", method="POST", path=path)[1]["Allow"], "GET")
        self.assertEqual(self.ask("x", method="GET", path=path)[0], 413)
        for other in (path.upper(), path + "/", "/" + path, path.replace("/checkpoint", ""),
                      "/../witness.mdb", path[:-11] + "0" + path[-11:],
                      f"/{'0' * 64}/checkpoint"):
            self.assertEqual(self.ask("", method="GET", path=other)[0], 404, other)

    # HTTP.

    def test_only_post_is_taken(self):
        for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"):
            connection = self.connect().send(head(0, method=method))
            status, fields, body = connection.answer(method)
            self.assertEqual((status, fields["Allow"], bool(body)), (405, "POST", method != "HEAD"))
            self.assertEqual(connection.rest(), b"", method)

    def test_a_body_over_the_cap_is_413_however_it_is_sent(self):
        edge = b"x" * BODY_BYTES_MAX
        self.assertEqual(self.ask(edge)[0], 400)
        for length in (BODY_BYTES_MAX + 1, 3 * BODY_BYTES_MAX, 16 * BODY_BYTES_MAX):
            # All of it is sent before anything is read.
            self.assert_text(self.ask(b"x" * length), 413)
        for length in (2 ** 63 - 1, 2 ** 64, 10 ** 30):
            connection = self.connect().send(head(length))
            self.assertIn(connection.answer()[0], (400, 413))
        for size in (1_000, 65_536, BODY_BYTES_MAX + 1):
            connection = self.connect().send(
                head(None, "Transfer-Encoding: chunked"), chunked(edge + b"x", size))
            self.assert_text(connection.answer(), 413)
            self.assertEqual(connection.rest(), b"")
        # A request behind the refused one is not taken for one.
        connection = self.connect().send(
            head(2 * BODY_BYTES_MAX), edge * 2, head(0, path="/"))
        self.assertEqual(connection.answer()[0], 413)
        self.assertEqual(connection.rest(), b"")

    def test_chunked_bodies_of_any_cut_are_one_body(self):
        body = self.request(0, self.first).encode()
        for size in (1, 7, len(body)):
            connection = self.connect().send(
                head(None, "Transfer-Encoding: chunked"), chunked(body, size))
            self.assertIn(connection.answer()[0], (200, 409), size)
        connection = self.connect()
        for byte in head(len(body)) + body:
            connection.send(bytes([byte]))
        self.assert_size(connection.answer(), self.size)

    def test_pipelined_requests_are_answered_in_their_order(self):
        valid = self.request(0, self.first).encode()
        wrong = self.request(1, self.first).encode()
        batch = b"".join(head(len(body)) + body for body in (valid, wrong, b"x") * 20)
        connection = self.connect().send(batch)
        answers = [connection.answer() for _ in range(60)]
        self.assert_cosigned(answers[0], self.first)
        self.assertEqual([answer[0] for answer in answers[1:]], [409, 400] + [409, 409, 400] * 19)
        # After the answer to the last, the connection is still there.
        self.assert_size(connection.send(head(len(valid)), valid).answer(), self.size)
        # A request that ends the connection ends it for those behind it.
        connection.send(head(1, "Connection: close"), b"x", head(1), b"x")
        status, fields, _ = connection.answer()
        self.assertEqual((status, fields["Connection"]), (400, "close"))
        self.assertEqual(connection.rest(), b"")

    def test_answers_that_nobody_reads_do_not_pile_up(self):
        connection = self.connect(timeout=3)
        batch = (head(1) + b"x") * 500
        sent = 0
        try:
            while sent < 64 << 20:
                sent += connection.socket.send(batch)
        except TimeoutError:
            pass
        self.assertLess(sent, 64 << 20)
        self.assertEqual(self.ask("x")[0], 400)
        status = open(f"/proc/{self.served.process.pid}/status", encoding="ascii").read()
        self.assertLess(int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]), 200_000)

    def test_what_a_client_expects(self):
        body = self.request(0, self.first).encode()
        connection = self.connect().send(head(len(body), "Expect: 100-continue"))
        self.assertEqual(connection.answer()[0], 100)
        self.assert_cosigned(connection.send(body).answer(), self.first)
        self.assertEqual(connection.send(head(1), b"x").answer()[0], 400)
        # Who would be refused is told so instead.
        for fields, words, status in (
                (("Expect: 100-continue",), {"path": "/"}, 404),
                (("Expect: 100-Continue",), {"method": "PUT"}, 405),
                (("Expect: the-impossible",), {}, 417)):
            self.assertEqual(self.connect().send(head(9, *fields, **words)).answer()[0], status)
        connection = self.connect().send(head(BODY_BYTES_MAX + 1, "Expect: 100-continue"))
        self.assertEqual(connection.answer()[0], 413)
        connection = self.connect().send(
            head(1, "Expect: 100-continue", version="1.0"), b"x")
        self.assertEqual(connection.answer()[0], 400)

    def test_http_1_0_gets_one_answer_and_the_end(self):
        body = self.request(0, self.first).encode()
        for fields in ((), ("Connection: keep-alive",), ("Connection: close",)):
            connection = self.connect().send(
                head(len(body), *fields, version="1.0", host=""), body)
            status, answered, _ = connection.answer()
            self.assertIn(status, (200, 409))
            self.assertEqual(answered["Connection"], "close")
            self.assertEqual(connection.rest(), b"")

    def test_absurd_heads_are_refused_and_nothing_is_asked(self):
        body = self.request(0, self.first).encode()
        absurd = [
            head(len(body), host=""), head(len(body), "Host: x"),
            head(len(body), "Content-Length: 0"), head(len(body), "Transfer-Encoding: chunked"),
            head(-1), head("0x10"), head("1 1"), head(None, "Transfer-Encoding: gzip"),
            head(len(body), "X: " + "y" * 200_000),
            head(len(body), *(f"X{number}: y" for number in range(20_000))),
            head(len(body), "X : y"), head(len(body), "X: a\0b"), head(len(body), " folded"),
            head(len(body), path="/" + "a" * 100_000), head(len(body), path=""),
            head(len(body), version="3.7"), head(len(body), method="POST POST"),
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\0" * 1_000,
            b"\r\n" * 1_000 + b"x y",
        ]
        for text in absurd:
            connection = self.connect()
            try:
                connection.send(text, body)
                connection.socket.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            rest = connection.rest()
            self.assertRegex(rest[:13], rb"^$|^HTTP/1\.1 4\d\d ", text[:100])
        # Bare line feeds are no ends of lines, or are: never is anything cosigned by halves.
        self.assert_cosigned(self.ask(body), self.first)

    def test_a_request_cut_off_is_none_and_others_are_answered(self):
        body = self.request(0, self.first).encode()
        whole = head(len(body)) + body
        for count in range(0, len(whole), 41):
            self.connect().send(whole[:count]).close()
        self.assert_cosigned(self.ask(body), self.first)
        # Half closed by its client, a request is still answered, or not at all.
        connection = self.connect().send(head(len(body)), body)
        connection.socket.shutdown(socket.SHUT_WR)
        self.assertRegex(connection.rest()[:13], rb"^$|^HTTP/1\.1 409 ")

    def test_slow_clients_are_given_up_and_hold_nobody_up(self):
        slow = [self.connect(timeout=60) for _ in range(200)]
        for number, connection in enumerate(slow):
            connection.send(head(100)[:number % 60])
        self.assert_cosigned(self.ask(self.request(0, self.first)), self.first)
        began = time.monotonic()
        # One byte now and then keeps no connection open.
        while slow and time.monotonic() - began < 60:
            try:
                slow[0].socket.settimeout(1)
                if slow[0].socket.recv(1) == b"":
                    slow.pop(0)
            except TimeoutError:
                for connection in slow[:20]:
                    try:
                        connection.send(b"a")
                    except OSError:
                        pass
            except OSError:
                slow.pop(0)
        self.assertEqual(slow, [])
        self.assertLess(time.monotonic() - began, 45)

    def test_requests_at_once_never_cosign_a_smaller_or_another_tree(self):
        fork = self.copy_of(self.world)
        notes = {}
        for _ in range(6):
            self.grow()
            note = self.checkpoint("--offline").out
            notes[int(note.split("\n")[1])] = note
        others = {}
        for number in range(6):
            name = f"z{number}"
            public = keyfiles.write(fork.home("alice"), name, "event", keyfiles.secret_of(name))
            fork.act("alice", "member", "enrol", f"{name}:{public}:operator")
            note = fork.ok("alice", "checkpoint", "--offline").out
            others[int(note.split("\n")[1])] = note
        proofs = {}
        for ledger, trees in ((self.world, notes), (fork, others)):
            for old in (self.size, *trees):
                for new in trees:
                    if old < new:
                        proofs[trees[new], old] = self.proof_lines(old, new, ledger)
        self.assert_cosigned(self.ask(self.request(0, self.first)), self.first)
        sizes = (self.size, *notes)

        def worker(number):
            """What one client was told: (begun, ended, note)."""
            connection = Connection(self.served)
            cosigned, known = [], self.size
            for step in range(60):
                trees = others if (number + step) % 5 == 0 else notes
                note = trees[sorted(trees)[(number * 5 + step * 3) % 6]]
                new = int(note.split("\n")[1])
                old = known if step % 3 else sizes[(number + step) % len(sizes)]
                body = self.request(old, note, proofs.get((note, old), [])).encode()
                began = time.monotonic()
                status, _, answer = connection.send(head(len(body)), body).answer()
                if status == 200:
                    cosigned.append((began, time.monotonic(), new, note))
                elif status == 409:
                    known = int(answer)
                elif status not in (400, 422):
                    raise AssertionError((status, answer))
            connection.close()
            return cosigned

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            cosigned = sum(pool.map(worker, range(16)), [])
        self.assertGreater(len(cosigned), 10)
        branches = {note in notes.values() for *_, note in cosigned}
        self.assertEqual(len(branches), 1, "two histories were cosigned")
        # Nothing that began after a larger tree's answer had come is smaller.
        for one in cosigned:
            for other in cosigned:
                self.assertFalse(one[1] < other[0] and other[2] < one[2], (one[:3], other[:3]))
        largest = max(size for _, _, size, _ in cosigned)
        self.assert_size(self.ask(self.request(0, self.first)), largest)
