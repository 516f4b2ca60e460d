"""Exports as their owners make them and as strangers look at them."""

import hashlib
import subprocess
import tarfile

import world


class ExportTests(world.TestCase):
    """What `strongroom export` writes."""

    def setUp(self):
        super().setUp()
        self.world.ok("alice", "key", "create", "archive", "--export")
        self.world.ok("alice", "checkpoint")

    def export(self, name, *words):
        """Makes an export and returns its path."""
        self.world.ok("alice", "export", self.world.path(name), *words)
        return self.world.path(name)

    def test_a_folder_passes_sha256sum(self):
        folder = self.export("evidence")
        done = subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "verify/SHA256SUMS"],
                              cwd=folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done)
        listed = [line.split("  ")[1] for line in
                  (folder / "verify/SHA256SUMS").read_text().splitlines()]
        found = sorted(str(path.relative_to(folder)) for path in folder.rglob("*")
                       if path.is_file())
        self.assertEqual(listed + ["verify/SHA256SUMS", "verify/SHA256SUMS.note"], found)
        note = (folder / "verify/SHA256SUMS.note").read_text().splitlines()
        self.assertEqual(note[0], "strongroom-export/v1")
        self.assertEqual(note[1:4], (folder / "checkpoint").read_text().splitlines()[:3])
        sums = hashlib.sha256((folder / "verify/SHA256SUMS").read_bytes()).digest()
        self.assertEqual(note[4], __import__("base64").b64encode(sums).decode())
