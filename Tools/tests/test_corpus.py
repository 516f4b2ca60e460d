"""The fuzzers' inputs: one archive, of which equal inputs make equal bytes."""

import io
import lzma
import sys
import tarfile
import tempfile
import unittest
from pathlib import Path

FUZZING = Path(__file__).resolve().parents[1] / "fuzzing"
sys.path.insert(0, str(FUZZING))

import corpus

ARCHIVE = FUZZING / "corpus.tar.xz"


class CorpusTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name) / "kept"

    def test_what_is_unpacked_packs_to_the_same_archive(self):
        corpus.unpack(ARCHIVE.read_bytes(), self.folder)
        packed = lzma.decompress(corpus.pack(self.folder))
        self.assertEqual(packed, lzma.decompress(ARCHIVE.read_bytes()))

    def test_each_input_is_named_by_its_target(self):
        names = [target for target, _, _ in corpus.inputs(ARCHIVE.read_bytes())]
        self.assertEqual(names, sorted(names))
        sources = "".join(path.read_text() for path in FUZZING.glob("*.swift"))
        for target in set(names):
            self.assertIn(f'"{target}"', sources)

    def test_a_folder_is_made_anew_when_the_archive_is_another(self):
        corpus.unpack(ARCHIVE.read_bytes(), self.folder)
        stray = self.folder / "stray" / "input"
        stray.parent.mkdir()
        stray.write_bytes(b"1")
        corpus.unpack(ARCHIVE.read_bytes(), self.folder)
        self.assertTrue(stray.exists(), "made from these very bytes, the folder is left alone")
        other = corpus.pack(self.folder)
        stray.write_bytes(b"2")
        corpus.unpack(other, self.folder)
        self.assertEqual(stray.read_bytes(), b"1")

    def test_a_name_that_leads_elsewhere_is_refused(self):
        for name in ("../input", "input", "a/b/c", "/etc/x"):
            packed = io.BytesIO()
            with tarfile.open(fileobj=packed, mode="w:xz") as archive:
                archive.addfile(tarfile.TarInfo(name), io.BytesIO())
            with self.assertRaises(SystemExit, msg=name):
                corpus.unpack(packed.getvalue(), self.folder)


if __name__ == "__main__":
    unittest.main()
