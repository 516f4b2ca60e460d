"""Style as a test: what a reviewer would otherwise have to say again and again."""

import json
import re
import subprocess
import unittest
from pathlib import Path

import swift_source

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = 100
FUNCTION_LINES = 70
GENERATED = "EmbeddedSchemas.swift"
# What a protocol of the language demands, and says all about.
SELF_EVIDENT = {"hash", "encode", "run", "validate", "next", "makeIterator"}
# A property's name and type may say all; these say it in a comment.
COMMENTED = {
    "struct",
    "class",
    "enum",
    "actor",
    "protocol",
    "func",
    "init",
    "subscript",
    "typealias",
}
BANNED_SUFFIX = re.compile(
    r"\b(?:struct|class|enum|actor|protocol)\s+(\w*(?:Manager|Helper|Util|Utils|Core|Service))\b")
DECISIONS = ROOT / "Sources/Acting/Documentation.docc/Decisions"


def tracked():
    """The files of the repository, those too that are about to be added."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
        capture_output=True, text=True, check=True).stdout.split("\n")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def is_script(path):
    return not path.suffix and path.read_bytes()[:2] == b"#!"


class TidyTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = tracked()
        swift = [p for p in cls.files if p.suffix == ".swift" and p.name != GENERATED]
        cls.swift = {path: path.read_text() for path in swift}
        cls.code = {path: swift_source.blank(text) for path, text in cls.swift.items()}
        cls.sources = [path for path in swift if path.is_relative_to(ROOT / "Sources")]

    def none(self, found, rule):
        """Fails with each place where a rule is broken."""
        lines = [f"{path.relative_to(ROOT)}:{line}: {what}" for path, line, what in found]
        if lines:
            self.fail(f"{rule}; {len(lines)} are not:\n" + "\n".join(sorted(lines)))

    def matches(self, pattern, texts):
        for path, text in texts.items():
            for match in re.finditer(pattern, text):
                yield path, text.count("\n", 0, match.start()) + 1, match.group().strip()

    def test_lines_have_at_most_100_columns(self):
        def long_lines():
            for path in self.files:
                if path.name == GENERATED or not (path.suffix in (".swift", ".py")
                                                  or is_script(path)):
                    continue
                for number, line in enumerate(path.read_text().split("\n"), 1):
                    if len(line) > COLUMNS:
                        yield path, number, f"{len(line)} columns"
        self.none(long_lines(), f"lines have at most {COLUMNS} columns")

    def test_public_declarations_are_documented(self):
        """Operators and what a documented protocol of ours demands have their comment elsewhere."""
        demanded = set(SELF_EVIDENT)
        for path in self.sources:
            demanded |= set(swift_source.requirements(self.code[path]))

        def bare():
            for path in self.sources:
                for line, kind, name in swift_source.undocumented(self.swift[path]):
                    text = self.swift[path].split("\n")[line - 1]
                    if kind not in COMMENTED or not name or name in demanded or "(from" in text:
                        continue
                    yield path, line, f"{kind} {name}"
        self.none(bare(), "public declarations are documented")

    def test_functions_have_at_most_70_lines(self):
        def long_functions():
            for path, code in self.code.items():
                for line, count in swift_source.functions(code):
                    if count > FUNCTION_LINES:
                        yield path, line, f"{count} lines"
        self.none(long_functions(), f"functions have at most {FUNCTION_LINES} lines")

    def test_each_source_file_is_used(self):
        """A file is dead when nothing that it declares is named in any other file."""
        # What stands in a sentence counts too.
        words = {path: set(re.findall(r"\w+", " ".join(
            [code, *re.findall(r"\\\(([^)]*)", self.swift[path])])))
            for path, code in self.code.items()}

        def dead():
            for path in self.sources:
                if path.suffix != ".swift" or "@main" in self.code[path]:
                    continue
                names = set()
                for kind, name in swift_source.top_level_names(self.code[path]):
                    if kind != "extension":
                        names.add(name)
                # An extension's file is named by what it adds.
                names |= set(re.findall(
                    r"\b(?:func|var|let|case|init|struct|enum)\s+(\w+)", self.code[path]))
                names |= {"init"} if re.search(r"\binit[?(<]", self.code[path]) else set()
                if not any(names & words[other] for other in words if other != path):
                    yield path, 1, "nothing in it is named elsewhere"
        self.none(dead(), "each file is used")

    def test_no_type_bears_its_modules_name_or_an_empty_one(self):
        modules = {path.name for path in (ROOT / "Sources").iterdir()}

        def bad():
            for path in self.sources:
                module = path.relative_to(ROOT / "Sources").parts[0]
                for kind, name in swift_source.top_level_names(self.code[path]):
                    if kind not in ("extension", "let", "var", "func") and name == module:
                        yield path, 1, f"{name} bears its module's name"
            yield from self.matches(BANNED_SUFFIX, self.code)
        self.assertIn("Bytes", modules)
        self.none(bad(), "a type's name says what it is")

    def test_nothing_is_forced_and_nothing_crashes_the_compiler(self):
        self.none(self.matches(r"\btry!", self.code), "no error is unthinkable")
        self.none(self.matches(r"\bcatch\b[^{\n]*\bwhere\b", self.code), "catch has no where")

    def test_nothing_is_left_to_do(self):
        texts = {p: p.read_text() for p in self.files
                 if p.suffix in (".swift", ".py", ".md", ".cddl") and p != Path(__file__)
                 and p.name != GENERATED}
        self.none(self.matches(r"\b(?:TODO|FIXME|XXX)\b", texts), "what is left to do is an issue")

    def test_the_manifest_names_each_folder_of_sources(self):
        manifest = (ROOT / "Package.swift").read_text()
        for folder in (ROOT / "Sources").iterdir():
            self.assertIn(f'name: "{folder.name}"', manifest, f"{folder.name} is no target")

    def test_links_of_the_guides_lead_somewhere(self):
        def broken():
            for path in self.files:
                if path.suffix != ".md":
                    continue
                for number, line in enumerate(path.read_text().split("\n"), 1):
                    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", line):
                        if "://" in target or target.startswith("mailto:"):
                            continue
                        if not (path.parent / target).exists():
                            yield path, number, target
        self.none(broken(), "links lead somewhere")

    def test_decisions_are_numbered_and_listed(self):
        records = sorted(DECISIONS.glob("*.md"))
        page = (DECISIONS.parent / "Acting.md").read_text()
        for number, record in enumerate(records, 1):
            self.assertTrue(record.name.startswith(f"{number:04}-"), f"{record.name}: {number:04}")
            title = record.read_text().split("\n")[0]
            self.assertRegex(title, rf"^# (?:Decision )?{number}[:.] ", f"{record.name}: its title")
            self.assertIn(f"<doc:{record.stem}>", page, f"{record.name} is not listed")


if __name__ == "__main__":
    unittest.main()
