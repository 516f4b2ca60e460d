"""The tables of modules in README and Architecture say what the manifest says."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDES = ROOT / "Sources/Acting/Documentation.docc"
# What the manifest's constants stand for.
PACKAGES = {"crypto": "swift-crypto", "cryptoExtras": "swift-crypto", "http": "swift-nio",
            "arguments": "swift-argument-parser"}


def manifest():
    """Each target whose sources are in Sources, with what it imports."""
    text = (ROOT / "Package.swift").read_text()
    targets = {name: set() for name in re.findall(r'systemLibrary\(\s*name: "(\w+)"', text)}
    declared = re.findall(
        r'\.(?:target|executableTarget)\(\s*name: "([\w-]+)"(.*?)swiftSettings', text, re.DOTALL)
    for name, rest in declared:
        if (ROOT / "Sources" / name).is_dir():
            listed = re.search(r"dependencies: \[(.*?)\]([ +\w]*)", rest, re.DOTALL)
            words = re.findall(r'"([\w-]+)"', listed[1]) if listed else []
            constants = re.findall(r"\b[a-zA-Z]+\b", re.sub(r'"[^"]*"', "", " ".join(
                listed.groups()))) if listed else []
            targets[name] = {*words, *(PACKAGES[word] for word in constants)}
    return {name: uses for name, uses in targets.items() if (ROOT / "Sources" / name).is_dir()}


def table(path):
    """The rows of a page's table of modules: (names, what the second column says)."""
    text = path.read_text()
    rows = text[text.index("| module |"):].split("\n\n")[0].splitlines()[2:]
    return [(first.split(", "), second)
            for first, second in (re.match(r"\| (.+?) \| (.+) \|$", row).groups() for row in rows)]


class ModuleTests(unittest.TestCase):
    def test_the_readme_names_each_module_once_and_below_what_it_imports(self):
        listed = [name for names, _ in table(ROOT / "README.md") for name in names]
        targets = manifest()
        self.assertCountEqual(listed, targets)
        for name, uses in targets.items():
            for used in uses & set(targets):
                self.assertLess(listed.index(used), listed.index(name), f"{name} uses {used}")

    def test_architecture_says_what_each_module_imports(self):
        targets = manifest()
        told = {name: set(second.split(", ")) - {"nothing"}
                for names, second in table(GUIDES / "Architecture.md") for name in names}
        for name in {*targets, *told}:
            self.assertEqual(told.get(name), targets.get(name), name)


if __name__ == "__main__":
    unittest.main()
