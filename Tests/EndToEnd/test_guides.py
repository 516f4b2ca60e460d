"""What the README, the guides and the schemas show can be typed: it exists, with its options."""

import re
import shlex
import subprocess
import unittest

from test_help import helps
from world import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md",
         *sorted((ROOT / "Sources/Acting/Documentation.docc").rglob("*.md")),
         *sorted((ROOT / "Schemas").glob("*.md"))]
PROGRAMS = ("strongroom", "strongroom-verify")


def commands(page):
    """The command lines in a page's blocks and code spans, each as its words."""
    text = page.read_text()
    lines = []
    for kind, block in re.findall(r"^```(sh|console)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        typed = block.replace("\\\n", " ")
        # A console's lines without a prompt are answers.
        lines += re.findall(r"^\w*\$ (.*)" if kind == "console" else r"(.+)", typed, re.MULTILINE)
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    lines += re.findall(r"`([^`]+[^`: ])`", prose)
    for line in lines:
        for part in re.split(r"\s[|>]\s|\s&&\s|;\s", " ".join(line.split())):
            if re.match(r"(strongroom(-verify)?|Tools/\w+|Tests/EndToEnd/run) ", part + " "):
                try:
                    yield shlex.split(part, comments=True)
                except ValueError as error:
                    raise AssertionError(f"{page.name}: {part}: {error}") from error


def options(words):
    """The options among a command's words."""
    return [word.split("=")[0] for word in words if re.match(r"--?[a-z]", word)]


class Guides(unittest.TestCase):
    def test_every_command_that_is_shown_is_known_with_its_options(self):
        known = {" ".join(words): text
                 for program in PROGRAMS for words, text, _ in helps(program)}
        seen = 0
        for page in PAGES:
            for words in commands(page):
                if words[0] not in PROGRAMS:
                    continue
                name = words[0]
                for word in words[1:]:
                    if f"{name} {word}" not in known:
                        break
                    name = f"{name} {word}"
                with self.subTest(f"{page.name}: {' '.join(words)}"):
                    seen += 1
                    # `strongroom` alone is the program's name; a subcommand that is unknown is not.
                    if name == "strongroom" and len(words) > 1 and not words[1].startswith("-"):
                        self.fail(f"no such command: {words[1]}")
                    for option in options(words):
                        if option != "--generate-completion-script":
                            self.assertRegex(known[name], rf"(^|[\s\[,]){option}\b")
        self.assertGreater(seen, 100)

    def test_every_tool_that_is_shown_is_there_with_its_options(self):
        seen = 0
        for page in PAGES:
            for words in commands(page):
                if words[0] in PROGRAMS:
                    continue
                with self.subTest(f"{page.name}: {' '.join(words)}"):
                    seen += 1
                    tool = ROOT / words[0]
                    self.assertTrue(tool.exists() or tool.with_suffix(".py").exists())
                    if options(words):
                        told = "\n".join(tool.read_text().splitlines()[:30])
                        if "--help" in told:
                            told += subprocess.run([tool, words[1], "--help"], text=True,
                                                   capture_output=True, timeout=60).stdout
                        for option in options(words):
                            self.assertIn(option, told)
        self.assertGreater(seen, 10)
