"""The report and the tables: what an auditor reads, and that it agrees with the ledger."""

import csv
import json
import re
import shutil
import struct
import subprocess
import tempfile
import unittest
from pathlib import Path

import story
from pagecheck import Page, contrast
from world import BIN, ROOT, SECONDS


def chromium():
    return shutil.which("chromium") or shutil.which("google-chrome")


class Report(story.TestCase):
    def made(self, *words, status=1):
        """The report as a page and as data, by one run."""
        page = self.world.path("report.html")
        page.unlink(missing_ok=True)
        ran = self.world.run("nobody", "report", "--html", page, "--json", *words)
        self.assertEqual(ran.status, status, ran.err)
        return page.read_text(), json.loads(ran.out)

    def by_number(self, report):
        return {item["number"]: item for item in report["requests"]["items"]}

    # Content --------------------------------------------------------------------------------

    def test_requests_say_who_approved_and_under_which_rule(self):
        _, report = self.made()
        requests = self.by_number(report)
        self.assertEqual(len(requests), len(self.requests) + 4)
        for number, item in requests.items():
            shown = self.world.json("show", number)
            self.assertEqual(item["status"], shown["status"], number)
            self.assertEqual(item["initiated"]["member"], shown["initiator"])
            self.assertEqual([step["member"] for step in item["approvals"]],
                             [step["member"] for step in shown["explanation"]["approvals"]])
            # The rule that it was approved under; another one may be in force by now.
            then = self.world.json("explain", number, "--at", item["initiated"]["position"])
            self.assertEqual(item["rule"], then["value"]["rule"], number)
            authorised = item.get("authorised")
            self.assertEqual(authorised and authorised["position"],
                             shown["explanation"].get("authorisedAt"), number)
        statuses = {name: requests[number]["status"] for name, number in self.requests.items()}
        self.assertEqual(
            {name: statuses[name] for name in ("paid", "expired", "aborted", "cancelled",
                                               "outstanding", "superseded", "broadcast", "voided",
                                               "incident", "rule")},
            {"paid": "confirmed", "expired": "expired", "aborted": "aborted",
             "cancelled": "cancelled", "outstanding": "outstanding", "superseded": "superseded",
             "broadcast": "broadcast", "voided": "voided", "incident": "initiated",
             "rule": "executed"})

    def test_balances_reconcile_with_the_ledger(self):
        _, report = self.made()
        coins = self.world.json("coins")
        for wallet in report["balances"]["wallets"]:
            held = sum(coin["amount"]["satoshis"] for coin in coins
                       if coin["wallet"] == wallet["wallet"] and coin["confirmations"])
            self.assertEqual(wallet["closing"]["satoshis"], held, wallet)
            self.assertEqual(wallet["difference"]["satoshis"], 0, wallet)
        last = report["timeline"]["buckets"][-1]
        self.assertEqual(last["total"]["satoshis"], sum(
            wallet["closing"]["satoshis"] for wallet in report["balances"]["wallets"]))
        spent = [item for item in report["movements"]["items"] if item["cause"] == "spend"]
        self.assertEqual({item["request"] for item in spent}, {self.requests["paid"]})

    def test_exceptions_and_released_signatures(self):
        _, report = self.made()
        kinds = {}
        for item in report["exceptions"]["items"]:
            kinds.setdefault(item["kind"], []).append(item)
        self.assertLessEqual({"late", "self-approved", "expired", "voided", "refused-by-node",
                              "unauthorised-signature", "outstanding", "attested-findings",
                              "declared-shortcut"}, set(kinds))
        self.assertEqual(kinds["refused-by-node"][0]["what"], story.NODE)
        self.assertEqual([item["request"] for item in kinds["expired"]],
                         [self.requests["expired"]])
        self.assertEqual(len(kinds["late"]), 1)
        out = {item["request"]: item for item in report["outstanding"]["items"]}
        self.assertEqual(set(out), {self.requests[name]
                                    for name in ("outstanding", "broadcast", "incident")})
        self.assertTrue(out[self.requests["outstanding"]]["hasEnded"])
        self.assertTrue(out[self.requests["broadcast"]]["isFullySigned"])

    def test_members_and_rules_at_both_ends_and_every_change_between(self):
        seen = sorted(self.story.seen)
        first, last = seen[1], seen[-2]
        _, report = self.made("--from", first, "--to", last)
        for standing, position in ((report["start"], first - 1), (report["end"], last)):
            status = self.world.json("status", "--at", position)["value"]
            self.assertEqual(standing["policy"], status["policy"])
            self.assertEqual(
                [(item["name"], item["status"], item["roles"], item["key"])
                 for item in standing["members"]],
                [(item["name"], item["status"], item["roles"], item["key"])
                 for item in status["members"]])
            wallets = self.world.json("wallet", "list", "--at", position)["value"]
            self.assertEqual([(item["name"], item["rule"]) for item in standing["wallets"]],
                             [(item["wallet"], item["quorum"]) for item in wallets])
        known = [change for change in self.world.json("history")
                 if first <= change["position"] <= last]
        changes = report["changes"]["items"]
        self.assertEqual([item["position"] for item in changes],
                         [item["position"] for item in known])
        for item, change in zip(changes, known):
            if decision := change.get("decision"):
                self.assertEqual((item["rule"], item["initiator"], item["approvers"]),
                                 (decision["rule"], decision["initiator"],
                                  [step["member"] for step in decision["approvals"]]))

    def test_a_period_by_time_is_the_same_as_by_positions(self):
        seen = sorted(self.story.seen)
        events = self.world.json("log", "--from", 0, "--limit", 10000)
        moments = {position: self.world.json("balance", "--at", position)["at"]["recorded"]
                   for position in (seen[2], seen[5])}
        _, by_position = self.made("--from", seen[2], "--to", seen[5])
        _, by_time = self.made("--from", moments[seen[2]], "--to", moments[seen[5]])
        self.assertEqual(by_time, by_position)
        self.assertEqual(by_position["period"]["entries"], seen[5] - seen[2] + 1)
        inside = [event for event in events if seen[2] <= event["position"] <= seen[5]]
        counted = {item["type"]: item["inPeriod"] for item in by_position["counts"]}
        for kind, number in counted.items():
            self.assertEqual(number, sum(event["type"] == kind for event in inside), kind)

    def test_the_same_report_twice_and_by_the_auditors_program(self):
        one, data = self.made()
        two, again = self.made()
        self.assertEqual((one, data), (two, again))
        page = self.world.path("auditor.html")
        ran = subprocess.run(
            [BIN / "strongroom-verify", "report", "--ledger", self.world.ledger, "--html", page,
             "--ledger-id", self.world.id.hex()],
            capture_output=True, text=True, timeout=SECONDS)
        self.assertEqual(ran.returncode, 1, ran)
        self.assertEqual(page.read_text(), one)

    def test_controls_claim_no_more_than_events_show(self):
        _, report = self.made()
        items = {item["control"]: item for item in report["standard"]["items"]}
        self.assertEqual(report["standard"]["standard"], "CCSS v9.0")
        with open(ROOT / "Schemas/ccss.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual([row["control"] for row in rows], list(items))
        for row in rows:
            item = items[row["control"]]
            self.assertEqual((item["levels"], item["topic"], item["note"]),
                             (row["levels"], row["topic"], row["note"]))
            expected = {"none": {"not-by-log"}, "unknown": {"not-mapped"},
                        "full": {"evidenced", "no-events"},
                        "part": {"supported", "no-events"}}[row["extent"]]
            self.assertIn(item["standing"], expected)
            self.assertEqual(item["events"] > 0, item["standing"] in ("evidenced", "supported"))
        self.assertEqual(items["2.02.1"]["events"], report["period"]["entries"])
        # Carol's suspension is the only revocation; before it there was none.
        self.assertEqual(items["2.04"]["events"], 1)
        _, before = self.made("--to", items["2.04"]["positions"][0] - 1)
        standing = {item["control"]: item["standing"] for item in before["standard"]["items"]}
        self.assertEqual(standing["2.04"], "no-events")

    # The page -------------------------------------------------------------------------------

    def test_the_page_is_accessible_and_loads_nothing(self):
        for words in ((), ("--from", 3, "--to", 3), ("--to", 0)):
            page, _ = self.made(*words)
            self.assertEqual(Page(page).problems, [])

    def test_the_checks_find_what_is_wrong(self):
        page, _ = self.made()
        for old, new in (('<html lang="en">', "<html>"), ('scope="col"', ""), ("</main>", ""),
                         ('role="img"', ""), ("<caption>", "<p>"), ("--soft: #4a5560",
                                                                    "--soft: #9aa5b0"),
                         ("<h3>", "<h4>"), ("</body>", "<script>1</script></body>"),
                         ("</body>", '<a href="https://example.com">x</a></body>'),
                         ('href="#verdict"', 'href="#nowhere"')):
            self.assertIn(old, page)
            self.assertNotEqual(Page(page.replace(old, new, 1)).problems, [], old)
        self.assertAlmostEqual(contrast("#000000", "#ffffff"), 21, places=3)

    def test_texts_of_people_are_shown_and_do_nothing(self):
        page, report = self.made()
        parsed = Page(page)
        shown = "".join(parsed.texts)
        for text in (story.FORMULA, story.SCRIPT, story.IMAGE, story.NODE):
            self.assertIn(text, shown)
        for tag in ("script", "img"):
            self.assertNotIn(tag, {name for name, _ in parsed.elements})
        self.assertEqual(page.count("<style>"), 1)
        self.assertEqual(self.by_number(report)[self.requests["aborted"]]["reference"],
                         story.SCRIPT)

    def test_what_can_not_be_reported(self):
        page = self.world.path("r.html")
        run = lambda *words: self.world.run("nobody", "report", *words)
        self.assert_bad_usage(run(), "--html", "--json")
        self.assert_refused(run("--html", page, "--from", 9_999), "no position 9999", status=2)
        self.assert_refused(run("--html", page, "--from", "soon"), "soon", status=2)
        self.assert_refused(run("--html", page, "--from", "9000-01-01"), "after the log's last",
                            status=2)
        self.assert_refused(run("--html", page, "--to", "2009-01-03"), "before the founding",
                            status=2)
        self.assert_refused(run("--html", page, "--from", 9, "--to", 5), "is empty", status=2)
        self.assertFalse(page.exists())
        page.write_text("kept")
        self.assert_refused(run("--html", page), "r.html", "already", status=2)
        self.assertEqual(page.read_text(), "kept")
        self.assertEqual(list(page.parent.glob("*.part")), [])

    @unittest.skipUnless(chromium(), "there is no chromium")
    def test_a_browser_shows_and_prints_it(self):
        self.made()
        page = self.world.path("report.html")
        with tempfile.TemporaryDirectory() as profile:
            def browse(*words):
                done = subprocess.run(
                    [chromium(), "--headless=new", "--no-sandbox", "--disable-gpu",
                     f"--user-data-dir={profile}", "--enable-logging=stderr", *words,
                     page.as_uri()], capture_output=True, text=True, timeout=SECONDS)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertNotIn("CONSOLE", done.stderr)
                return done.stdout
            picture, paper = Path(profile) / "page.png", Path(profile) / "page.pdf"
            browse("--window-size=1280,2000", f"--screenshot={picture}")
            width, height = struct.unpack(">II", picture.read_bytes()[16:24])
            self.assertEqual((width, height), (1280, 2000))
            browse("--no-pdf-header-footer", f"--print-to-pdf={paper}")
            # A4 in points, on every page.
            boxes = re.findall(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", paper.read_bytes())
            self.assertTrue(boxes)
            for box in boxes:
                self.assertAlmostEqual(float(box[0]), 595, delta=2)
                self.assertAlmostEqual(float(box[1]), 842, delta=2)


class Tables(story.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.world.path("tables")

    def export(self, *words):
        ran = self.world.run("nobody", "export", *words)
        # The history has an incident, which is a finding.
        self.assertEqual(ran.status, 1, ran)
        self.assertIn("1 finding", ran.err)

    def test_pandas_and_duckdb_agree_with_the_ledger(self):
        import duckdb
        import pandas
        self.export("--csv", self.folder)
        lines = self.world.path("tables.jsonl.zst")
        self.export("--jsonl", lines)
        balance = {item["wallet"]: item for item in self.world.json("balance")}
        # The one transfer that is under way was refused by the node: no change is pending.
        known = {name: item["confirmed"]["satoshis"] + item["reserved"]["satoshis"]
                 + item["pending"]["satoshis"] for name, item in balance.items()}

        movements = pandas.read_csv(self.folder / "movements.csv")
        self.assertEqual(movements.groupby("wallet")["delta_sat"].sum().to_dict(), known)
        requests = pandas.read_csv(self.folder / "requests.csv")
        joined = movements.merge(requests, on="request", suffixes=("", "_request"))
        paid = joined[joined["cause"] == "spend"]
        self.assertEqual(set(paid["request"]), {self.requests["paid"]})
        spent = -paid["delta_sat"].sum()
        returned = joined[joined["cause"] == "change"]["delta_sat"].sum()
        request = requests[requests["request"] == self.requests["paid"]].iloc[0]
        self.assertEqual(spent - returned, request["sent_sat"] + request["fee_sat"])

        database = duckdb.connect()
        table = lambda name: f"read_csv('{self.folder}/{name}.csv')"
        self.assertEqual(dict(database.sql(
            f"select wallet, sum(delta_sat)::bigint from {table('movements')} group by wallet")
            .fetchall()), known)
        self.assertEqual(dict(database.sql(
            f"select wallet, sum(delta_btc::decimal(18, 8)) * 100000000 from {table('movements')} "
            "group by wallet").fetchall()), known)
        rows = f"read_json('{lines}', format = 'newline_delimited')"
        self.assertEqual(dict(database.sql(
            f"select wallet, sum(delta_sat)::bigint from {rows} where \"table\" = 'movements' "
            "group by wallet").fetchall()), known)
        approvals = database.sql(
            f"select r.request, count(*) from {table('requests')} r join {table('events')} e on "
            "e.request_id = r.request_id where e.type = 'approved' group by 1 order by 1"
        ).fetchall()
        self.assertEqual(approvals, [
            (number, len(self.world.json("explain", number)["approvals"]))
            for number in range(1, len(requests) + 1)
            if self.world.json("explain", number)["approvals"]])
        types = dict(database.sql(
            f"select type, count(*) from {table('events')} group by 1").fetchall())
        entries = self.world.json("log", "--from", 0, "--limit", 10000)
        self.assertEqual(sum(types.values()), len(entries))
        for column in ("recorded", "signed"):
            self.assertEqual(database.sql(
                f"select count(*) from read_csv('{self.folder}/events.csv', all_varchar = true) "
                f"where epoch_ms({column}::timestamptz) <> {column}_ms::bigint").fetchall(), [(0,)])

    def test_csv_and_json_lines_hold_the_same(self):
        self.export("--csv", self.folder, "--jsonl", self.world.path("lines"))
        for name in ("events", "requests", "movements"):
            text = (self.folder / f"{name}.csv").read_bytes().decode()
            self.assertEqual(text.count("\r\n"), text.count("\n"))
            rows = list(csv.DictReader(text.splitlines(), strict=True))
            lines = (self.world.path("lines") / f"{name}.jsonl").read_text().splitlines()
            self.assertEqual(len(rows), len(lines))
            for row, line in zip(rows, lines):
                item = json.loads(line)
                self.assertEqual(list(item), list(row))
                for column, value in item.items():
                    field = row[column]
                    if column in ("text", "reference", "node_message") and field[:1] == "'":
                        field = field[1:]
                    if isinstance(value, list):
                        value = ";".join(value)
                    elif value is None or isinstance(value, bool):
                        value = {None: "", True: "true", False: "false"}[value]
                    self.assertEqual(field, str(value), column)

    def test_spreadsheets_compute_nothing(self):
        self.export("--csv", self.folder)
        risky = re.compile(r"\s*[=+\-@|%\uff1d\uff0b\uff0d\uff20\t\r]")
        found = set()
        for path in self.folder.iterdir():
            with open(path, newline="") as file:
                for row in csv.reader(file):
                    for field in row:
                        if risky.match(field):
                            self.assertRegex(field, r"^-\d+(\.\d{8})?$")
                        if field.startswith("'"):
                            found.add(field[1:])
        self.assertEqual(found, {story.FORMULA, story.IMAGE, story.NODE})

    def test_columns_are_documented_and_stable(self):
        self.export("--csv", self.folder)
        text = (ROOT / "Schemas/tables.md").read_text()
        for name in ("events", "requests", "movements"):
            section = text.split(f"\n## {name}\n")[1].split("\n## ")[0]
            documented = [column for line in section.splitlines() if line.startswith("| `")
                          for column in re.findall(r"`([a-z_]+)`", line.split("|")[1])]
            with open(self.folder / f"{name}.csv", newline="") as file:
                self.assertEqual(next(csv.reader(file)), documented)

    def test_nothing_is_overwritten_or_left_half(self):
        self.export("--csv", self.folder)
        before = {path: path.read_bytes() for path in self.folder.iterdir()}
        ran = self.world.run("nobody", "export", "--csv", self.folder)
        self.assert_refused(ran, self.folder, "not empty")
        before_ledger = sorted(self.world.ledger.iterdir())
        for place in (self.world.ledger, self.world.path("alice")):
            self.assert_refused(self.world.run("nobody", "export", "--csv", place), place,
                                "empty folder")
        self.assertEqual(sorted(self.world.ledger.iterdir()), before_ledger)
        for name in ("x.json.gz", "x.json", "x.zst"):
            self.assert_refused(self.world.run("nobody", "export", "--jsonl", name), name,
                                ".jsonl.zst")
            self.assertFalse(self.world.path(name).exists())
        for words in (["--request", 1], ["--wallet", "main"], ["--from", 1, "--to", 2],
                      ["--open", "all"], ["--open-name", "alice"]):
            self.assert_refused(self.world.run("nobody", "export", "--csv", "some", *words),
                                words[0], "whole log", status=2)
            self.assertFalse(self.world.path("some").exists())
        self.assertEqual({path: path.read_bytes() for path in self.folder.iterdir()}, before)
        self.assert_bad_usage(self.world.run("nobody", "export"), "--csv", "--jsonl")
        self.assert_bad_usage(self.world.run("nobody", "export", "x", "--csv", "y"), "alone")
