"""Signed notes, checkpoints, cosignatures (C2SP signed-note, tlog-checkpoint, tlog-cosignature)."""

import base64

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tampering.tree import sha256

ED25519, COSIGNATURE = 1, 4


def text64(data):
    return base64.b64encode(data).decode()


class Signer:
    """An Ed25519 key under a name."""

    def __init__(self, name, seed, kind=ED25519):
        self.name, self.kind = name, kind
        self.key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = sha256(name.encode() + b"\n" + bytes([kind]) + self.public)[:4]

    @property
    def verifier(self):
        return f"{self.name}+{self.id.hex()}+{text64(bytes([self.kind]) + self.public)}"

    def line(self, text, seconds=None):
        if self.kind == COSIGNATURE:
            message = f"cosignature/v1\ntime {seconds}\n{text}".encode()
            signature = seconds.to_bytes(8, "big") + self.key.sign(message)
        else:
            signature = self.key.sign(text.encode())
        return f"\u2014 {self.name} {text64(self.id + signature)}\n"

    def note(self, text):
        return text + "\n" + self.line(text)


def checkpoint_text(origin, size, root):
    return f"{origin}\n{size}\n{text64(root)}\n"


def split(note):
    """The text and the signature lines of a note."""
    text, _, lines = note.rpartition("\n\n")
    return text + "\n", lines


def parse_checkpoint(note):
    origin, size, root = note.split("\n")[:3]
    return origin, int(size), base64.b64decode(root)
