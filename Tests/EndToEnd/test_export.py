"""Exports as their owners make them and as strangers look at them."""

import base64
import hashlib
import json
import os
import shutil
import signal
import subprocess
import tarfile
from pathlib import Path

import envelope
import world
from story import Story


def files_of(folder):
    """Every file below a folder, by its path."""
    return {str(path.relative_to(folder)): path.read_bytes()
            for path in folder.rglob("*") if path.is_file()}


def raw(entry):
    """The bytes of an entry, the log's leaf."""
    return envelope.cbor([entry.recorded, entry.event.raw])


class ExportTestCase(world.TestCase):
    """A treasury with an export key and a signed checkpoint."""

    def setUp(self):
        super().setUp()
        self.world.ok("alice", "key", "create", "archive", "--export")
        self.world.ok("alice", "checkpoint")

    def export(self, name, *words):
        """Makes an export and returns its path."""
        self.world.ok("alice", "export", self.world.path(name), *words)
        return self.world.path(name)

    def check_sums(self, folder):
        """coreutils find every file as the manifest lists it, and no other."""
        done = subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "verify/SHA256SUMS"],
                              cwd=folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done)
        listed = [line.split("  ")[1] for line in
                  (folder / "verify/SHA256SUMS").read_text().splitlines()]
        found = sorted(files_of(folder))
        self.assertEqual(listed + ["verify/SHA256SUMS", "verify/SHA256SUMS.note"], found)
        note = (folder / "verify/SHA256SUMS.note").read_text().splitlines()
        self.assertEqual(note[0], "strongroom-export/v1")
        self.assertEqual(note[1:4], (folder / "checkpoint").read_text().splitlines()[:3])
        sums = hashlib.sha256((folder / "verify/SHA256SUMS").read_bytes()).digest()
        self.assertEqual(note[4], base64.b64encode(sums).decode())


class ExportTests(ExportTestCase):
    """What `strongroom export` writes of the whole log."""

    def test_a_folder_passes_sha256sum_and_holds_what_the_ledger_holds(self):
        folder = self.export("evidence")
        self.check_sums(folder)
        entries = [raw(entry) for entry in self.world.entries()]
        found = b"".join(path.read_bytes() for path in
                         sorted((folder / "tile/entries").rglob("*")) if path.is_file())
        self.assertEqual(
            found, b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries))
        for path in (folder / "blobs").rglob("*"):
            if path.is_file():
                self.assertEqual(hashlib.sha256(path.read_bytes()).hexdigest(), path.name)
        text = (folder / "README.txt").read_text()
        self.assertIn(self.world.id.hex(), text)
        self.assertNotIn("Optional", text)
        for schema in ("README.md", "event.cddl", "entry.cddl", "export.md"):
            self.assertEqual((folder / "schemas" / schema).read_bytes(),
                             (world.ROOT / "Schemas" / schema).read_bytes())

    def test_python_reads_the_tar_and_its_fields_are_plain(self):
        folder, tar = self.export("evidence"), self.export("evidence.tar")
        with tarfile.open(tar) as archive:
            members = archive.getmembers()
            content = {member.name: archive.extractfile(member).read() for member in members}
        self.assertEqual(content, files_of(folder))
        names = [member.name for member in members]
        self.assertEqual(names, sorted(names))
        for member in members:
            self.assertTrue(member.isreg())
            self.assertEqual((member.mode, member.uid, member.gid, member.mtime, member.uname,
                              member.gname), (0o644, 0, 0, 0, "", ""), member.name)

    def test_zstd_holds_the_same_tar_and_two_exports_are_alike(self):
        tar, again = self.export("a.tar"), self.export("b.tar")
        packed = self.export("c.tar.zst")
        self.assertEqual(tar.read_bytes(), again.read_bytes())
        subprocess.run(["zstd", "-t", "-q", packed], check=True)
        done = subprocess.run(["zstd", "-d", "-c", "-q", packed], capture_output=True, check=True)
        self.assertEqual(done.stdout, tar.read_bytes())

    def test_it_says_what_it_left_out(self):
        # Without the log's key at hand, an entry is appended and not checkpointed.
        os.rename(self.world.home("alice") / "keys/log.key", self.world.path("log.key"))
        self.world.act("alice", "address", "main")
        ran = self.world.ok("alice", "export", self.world.path("evidence"))
        self.assertIn("1 newer entry not exported", ran.err)

    def test_refusals_name_what_is_missing(self):
        self.world.path("there").mkdir()
        (self.world.path("there") / "file").write_text("precious")
        self.refused("alice", "export", self.world.path("there"), naming="exists already")
        self.assertEqual(files_of(self.world.path("there")), {"file": b"precious"})
        self.refused("bob", "export", self.world.path("out"), naming="no export key", status=2)
        self.refused("alice", "export", self.world.path("out"), "--key", "alice",
                     naming="alice is a event key", status=2)
        self.refused("alice", "export", self.world.path("out.zip"), naming=".tar.zst")
        self.refused("alice", "export", "/nowhere/out", naming="/nowhere")
        self.world.path("junk").write_text("no checkpoint\n")
        self.refused("alice", "export", self.world.path("out"), "--since",
                     self.world.path("junk"), naming="no signed checkpoint", status=2)
        self.assertFalse(self.world.path("out").exists())

    def test_a_read_only_folder_and_a_full_disk_leave_nothing(self):
        if os.geteuid() != 0:
            self.skipTest("a small file system takes root to mount")
        disk = self.world.path("disk")
        disk.mkdir()
        for options, needle in (("size=12k", "full"), ("size=12k,ro", "no permission")):
            subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", disk], check=True)
            try:
                for name in ("out", "out.tar", "out.tar.zst"):
                    self.refused("alice", "export", disk / name, naming=needle)
                self.assertEqual(list(disk.iterdir()), [])
            finally:
                subprocess.run(["umount", disk], check=True)

    def test_a_killed_export_leaves_nothing_under_its_name(self):
        for name in ("out", "out.tar.zst"):
            for number in (1, 3, 40, 200):
                path = self.world.path(name)
                command = ["strace", "-f", "-q", "-o", "/dev/null", "-e", "trace=write",
                           "-e", f"inject=write:signal=KILL:when={number}",
                           str(world.BIN / "strongroom"), "export", str(path)]
                subprocess.run(command, env=self.world.environment("alice"),
                               capture_output=True, cwd=self.world.folder, timeout=60)
                # Killed after it got its name, it is whole.
                if path.is_dir():
                    self.check_sums(path)
                    shutil.rmtree(path)
                elif path.exists():
                    subprocess.run(["zstd", "-t", "-q", path], check=True)
                    path.unlink()
            self.export(name)
        leftovers = [path.name for path in self.world.folder.iterdir()
                     if ".part" in path.name or "strongroom-part" in path.name
                     or path.name.endswith(".spool")]
        self.assertEqual(leftovers, [])

    def test_an_interrupted_export_leaves_nothing(self):
        # It is held where everything is written and nothing has its name yet.
        for name, number, call, last in (
                ("packed.tar.zst", signal.SIGINT, "fsync", "packed.tar.zst.part"),
                ("folder", signal.SIGTERM, "syncfs",
                 "folder.strongroom-part/verify/SHA256SUMS.note")):
            path, last = self.world.path(name), self.world.path(last)
            process = subprocess.Popen(
                ["strace", "-f", "-q", "-o", "/dev/null", "-e", f"trace={call}",
                 "-e", f"inject={call}:delay_enter=5s",
                 str(world.BIN / "strongroom"), "export", str(path)],
                env=self.world.environment("alice"), stdin=subprocess.DEVNULL, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.world.folder)
            while process.poll() is None and not (last.exists() and last.stat().st_size):
                pass
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
            os.kill(int(children.split()[0]), number)
            out, err = process.communicate(timeout=world.SECONDS)
            self.assertEqual(process.returncode, 128 + number, out + err)
            self.assertIn(f"ended by {number.name}; removing {path}", err)
            self.assertEqual(out, "")
            self.assertEqual(list(self.world.folder.glob(f"{name}*")), [])
            self.export(name)

    def test_the_ledgers_own_policy_goes_along(self):
        folder = self.export("without")
        lines = (folder / "tlog-policy").read_text().splitlines()
        self.assertEqual([line.split()[0] for line in lines], ["log", "quorum"])
        policy = self.world.ledger / "tlog-policy"
        written = (folder / "tlog-policy").read_text().replace("none", "w1")
        self.world.ok("alice", "key", "create", "w1", "--witness")
        key = self.world.ok("alice", "witness", "init", self.world.path("w"), "--key", "w1",
                            "--name", "auditor.example/w1").out.split()[1]
        written = written.replace("quorum", f"witness w1 {key}\nquorum")
        policy.write_text("# ours\n" + written)
        # As the C2SP format has it, one way to write it: the comment is nobody else's business.
        self.assertEqual((self.export("with") / "tlog-policy").read_text(), written)
        policy.write_bytes(b"log \x00\n")
        ran = self.world.run("alice", "export", self.world.path("out"))
        self.assert_refused(ran, "tlog-policy")
        self.assertFalse(self.world.path("out").exists())


class DeltaTests(ExportTestCase):
    """`export --since`."""

    def test_a_delta_holds_what_is_new(self):
        old = self.export("old")
        kept = self.world.path("kept.checkpoint")
        shutil.copy(old / "checkpoint", kept)
        self.world.act("alice", "address", "main")
        delta = self.export("delta", "--since", kept)
        whole = self.export("whole")
        self.check_sums(delta)
        found, of_whole = files_of(delta), files_of(whole)
        self.assertEqual(envelope.parse_checkpoint((delta / "since").read_text()),
                         envelope.parse_checkpoint(kept.read_text()))
        self.assertEqual(found["checkpoint"], of_whole["checkpoint"])
        tiles = {path for path in found if path.startswith("tile/")}
        self.assertTrue(tiles <= set(of_whole))
        for path in tiles:
            self.assertEqual(found[path], of_whole[path])
        for line in found["consistency"].decode().splitlines():
            self.assertEqual(len(base64.b64decode(line)), 32)
        self.assertTrue(of_whole["checkpoints"].endswith(found["checkpoints"]))
        # Alone it can not be checked, and its README says what it takes.
        readme = found["README.txt"].decode()
        self.assertIn("1. With a replica", readme)
        self.assertIn("strongroom replica apply FOLDER", readme)
        self.assertNotIn("tlog-tiles client reads", readme)
        self.assertEqual(self.world.verify(ledger=delta).status, 2)
        self.assertIn("tlog-tiles client reads", of_whole["README.txt"].decode())
        for name in ("schemas/golden/approved.json", "schemas/ccss.csv"):
            self.assertEqual(of_whole[name], (world.ROOT / "Schemas" / name[8:]).read_bytes())

    def test_a_checkpoint_of_another_history_is_refused(self):
        kept = self.export("old") / "checkpoint"
        other = self.copy_of(self.world)
        other.act("alice", "address", "main")
        fork = other.path("fork.checkpoint")
        fork.write_text(other.ok("alice", "checkpoint").out)
        # Ours is one entry longer than the fork, and not an extension of it.
        self.world.act("alice", "address", "single")
        self.world.act("alice", "address", "single")
        self.refused("alice", "export", self.world.path("out"), "--since", fork,
                     naming="another history")
        text = kept.read_text()
        forged = self.world.path("forged")
        forged.write_text(text.replace("\n\n\u2014 ", "\n\n\u2014 x", 1))
        self.refused("alice", "export", self.world.path("out"), "--since", forged,
                     naming="not signed by this log")


class DisclosureTests(ExportTestCase):
    """`export --request`, `--wallet`, `--from` with `--to`."""

    def setUp(self):
        super().setUp()
        self.number = self.world.authorised("main", "0.1")
        self.world.authorised("single", "0.1")

    def verify(self, folder, *words):
        return self.world.verify(*words, ledger=folder)

    def test_a_request_is_disclosed_with_its_events_and_no_others(self):
        folder = self.export("some", "--request", self.number)
        self.check_sums(folder)
        wanted = self.world.request_id(self.number)
        entries = self.world.entries()
        expected = {0} | {
            position for position, entry in enumerate(entries)
            if entry.event.id == wanted or entry.event.body.get("request") == wanted}
        found = {int(path.stem): path.read_bytes()
                 for path in (folder / "disclosed").glob("*.entry")}
        self.assertEqual(set(found), expected)
        for position, content in found.items():
            self.assertEqual(content, raw(entries[position]))
        self.assertEqual({path.stem for path in (folder / "disclosed").glob("*.tlog-proof")},
                         {path.stem for path in (folder / "disclosed").glob("*.entry")})
        # Nothing of another event is in any file.
        everything = b"".join(files_of(folder).values())
        for position, entry in enumerate(entries):
            if position not in expected:
                self.assertNotIn(entry.event.raw[-60:], everything)
        ran = self.verify(folder)
        self.assertEqual(ran.status, 0, ran)
        self.assertIn("a disclosure", ran.out)
        self.assertIn("decisions", ran.out)
        # Nothing is compared with a chain, and so that must not end as if it had been.
        ran = self.verify(folder, "--node", "http://user:word@127.0.0.1:1")
        self.assertEqual(ran.status, 2, ran)
        self.assertIn("--node", ran.err)

    def test_choices_add_up(self):
        folder = self.export("some", "--wallet", "tap", "--from", 1, "--to", 3)
        found = {int(path.stem) for path in (folder / "disclosed").glob("*.entry")}
        self.assertTrue({0, 1, 2, 3} < found)
        self.assertEqual(self.verify(folder).status, 0)
        number = json.loads(self.world.ok(
            "alice", "export", self.world.path("more"), "--wallet", "tap", "--wallet", "main",
            "--json").out)["events"]
        self.assertGreater(number, len(found) - 3)

    def test_verify_finds_what_was_tampered_with(self):
        folder = self.export("some", "--request", self.number)
        last = sorted((folder / "disclosed").glob("*.entry"))[-1]
        proof = last.with_suffix(".tlog-proof")
        attacks = {
            "entry": (last, lambda content: content[:-1] + bytes([content[-1] ^ 1])),
            "proof": (proof, lambda content: content.replace(b"index ", b"index 1", 1)),
            "checkpoint": (folder / "checkpoint",
                           lambda content: content.replace(b"\n", b"\n1", 1)),
            "stranger": (folder / "disclosed/extra", lambda content: b"x"),
            "founding": (folder / "disclosed/000000000.tlog-proof",
                         lambda content: proof.read_bytes()),
        }
        for name, (path, change) in attacks.items():
            with self.subTest(name):
                before = path.read_bytes() if path.exists() else None
                path.write_bytes(change(before or b""))
                self.assertEqual(self.verify(folder).status, 1, name)
                path.unlink()
                if before is not None:
                    # A missing file is a finding too.
                    self.assertEqual(self.verify(folder).status, 1, name)
                    path.write_bytes(before)
        self.assertEqual(self.verify(folder).status, 0)

    def test_bad_choices_are_refused(self):
        for words, needle, status in (
                (["--request", "99"], "no request 99", 1),
                (["--wallet", "nowhere"], "no wallet is called nowhere", 1),
                (["--from", "3"], "go together", 2),
                (["--from", "3", "--to", "1"], "--from 3 --to 1", 2),
                (["--open", "all"], "--open goes with", 2),
                (["--request", self.number, "--open", "00" * 32], "attached by none", 1)):
            self.refused("alice", "export", self.world.path("out"), *words, naming=needle,
                         status=status)


class ReplicaTests(ExportTestCase):
    """`replica create` and `replica apply`: a copy on a machine without ledger, key or network."""

    def setUp(self):
        super().setUp()
        self.replica = self.world.path("replica")
        self.create(self.export("first.tar.zst"))

    def create(self, export, *words):
        return self.world.ok("nobody", "replica", "create", export, self.replica, "--ledger-id",
                             self.world.id.hex(), *words, STRONGROOM_LEDGER=None)

    def apply(self, delta):
        return self.world.run("nobody", "replica", "apply", delta, "--replica", self.replica,
                              STRONGROOM_LEDGER=None)

    def kept(self):
        """The replica's checkpoint, as a file to ask for a delta with."""
        return self.replica / "checkpoint"

    def state(self):
        return files_of(self.replica)

    def assert_unchanged_by(self, delta, *needles):
        before = self.state()
        ran = self.apply(delta)
        self.assert_refused(ran, *needles)
        self.assertEqual(self.state(), before)
        return ran

    def test_deltas_bring_it_to_where_a_whole_export_would_be(self):
        for round_ in range(3):
            number = self.world.authorised("main", "0.1") if round_ == 1 else None
            if number:
                self.world.act("alice", "sign", number)
            self.world.act("alice", "address", "single")
            delta = self.export(f"delta{round_}" + (".tar.zst" if round_ else ""),
                                "--since", self.kept())
            ran = self.apply(delta)
            self.assertEqual(ran.status, 0, ran)
        whole, mine = files_of(self.export("whole")), files_of(self.replica)
        for path in sorted(set(whole) | set(mine)):
            if path not in ("README.txt", "kept") and not path.startswith("verify/"):
                self.assertEqual(mine.get(path), whole.get(path), path)
        ran = self.world.verify(ledger=self.replica)
        self.assertEqual(ran.status, 0, ran)

    def test_a_whole_export_brings_it_on_too(self):
        self.world.act("alice", "address", "single")
        ran = self.apply(self.export("whole"))
        self.assertEqual(ran.status, 0, ran)
        self.assert_unchanged_by(self.world.path("whole"), "has it already")

    def test_what_does_not_go_on_is_refused(self):
        first = self.export("first")
        self.assert_unchanged_by(first, "has it already")
        old = self.world.path("old.checkpoint")
        shutil.copy(self.kept(), old)
        self.world.act("alice", "address", "single")
        middle = self.export("middle", "--since", old)
        self.world.act("alice", "address", "single")
        last = self.export("last", "--since", middle / "checkpoint")
        self.assert_unchanged_by(last, "starts at size", "--since")
        self.assert_unchanged_by(self.world.path("nowhere"), "there is no export")
        self.assertEqual(self.apply(middle).status, 0)
        self.assertEqual(self.apply(last).status, 0)
        self.assert_unchanged_by(middle, "has it already")

    def test_a_fork_is_refused_and_its_proof_is_kept(self):
        other = self.copy_of(self.world)
        other.act("alice", "address", "main")
        common = self.world.path("common.checkpoint")
        shutil.copy(self.kept(), common)
        self.world.act("alice", "address", "single")
        self.assertEqual(self.apply(self.export("delta", "--since", self.kept())).status, 0)
        # As long as the replica, longer, and longer as a delta from where the two were one.
        for number in range(3):
            forked = other.path(f"forked{number}")
            other.ok("alice", "export", forked, *(["--since", common] if number == 2 else []))
            self.assert_unchanged_by(forked, "FORK")
            other.act("alice", "address", "main")
        # Shorter than the replica, and parted from it before its end.
        self.world.act("alice", "address", "single")
        self.assertEqual(self.apply(self.export("newer", "--since", self.kept())).status, 0)
        self.assert_unchanged_by(other.path("forked0"), "FORK")
        log_key = self.world.ok("nobody", "witness-policy").out.split()[1]
        proofs = sorted(self.world.folder.glob("replica.fork-*"))
        self.assertEqual(len(proofs), 4)
        for proof in proofs:
            ran = self.world.run("nobody", "check-proof", proof, "--log-key", log_key)
            self.assertEqual(ran.status, 0, ran)
            self.assertIn("Contradict", ran.out)

    def test_an_incident_is_taken_up_and_named(self):
        Story(self.world).sign_unauthorised()
        for number in range(2):
            ran = self.apply(self.export(f"delta{number}", "--since", self.kept()))
            self.assertEqual(ran.status, 0, ran)
            self.assertIn("1 incident,", ran.err)
            self.world.act("alice", "address", "single")
        self.assertEqual(self.world.verify(ledger=self.replica).status, 1)

    def test_tampered_deltas_change_nothing(self):
        self.world.act("alice", "address", "single")
        delta = self.export("delta", "--since", self.kept())
        bundle = next(path for path in (delta / "tile/entries").rglob("*") if path.is_file())
        attacks = {
            bundle: lambda content: content[:-1] + bytes([content[-1] ^ 1]),
            delta / "checkpoint": lambda content: content.replace(b"\n", b"\n1", 1),
            delta / "since": lambda content: content.replace(b"\n", b"\n1", 1),
            delta / "consistency": lambda content: content[4:] or b"AAAA\n",
        }
        for path, change in attacks.items():
            with self.subTest(path.name):
                before = path.read_bytes()
                path.write_bytes(change(before))
                ran = self.apply(delta)
                self.assertEqual(ran.status, 1, ran)
                path.write_bytes(before)
        self.assertEqual(self.apply(delta).status, 0)

    def test_what_a_log_calls_itself_does_not_steer_the_terminal(self):
        folder = self.export("hostile")
        note = (folder / "checkpoint").read_text()
        (folder / "checkpoint").write_text("a\u009b31m\u202e" + note)
        ran = self.apply(folder)
        self.assertIn("a\\u{9b}31m\\u{202e}", ran.err)
        self.assertFalse({"\u009b", "\u202e"} & set(ran.err))

    def test_only_a_whole_export_of_the_right_ledger_begins_one(self):
        folder = self.export("first")
        delta = self.export("delta", "--since", folder / "checkpoint")
        some = self.export("some", "--from", 1, "--to", 2)
        for export, words, needle in (
                (delta, [], "is a delta"), (some, [], "is a disclosure"),
                (folder, ["--ledger-id", "00" * 32], "not " + "00" * 32)):
            ran = self.world.run("nobody", "replica", "create", export,
                                 self.world.path("other"), *words)
            self.assert_refused(ran, needle)
            self.assertFalse(self.world.path("other").exists())
        self.assert_refused(
            self.world.run("nobody", "replica", "create", folder, self.replica), "exists already")

    def test_killed_at_any_write_it_is_the_old_one_or_the_new_one(self):
        self.world.act("alice", "address", "single")
        delta = self.export("delta", "--since", self.kept())
        old = self.state()
        for call, number in (("write", 1), ("write", 5), ("write", 9), ("linkat,link", 3),
                             ("renameat2", 1), ("unlink", 2)):
            command = ["strace", "-f", "-q", "-o", "/dev/null", "-e", f"trace={call}",
                       "-e", f"inject={call}:signal=KILL:when={number}",
                       str(world.BIN / "strongroom"), "replica", "apply", str(delta),
                       "--replica", str(self.replica)]
            subprocess.run(command, env=self.world.environment("nobody"), capture_output=True,
                           cwd=self.world.folder, timeout=60)
            now = self.state()
            if now != old:
                break
        if now == old:
            self.assertEqual(self.apply(delta).status, 0)
        ran = self.world.verify(ledger=self.replica)
        self.assertEqual(ran.status, 0, ran)
        self.assertNotEqual(self.state(), old)
        # What a killed one left behind is gone with the next.
        self.world.act("alice", "address", "single")
        self.assertEqual(self.apply(self.export("next", "--since", self.kept())).status, 0)
        self.assertFalse(self.world.path("replica.strongroom-part").exists())
