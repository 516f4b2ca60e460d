"""What Schemas/reading.json says of --json; world.py holds every answer of every test to it."""

import json
import subprocess

import answers
import world


def commands_with_json(command, words=()):
    """The names of the commands below one that have --json."""
    names = [name["name"] for argument in command.get("arguments", [])
             for name in argument.get("names", [])]
    if "json" in names:
        yield "-".join(words)
    for inner in command.get("subcommands", []):
        yield from commands_with_json(inner, (*words, inner["commandName"]))


def objects(schema):
    """Every place of a schema that describes the fields of an object."""
    if isinstance(schema, dict):
        if "properties" in schema and schema.get("type") == "object":
            yield schema
        for inner in schema.values():
            yield from objects(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from objects(inner)


class Answers(world.TestCase):
    def test_every_command_with_json_is_in_the_schema_and_no_other(self):
        found = set()
        for program in ("strongroom", "strongroom-verify"):
            done = subprocess.run([str(world.BIN / program), "--experimental-dump-help"],
                                  capture_output=True, check=True, timeout=world.SECONDS)
            found.update(commands_with_json(json.loads(done.stdout)["command"]))
        self.assertEqual(found, answers.COMMANDS)

    def test_every_shape_of_the_schema_is_closed_and_used(self):
        for each in objects(answers.SCHEMA["$defs"]):
            self.assertIs(each["additionalProperties"], False, each)
        text = json.dumps(answers.SCHEMA)
        for name in answers.SCHEMA["$defs"].keys() - answers.COMMANDS:
            self.assertIn(f'"#/$defs/{name}"', text)

    def test_an_answer_with_another_field_or_without_one_is_found(self):
        answer = self.world.json("balance")
        for broken in ([answer[0] | {"more": 1}],
                       [{name: answer[0][name] for name in answer[0] if name != "pending"}],
                       [answer[0] | {"confirmed": answer[0]["confirmed"] | {"btc": "1.5"}}]):
            with self.assertRaises(AssertionError):
                answers.check(["strongroom", "balance"], json.dumps(broken))

    def test_equal_answers_are_equal_bytes(self):
        number = self.world.initiate("main", "0.1", "--reference", "rent")
        self.world.approve(number, "alice")
        for words in (["status"], ["log"], ["history"], ["balance"], ["coins"], ["wallet", "list"],
                      ["wallet", "show", "main"], ["wallet", "export", "main"], ["member", "list"],
                      ["member", "show", "alice"], ["show", number], ["show", "--event", 3],
                      ["explain", number], ["status", "--at", 5], ["show", number, "--at", 40],
                      ["report"]):
            one, two = (self.world.run("nobody", *words, "--json") for _ in range(2))
            self.assertEqual(one.status, two.status, one)
            self.assertEqual(one.out, two.out)
            self.assertTrue(one.out or one.status != 0, one)

    def test_keys_and_tables_answer_too(self):
        (self.world.home("alice") / "keys/broken.key").write_text("nothing")
        ran = self.world.ok("alice", "key", "list", "--json")
        listed = {key["name"]: key for key in json.loads(ran.out)}
        self.assertEqual(listed["alice"]["purpose"], "event")
        self.assertIn("error", listed["broken"])
        ran = self.world.ok("alice", "export", "--csv", self.world.path("csv"), "--jsonl",
                            self.world.path("lines"), "--json")
        self.assertEqual(len(list(answers.texts(ran.out))), 2, ran)
