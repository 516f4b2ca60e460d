"""Witnesses: a ledger's checkpoints, cosigned by others over HTTP; two histories never are."""

import concurrent.futures
import functools
import http.client
import re
import shutil
import signal
import subprocess
import threading
import time

import envelope
import world
from world import BIN, World

_building = threading.Lock()


@functools.lru_cache(maxsize=None)
def _small():
    """A founded treasury without wallets, its log's verifier key, and a witness's home."""
    small = World(world.scratch() / "small")
    small.folder.mkdir()
    world.found(small)
    for name in ("w1", "w1-full"):
        small.ok("wendy", "key", "create", name, "--witness")
    return small


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

    def grow(self, ledger=None):
        """Appends an event: a request for a member that nobody approves."""
        self.world.act("alice", "policy", "propose", "1 of (alice, bob)") if False else None
        return self.world.act("alice", "attach", "x") if False else self._enrol()

    def _enrol(self):
        self._count = getattr(self, "_count", 0) + 1
        key = self.world.ok("alice", "key", "show", "alice").out.strip()
        del key
        name = f"m{self._count}"
        self.world.ok("alice", "key", "create", name)
        public = self.world.ok("alice", "key", "show", name).out.strip()
        return self.world.act("alice", "member", "enrol", f"{name}:{public}:operator")

    def note(self, ran):
        return ran.out

    def checkpoint(self, *words, status=0):
        ran = self.world.run("alice", "checkpoint", *words)
        self.assertEqual(ran.status, status, ran)
        return ran

    def lines(self, note):
        return [line.split()[1] for line in note.splitlines() if line.startswith("\u2014 ")]

    def size(self, note):
        return int(note.splitlines()[1])
