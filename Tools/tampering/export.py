"""An export (Schemas/export.md) in memory, whose every file can be changed and made anew."""

import hashlib
import shutil
from pathlib import Path

from tampering import notes, tree

SCHEMAS = Path(__file__).resolve().parents[2] / "Schemas"
SUMS, SUMS_NOTE = "verify/SHA256SUMS", "verify/SHA256SUMS.note"
EXPORT_SEED = hashlib.sha256(b"the export key of tests").digest()


class Export:
    """Files by path; what they hold is taken out, changed, and put back."""

    def __init__(self, files):
        self.files = files

    @classmethod
    def read(cls, folder):
        folder = Path(folder)
        return cls({str(path.relative_to(folder)): path.read_bytes()
                    for path in sorted(folder.rglob("*")) if path.is_file()})

    @classmethod
    def make(cls, entries, blobs, origin, log_seed, sizes=()):
        """An export of entries, with checkpoints of these sizes and of all entries."""
        export = cls({"README.txt": b"An export for tests.\n"})
        for path in sorted(SCHEMAS.glob("*.*")):
            export.files[f"schemas/{path.name}"] = path.read_bytes()
        signer = notes.Signer(origin, log_seed)
        export.files["tlog-policy"] = f"log {signer.verifier}\nquorum none\n".encode()
        for data in blobs:
            export.put_blob(hashlib.sha256(data).digest(), data)
        export.rebuild(entries, signer, sizes)
        return export

    def write(self, folder):
        folder = Path(folder)
        shutil.rmtree(folder, ignore_errors=True)
        for path, data in self.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        return folder

    def copy(self):
        return Export(dict(self.files))

    # What is in it --------------------------------------------------------------------------

    @property
    def checkpoint(self):
        return self.files["checkpoint"].decode()

    @property
    def origin(self):
        return self.checkpoint.split("\n")[0]

    @property
    def size(self):
        return notes.parse_checkpoint(self.checkpoint)[1]

    @property
    def checkpoints(self):
        return split_checkpoints(self.files["checkpoints"].decode())

    def entries(self):
        size, found = self.size, []
        for index, width in tree.extents(size):
            found += tree.unbundle(self.files[tree.tile_path("entries", index, width)])
        return found

    def blobs(self):
        return [path for path in self.files if path.startswith("blobs/")]

    @staticmethod
    def blob_path(digest):
        return f"blobs/{digest.hex()[:2]}/{digest.hex()}"

    def put_blob(self, digest, data):
        self.files[self.blob_path(digest)] = data

    # What an operator can do who holds the log's key ------------------------------------------

    def rebuild(self, entries, signer, sizes=()):
        """Puts in other entries, with the tree that they have and checkpoints signed anew."""
        for path in [path for path in self.files if path.startswith("tile/")]:
            del self.files[path]
        hashes = [tree.leaf(entry) for entry in entries]
        self.files.update(tree.tiles(hashes))
        self.files.update(tree.bundles(entries))
        signed = []
        for size in sorted({size for size in sizes if 0 < size < len(entries)} | {len(entries)}):
            text = notes.checkpoint_text(signer.name, size, tree.root(hashes[:size]))
            signed.append(signer.note(text))
        self.put_checkpoints(signed)
        self.vouch()

    def put_checkpoints(self, signed):
        self.files["checkpoint"] = signed[-1].encode()
        self.files["checkpoints"] = "".join(note + "\n" for note in signed).encode()

    def become_replica(self):
        """Makes it a copy that is brought on with deltas: no manifest, and what was kept."""
        self.files.pop(SUMS, None)
        self.files.pop(SUMS_NOTE, None)
        self.files["kept"] = b"what its own verification came to"

    def vouch(self):
        """Makes and signs the manifest anew, as the sender can whatever he sends."""
        lines = [f"{hashlib.sha256(data).hexdigest()}  {path}\n"
                 for path, data in sorted(self.files.items()) if not path.startswith("verify/")]
        sums = "".join(lines).encode()
        self.files[SUMS] = sums
        try:
            origin, size, root = notes.parse_checkpoint(self.checkpoint)
        except (KeyError, ValueError):
            return
        text = (f"strongroom-export/v1\n{origin}\n{size}\n{notes.text64(root)}\n"
                f"{notes.text64(hashlib.sha256(sums).digest())}\n")
        signer = notes.Signer(f"{origin}/export", EXPORT_SEED)
        self.files[SUMS_NOTE] = signer.note(text).encode()


def split_checkpoints(text):
    """The notes of the file `checkpoints`: each ends with an empty line behind its signatures."""
    found, lines = [], text.split("\n")
    start, blanks = 0, 0
    for index, line in enumerate(lines):
        blanks += line == ""
        if line == "" and blanks % 2 == 0:
            found.append("\n".join(lines[start:index]) + "\n")
            start = index + 1
    return found
