"""Faults in a witness: what it has said is true after any of them, and nothing else is cosigned."""

import http.client
import os
import re
import signal
import socket
import subprocess
import time

import keyfiles
import scenarios
import tracing
import world as treasury
from tracing import Fault

KEYS = "w1", "w1-full"
NAME = "auditor.example/w1"
SECONDS = 30


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Served:
    """A running witness, under strace when something is to fail."""

    def __init__(self, world, trace=None, fault=None):
        port = free_port()
        words = [str(treasury.BIN / "strongroom"), "witness", "serve", str(world.path("witness")),
                 "--listen", f"127.0.0.1:{port}"]
        self.trace = trace
        if trace:
            more = ["-e", fault.injection] if fault else []
            words = ["strace", "--follow-forks", "--decode-fds=path", "--quiet=all", "-e",
                     "signal=none", "-e", f"trace={','.join(tracing.CALLS)}", "-s", "0", "-o",
                     str(trace), *more, *words]
        self.process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=world.environment("wendy"), cwd=world.folder, text=True, start_new_session=True)
        # Its first line may be what fails: that it listens is seen by asking.
        self.port = port if self.listens(port) else None
        self.status, self.out, self.err = None, "", ""

    def listens(self, port):
        deadline = time.monotonic() + SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            with socket.socket() as asking:
                if asking.connect_ex(("127.0.0.1", port)) == 0:
                    return True
            time.sleep(0.02)
        return False

    def post(self, body):
        """(status, body) of an answer; (None, '') when none came."""
        if not self.port:
            return None, ""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            connection.request("POST", "/add-checkpoint", body.encode())
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            return None, ""
        finally:
            connection.close()

    def offer(self, known, note, proofs):
        """The lines by which it cosigns a note, which goes on from one of several sizes."""
        for _ in range(2):
            proof = proofs.get((known, note), [])
            lines = "".join(f"{line}\n" for line in (f"old {known}", *proof, ""))
            status, body = self.post(lines + note)
            if status == 200:
                return body
            if status != 409:
                return ""
            known = int(body)
        return ""

    def stop(self):
        """Ends the witness, with the strace around it, and keeps what it said."""
        if self.status is None:
            try:
                if self.process.poll() is None:
                    os.killpg(self.process.pid, signal.SIGTERM)
                out, self.err = self.process.communicate(timeout=SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                out, self.err = self.process.communicate()
            self.out += out
            self.status = self.process.returncode
        return self

    def traced(self):
        lines = self.trace.read_text(errors="replace").splitlines()
        return tracing.Traced(self.status, self.out, self.err, lines)


# The witness of the scenario `gathering`, undisturbed -----------------------------------------

_served = []


def prepare(world):
    """A witness in the world, which replays the ledger; returns its verifier keys."""
    for name in KEYS:
        keyfiles.write(world.home("wendy"), name, "witness", keyfiles.secret_of("faults", name))
    out = world.ok("wendy", "witness", "init", world.path("witness"), "--key", KEYS[0],
                   "--full-key", KEYS[1], "--name", NAME).out
    log = world.ok("alice", "witness-policy").out.split()[1]
    world.ok("wendy", "witness", "log", "add", world.path("witness"), log, "--full-from",
             world.ledger)
    return re.findall(r"\S+\+[0-9a-f]{8}\+\S+", out)


def name_witness(world):
    """Has the ledger name a witness that runs elsewhere and knows no more than this history."""
    if not _served:
        home = treasury.World(world.folder.parent / "witness-home")
        scenarios.shutil.copytree(world.folder, home.folder)
        keys = prepare(home)
        _served.append((Served(home), keys))
    served, keys = _served[0]
    world.ok("alice", "witness-policy", "add", "w1", keys[0], f"http://127.0.0.1:{served.port}")


def end():
    """Ends the witness that runs, if one does."""
    for served, _ in _served:
        served.stop()


# A witness that is disturbed ------------------------------------------------------------------

class Histories:
    """A treasury whose witness has cosigned one checkpoint, the next of it, and a fork's."""

    def __init__(self, base, folder):
        self.base = scenarios.copied(base, folder)
        prepare(self.base)
        fork = scenarios.copied(self.base, folder.with_name("fork"))
        self.proofs = {}
        first = self.base.ok("alice", "checkpoint", "--offline").out
        self.first = int(first.split("\n")[1])
        served = Served(self.base)
        assert len(served.offer(0, first, {}).splitlines()) == 2, served.stop().err
        served.stop()
        self.base.act("alice", "address", "main")
        self.next = self.checkpoint(self.base)
        fork.act("alice", "abort", 2)
        self.fork = self.checkpoint(fork)

    def checkpoint(self, world):
        note = world.ok("alice", "checkpoint", "--offline").out
        size = int(note.split("\n")[1])
        out = world.ok("nobody", "prove", "consistency", self.first, size, "--out", "-").out
        self.proofs[self.first, note] = out.split("\n\n")[0].split("\n")[1:]
        return note


def disturb(campaign, mounts):
    """Each call by which a witness changes a file while it cosigns, with each kind of fault."""
    histories = Histories(campaign.base, campaign.folder / "witnessed")
    world = scenarios.copied(histories.base, campaign.folder / "run")
    clean = Served(world, campaign.folder / "trace")
    lines = clean.offer(histories.first, histories.next, histories.proofs)
    traced = clean.stop().traced()
    assert len(lines.splitlines()) == 2, f"undisturbed: {clean.err}"
    for call, nth, path in dict.fromkeys(traced.calls(world.path("witness"))):
        for kind in ("EIO", "ENOSPC", "KILL"):
            if kind == "ENOSPC" and call.startswith("unlink") or not campaign.takes():
                continue
            short = path.removeprefix(f"{world.folder}/")
            disturb_call(campaign, histories, Fault(call, nth, kind, short))
    if mounts:
        fill(campaign, histories)


def disturb_call(campaign, histories, fault):
    world = scenarios.copied(histories.base, campaign.folder / "run")
    served = Served(world, campaign.folder / "trace", fault)
    lines = served.offer(histories.first, histories.next, histories.proofs)
    traced = served.stop().traced()
    problems = []
    if fault.kind != "KILL" and not traced.injected():
        problems.append("nothing was injected: the witness did not come to that call")
    problems += judge(world, histories, traced, lines)
    campaign.record(("witness", fault.call, fault.kind), fault, problems)


def fill(campaign, histories):
    """A file system with room for nothing, for one page more, until a cosignature fits."""
    import faults
    with faults.small_file_system(campaign.folder / "small") as small:
        pages, stride, lines, err = 0, 1 if campaign.share == 1 else 5, "", ""
        while len(lines.splitlines()) < 2 or err:
            world = scenarios.copied(histories.base, small / "run")
            faults.fill_up(small / "filler", pages)
            served = Served(world, campaign.folder / "trace")
            lines = served.offer(histories.first, histories.next, histories.proofs)
            traced = served.stop().traced()
            err = served.err
            (small / "filler").unlink()
            problems = judge(world, histories, traced, lines)
            campaign.record(("witness", "full file system", "ENOSPC"), f"room for {pages} pages",
                            problems)
            scenarios.shutil.rmtree(world.folder)
            assert pages < 400, "a witness wants more than 400 pages"
            pages += stride


def judge(world, histories, traced, lines):
    """What was cosigned stays so: of the two histories one, also after it has been started anew."""
    problems = []
    if any(word in traced.err for word in ("Fatal error", "Program crashed")):
        problems.append(f"it crashed: {traced.err[:300]}")
    if traced.status not in (0, -signal.SIGTERM, -signal.SIGKILL, 1, 74):
        problems.append(f"it ended with status {traced.status}: {traced.err[:300]}")
    if not lines and not traced.is_killed and not traced.err:
        problems.append("it did not cosign, and did not say why")
    if len(lines.splitlines()) == 1 and "not replayed" not in traced.err:
        problems.append(f"it was replayed and not said so: {traced.err[:300]}")
    again = Served(world)
    if not again.port:
        return [*problems, f"it does not start any more: {again.stop().err[:300]}"]
    if lines and again.offer(histories.first, histories.fork, histories.proofs):
        problems.append("two histories were cosigned")
    now = again.offer(histories.first, histories.next, histories.proofs)
    if len(now.splitlines()) != 2:
        problems.append(f"the same again is refused: {again.stop().err[:300]}")
    err = again.stop().err
    if "is not what this witness has kept" in err:
        problems.append(f"what it kept is not whole: {err[:300]}")
    return problems
