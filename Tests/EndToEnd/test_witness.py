"""Witnesses: a ledger's checkpoints, cosigned by others over HTTP; two histories never are."""

import concurrent.futures
import functools
import http.client
import http.server
import re
import shutil
import signal
import subprocess
import threading

import keyfiles
import world
from story import Story
from world import BIN, World

_building = threading.Lock()


@functools.lru_cache(maxsize=None)
def _small():
    """A founded treasury without wallets, its log's verifier key, and a witness's home."""
    small = World(world.scratch() / "small")
    small.folder.mkdir()
    world.found(small)
    make_witness_keys(small)
    return small


def make_witness_keys(where):
    for name in ("w1", "w1-full"):
        keyfiles.write(where.home("wendy"), name, "witness", keyfiles.secret_of("witness", name))


def small():
    with _building:
        return _small()


class Served:
    """A running `strongroom witness serve`."""

    def __init__(self, test, folder, who="wendy"):
        self.process = subprocess.Popen(
            [str(BIN / "strongroom"), "witness", "serve", str(folder), "--listen", "127.0.0.1:0"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=test.world.environment(who), cwd=test.world.folder, text=True)
        test.addCleanup(self.kill)
        line = self.process.stdout.readline()
        found = re.fullmatch(r"Listening on 127\.0\.0\.1:(\d+)\n", line)
        if not found:
            raise AssertionError(f"{line!r}: {self.process.communicate(timeout=20)}")
        self.port = int(found.group(1))
        self.url = f"http://127.0.0.1:{self.port}"

    def post(self, body, path="/add-checkpoint", method="POST"):
        """(status, content type, body) of one request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body.encode() if isinstance(body, str) else body)
            answer = connection.getresponse()
            return answer.status, answer.getheader("Content-Type"), answer.read().decode()
        finally:
            connection.close()

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


class WitnessCase(world.TestCase):
    def setUp(self):
        self.world = self.copy_of(small())
        policy = self.world.ok("alice", "witness-policy").out
        self.log_key = policy.split()[1]
        self.folder = self.world.path("witness")

    def init(self, *more):
        """The witness's two verifier keys, or one."""
        out = self.world.ok("wendy", "witness", "init", self.folder, "--key", "w1", "--name",
                            "auditor.example/w1", *more).out
        return re.findall(r"\S+\+[0-9a-f]{8}\+\S+", out)

    def add_log(self, *more):
        self.world.ok("wendy", "witness", "log", "add", self.folder, self.log_key, *more)

    def grow(self):
        """Appends an event: a request for a new member."""
        self._count = getattr(self, "_count", 0) + 1
        name = f"m{self._count}"
        public = keyfiles.write(self.world.home("alice"), name, "event",
                                keyfiles.secret_of(self.id(), name))
        return self.world.act("alice", "member", "enrol", f"{name}:{public}:operator")

    def checkpoint(self, *words, status=0):
        ran = self.world.run("alice", "checkpoint", *words)
        self.assertEqual(ran.status, status, ran)
        return ran

    def two_heads(self):
        """A copy that parts from the ledger, and the checkpoints of both, one entry further."""
        fork = self.copy_of(self.world)
        self.grow()
        mine = self.checkpoint("--offline").out
        public = keyfiles.write(fork.home("alice"), "zoe", "event", keyfiles.secret_of("zoe"))
        fork.act("alice", "member", "enrol", f"zoe:{public}:operator")
        return fork, mine, fork.ok("alice", "checkpoint", "--offline").out

    @staticmethod
    def signers(note):
        return [line.split()[1] for line in note.splitlines() if line.startswith("\u2014 ")]

    def proof_lines(self, old, new, ledger=None):
        """The consistency proof as a ledger makes it."""
        ledger = ledger or self.world
        out = ledger.ok("nobody", "prove", "consistency", old, new, "--out", "-").out
        return out.split("\n\n")[0].split("\n")[1:]

    def request(self, old, note, proof=()):
        return "".join(f"{line}\n" for line in (f"old {old}", *proof, "")) + note


class Witnessing(WitnessCase):
    def test_checkpoints_are_cosigned_as_the_ledger_grows(self):
        (key,) = self.init()
        self.add_log("--ledger-id", self.world.id.hex())
        served = Served(self, self.folder)
        self.world.ok("alice", "witness-policy", "add", "w1", key, served.url)
        self.assertEqual(self.world.json("status")["witnessed"], 0)
        for _ in range(3):
            self.grow()
            ran = self.checkpoint()
            self.assertEqual(self.signers(ran.out)[1:], ["auditor.example/w1"])
            size = int(ran.out.split("\n")[1])
            self.assertIn(f"{size} appended, {size} checkpointed, {size} witnessed (by 1 of 1)",
                          ran.err)
        self.grow()
        status = self.world.json("status")
        self.assertEqual((status["witnessed"], status["checkpointed"]), (size, size + 1))
        words = [line.split()[2] for line in self.world.ok("nobody", "log").out.splitlines()[1:]]
        self.assertEqual(words, ["witnessed"] * size + ["checkpointed"])
        # A proof carries the cosignature, and a policy of the checker's own judges it.
        policy = self.world.path("policy")
        policy.write_text(self.world.ok("nobody", "witness-policy", "show").out)
        self.world.ok("nobody", "prove", "event", 1, "--out", "e.tlog-proof")
        ran = self.world.ok("nobody", "check-proof", "e.tlog-proof", "--policy", policy)
        self.assertIn("Witnessed    by w1, ", ran.out)
        self.assertEqual(served.stop()[0], 0)
        self.assert_verifies()

    def test_a_witness_that_is_away_leaves_the_checkpoint_signed(self):
        (key,) = self.init()
        self.add_log()
        served = Served(self, self.folder)
        served.stop()
        self.world.ok("alice", "witness-policy", "add", "w1", key, served.url)
        ran = self.checkpoint("--timeout", 5, status=1)
        self.assertEqual(len(self.signers(ran.out)), 1)
        self.assertIn("not yet witnessed by 1 of 1", ran.err)
        self.checkpoint("--offline")

    def test_two_of_three(self):
        keys = self.init()
        self.add_log()
        served = Served(self, self.folder)
        policy = self.world.path("policy")
        gone = "http://127.0.0.1:9"
        other = self.world.ok("wendy", "witness", "init", self.world.path("other"), "--key",
                              "w1-full", "--name", "second.example/w").out.split()[1]
        self.world.ok("alice", "witness-policy", "add", "w1", keys[0], served.url)
        self.world.ok("alice", "witness-policy", "add", "w2", other, gone)
        self.checkpoint("--timeout", 5)
        self.world.ok("alice", "witness-policy", "quorum", 2)
        ran = self.checkpoint("--timeout", 5, status=1)
        self.assertIn("by 2 of 2", ran.err)
        before = self.world.ok("nobody", "witness-policy").out
        policy.write_text("quorum w1\n")
        for words, naming in ((("quorum", 3), "3 of 2"), (("remove", "w2"), "2 of 1"),
                              (("add", "w1", keys[0], gone), "already"),
                              (("add", "w 3", keys[0], gone), "expected is witness")):
            self.assert_refused(self.world.run("alice", "witness-policy", *words), naming)
        self.assert_refused(self.world.run("alice", "witness-policy", "set", policy),
                            policy, "w1 is not defined", status=2)
        self.assertEqual(self.world.ok("nobody", "witness-policy").out, before)

    def test_the_protocol_from_outside(self):
        self.init()
        self.add_log()
        served = Served(self, self.folder)
        first = self.checkpoint("--offline").out
        self.assertEqual(served.post("nonsense")[0], 400)
        self.assertEqual(served.post("", path="/")[0], 404)
        self.assertEqual(served.post("", method="PUT")[0], 405)
        self.assertEqual(served.post(self.request(9, first))[0], 400)
        self.assertEqual(served.post(self.request(0, first.replace("treasury", "other")))[0], 404)
        forged = re.sub(r"(\u2014 \S+ .{20}).", lambda found: found[1] + (
            "A" if found[0][-1] != "A" else "B"), first)
        self.assertEqual(served.post(self.request(0, forged))[0], 403)
        self.assertEqual(served.post(self.request(1, first))[:3],
                         (409, "text/x.tlog.size", "0\n"))
        status, _, lines = served.post(self.request(0, first))
        self.assertEqual((status, lines.split()[1]), (200, "auditor.example/w1"))
        self.grow()
        second = self.checkpoint("--offline").out
        old, new = (int(note.split("\n")[1]) for note in (first, second))
        self.assertEqual(served.post(self.request(0, second))[::2], (409, f"{old}\n"))
        self.assertEqual(served.post(self.request(old, second))[0], 422)
        proof = self.proof_lines(old, new)
        self.assertEqual(served.post(self.request(old, second, proof))[0], 200)
        self.assertEqual(served.post(self.request(old, first))[::2], (409, f"{new}\n"))
        self.assertEqual(served.stop()[0], 0)

    def test_a_fork_is_not_cosigned_and_the_ledger_is_told(self):
        (key,) = self.init()
        self.add_log()
        fork = self.copy_of(self.world)
        served = Served(self, self.folder)
        for ledger in (self.world, fork):
            ledger.ok("alice", "witness-policy", "add", "w1", key, served.url)
        self.grow()
        self.checkpoint()
        public = keyfiles.write(fork.home("alice"), "zoe", "event", keyfiles.secret_of("zoe"))
        fork.act("alice", "member", "enrol", f"zoe:{public}:operator")
        ran = fork.run("alice", "checkpoint")
        self.assertEqual(ran.status, 1, ran)
        self.assertIn("two histories", ran.err)
        self.assertEqual(len(self.signers(ran.out)), 1)
        fork.act("alice", "abort", 1)
        ran = fork.run("alice", "checkpoint")
        self.assertIn("422", ran.err)
        older = World(self.copy_of(small()).folder)
        older.ok("alice", "witness-policy", "add", "w1", key, served.url)
        self.assertIn("restored older copy", older.run("alice", "checkpoint").err)

    def test_killed_at_any_moment_it_never_cosigns_two_histories(self):
        (key,) = self.init()
        self.add_log()
        fork, mine, theirs = self.two_heads()
        del key
        cosigned = set()
        for turn in range(12):
            served = Served(self, self.folder)

            def offer(note):
                try:
                    status, _, _ = served.post(self.request(0, note))
                    if status == 409:
                        size = int(note.split("\n")[1])
                        status, _, _ = served.post(self.request(size, note))
                    return note if status == 200 else None
                except (OSError, http.client.HTTPException):
                    return None
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                offers = [pool.submit(offer, note) for note in (mine, theirs) * 2]
                if turn % 2:
                    served.process.kill()
                cosigned |= {offer.result() for offer in offers}
            served.kill()
        self.assertEqual(len(cosigned - {None}), 1)

    def test_a_restored_database_cosigns_nothing_until_it_is_recovered(self):
        self.init("--heads", self.world.path("heads"))
        self.add_log()
        served = Served(self, self.folder)
        first = self.checkpoint("--offline").out
        self.assertEqual(served.post(self.request(0, first))[0], 200)
        served.stop()
        saved = self.world.path("saved")
        shutil.copytree(self.folder, saved)
        self.grow()
        second = self.checkpoint("--offline").out
        old, new = (int(note.split("\n")[1]) for note in (first, second))
        proof = self.proof_lines(old, new)
        served = Served(self, self.folder)
        self.assertEqual(served.post(self.request(old, second, proof))[0], 200)
        served.stop()
        shutil.rmtree(self.folder)
        shutil.copytree(saved, self.folder)
        served = Served(self, self.folder)
        self.assertEqual(served.post(self.request(old, second, proof))[0], 500)
        self.assertIn("restored", served.stop()[2])
        origin = self.log_key.split("+")[0]
        self.world.ok("wendy", "witness", "log", "recover", self.folder, origin)
        served = Served(self, self.folder)
        self.assertEqual(served.post(self.request(old, second, proof))[::2], (409, f"{new}\n"))
        self.assertEqual(served.post(self.request(new, second))[0], 200)

    def test_a_log_that_is_added_again_is_replayed_as_before(self):
        self.init("--full-key", "w1-full")
        add = ["witness", "log", "add", self.folder, self.log_key]
        out = self.world.ok("wendy", *add, "--full-from", self.world.ledger).out
        self.assertIn(f"replayed from {self.world.ledger}", out)

        def source():
            return self.world.json("witness", "show", self.folder)["logs"][0].get("source")
        self.assertIn(f"replayed from {self.world.ledger}", self.world.ok("wendy", *add).out)
        self.assertEqual(source(), str(self.world.ledger))
        self.refused("wendy", *add, "--no-full", "--full-from", "x", naming="--no-full", status=2)
        self.assertEqual(source(), str(self.world.ledger))
        self.assertIn("No entry is replayed", self.world.ok("wendy", *add, "--no-full").out)
        self.assertIsNone(source())

    def test_full_replays_are_stated_by_a_second_key(self):
        keys = self.init("--full-key", "w1-full")
        self.world.ok("alice", "key", "create", "archive", "--export")
        export = self.world.path("export")
        web = self.web(self.world.folder)
        self.add_log("--full-from", f"{web}/export")
        served = Served(self, self.folder)
        for name, key in zip(("w1", "w1-full"), keys):
            self.world.ok("alice", "witness-policy", "add", name, key, served.url)
        self.world.ok("alice", "witness-policy", "quorum", 2)
        # Nothing is published yet: consistent, but not replayed.
        ran = self.checkpoint(status=1)
        self.assertEqual(self.signers(ran.out)[1:], ["auditor.example/w1"])
        self.world.ok("alice", "export", export)
        ran = self.checkpoint()
        self.assertEqual(sorted(self.signers(ran.out)[1:]),
                         ["auditor.example/w1", "auditor.example/w1-full"])
        self.grow()
        self.world.ok("alice", "checkpoint", "--offline")
        shutil.rmtree(export)
        self.world.ok("alice", "export", export)
        self.assertEqual(len(self.signers(self.checkpoint().out)), 3)

    def test_a_history_that_breaks_a_rule_is_not_replayed(self):
        keys = self.init("--full-key", "w1-full")
        self.add_log("--full-from", self.world.ledger)
        served = Served(self, self.folder)
        for name, key in zip(("w1", "w1-full"), keys):
            self.world.ok("alice", "witness-policy", "add", name, key, served.url)
        self.assertEqual(len(self.signers(self.checkpoint().out)), 3)
        # Another log's entries at the place where this one's should be.
        other = World(self.world.path("elsewhere"))
        other.folder.mkdir()
        world.found(other)
        self.add_log("--full-from", other.ledger)
        self.grow()
        self.assertEqual(self.signers(self.checkpoint().out)[1:], ["auditor.example/w1"])
        self.assertIn("not replayed", served.stop()[2])

    def full(self):
        """A witness that replays the ledger in its folder; its two keys."""
        keys = self.init("--full-key", "w1-full")
        self.add_log("--full-from", self.world.ledger)
        return keys

    def next_request(self, old):
        """(size, request) for the ledger's newest checkpoint."""
        note = self.checkpoint("--offline").out
        size = int(note.split("\n")[1])
        proof = self.proof_lines(old, size) if 0 < old < size else []
        return size, self.request(old, note, proof)

    def kept_file(self):
        (path,) = [path for path in (self.folder / "replayed").iterdir()
                   if re.fullmatch("[0-9a-f]{64}", path.name)]
        return path

    def assert_replayed(self, served, old, new):
        """What the witness says that it has replayed, after its end."""
        _, out, err = served.stop()
        origin = self.log_key.split("+")[0]
        self.assertEqual(out, f"Replayed {origin} from {old} to {new}\n" if old < new else "")
        return err

    def test_a_restarted_witness_replays_what_is_new(self):
        self.full()
        size = 0
        for _ in range(3):
            self.grow()
            served = Served(self, self.folder)
            old = size
            size, request = self.next_request(old)
            status, _, lines = served.post(request)
            self.assertEqual((status, len(lines.splitlines())), (200, 2))
            self.assertEqual(self.assert_replayed(served, old, size), "")
        served = Served(self, self.folder)
        size, request = self.next_request(size)
        self.assertEqual(len(served.post(request)[2].splitlines()), 2)
        self.assertEqual(self.assert_replayed(served, size, size), "")

    def test_an_incident_is_named_once_and_stops_nothing(self):
        self.world = self.copy_of(world.base())
        self.log_key = self.world.ok("alice", "witness-policy").out.split()[1]
        self.folder = self.world.path("witness")
        make_witness_keys(self.world)
        self.full()
        Story(self.world).sign_unauthorised()
        size = 0
        for named in (1, 0):
            served = Served(self, self.folder)
            old = size
            size, request = self.next_request(old)
            self.assertEqual(len(served.post(request)[2].splitlines()), 2)
            self.assertEqual(self.assert_replayed(served, old, size).count("incident:"), named)
            self.grow()

    def test_killed_while_it_replays_a_witness_goes_on_from_what_it_has_kept(self):
        keys = self.full()
        size, stated = 0, 0
        for turn in range(12):
            self.grow()
            served = Served(self, self.folder)
            note = self.checkpoint("--offline").out
            new = int(note.split("\n")[1])

            def offer(note=note, new=new, served=served):
                try:
                    status, _, known = served.post(self.request(0, note))
                    if status == 409:
                        old = int(known)
                        proof = self.proof_lines(old, new) if 0 < old < new else []
                        status, _, lines = served.post(self.request(old, note, proof))
                    else:
                        lines = known
                    return lines if status == 200 else ""
                except (OSError, http.client.HTTPException):
                    return ""
            with concurrent.futures.ThreadPoolExecutor(1) as pool:
                offered = pool.submit(offer)
                if turn % 3:
                    concurrent.futures.wait([offered], timeout=0.01 * turn)
                    served.process.kill()
                stated += len(offered.result().splitlines()) == 2
            if turn % 3 == 0:
                out, err = served.stop()[1:]
                self.assertEqual(err, "")
                self.assertRegex(out, rf"from \d+ to {new}\n$", offered.result())
                # Whatever was killed meanwhile, not all of it is replayed again.
                self.assertGreaterEqual(int(re.search(r"from (\d+)", out)[1]), size)
                size = new
            served.kill()
        self.assertGreaterEqual(stated, 4)
        self.assertTrue(keys)

    def test_a_tampered_replay_file_is_not_gone_on_from(self):
        self.full()
        served = Served(self, self.folder)
        size, request = self.next_request(0)
        self.assertEqual(served.post(request)[0], 200)
        self.assert_replayed(served, 0, size)
        good = self.kept_file().read_bytes()
        for spoilt in (good[:200] + bytes([good[200] ^ 1]) + good[201:], good[:-1], b"", b"x"):
            self.kept_file().write_bytes(spoilt)
            served = Served(self, self.folder)
            size, request = self.next_request(size)
            self.assertEqual(len(served.post(request)[2].splitlines()), 2)
            err = self.assert_replayed(served, 0, size)
            self.assertIn("is not what this witness has kept", err)
            self.assertIn("every entry is replayed anew", err)
        self.assertEqual(self.kept_file().read_bytes(), good)

    def test_a_witness_whose_log_is_gone_goes_on(self):
        self.full()
        served = Served(self, self.folder)
        served.process.stdout.close()
        served.process.stderr.close()
        size = 0
        for _ in range(2):
            size, request = self.next_request(size)
            self.assertEqual(served.post("nonsense")[0], 400)
            self.assertEqual(len(served.post(request)[2].splitlines()), 2)
            self.assertEqual(served.post(self.request(size + 1, request))[0], 400)
            self.grow()
        self.assertIsNone(served.process.poll())

    def test_an_older_replay_file_is_gone_on_from_and_costs_more(self):
        self.full()
        served = Served(self, self.folder)
        first, request = self.next_request(0)
        self.assertEqual(served.post(request)[0], 200)
        served.stop()
        older = self.kept_file().read_bytes()
        self.grow()
        served = Served(self, self.folder)
        second, request = self.next_request(first)
        self.assertEqual(served.post(request)[0], 200)
        self.assert_replayed(served, first, second)
        self.kept_file().write_bytes(older)
        served = Served(self, self.folder)
        _, request = self.next_request(second)
        self.assertEqual(len(served.post(request)[2].splitlines()), 2)
        self.assertEqual(self.assert_replayed(served, first, second), "")

    def test_a_database_and_heads_older_than_the_replay_cosign_nothing(self):
        self.full()
        served = Served(self, self.folder)
        first, request = self.next_request(0)
        self.assertEqual(served.post(request)[0], 200)
        served.stop()
        saved = self.world.path("saved")
        shutil.copytree(self.folder, saved)
        self.grow()
        served = Served(self, self.folder)
        second, request = self.next_request(first)
        self.assertEqual(served.post(request)[0], 200)
        served.stop()
        # An older backup of the database and of the head files, with the replay as it is.
        (self.folder / "witness.mdb").unlink()
        shutil.copy(saved / "witness.mdb", self.folder)
        shutil.rmtree(self.folder / "heads")
        shutil.copytree(saved / "heads", self.folder / "heads")
        served = Served(self, self.folder)
        self.assertEqual(served.post(request)[0], 500)
        err = served.stop()[2]
        self.assertIn(f"was replayed up to size {second}", err)
        self.assertIn("restored copy", err)
        origin = self.log_key.split("+")[0]
        self.world.ok("wendy", "witness", "log", "recover", self.folder, origin)
        served = Served(self, self.folder)
        self.assertEqual(served.post(request)[::2], (409, f"{second}\n"))
        _, request = self.next_request(second)
        self.assertEqual(len(served.post(request)[2].splitlines()), 2)
        self.assert_replayed(served, second, second)

    def web(self, folder):
        """A web server over a folder."""
        handler = functools.partial(Quiet, directory=str(folder))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_address[1]}"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass
