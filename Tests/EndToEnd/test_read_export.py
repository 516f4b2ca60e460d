"""Reading commands on an export: the same answers as from the ledger that it was made of."""

import json
import shutil

from test_verify_export import ExportCase

READING = [
    ("status",), ("balance",), ("balance", "main"), ("coins",), ("log",),
    ("log", "--from", 0, "--limit", 1000), ("log", "--type", "initiated"), ("log", "--request", 2),
    ("show", 1), ("show", 2), ("show", "--event", 3), ("history",), ("history", "wallet", "main"),
    ("history", "member", "bob"), ("history", "request", 2), ("explain", 1), ("explain", 2),
    ("member", "list"), ("member", "show", "alice"), ("wallet", "list"), ("wallet", "show", "main"),
]
MOMENTS = [
    ("status", "--at", 4), ("balance", "--at", 30), ("show", 1, "--at", 12),
    ("explain", 1, "--at", 20), ("member", "show", "bob", "--at", 1), ("wallet", "list", "--at", 20),
]


class ReadExport(ExportCase):
    def setUp(self):
        super().setUp()
        number = self.world.initiate("main", "0.1")
        self.world.approve(number, "alice", "bob")
        self.world.ok("alice", "checkpoint")

    def read(self, target, *words, status=0, **environment):
        ran = self.world.run("nobody", *words, "--ledger", target, **environment)
        self.assertEqual(ran.status, status, ran)
        return ran

    def test_every_answer_is_that_of_the_ledger(self):
        archive = self.export("evidence.tar.zst")
        for words in READING + MOMENTS:
            for more in ([], ["--json"]):
                mine = self.read(self.world.ledger, *words, *more)
                self.assertEqual(self.read(archive, *words, *more).out, mine.out, words)

    def test_every_form_and_a_replica(self):
        for name in ("evidence", "evidence.tar"):
            target = self.export(name)
            mine = self.read(self.world.ledger, "status", "--json").out
            self.assertEqual(self.read(target, "status", "--json").out, mine)
        replica = self.world.path("replica")
        self.world.ok("nobody", "replica", "create", self.world.path("evidence.tar"), replica)
        self.assertEqual(self.read(replica, "history").out,
                         self.read(self.world.ledger, "history").out)

    def test_it_is_named_by_the_environment_too_and_leaves_nothing_behind(self):
        archive = self.export("evidence.tar.zst")
        scratch = self.world.path("scratch")
        scratch.mkdir()
        ran = self.world.run("nobody", "balance", STRONGROOM_LEDGER=archive, TMPDIR=scratch)
        self.assertEqual(ran.status, 0, ran)
        self.read(archive, "show", 99, status=1, TMPDIR=scratch)
        self.assertEqual(list(scratch.iterdir()), [])

    def test_what_is_written_to_is_no_export(self):
        folder = self.export("evidence")
        archive = self.export("evidence.tar")
        before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for target in (folder, archive):
            for words in (
                    ("approve", 1, "--as", "alice", "--yes"), ("checkpoint",),
                    ("address", "main", "--as", "alice"), ("backup", self.world.path("b")),
                    ("witness-policy",), ("export", self.world.path("again")),
                    ("member", "suspend", "bob", "--as", "alice", "--yes"),
                    ("prove", "event", 1, "--out", "x"), ("attest", "--as", "alice", "--yes")):
                ran = self.world.run("alice", *words, "--ledger", target)
                self.assert_refused(ran, "is an export", str(target), status=2)
        self.assertEqual(
            before, {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()})

    def test_parts_and_damaged_exports_are_not_shown(self):
        since = self.world.path("since")
        folder = self.export("evidence")
        shutil.copy(folder / "checkpoint", since)
        self.world.act("alice", "address", "main")
        self.world.ok("alice", "checkpoint")
        delta = self.export("delta.tar", "--since", since)
        some = self.export("some", "--from", 1, "--to", 2)
        for target, word in ((delta, "delta"), (some, "disclosure")):
            self.assert_refused(self.read(target, "status", status=2), word, str(target), status=2)
            ran = self.world.run("nobody", "report", target, "--json")
            self.assert_refused(ran, word, status=2)
        self.assert_refused(self.read(since, "status", status=2), "text", status=2)
        bundle = next((folder / "tile/entries").rglob("*.p/*"))
        data = bytearray(bundle.read_bytes())
        data[200] ^= 1
        bundle.write_bytes(bytes(data))
        self.assert_refused(self.read(folder, "status", status=1), "finding", "verify")

    def test_a_report_of_an_export_is_that_of_the_ledger(self):
        folder = self.export("evidence")
        url = self.serve(self.handler(folder))

        def report(target):
            found = json.loads(self.world.ok("nobody", "report", target, "--json").out)
            # The verification's own notes and duration differ: an export has a manifest.
            found.pop("verdict")
            return found
        mine = report(self.world.ledger)
        self.assertTrue(mine["requests"])
        for target in (folder, self.export("evidence.tar"), self.export("evidence.tar.zst"), url):
            self.assertEqual(report(target), mine)
        page = self.world.path("page.html")
        self.world.ok("nobody", "report", folder, "--html", page, "--from", 3)
        self.assertIn("</html>", page.read_text())
        (folder / "notes.txt").write_text("hello")
        ran = self.world.run("nobody", "report", folder, "--json")
        self.assertEqual(ran.status, 1)
        self.assertFalse(json.loads(ran.out)["verdict"]["isClean"])
