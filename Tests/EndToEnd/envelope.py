"""Events and the files that carry them, written and read by the formats of Schemas/ alone.

A test can so sign what the product would not, and judge what it recorded.
"""

import base64
import hashlib
import io
import textwrap
import time
from dataclasses import dataclass

import cbor2
from embit import ec

CONTENT_TYPE = "application/vnd.strongroom.event+cbor"


def sha256(data):
    return hashlib.sha256(data).digest()


def cbor(value):
    return cbor2.dumps(value, canonical=True)


def now():
    return int(time.time() * 1000)


def compact(der):
    """r and s, 32 bytes each, of a DER signature."""
    assert der[0] == 0x30 and der[2] == 2
    length = der[3]
    r = int.from_bytes(der[4:4 + length], "big")
    s = int.from_bytes(der[6 + length:], "big")
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def sig_structure(protected, ledger, payload):
    return cbor(["Signature1", protected, ledger or b"", payload])


def sign(secret, ledger, kind, body, *, seq, seen, at=None):
    """A COSE_Sign1 envelope around an event; `seen` is (size, root)."""
    key = ec.PrivateKey(secret)
    protected = cbor({1: -47, 3: CONTENT_TYPE, 4: key.get_public_key().sec()})
    payload = cbor({"seq": seq, "seen": list(seen), "body": body, "type": kind,
                    "time": now() if at is None else at})
    digest = sha256(sig_structure(protected, ledger, payload))
    signature = compact(key.sign(digest).serialize())
    return cbor(cbor2.CBORTag(18, [protected, {}, payload, signature]))


@dataclass
class Event:
    """An envelope, taken apart."""

    raw: bytes
    id: bytes
    key: bytes
    kind: str
    body: dict
    seq: int
    seen: tuple
    time: int
    is_genuine: bool


def parse(raw, ledger):
    protected, _, payload, signature = cbor2.loads(raw).value
    key = cbor2.loads(protected)[4]
    fields = cbor2.loads(payload)
    digest = sha256(sig_structure(protected, ledger, payload))
    r, s = (int.from_bytes(part, "big") for part in (signature[:32], signature[32:]))
    return Event(raw, digest, key, fields["type"], fields["body"], fields["seq"],
                 tuple(fields["seen"]), fields["time"],
                 ec.PublicKey.parse(key).verify(ec.Signature.parse(der(r, s)), digest))


def der(r, s):
    def integer(number):
        data = number.to_bytes((number.bit_length() + 8) // 8, "big")
        return b"\x02" + bytes([len(data)]) + data
    both = integer(r) + integer(s)
    return b"\x30" + bytes([len(both)]) + both


# Files ---------------------------------------------------------------------------------------


def armor(data, kind):
    lines = textwrap.wrap(base64.b64encode(data).decode(), 76)
    return "\n".join([f"-----BEGIN STRONGROOM {kind}-----", *lines,
                      f"-----END STRONGROOM {kind}-----", ""])


def unarmor(text, kind):
    lines = text.splitlines()
    start = lines.index(f"-----BEGIN STRONGROOM {kind}-----")
    stop = lines.index(f"-----END STRONGROOM {kind}-----")
    return base64.b64decode("".join(lines[start + 1:stop]), validate=True)


def write_event(path, ledger, event, blobs=()):
    path.write_text(armor(cbor({"blobs": list(blobs), "event": event, "ledger": ledger}), "EVENT"))
    return path


def read_event(path):
    fields = cbor2.loads(unarmor(path.read_text(), "EVENT"))
    return parse(fields["event"], fields["ledger"])


@dataclass
class Entry:
    position: int
    recorded: int
    event: Event


def read_request(path):
    return cbor2.loads(unarmor(path.read_text(), "REQUEST"))


def entries_of(path, ledger):
    """The log's entries from a request file of the whole ledger, and their root."""
    fields = read_request(path)
    assert fields["start"] == 0
    found = []
    for position, raw in enumerate(fields["entries"]):
        recorded, event = cbor2.loads(raw)
        found.append(Entry(position, recorded, parse(event, ledger if position else None)))
    return found, tree_root([leaf(raw) for raw in fields["entries"]])


# Tree (RFC 9162 section 2.1.1) and checkpoint --------------------------------------------------


def leaf(data):
    return sha256(b"\x00" + data)


def tree_root(hashes):
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    return sha256(b"\x01" + tree_root(hashes[:split]) + tree_root(hashes[split:]))


def parse_checkpoint(text):
    """(origin, size, root) of a checkpoint's note."""
    origin, size, root = io.StringIO(text).read().split("\n")[:3]
    return origin, int(size), base64.b64decode(root)


def checkpoint(origin, size, root, log_key, public):
    """A C2SP signed note over a tree head, as its log signs it."""
    body = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    identity = sha256(origin.encode() + b"\n\x01" + public)[:4]
    signature = base64.b64encode(identity + log_key.sign(body.encode())).decode()
    return f"{body}\n— {origin} {signature}\n".encode()
