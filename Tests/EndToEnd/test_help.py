"""What --help says: every command has an example, and an example can be pasted as it stands."""

import re
import subprocess
import unittest

from world import BIN, SECONDS

COLUMNS = 80


def helps(program, words=()):
    """Each command of a program with its help."""
    done = subprocess.run([str(BIN / program), *words, "--help"], capture_output=True, text=True,
                          timeout=SECONDS, env={"COLUMNS": str(COLUMNS)})
    assert done.returncode == 0, (program, words, done.stderr)
    listed = re.search(r"^SUBCOMMANDS:\n(.*?)(\n\n|\Z)", done.stdout, re.MULTILINE | re.DOTALL)
    inner = re.findall(r"^  ([a-z][a-z-]*)", listed.group(1), re.MULTILINE) if listed else []
    yield (program, *words), done.stdout, bool(inner)
    for name in inner:
        yield from helps(program, (*words, name))


def examples(text):
    """The commands of a help's examples, each with the lines that continue it."""
    found = re.search(r"^Examples?:(.*?)^(USAGE:|\s*$)", text, re.MULTILINE | re.DOTALL)
    lines = [line for line in found.group(1).splitlines() if line.strip()] if found else []
    commands = []
    for line in lines:
        if commands and commands[-1][-1].endswith("\\"):
            commands[-1].append(line)
        else:
            commands.append([line])
    return commands


class Help(unittest.TestCase):
    def test_every_command_has_an_example_that_can_be_pasted(self):
        count = 0
        for program in ("strongroom", "strongroom-verify"):
            for words, text, has_commands in helps(program):
                command = " ".join(words)
                with self.subTest(command):
                    found = examples(text)
                    self.assertTrue(found or has_commands, "no example")
                    for example in found:
                        count += 1
                        self.assertTrue(example[0].strip().startswith("strongroom"),
                                        f"a line that no backslash joins: {example[0]}")
                        self.assertFalse(example[-1].endswith("\\"), example)
                    self.assertLessEqual(
                        max(len(line) for line in text.split("USAGE:")[0].splitlines()), COLUMNS)
        self.assertGreater(count, 60)
