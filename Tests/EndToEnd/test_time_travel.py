"""What a ledger was: every reading command at every position and time of a history."""

import datetime

from story import RULE, TestCase
from world import APPROVERS, WALLETS


def at(shown):
    """The answer of `--at --json`, without the moment."""
    return shown["value"]


class TimeTravel(TestCase):
    def test_each_step_of_a_history_is_shown_again_as_it_was(self):
        seen = self.story.seen
        last = max(seen)
        for position, answers in seen.items():
            for words, known in answers.items():
                shown = self.world.json(*words, "--at", position)
                self.assertEqual(shown["at"]["position"], position)
                value = at(shown)
                if words == ("status",):
                    # What covers an entry by now, and the log's fault, are of today.
                    known = {**known, "checkpointed": value["checkpointed"]}
                self.assertEqual(value, known, f"{words} at {position}")
        self.assertNotEqual(seen[min(seen)][("balance",)], seen[last][("balance",)])

    def test_a_time_shows_the_last_entry_recorded_by_then(self):
        events = self.world.json("log", "--from", 0, "--limit", 10000)
        for event in events[::5] + events[-1:]:
            shown = self.world.json("balance", "--at", event["position"])
            time = shown["at"]["recorded"]
            by_time = self.world.json("balance", "--at", time)
            # Several entries may share a millisecond; the last of them counts.
            self.assertGreaterEqual(by_time["at"]["position"], event["position"])
            self.assertEqual(by_time["at"]["recorded"], time)
            self.assertEqual(by_time["at"]["time"], time)
            # The same moment in another zone, a millisecond before it, and without the zone.
            moment = datetime.datetime.fromisoformat(time)
            zone = datetime.timezone(datetime.timedelta(hours=-9, minutes=-30))
            elsewhere = moment.astimezone(zone).isoformat(timespec="milliseconds")
            self.assertEqual(self.world.json("balance", "--at", elsewhere), by_time)
            self.assertEqual(self.world.json("balance", "--at", time[:-1]), by_time)
            if event["position"]:
                before = moment - datetime.timedelta(milliseconds=1)
                shown = self.world.json("balance", "--at", before.isoformat())
                self.assertLess(shown["at"]["position"], by_time["at"]["position"])

    def test_a_request_is_shown_at_every_stage_of_its_life(self):
        number, aborted = self.requests["paid"], self.requests["aborted"]
        request = self.world.json("show", number)
        first = request["events"][0]["position"]
        statuses = []
        for event in request["events"]:
            shown = at(self.world.json("show", number, "--at", event["position"]))
            statuses.append(shown["status"])
            self.assertEqual(shown["events"], request["events"][:len(shown["events"])])
            self.assertEqual(shown["events"][-1]["position"], event["position"])
        self.assertEqual(statuses[:6], ["initiated", "initiated", "authorised", "authorised",
                                        "signed", "broadcast"])
        self.assertEqual(
            at(self.world.json("show", number, "--at", self.world.size() - 1))["status"],
            "confirmed",
        )
        text = self.world.ok("nobody", "show", number, "--at", first).out
        self.assertTrue(text.startswith(f"At position {first}, recorded "), text)
        self.refused("nobody", "show", number, "--at", first - 1,
                     naming=[f"no request {number} yet", first])
        ended = self.world.json("show", aborted)["events"][-1]["position"]
        self.assertEqual(at(self.world.json("show", aborted, "--at", ended))["status"], "aborted")
        self.assertEqual(
            at(self.world.json("show", aborted, "--at", ended - 1))["status"], "initiated")
        self.assertEqual(
            at(self.world.json("explain", number, "--at", first + 1))["quorum"],
            "missing 1 more of bob, carol")

    def test_who_could_do_what(self):
        seen = self.story.seen
        last = max(seen)
        carol = at(self.world.json("member", "show", "carol", "--at", min(seen)))
        self.assertEqual(carol["status"], "active")
        self.assertIn(f"approve transfers of main, under {RULE}", carol["may"])
        self.assertEqual(at(self.world.json("member", "show", "carol", "--at", last))["may"], [])
        main = at(self.world.json("wallet", "show", "main", "--at", min(seen)))
        self.assertEqual(main["quorum"], RULE)
        main = at(self.world.json("wallet", "show", "main", "--at", last))
        self.assertEqual(main["quorum"], "2 of (alice, bob)")
        founded = self.world.json("member", "list", "--at", 0)
        self.assertEqual({member["status"] for member in at(founded)}, {"awaiting-acceptance"})
        self.refused("nobody", "wallet", "show", "main", "--at", 0, naming="no wallet main")

    def test_expiry_is_by_the_time_that_is_asked_for(self):
        world = self.world
        number = world.initiate("main", "0.2", "--expires", "1m")
        request = world.json("show", number)
        expires = datetime.datetime.fromisoformat(request["expires"])
        # The last entry is older than the expiry; whoever asks for later sees it expired, but only
        # once that time has come.
        ran = world.run("nobody", "show", number, "--at",
                        (expires + datetime.timedelta(seconds=1)).isoformat())
        self.assert_refused(ran, "is still to come")
        shown = world.json("show", number, "--at", world.size() - 1)
        self.assertEqual(at(shown)["status"], "initiated")

    def test_first_lines_say_which_moment_is_shown(self):
        for words in (("status",), ("balance",), ("coins",), ("wallet", "list"),
                      ("wallet", "show", "main"), ("member", "list"), ("member", "show", "bob"),
                      ("show", 1), ("show", "--event", 3), ("explain", 1)):
            line = self.world.ok("nobody", *words, "--at", 30).out.splitlines()[0]
            self.assertRegex(
                line, r"^At position 30, recorded \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"
            )

    def test_an_event_is_proven_to_the_head_of_the_moment(self):
        shown = at(self.world.json("show", "--event", 3, "--at", 10))
        self.assertEqual(shown["size"], 11)
        self.refused("nobody", "show", "--event", 11, "--at", 10,
                     naming=["no position 11 yet", "last was 10"])

    def test_moments_that_are_not_in_the_history(self):
        size = self.world.size()
        self.refused("nobody", "balance", "--at", size, naming=[f"no position {size}", size - 1])
        self.refused("nobody", "balance", "--at", "2009-01-03",
                     naming=["2009-01-03T00:00:00.000Z", "before the founding"])
        self.refused("nobody", "balance", "--at", "9000-01-01", naming="still to come")
        self.refused("nobody", "balance", "--at", "yesterday", status=2,
                     naming=["yesterday", "neither a position nor a time", "2026-11-21T14:30Z"])
        self.refused("nobody", "balance", "--at", "2026-02-30", status=2, naming="2026-02-30")

    def test_history_says_who_initiated_and_approved_and_under_which_rule(self):
        world = self.world
        policy = world.json("history", "wallet", "main")
        kinds = [change["what"].split(":")[-1].split(";")[0].strip() for change in policy]
        self.assertEqual(kinds[0], f"create the wallet main under {RULE}")
        self.assertEqual(kinds[-1], "rule the wallet main by 2 of (alice, bob)")
        self.assertEqual(sum(kind == "accepted the wallet main" for kind in kinds), 3)
        last = policy[-1]["decision"]
        self.assertEqual((last["initiator"], last["rule"]), ("alice", RULE))
        self.assertEqual([item["member"] for item in last["approvals"]], ["alice", "carol"])
        self.assertIn(f"before by {RULE}", policy[-1]["what"])
        carol = world.json("history", "member", "carol")
        self.assertIn("suspend carol", carol[-1]["what"])
        self.assertEqual([item["member"] for item in carol[-1]["decision"]["approvals"]],
                         ["alice", "bob"])
        self.assertEqual(carol[0]["position"], 0)
        text = world.ok("nobody", "history", "policy").out
        self.assertIn("approved by alice (position", text.replace("\n          ", " "))
        self.assertIn(f"under {RULE}", text)
        self.refused("nobody", "history", "wallet", "nowhere", naming="nowhere")
        for name in WALLETS:
            self.assertTrue(world.json("history", "wallet", name))
