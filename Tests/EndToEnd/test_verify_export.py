"""What the verifier says of exports: as they were made, and after somebody has touched them."""

import http.server
import json
import os
import shutil
import signal
import subprocess
import tarfile
import threading
from pathlib import Path

import keyfiles
import world
from test_export import ExportTestCase


class ExportCase(ExportTestCase):
    def verify(self, target, *words, status=0):
        ran = self.world.verify(*words, ledger=target)
        self.assertEqual(ran.status, status, ran)
        return ran

    def report(self, target, *words, status=0):
        return json.loads(self.verify(target, *words, "--json", status=status).out)

    def finds(self, rule, file, target, *words):
        """The finding of this rule about this file."""
        report = self.report(target, *words, status=1)
        found = [item for item in report["findings"]
                 if item["rule"] == rule and item.get("file") == file]
        self.assertTrue(found, report["findings"])
        return found[0]

    def serve(self, handler):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_address[1]}"

    def handler(self, folder, answer=None):
        """Serves a folder; `answer` may take a request over by returning True."""
        class Handler(http.server.SimpleHTTPRequestHandler):
            asked = []

            def __init__(self, *words, **names):
                super().__init__(*words, directory=str(folder), **names)

            def log_message(self, *_):
                pass

            def do_GET(self):
                self.asked.append(self.path)
                if answer is None or not answer(self):
                    super().do_GET()
        return Handler


class VerifyExport(ExportCase):
    def test_every_form_is_clean_and_says_the_same(self):
        folder = self.report(self.export("evidence"))
        ledger = self.report(self.world.ledger)
        for name in ("evidence.tar", "evidence.tar.zst"):
            other = self.report(self.export(name))
            for key in ("ledger", "size", "root", "state", "events", "signatures", "findings"):
                self.assertEqual(other[key], folder[key])
        for key in ("ledger", "size", "root", "state", "events", "signatures"):
            self.assertEqual(ledger[key], folder[key])

    def test_the_export_key_is_pinned(self):
        folder = self.export("evidence")
        note = (folder / "verify/SHA256SUMS.note").read_text()
        shown = self.world.ok("alice", "export", self.world.path("again"), "--json").out
        key = json.loads(shown)["key"]
        self.assertIn(key.split("+")[0], note)
        self.assertNotIn("the manifest's signature", self.verify(folder, "--export-key", key).out)
        (folder / "verify/SHA256SUMS.note").write_text(note.replace("export/v1", "export/v2"))
        self.finds("manifest", "verify/SHA256SUMS.note", folder, "--export-key", key)

    def test_touched_files(self):
        folder = self.export("evidence")

        def change(path, place):
            data = bytearray((folder / path).read_bytes())
            data[place] ^= 1
            (folder / path).write_bytes(data)
        bundle = next(path for path in folder.glob("tile/entries/*") if path.is_dir() or True)
        bundle = next((folder / "tile/entries").rglob("*.p/*"))
        name = str(bundle.relative_to(folder))
        change(name, 100)
        self.assertEqual(self.finds("tree", name.replace("entries", "0"), folder)["position"], 0)
        change(name, 100)
        data = bundle.read_bytes()
        bundle.write_bytes(data + b"\0")
        self.assertEqual(self.finds("layout", name, folder)["offset"], len(data))
        bundle.write_bytes(data)
        (folder / "notes.txt").write_text("hello")
        self.finds("layout", "notes.txt", folder)
        (folder / "notes.txt").unlink()
        (folder / "README.txt").write_text("trust us")
        self.finds("manifest", "README.txt", folder)

    def test_an_empty_list_of_checkpoints_is_found(self):
        folder = self.export("evidence")
        (folder / "checkpoints").write_bytes(b"")
        self.finds("layout", "checkpoints", folder)

    def test_what_is_no_export(self):
        empty = self.world.path("empty")
        empty.mkdir()
        self.verify(empty, status=2)
        text = self.world.path("text.tar")
        text.write_text("hello" * 200)
        self.verify(text, status=2)
        self.verify(self.world.path("nowhere.tar"), status=2)

    def test_another_ledger_id(self):
        other = "0" * 63 + "1"
        folder = self.export("evidence")
        ran = self.world.run("nobody", "verify", folder, "--ledger-id", other)
        self.assert_refused(ran, other, self.world.id.hex(), status=2)

    def test_cut_archive_leaves_nothing_behind(self):
        archive = self.export("evidence.tar.zst")
        archive.write_bytes(archive.read_bytes()[:-50])
        scratch = self.world.path("scratch")
        scratch.mkdir()
        done = subprocess.run(
            [str(world.BIN / "strongroom-verify"), str(archive)], capture_output=True,
            timeout=world.SECONDS, env=self.world.environment("nobody", TMPDIR=scratch))
        self.assertEqual(done.returncode, 2, done)
        self.assertEqual(list(scratch.iterdir()), [])

    def test_a_name_that_leads_out_of_the_folder(self):
        archive = self.export("evidence.tar")
        with tarfile.open(archive) as tar:
            members = [(member, tar.extractfile(member).read()) for member in tar]
        evil = self.world.path("evil.tar")
        with tarfile.open(evil, "w", format=tarfile.USTAR_FORMAT) as tar:
            for member, data in members:
                if member.name == "checkpoint":
                    member.name = "../../outside"
                tar.addfile(member, __import__("io").BytesIO(data))
        report = self.report(evil, status=1)
        self.assertIn("layout", [item["rule"] for item in report["findings"]])
        self.assertFalse((self.world.folder.parent / "outside").exists())


class Bomb(ExportCase):
    """Archives of a few kilobytes that unfold to gigabytes, and what is left of a stopped one."""

    MEBIBYTE = 1 << 20

    @staticmethod
    def header(name, size):
        """A file's header as every export has it."""
        member = tarfile.TarInfo(name)
        member.size = size
        data = bytearray(member.tobuf(tarfile.USTAR_FORMAT))
        # Python writes no device numbers, and says so in zeros of another kind.
        data[329:345] = b"0000000\0" * 2
        data[148:156] = b" " * 8
        data[148:156] = b"%06o\0 " % sum(data)
        return bytes(data)

    @staticmethod
    def frame(parts, window=0x38):
        """A zstd frame (RFC 8878) of bytes as they are and of counts of zeros, taking four bytes
        for 128 KiB. The window is 128 KiB by default."""
        out = [b"\x28\xb5\x2f\xfd", bytes([0, window])]

        def block(kind, size, content):
            out.append((size << 3 | kind << 1).to_bytes(3, "little") + content)
        for part in parts:
            if isinstance(part, bytes):
                for start in range(0, len(part), 1 << 17):
                    chunk = part[start:start + (1 << 17)]
                    block(0, len(chunk), chunk)
            else:
                while part:
                    count = min(part, 1 << 17)
                    block(1, count, b"\0")
                    part -= count
        out.append((1).to_bytes(3, "little"))
        return b"".join(out)

    def write(self, frame):
        archive = self.world.path("bomb.tar.zst")
        archive.write_bytes(frame)
        return archive

    def start(self, archive, *words):
        """Starts a verifier whose temporary folder is `scratch`."""
        self.scratch = self.world.path("scratch")
        self.scratch.mkdir(exist_ok=True)
        return subprocess.Popen(
            [str(world.BIN / "strongroom-verify"), str(archive), *words],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=self.world.environment("nobody", TMPDIR=self.scratch))

    def judges(self, archive, *needles, status=2, words=()):
        """The archive is not checkable, or not in order, for a reason that is said, and takes
        little memory."""
        process = self.start(archive, *words)
        with process.stdout, process.stderr:
            out, err = process.stdout.read(), process.stderr.read()
        _, ended, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(ended)
        self.assertEqual(process.returncode, status, out + err)
        self.assertEqual(len(err.splitlines()), 1 if status == 2 else 0, err)
        for needle in needles:
            self.assertIn(needle, out + err)
        self.assertLess(usage.ru_maxrss, 256 << 10, "KiB of memory")
        self.assertEqual(list(self.scratch.iterdir()), [])

    def test_more_than_was_allowed_is_refused_before_it_is_unfolded(self):
        size = 8 * 1_024 * self.MEBIBYTE - 1
        bomb = self.write(self.frame([self.header("checkpoints", size), size]))
        self.assertLess(bomb.stat().st_size, self.MEBIBYTE)
        self.judges(bomb, f"larger than {1 << 30} bytes together", "checkpoints",
                    "--max-unpacked", words=["--max-unpacked", "1"])

    def test_a_bomb_in_parts_ends_where_the_limit_is(self):
        half = 600 * self.MEBIBYTE
        bomb = self.write(self.frame([
            self.header("checkpoints", half), half,
            self.header("verify/SHA256SUMS", half), half]))
        self.judges(bomb, f"larger than {1 << 30} bytes together", "verify/SHA256SUMS",
                    "--max-unpacked", words=["--max-unpacked", "1"])

    def test_a_file_beyond_its_own_limit_is_passed_over(self):
        size = 900 * self.MEBIBYTE
        bomb = self.write(self.frame([self.header("README.txt", size), size, bytes(1_024)]))
        self.judges(bomb, "at most 16777216 bytes", status=1, words=["--max-unpacked", "1"])

    def test_a_window_of_gigabytes_is_refused(self):
        content = self.header("checkpoints", 0) + bytes(1_024)
        # 64 MiB are accepted, an eighth more is not; the last is the largest there is, 3.75 TiB.
        self.judges(self.write(self.frame([content], window=0x80)), "tlog-policy", status=1)
        for window in (0x81, 0xa8, 0xff):
            self.judges(self.write(self.frame([content], window)),
                        "a window of more than 67108864 bytes")

    def test_interrupted_while_it_unpacks_it_leaves_nothing_and_finds_nothing(self):
        # So many small files that some are still being made while others are removed.
        files = b"".join(self.header(f"blobs/00/{number:064x}", 0) for number in range(20_000))
        archive = self.write(self.frame([files, bytes(1_024)]))
        for number in (signal.SIGINT, signal.SIGTERM):
            # On a busy machine it may have ended before the signal came.
            for _ in range(10):
                process = self.start(archive)
                while process.poll() is None and not list(self.scratch.glob("*/blobs/00/*")):
                    pass
                process.send_signal(number)
                out, err = process.communicate(timeout=world.SECONDS)
                if process.returncode != 1:
                    break
            self.assertEqual(process.returncode, 128 + number, out + err)
            self.assertIn(f"ended by {number.name}; removing {self.scratch}", err)
            self.assertEqual(out, "")
            self.assertEqual(list(self.scratch.iterdir()), [])


class Incremental(ExportCase):
    def test_what_was_kept_is_not_verified_again(self):
        kept = self.world.path("kept.cbor")
        whole = self.report(self.export("first.tar.zst"), "--keep", kept)
        self.world.initiate("main", "0.1")
        self.world.ok("alice", "checkpoint")
        for target in (self.export("second"), self.export("second.tar"), self.world.ledger):
            part = self.report(target, "--since", kept)
            self.assertEqual(part["kept"]["size"], whole["size"])
            self.assertEqual(part["kept"]["state"], whole["state"])
            everything = self.report(target)
            self.assertEqual(part["state"], everything["state"])
            self.assertEqual(part["root"], everything["root"])
            self.assertLess(part["signatures"], everything["signatures"])
        since = self.world.path("since")
        shutil.copy(self.world.path("second") / "checkpoints", since)
        text = self.verify(self.world.path("second"), "--since", kept).out
        self.assertIn("kept result", text)

    def test_a_delta_goes_on_from_what_was_kept(self):
        kept, old = self.world.path("kept.cbor"), self.world.path("old.checkpoint")
        self.report(self.export("first"), "--keep", kept)
        shutil.copy(self.world.path("first") / "checkpoint", old)
        self.world.initiate("main", "0.1")
        self.world.ok("alice", "checkpoint")
        for name in ("delta", "delta.tar.zst"):
            delta = self.export(name, "--since", old)
            self.verify(delta, status=2)
            self.assertEqual(self.report(delta, "--since", kept)["findings"], [])

    def test_a_forked_history_behind_a_kept_result(self):
        fork = self.copy_of(self.world)
        kept = self.world.path("kept.cbor")
        self.world.initiate("main", "0.1")
        self.world.ok("alice", "checkpoint")
        self.report(self.world.ledger, "--keep", kept)
        fork.initiate("main", "0.2")
        fork.initiate("main", "0.2")
        fork.ok("alice", "checkpoint")
        fork.ok("alice", "export", fork.path("forked"))
        for target in (fork.ledger, fork.path("forked")):
            report = self.report(target, "--since", kept, status=1)
            self.assertIn("rollback", [item["rule"] for item in report["findings"]])
            # What is kept of the honest history survives the fork.
            before = kept.read_bytes()
            ran = self.verify(target, "--since", kept, "--keep", kept, status=1)
            self.assertIn("nothing was kept", ran.err)
            self.assertEqual(kept.read_bytes(), before)
            fresh = self.world.path("fresh.cbor")
            ran = self.verify(target, "--since", kept, "--keep", fresh, status=1)
            self.assertIn("nothing was kept", ran.err)
            self.assertFalse(fresh.exists())
            # Without --since the fork is clean, and yet takes nobody's place.
            ran = self.verify(target, "--keep", kept, status=2)
            self.assertIn("did not start", ran.err)
            self.assertEqual(kept.read_bytes(), before)
        self.assertEqual(self.report(self.world.ledger, "--since", kept)["findings"], [])

    def test_a_ledger_that_ends_before_what_was_kept_is_shown_as_it_is(self):
        size, root = self.world.head()
        older = self.copy_of(self.world)
        self.world.act("alice", "address", "main")
        kept = self.world.path("kept.cbor")
        self.report(self.world.ledger, "--keep", kept)
        older.ok("alice", "export", older.path("older"))
        for target in (older.ledger, older.path("older")):
            report = self.report(target, "--since", kept, status=1)
            self.assertEqual((report["size"], report["root"]), (size, root.hex()))
            self.assertEqual([item["rule"] for item in report["findings"]].count("rollback"), 1)
            text = self.verify(target, "--since", kept, status=1).out
            self.assertIn(f"Head         {size} entries, root {root.hex()}", text)
            self.assertIn("signed     not checked", text)

    def test_only_a_kept_result_that_was_started_from_is_replaced(self):
        kept = self.world.path("kept.cbor")
        self.report(self.world.ledger, "--keep", kept)
        before = kept.read_bytes()
        self.report(self.world.ledger, "--keep", kept)
        self.assertEqual(kept.read_bytes(), before)
        self.world.initiate("main", "0.1")
        self.world.ok("alice", "checkpoint")
        size = self.report(self.world.ledger, "--since", kept, "--keep", kept)["size"]
        self.assertNotEqual(kept.read_bytes(), before)
        self.assertEqual(self.report(self.world.ledger, "--since", kept)["kept"]["size"], size)
        note, link = self.world.path("note"), self.world.path("link")
        note.write_text("mine\n")
        link.symlink_to(note)
        head = self.world.ledger / "head"
        for path in (note, link, head, self.world.folder, self.world.path("none/kept")):
            there = path.read_bytes() if path.is_file() else None
            ran = self.world.run("nobody", "verify", self.world.ledger, "--keep", path)
            self.assert_refused(ran, path if path.exists() else path.parent, status=2)
            self.assertEqual(path.read_bytes() if path.is_file() else None, there)
        self.assertTrue(link.is_symlink())

    def test_a_damaged_kept_result(self):
        kept = self.world.path("kept.cbor")
        self.report(self.world.ledger, "--keep", kept)
        data = bytearray(kept.read_bytes())
        data[len(data) // 2] ^= 1
        kept.write_bytes(data)
        self.verify(self.world.ledger, "--since", kept, status=2)

    def test_a_kept_result_from_an_auditor_who_attested_it(self):
        world_ = self.world
        public = keyfiles.write(world_.home("audrey"), "audrey", "event",
                                keyfiles.secret_of("audrey"))
        number = world.number_in(
            world_.act("alice", "member", "enrol", f"audrey:{public}:auditor"))
        world_.approve(number, "alice", "bob")
        world_.act("audrey", "member", "accept")
        kept = world_.path("kept.cbor")
        world_.act("audrey", "attest", "--keep", kept)
        world_.ok("alice", "checkpoint")
        folder = self.export("evidence")
        for target in (folder, world_.ledger):
            report = self.report(target, "--since", kept, "--attested-by", public)
            self.assertEqual(report["kept"]["attestedBy"], public)
        other = keyfiles.public_part("event", keyfiles.secret_of("alice"))
        self.verify(folder, "--since", kept, "--attested-by", other, status=2)
        refused = world_.run("alice", "attest", "--as", "alice", "--yes")
        self.assertEqual(refused.status, 1, refused)


class Served(ExportCase):
    def test_a_served_export_is_clean(self):
        folder = self.export("evidence")
        url = self.serve(self.handler(folder))
        served, local = self.report(url), self.report(folder)
        for key in ("ledger", "size", "root", "state", "signatures", "findings"):
            self.assertEqual(served[key], local[key])

    def test_after_a_cut_nothing_is_fetched_twice(self):
        folder = self.export("evidence")
        cache = self.world.path("cache")
        handler = self.handler(folder, lambda request: "tile/0/" in request.path
                               and not request.send_error(403))
        self.verify(self.serve(handler), "--cache", cache, status=2)
        first = {path for path in handler.asked if "/entries/" in path}
        self.assertTrue(first)
        again = self.handler(folder)
        self.verify(self.serve(again), "--cache", cache)
        self.assertFalse(first & set(again.asked))

    def test_a_checkpoint_from_the_cache_is_not_the_servers(self):
        folder = self.export("evidence")
        cache = self.world.path("cache")
        self.verify(self.serve(self.handler(folder)), "--cache", cache)
        mute = self.handler(folder, lambda request: request.path == "/checkpoint"
                            and not request.send_error(404))
        ran = self.verify(self.serve(mute), "--cache", cache, status=2)
        self.assertIn("no checkpoint", ran.err)

    def test_connections_that_are_cut_are_tried_again(self):
        folder = self.export("evidence")
        cut = set()

        def answer(request):
            if request.path in cut:
                return False
            cut.add(request.path)
            request.send_response(200)
            request.send_header("Content-Length", "100000")
            request.end_headers()
            request.wfile.write(b"x" * 10)
            request.close_connection = True
            return True
        self.verify(self.serve(self.handler(folder, answer)))

    def test_bodies_without_end(self):
        folder = self.export("evidence")

        def answer(request):
            if "checkpoint" not in request.path:
                return False
            request.send_response(200)
            request.end_headers()
            try:
                while True:
                    request.wfile.write(b"x" * 65536)
            except OSError:
                return True
        self.verify(self.serve(self.handler(folder, answer)), status=2)

    def test_bundles_of_another_length(self):
        folder = self.export("evidence")
        for data in (b"", b"\0" * 7):
            def answer(request):
                if "/entries/" not in request.path:
                    return False
                request.send_response(200)
                request.send_header("Content-Length", str(len(data)))
                request.end_headers()
                request.wfile.write(data)
                return True
            self.assertIn(self.world.verify(ledger=self.serve(self.handler(folder, answer))).status,
                          (1, 2))

    def test_a_redirection_elsewhere_is_refused(self):
        folder = self.export("evidence")
        elsewhere = self.handler(folder)
        target = self.serve(elsewhere)

        def answer(request):
            request.send_response(302)
            request.send_header("Location", target + request.path)
            request.end_headers()
            return True
        self.verify(self.serve(self.handler(folder, answer)), status=2)
        self.assertEqual(elsewhere.asked, [])

    def test_no_tile_directory(self):
        empty = self.world.path("empty")
        empty.mkdir()
        self.verify(self.serve(self.handler(empty)), status=2)
        self.verify("http://127.0.0.1:1/log", status=2)
        self.verify("http://", status=2)

    def test_a_full_tile_stands_for_a_partial_one(self):
        folder = self.export("evidence")
        for path in [path for path in folder.rglob("*.p") if path.is_dir()]:
            partial = next(path.iterdir())
            data, width = partial.read_bytes(), int(partial.name)
            if "entries" in str(path):
                data += b"\0\0" * (256 - width)
            else:
                data += bytes(32 * (256 - width))
            shutil.rmtree(path)
            Path(str(path)[:-2]).write_bytes(data)
        self.verify(self.serve(self.handler(folder)))
