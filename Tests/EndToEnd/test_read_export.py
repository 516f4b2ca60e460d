"""Reading commands on an export: the same answers as from the ledger that it was made of."""

import json
import shutil

import world
from test_verify_export import ExportCase

READING = [
    ("status",), ("balance",), ("balance", "main"), ("coins",), ("log",),
    ("log", "--from", 0, "--limit", 1000), ("log", "--type", "initiated"), ("log", "--request", 2),
    ("show", 1), ("show", 2), ("show", "--event", 3), ("history",), ("history", "wallet", "main"),
    ("history", "member", "bob"), ("history", "request", 2), ("explain", 1), ("explain", 2),
    ("member", "list"), ("member", "show", "alice"), ("wallet", "list"), ("wallet", "show", "main"),
]
MOMENTS = [
    ("status", "--at", 4),
    ("balance", "--at", 30),
    ("show", 1, "--at", 12),
    ("explain", 1, "--at", 20),
    ("member", "show", "bob", "--at", 1),
    ("wallet", "list", "--at", 20),
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


class Sentences(ExportCase):
    """What the reading commands and their refusals say."""

    def test_files_that_are_not_what_was_asked_for_are_named(self):
        empty = self.world.path("empty")
        empty.write_text("")
        nowhere = self.world.path("nowhere")
        for path in (empty, nowhere, self.world.path("treasury")):
            for words in (("verify", "--since", path), ("verify", "--policy", path),
                          ("export", self.world.path("x"), "--since", path),
                          ("witness-policy", "set", path),
                          ("prove", "consistency", path, 3, "--out", "x")):
                self.assert_refused(self.world.run("alice", *words), str(path), status=2)

    def test_an_older_copy_is_refused_with_both_heads(self):
        old = self.copy_of(self.world)
        number = self.world.initiate("main", "0.1")
        self.world.approve(number, "alice")
        ran = self.world.run("alice", "address", "main", "--as", "alice", "--ledger", old.ledger)
        roots = [json.loads(world_.ok("nobody", "show", "--event", 0, "--json").out)["root"]
                 for world_ in (old, self.world)]
        self.assertEqual(ran.status, 1, ran)
        self.assertIn(roots[0], ran.err)
        self.assertIn("the log's key has signed", ran.err)

    def test_a_fee_rate_over_the_ceiling_names_wallet_ceiling_and_value(self):
        for rate in ("501", "50000000"):
            self.refused("alice", "initiate", "main", "--to", f"{world.PAYEE}:0.1", "--fee-rate",
                         rate, "--as", "alice", "--yes", naming=["main", "500 sat/vB", rate])

    def test_every_entry_has_its_standing_for_programs_too(self):
        self.assertEqual({item["assurance"] for item in self.world.json("log")}, {"checkpointed"})
        shutil.move(self.world.home("alice") / "keys/log.key", self.world.path("log.key"))
        self.world.act("alice", "address", "main")
        newest = self.world.json("log")[-1]
        self.assertEqual(newest["assurance"], "appended")
        shown = self.world.json("show", "--event", newest["position"])
        self.assertEqual(shown["event"]["assurance"], "appended")

    def test_nothing_new_is_none(self):
        kept = self.world.path("kept")
        self.verify(self.world.ledger, "--keep", kept)
        self.assertIn("Events       none", self.verify(self.world.ledger, "--since", kept).out)

    def test_the_rule_that_decided_is_explained_and_the_other_one_named(self):
        number = self.world.signed("main", "0.1")
        self.world.broadcast(number)
        before = json.loads(self.world.ok("nobody", "explain", number, "--json").out)
        self.assertNotIn("ruleNow", before)
        change = world.number_in(self.world.act(
            "alice", "policy", "2 of (alice, bob)", "--wallet", "main"))
        self.world.approve(change, "alice", "bob")
        after = json.loads(self.world.ok("nobody", "explain", number, "--json").out)
        self.assertEqual(after["rule"], world.RULE)
        self.assertIn("2 of (alice, bob)", after["ruleNow"])
        self.assertEqual(after["terms"], before["terms"])
        self.assertIn("Now ", self.world.ok("nobody", "explain", number).out)
