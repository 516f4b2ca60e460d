"""Exports judged by programs of others: Go's note and tlog packages, and aics-tlog from PyPI."""

import base64
import copy
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from written_history import History, NoteKey, root_of, sha256

try:
    import aics_tlog  # needs Python 3.12
except ImportError:
    aics_tlog = None

PROGRAM = HERE.parent / "judges" / "checkexport.go"
GO_PATH = Path("/usr/share/gocode")  # where Debian's golang-golang-x-mod-dev is
# A folder, or folders, of exports by Strongroom itself, which the judges are asked about as well.
OTHERS = [Path(p) for p in os.environ.get("STRONGROOM_EXPORTS", "").split(":") if p]


def history(size):
    """A log of this many entries, most of them no events: the judges look at the tree alone."""
    one = History({"alice": ["executive"]}, {"of": ["alice"], "need": 1})
    one.witnesses = [NoteKey("witness.example/w1", 4, "w1"), NoteKey("witness.example/w2", 4, "w2")]
    for n in range(1, size):
        one.add_entry(sha256(n.to_bytes(4, "big")) * (1 + n % 40))
    one.checkpoint_sizes = sorted(
        {s for s in (1, 2, 3, 255, 256, 257, 700, size - 1) if 0 < s < size}
    )
    return one


class JudgedTest(unittest.TestCase):
    SIZES = (1, 2, 5, 255, 256, 257, 700)

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def exported(self, one, name="export"):
        place = os.path.join(self.folder, name)
        shutil.rmtree(place, ignore_errors=True)
        one.export(place)
        return place


@unittest.skipUnless(
    shutil.which("go") and (GO_PATH / "src/golang.org/x/mod/sumdb/tlog").is_dir(),
    "Go or golang-golang-x-mod-dev is not installed",
)
class GoTests(JudgedTest):
    @classmethod
    def setUpClass(cls):
        cls.cache = tempfile.mkdtemp()
        cls.program = os.path.join(cls.cache, "checkexport")
        environment = {
            **os.environ, "GOPATH": str(GO_PATH), "GO111MODULE": "off", "GOFLAGS": "",
            "GOCACHE": os.path.join(cls.cache, "cache"),
        }
        command = ["go", "build", "-o", cls.program, str(PROGRAM)]
        subprocess.run(command, env=environment, check=True, timeout=300, cwd=cls.cache)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.cache)

    def check(self, folder, *keys):
        command = [self.program, folder, *keys]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout + done.stderr

    def test_exports_of_many_sizes_hold(self):
        for size in self.SIZES:
            one = history(size)
            status, said = self.check(self.exported(one), one.log.vkey, one.exporter.vkey)
            self.assertEqual(status, 0, said)
            self.assertIn("All of it holds.", said)

    def test_what_is_wrong_is_named(self):
        one = history(300)
        another = NoteKey(one.log.name, 1, "another")

        def edit(path, change):
            def edited(folder):
                place = Path(folder, path)
                place.write_bytes(change(place.read_bytes()))
            return edited

        def flipped(data):
            return data[:-1] + bytes([data[-1] ^ 1])

        other = copy.deepcopy(one)
        other.roots[256] = bytes(32)
        for attack, expected in (
            (edit("tile/0/000", flipped), "tile/0/000 is not the tile"),
            (edit("tile/1/000.p/1", flipped), "tile/1/000.p/1 is not the tile"),
            (edit("tile/entries/000", flipped), "the entries have the root"),
            (edit("tile/entries/000", lambda d: d + b"\0\1x"), "behind its entries"),
            (edit("tile/entries/001.p/44", lambda d: d[:-1]), "ends within its entry"),
            (edit("checkpoint", lambda d: d.replace(b"\n300\n", b"\n299\n")), "checkpoint: "),
            (
                edit(
                    "checkpoints", lambda d: d.replace(one.checkpoint(256), other.checkpoint(256))
                ),
                "the checkpoint of size 256",
            ),
            (edit("verify/SHA256SUMS", flipped), "the manifest's note"),
            (lambda folder: os.remove(os.path.join(folder, "tile/0/001.p/44")), "no such file"),
        ):
            folder = self.exported(one)
            attack(folder)
            status, said = self.check(folder, one.log.vkey, one.exporter.vkey)
            self.assertEqual(status, 1, said)
            self.assertIn(expected, said)
        status, said = self.check(self.exported(one), another.vkey)
        self.assertEqual(status, 1, said)

    def test_exports_by_strongroom_hold(self):
        if not OTHERS:
            self.skipTest("STRONGROOM_EXPORTS names no export")
        for folder in OTHERS:
            readme = (folder / "README.txt").read_text(encoding="utf-8").splitlines()
            keys = [
                line.split()[-1]
                for line in readme
                if line.startswith(("  log key ", "  manifest "))
            ]
            status, said = self.check(str(folder), *keys)
            self.assertEqual(status, 0, said)


@unittest.skipUnless(aics_tlog, "aics-tlog is not installed: it needs Python 3.12")
class AicsTests(JudgedTest):
    """aics-tlog, a C2SP implementation by others."""

    def test_checkpoints_tiles_bundles_and_cosignatures_are_accepted(self):
        for size in self.SIZES:
            one = history(size)
            folder = self.exported(one)
            log = aics_tlog.parse_vkey(one.log.vkey)
            witnesses = [aics_tlog.parse_vkey(key.vkey) for key in one.witnesses]
            note = aics_tlog.parse_note(Path(folder, "checkpoint").read_bytes())
            result = aics_tlog.verify_checkpoint(
                note, log, witnesses, quorum=2, expected_origin=one.origin
            )
            self.assertTrue(result.ok, result)
            reader = aics_tlog.FileSystemTileReader(folder)
            root = one.root(size)
            aics_tlog.audit_tiles(reader, size, root)
            self.assertEqual(aics_tlog.tree_root_from_tiles(reader, size), root)
            for index in {0, size // 2, size - 1}:
                entry = aics_tlog.read_entry(reader, index, size)
                self.assertEqual(entry, one.entries[index])
                proof = aics_tlog.inclusion_proof_from_tiles(reader, index, size)
                self.assertTrue(aics_tlog.verify_leaf_inclusion(entry, index, size, proof, root))
            for old in one.checkpoint_sizes:
                proof = aics_tlog.consistency_proof_from_tiles(reader, old, size)
                self.assertTrue(aics_tlog.verify_consistency(old, size, one.root(old), root, proof))

    def test_a_forged_cosignature_or_a_wrong_tile_is_not(self):
        one = history(300)
        folder = self.exported(one)
        forged = copy.copy(one.witnesses[0])
        forged.secret = NoteKey("x", 4, "other").secret
        text = Path(folder, "checkpoint").read_text(encoding="utf-8").split("\n\n")[0] + "\n"
        note = aics_tlog.parse_note(f"{text}\n{one.log.line(text)}{forged.line(text)}".encode())
        witnesses = [aics_tlog.parse_vkey(key.vkey) for key in one.witnesses]
        result = aics_tlog.verify_checkpoint(
            note, aics_tlog.parse_vkey(one.log.vkey), witnesses, quorum=1
        )
        self.assertFalse(result.ok)
        tile = Path(folder, "tile/0/000")
        tile.write_bytes(bytes(32) + tile.read_bytes()[32:])
        with self.assertRaises(Exception):
            aics_tlog.audit_tiles(aics_tlog.FileSystemTileReader(folder), 300, one.root(300))


if __name__ == "__main__":
    unittest.main()
