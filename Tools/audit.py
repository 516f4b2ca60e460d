#!/usr/bin/env python3
"""Checks a Strongroom export: a second verifier, written from Schemas/ and not from the Swift code.

    audit.py EXPORT [--ledger-id HEX] [--since CHECKPOINT] [--policy FILE] [--export-key VKEY]
             [--json]

EXPORT is a replica, or the folder of an unpacked export or disclosure. Needs Python 3.11 and the
package `cryptography`. Exit status: 0 clean, 1 findings, 2 not checkable.

It reads from top to bottom: bytes and keys; the event in its envelope; the tree; notes and
checkpoints; the fold over events, chapter by chapter as in Schemas/rules.md, whose sections the
comments name, with Bitcoin's formats before the transfers and the header chain before what the
watcher saw; the files of an export; the audit itself. `need(holds, rule, ...)` is a check: when it
does not hold, the event is refused with this rule.
"""

import argparse
import base64
import collections
import functools
import hashlib
import heapq
import hmac
import json
import math
import os
import re
import stat
import struct
import sys
import textwrap
from collections import namedtuple
from concurrent.futures import ProcessPoolExecutor

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.hashes import SHA256

# --- Bytes ----------------------------------------------------------------------------------------

class Bad(Exception):
    """A rule that does not hold: its name in rules.md, and what was found."""

    def __init__(self, rule, *words):
        super().__init__(rule, *words)
        self.rule, self.text = rule, " ".join(map(shown, words))

class NotCheckable(Exception):
    """There is no verdict, only a reason why: exit status 2."""

def need(holds, rule, *words):
    if not holds:
        raise Bad(rule, *words)

def shown(value):
    """A value for a reader: short, and without characters that steer a terminal."""
    text = value.hex() if isinstance(value, bytes) else str(value)
    text = text if len(text) <= 200 else text[:90] + "\u2026"
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)

def sha256(data):
    return hashlib.sha256(data).digest()

def double_sha256(data):
    return sha256(sha256(data))

def hash160(data):
    return hashlib.new("ripemd160", sha256(data)).digest()

# Deterministic CBOR (RFC 8949 section 4.2.1), in the subset that event.cddl describes.

MAX_DEPTH, MAX_INTEGER = 16, 2**53 - 1
SIMPLE = {20: False, 21: True, 22: None}
WIDTHS = {24: (1, 24), 25: (2, 2**8), 26: (4, 2**16), 27: (8, 2**32)}  # bytes, least value

def cbor_decode(data):
    """The value that `data` is the only encoding of."""
    value, end = cbor_item(data, 0, 0)
    need(end == len(data), "encoding", "bytes behind the CBOR item at", end)
    return value

def cbor_item(data, at, depth):
    """The item at an offset, and the offset behind it."""
    start, data_end = at, len(data)
    need(at < data_end, "encoding", "the CBOR ends at", at)
    major, value, at = data[at] >> 5, data[at] & 31, at + 1
    if major == 7:
        need(value in SIMPLE, "encoding", "a float or an unknown simple value at", start)
        return SIMPLE[value], at
    if value > 23:
        need(value in WIDTHS, "encoding", "an indefinite or unknown length at", start)
        width, least = WIDTHS[value]
        value, at = int.from_bytes(data[at : at + width], "big"), at + width
        need(value >= least and at <= data_end, "encoding", "not the shortest form at", start)
    if major < 2:
        need(value + major <= MAX_INTEGER, "encoding", "an integer of 2^53 or more at", start)
        return -1 - value if major else value, at
    if major < 4:
        end = at + value
        need(end <= data_end, "encoding", "the CBOR ends within the string at", start)
        try:
            return data[at:end] if major == 2 else data[at:end].decode(), end
        except UnicodeDecodeError:
            raise Bad("encoding", "no UTF-8 in the text at", start) from None
    need(major < 6 and depth < MAX_DEPTH, "encoding", "a tag, or too many levels, at", start)
    if major == 4:
        items = []
        for _ in range(value):
            item, at = cbor_item(data, at, depth + 1)
            items.append(item)
        return items, at
    members, last = {}, b""
    for _ in range(value):
        key, end = cbor_item(data, at, depth + 1)
        encoded = data[at:end]
        need(type(key) is str and encoded > last, "encoding", "map keys out of order at", at)
        members[key], at = cbor_item(data, end, depth + 1)
        last = encoded
    return members, at

def cbor_head(major, value):
    if value < 24:
        return bytes([major << 5 | value])
    width = 0 if value < 256 else 1 if value < 65536 else 2 if value < 2**32 else 3
    return bytes([major << 5 | 24 + width]) + value.to_bytes(1 << width, "big")

def cbor_bytes(data):
    return cbor_head(2, len(data)) + data

# --- secp256k1: ECDSA, and the points that BIP-32, BIP-340 and BIP-341 add ------------------------

FIELD = 2**256 - 2**32 - 977
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
CURVE, PREHASHED = ec.SECP256K1(), ec.ECDSA(utils.Prehashed(SHA256()))

@functools.lru_cache(8192)
def public_key(key):
    """The key behind 33 bytes, or None if they are no compressed point of the curve."""
    try:
        right = len(key) == 33 and key[0] in (2, 3)
        return right and ec.EllipticCurvePublicKey.from_encoded_point(CURVE, key) or None
    except ValueError:
        return None

def ecdsa_verify(key, digest, signature):
    """Whether r || s is a signature of the digest with s in the lower half of the group order."""
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    public = public_key(key)
    if not public or len(signature) != 64 or not 0 < r < ORDER or not 0 < s <= ORDER // 2:
        return False
    try:
        public.verify(utils.encode_dss_signature(r, s), digest, PREHASHED)
        return True
    except InvalidSignature:
        return False

def point_of(key):
    """(x, y) of a compressed key, or None."""
    public = public_key(key)
    return public and (public.public_numbers().x, public.public_numbers().y)

def compressed(point):
    return bytes([2 | point[1] & 1]) + point[0].to_bytes(32, "big")

def add(a, b):
    """The sum of two points; None is the point at infinity."""
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if a[1] != b[1]:
            return None
        slope = 3 * a[0] * a[0] * pow(2 * a[1], -1, FIELD) % FIELD
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, FIELD) % FIELD
    x = (slope * slope - a[0] - b[0]) % FIELD
    return x, (slope * (a[0] - x) - a[1]) % FIELD

def multiply(point, k):
    result = None
    for bit in bin(k)[2:]:
        result = add(result, result)
        if bit == "1":
            result = add(result, point)
    return result

def generator_times(k):
    numbers = ec.derive_private_key(k, CURVE).public_key().public_numbers() if k else None
    return numbers and (numbers.x, numbers.y)

def tweaked(point, tweak):
    """The point plus `tweak` (32 bytes) times the generator, or None where there is none."""
    k = int.from_bytes(tweak, "big")
    return add(point, generator_times(k)) if point and k < ORDER else None

def tagged_hash(tag, data):
    return sha256(sha256(tag.encode()) * 2 + data)

def schnorr_verify(key, message, signature):
    """BIP-340: x-only key of 32 bytes, signature of 64."""
    point = point_of(b"\2" + key)
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if point is None or len(signature) != 64 or r >= FIELD or s >= ORDER:
        return False
    challenge = tagged_hash("BIP0340/challenge", signature[:32] + key + message)
    e = int.from_bytes(challenge, "big") % ORDER
    nonce = add(generator_times(s), multiply(point, ORDER - e))
    return nonce is not None and nonce[1] % 2 == 0 and nonce[0] == r

def failing(checks):
    """The positions of those signatures that do not verify."""
    return [position for position, verify, *signed in checks if not verify(*signed)]

# --- The event: event.cddl and entry.cddl ---------------------------------------------------------
# A shape is a range (an integer in it), a pattern (a text), a set (one of these texts), a type,
# None (null), a list (one of several shapes), a tuple (an array of just these), a dict (a closed
# map, in which a key with ? may be absent), or one of

Size = namedtuple("Size", "least most")  # a byte string of so many bytes
Many = namedtuple("Many", "least most of")  # an array of so many of one shape
Also = namedtuple("Also", "shape holds")  # a shape, and what CDDL can not say

def fits(shape, value):
    """Whether a value has a shape."""
    match shape:
        case range():
            return type(value) is int and value in shape
        case Size(least, most):
            return type(value) is bytes and least <= len(value) <= most
        case re.Pattern():
            return type(value) is str and shape.fullmatch(value)
        case set():
            return type(value) is str and value in shape
        case type():
            return isinstance(value, shape)
        case list():
            return any(fits(one, value) for one in shape)
        case Also(one, holds):
            return fits(one, value) and holds(value)
        case Many(least, most, of):
            right = type(value) is list and least <= len(value) <= most
            return right and all(fits(of, item) for item in value)
        case tuple():
            right = type(value) is list and len(value) == len(shape)
            return right and all(map(fits, shape, value))
        case dict():
            known = {name.lstrip("?"): one for name, one in shape.items()}
            required = {name for name in shape if name[0] != "?"}
            right = type(value) is dict and required <= value.keys() <= known.keys()
            return right and all(fits(known[name], item) for name, item in value.items())
    return value is None and shape is None

MAX_MONEY, MAX_BLOB = 21_000_000 * 100_000_000, 4_194_304
UINT32, UINT53, TO_32 = range(2**32), range(2**53), range(1, 33)
SATOSHIS, INDEX, TO_MILLION = range(MAX_MONEY + 1), range(1_000_001), range(1_000_001)
DIGEST, BLOCK_HEADER = Size(32, 32), Size(80, 80)
KEY = Also(Size(33, 33), lambda key: key[0] in (2, 3))
LABEL, DESCRIPTOR = re.compile("[a-z][a-z0-9-]{0,31}"), re.compile("[ -~]{0,8192}")
LINE = re.compile(
    "[^\\x00-\\x1f\\x7f-\\x9f\\xad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f"
    "\\ue000-\\uf8ff\\ufdd0-\\ufdef\\ufeff\\ufff0-\\ufffb\\ufffe\\uffff\\U000e0000-\\U0010ffff]*"
)
LINE140 = Also(LINE, lambda text: len(text.encode()) <= 140)
LINE512 = Also(LINE, lambda text: len(text.encode()) <= 512)
BYTE_STRING = [Size(0, 16_384), (range(16_385, MAX_BLOB + 1), DIGEST)]
BLOB = (range(1, MAX_BLOB + 1), DIGEST)
TREE_HEAD = (UINT53, DIGEST)
ROLES = Also(Many(0, 16, LABEL), lambda roles: roles == sorted(set(roles)))
ENROLMENT = {"key": KEY, "name": LABEL, "roles": ROLES, "?person": DIGEST}

def quorum_shape(depth):
    deeper = [quorum_shape(depth - 1)] if depth > 1 else []
    shape = {"of": Many(1, 32, [LABEL, (LABEL, TO_32), *deeper]), "need": TO_32}
    return Also(shape, lambda quorum: quorum["need"] <= len(quorum["of"]))

QUORUM = quorum_shape(4)
COIN = (SATOSHIS, Size(0, 34), [None, *BYTE_STRING])
REQUEST = [
    {"kind": {"transfer"}, "fee": SATOSHIS, "coins": Many(0, 500, COIN), "wallet": LABEL,
     "change": [None, (UINT32, INDEX)], "transaction": BYTE_STRING, "?replaces": DIGEST},
    {"kind": {"create-wallet"}, "gap": range(1001), "depth": range(1001), "quorum": QUORUM,
     "wallet": LABEL, "holders": Many(0, 32, LABEL), "shortcut": bool, "descriptor": DESCRIPTOR,
     "ceilings": (SATOSHIS, TO_MILLION, TO_MILLION), "?offset": DIGEST},
    {"kind": {"retire-wallet"}, "wallet": LABEL},
    {"kind": {"enrol-member"}, "member": ENROLMENT},
    {"kind": {"suspend-member"}, "member": LABEL},
    {"kind": {"rotate-key"}, "member": LABEL, "to": KEY},
    {"kind": {"replace-policy"}, "quorum": QUORUM, "?wallet": LABEL},
    {"kind": {"cancel"}, "request": DIGEST},
]
ANCHOR = {"work": DIGEST, "times": Many(1, 11, UINT32), "header": BLOCK_HEADER, "height": UINT32,
          "period": BLOCK_HEADER}
SIGNATURES = Many(0, 400, (UINT32, Size(0, 33), Size(0, 73)))
OBSERVED = Many(0, 1000, (DIGEST, range(32768), Many(0, 15, DIGEST), BYTE_STRING))
BODIES = {
    "founded": {
        "log": DIGEST, "name": LABEL, "nonce": DIGEST, "rules": UINT53, "anchor": ANCHOR,
        "limits": {"hourly": UINT53, "transfers": UINT53, "dailyblobs": UINT53},
        "policy": QUORUM, "members": Many(1, 128, ENROLMENT),
        "network": {"main", "testnet4", "signet", "regtest"},
    },
    "accepted": [{"member": LABEL}, {"wallet": LABEL, "descriptor": DESCRIPTOR}],
    "initiated": {"expires": UINT53, "request": REQUEST, "?reference": LINE140},
    "approved": {"request": DIGEST},
    "aborted": {"request": DIGEST, "?reason": LINE140},
    "signed": {"request": DIGEST, "signatures": SIGNATURES},
    "exported": {"request": DIGEST, "psbt": DIGEST},
    "broadcast": {"request": DIGEST, "transaction": BYTE_STRING},
    "relayed": {"request": DIGEST, "txid": DIGEST, "message": LINE512, "accepted": bool},
    "observed": {
        "headers": Also(Size(0, 16_000), lambda headers: len(headers) % 80 == 0),
        "scripts": DIGEST, "transactions": OBSERVED,
    },
    "issued": {"index": INDEX, "wallet": LABEL},
    "attested": {"head": TREE_HEAD, "state": DIGEST, "findings": UINT53},
    "attached": {"document": BLOB, "?label": LINE140, "?request": DIGEST},
}
ENTRY = (UINT53, Size(0, 65_530))
ENVELOPE = (Size(0, 65_535), {}, Size(0, 65_535), Size(64, 64))
PAYLOAD = {"seq": UINT53, "seen": TREE_HEAD, "time": UINT53, "type": str, "body": object}
CONTENT_TYPE = b"application/vnd.strongroom.event+cbor"
PROTECTED = bytes.fromhex("a301382e037825") + CONTENT_TYPE + bytes.fromhex("045821")
MAX_ENTRY, MAX_EVENT = 65_535, 65_519
Event = namedtuple("Event", "id key signature seq seen time type body")

KINDS = {kind for shape in REQUEST for kind in shape["kind"]}

class UnknownForm(Bad):
    """What event.cddl does not name and a newer program may: nothing behind it can be judged."""

def check_known(kind, body):
    """Ends the reading at a type, a kind of request or a form of quorum that is not named."""
    def known(named, name, what):
        if type(name) is str and name not in named and len(name.encode()) <= 32:
            raise UnknownForm("encoding", what, "that the rules do not know:", name)

    known(BODIES, kind, "an event of a type")
    request = body.get("request") if type(body) is dict and kind == "initiated" else None
    if type(request) is dict:
        known(KINDS, request.get("kind"), "a request of a kind")
        if request.get("kind") in ("create-wallet", "replace-policy"):
            check_known_quorum(request.get("quorum"))

def check_known_quorum(quorum):
    if type(quorum) is dict:
        if quorum.keys() != {"of", "need"}:
            raise UnknownForm("encoding", "a form of quorum that the rules do not know:", quorum)
        for term in quorum["of"] if type(quorum["of"]) is list else []:
            check_known_quorum(term)

def decode_as(shape, data, what):
    value = cbor_decode(data)
    need(fits(shape, value), "encoding", "this is no", what, "of event.cddl:", value)
    return value

def decode_entry(data):
    """The recorded time and the event's bytes."""
    need(len(data) <= MAX_ENTRY, "encoding", "an entry of", len(data), "bytes")
    return decode_as(ENTRY, data, "entry")

def decode_event(data, ledger):
    """The event in an envelope; `ledger` is the external_aad: the ledger's id, or empty."""
    need(len(data) <= MAX_EVENT, "encoding", "an event of", len(data), "bytes")
    need(data[:1] == b"\xd2", "encoding", "no COSE_Sign1, tag 18, but", data[:1])
    protected, _, payload, signature = decode_as(ENVELOPE, data[1:], "envelope")
    key = protected[-33:]
    need(protected[:-33] == PROTECTED and key[0] in (2, 3), "encoding", "the header", protected)
    fields = decode_as(PAYLOAD, payload, "payload")
    kind, body = fields["type"], fields["body"]
    check_known(kind, body)
    need(kind in BODIES, "encoding", "a type of more than 32 bytes:", kind)
    need(fits(BODIES[kind], body), "encoding", "this is no body of", kind, "in event.cddl:", body)
    signed = b"".join(map(cbor_bytes, (protected, ledger, payload)))
    identity = sha256(b"\x84\x6aSignature1" + signed)
    book = fields["seq"], fields["seen"], fields["time"]
    return Event(identity, key, signature, *book, kind, body)

def is_name(data):
    """Whether bytes are a person's name: one line, with something to see."""
    text = data.decode("utf-8", "replace")
    return len(data) <= 256 and text.strip() and LINE.fullmatch(text) and text.encode() == data

def blobs_named(event):
    """[size, digest] of evidence and of documents, and the digests of persons, that it names."""
    body, request = event.body, event.body.get("request") if event.type == "initiated" else {}
    members = body["members"] if event.type == "founded" else []
    values = []
    if request.get("kind") == "transfer":
        values = [request["transaction"], *(previous for _, _, previous in request["coins"])]
    elif request.get("kind") == "enrol-member":
        members = [request["member"]]
    elif event.type == "broadcast":
        values = [body["transaction"]]
    elif event.type == "observed":
        values = [transaction for *_, transaction in body["transactions"]]
    documents = [body["document"]] if event.type == "attached" else []
    persons = {member["person"] for member in members if "person" in member}
    return [value for value in values if type(value) is list], documents, persons

# --- The tree (RFC 9162) --------------------------------------------------------------------------

EMPTY_ROOT, SEEN_WINDOW = sha256(b""), 1_048_576

def leaf_hash(entry):
    return sha256(b"\0" + entry)

def node_hash(left, right):
    return sha256(b"\1" + left + right)

def root_of_path(node, index, size, path):
    """The root that an inclusion proof leads to, or None (RFC 9162 section 2.1.3.2)."""
    last = size - 1
    for sibling in path:
        if last <= 0:
            return None
        if index & 1 or index == last:
            node = node_hash(sibling, node)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        index, last = index >> 1, last >> 1
    return node if last == 0 else None

class Tree:
    """Complete subtrees' hashes by level; below level 8 only as far back as `seen` may reach."""

    def __init__(self):
        self.size = 0
        self.levels = [[0, bytearray()] for _ in range(64)]  # index of the first hash held, hashes

    def append(self, leaf):
        self.size += 1
        index, level, value = self.size, 0, leaf
        while True:
            held = self.levels[level]
            held[1] += value
            if level < 8 and len(held[1]) > 128 * (SEEN_WINDOW >> level):
                held[0] += len(held[1]) // 64
                del held[1][: len(held[1]) // 64 * 32]
            if index & 1:
                return
            value = node_hash(self.node(level, index - 2), value)
            index, level = index >> 1, level + 1

    def node(self, level, index):
        first, hashes = self.levels[level]
        if index < first:
            raise IndexError("a hash of long ago")
        return bytes(hashes[(index - first) * 32 : (index - first + 1) * 32])

    def root(self, size):
        """The root over the first `size` leaves."""
        value, level, rest = None, 0, size
        while rest:
            if rest & 1:
                left = self.node(level, rest - 1)
                value = left if value is None else node_hash(left, value)
            rest, level = rest >> 1, level + 1
        return EMPTY_ROOT if value is None else value

# --- Signed notes, checkpoints, policies (C2SP) ---------------------------------------------------

ED25519, COSIGNATURE = 1, 4  # signature types of C2SP signed-note
MAX_NOTE, MAX_SIGNATURES, MAX_POLICY = 1_000_000, 100, 1_048_576
KEY_NAME = r"[^+\s\ud800-\udfff]+"  # whole characters, where text holds bytes that are none

def base64_strict(text, size=None):
    """The bytes behind standard base64 in its only form, or None."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    encoded = text if isinstance(text, bytes) else text.encode()
    return data if base64.b64encode(data) == encoded and size in (None, len(data)) else None

def decimal(text):
    """A number in its only decimal form, or None."""
    fits = re.fullmatch(r"0|[1-9][0-9]{0,15}", text)
    return int(text) if fits and int(text) <= MAX_INTEGER else None

class Note:
    """A C2SP signed note: its text, and (name, key id, bytes) of each signature, none verified."""

    def __init__(self, data, rule="checkpoint"):
        try:
            text, _, lines = data.decode().rpartition("\n\n")
        except UnicodeDecodeError:
            raise Bad(rule, "a note that is not UTF-8") from None
        self.text, lines = text + "\n", lines.split("\n")
        right = text and lines.pop() == "" and 0 < len(lines) <= MAX_SIGNATURES
        right = right and len(data) <= MAX_NOTE and not re.search(rb"[\0-\x09\x0b-\x1f]", data)
        need(right, rule, "no note of text, an empty line, signature lines:", data[:99])
        self.signatures = []
        for line in lines:
            fits = re.fullmatch(rf"\u2014 ({KEY_NAME}) (\S+)", line)
            signature = fits and base64_strict(fits[2])
            need(signature and len(signature) >= 5, rule, "no signature line:", line)
            self.signatures.append((fits[1], signature[:4], signature[4:]))

    def verified(self, key):
        """Whether `key` signed: True, False for a signature that does not verify, None for none."""
        mine = [data for name, identity, data in self.signatures if (name, identity) == key[:2]]
        return all(key.verifies(self.text, data) for data in mine) if mine else None

class NoteKey(namedtuple("NoteKey", "name id type public")):
    """A key that signs notes (type 1) or cosigns checkpoints (type 4)."""

    @classmethod
    def make(cls, name, kind, public):
        return cls(name, sha256(name.encode() + bytes([10, kind]) + public)[:4], kind, public)

    @classmethod
    def parse(cls, text, *types):
        """The key in a vkey, `name+id+base64(type || key)`, of one of these types, or None."""
        fits = re.fullmatch(rf"({KEY_NAME})\+([0-9a-f]{{8}})\+(\S+)", text)
        data = fits and base64_strict(fits[3], 33)
        key = data and cls.make(fits[1], data[0], data[1:])
        return key if key and key.id.hex() == fits[2] and key.type in types else None

    def verifies(self, text, signature):
        message = text.encode()
        if self.type == COSIGNATURE:
            seconds, signature = int.from_bytes(signature[:8], "big", signed=True), signature[8:]
            message = f"cosignature/v1\ntime {seconds}\n".encode() + message
            if seconds < 0:
                return False
        try:
            ed25519.Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
            return True
        except (InvalidSignature, ValueError):
            return False

class Checkpoint:
    """A C2SP checkpoint without extension lines: origin, size and root in a signed note."""

    def __init__(self, data):
        self.note = Note(data)
        lines = self.note.text.split("\n")
        need(len(lines) == 4 and lines[0], "checkpoint", "not the lines origin, size, root")
        self.origin, self.size, self.root = lines[0], decimal(lines[1]), base64_strict(lines[2], 32)
        right = self.size is not None and self.root
        need(right, "checkpoint", "size or root of another form:", lines[1], lines[2])

class Policy:
    """A C2SP tlog-policy: which logs, which witnesses, and how many of them."""

    def __init__(self, data):
        self.logs, self.witnesses, self.groups, self.quorum, self.used = [], {}, {}, None, set()
        right = len(data) <= MAX_POLICY and not re.search(rb"[\0-\x08\x0b-\x1f\x7f]", data)
        need(right, "layout", "a policy too long or with control characters")
        for number, line in enumerate(data.decode("utf-8", "surrogateescape").split("\n"), 1):
            words = re.split(r"[ \t]+", line.strip(" \t"))
            right = not words[0] or words[0][0] == "#" or self.takes(words)
            need(right, "layout", "line", number, "of a policy is none of C2SP's:", line)
        need(self.quorum and not line, "layout", "a policy without a quorum, or that is cut off")
        most = max(map(len, (self.logs, self.witnesses, self.groups)))
        need(most <= 100, "layout", "a policy of more than 100 logs, witnesses or groups:", most)

    def takes(self, words):
        """Whether a line is right; keeps what it says."""
        names = self.witnesses.keys() | self.groups.keys()
        match words:
            case ["log", vkey] | ["log", vkey, _]:
                key = NoteKey.parse(vkey, ED25519)
                self.logs.append(key)
                return key and len({known.public for known in self.logs}) == len(self.logs)
            case ["witness", name, vkey] | ["witness", name, vkey, _]:
                key = NoteKey.parse(vkey, COSIGNATURE)
                known = [one.public for one in self.witnesses.values()]
                self.witnesses[name] = key
                return key and key.public not in known and name not in names | {"none"}
            case ["group", name, count, *members] if members and name not in names | {"none"}:
                least = {"any": 1, "all": len(members)}.get(count) or decimal(count) or 0
                right = set(members) <= names - self.used and len(set(members)) == len(members)
                self.used |= set(members)
                self.groups[name] = least, members
                return right and 1 <= least <= len(members)
            case ["quorum", name] if self.quorum is None and name in names | {"none"}:
                self.quorum = name
                return True
        return False

    def accepts(self, one):
        """Whether a checkpoint is signed as it asks, with no known key's signature that fails."""
        logs = [key for key in self.logs if key.name == one.origin]
        known = [one.note.verified(key) for key in [*logs, *self.witnesses.values()]]
        right = any(map(one.note.verified, logs)) and False not in known
        return right and self.satisfied(one.note, self.quorum)

    def satisfied(self, note, name):
        """Whether a note has the signatures that a witness, a group or `none` stands for."""
        if name in self.groups:
            least, members = self.groups[name]
            return sum(self.satisfied(note, member) for member in members) >= least
        return name == "none" or note.verified(self.witnesses[name]) is True

# --- Quorums (section 6). A roster is a map of members to their roles -----------------------------

def leaves(quorum):
    for term in quorum["of"]:
        yield from leaves(term) if type(term) is dict else [term]

def holders_of(leaf, roster):
    return [leaf] if type(leaf) is str else [m for m, roles in roster.items() if leaf[0] in roles]

def all_held(quorum, roster):
    """Who holds each leaf, one behind the other."""
    return [member for leaf in leaves(quorum) for member in holders_of(leaf, roster)]

def is_complete(quorum, approved, roster):
    def met(term):
        if type(term) is dict:
            return is_complete(term, approved, roster)
        present = [m for m in holders_of(term, roster) if m in approved and m in roster]
        return len(present) >= (1 if type(term) is str else term[1])

    return sum(map(met, quorum["of"])) >= quorum["need"]

def overlaps(quorum, roster):
    held = all_held(quorum, roster)
    return len(set(held)) < len(held)

def fewest(quorum, roster):
    """How many members complete the quorum at least; infinitely many when it is impossible."""

    def cost(term):
        if type(term) is dict:
            return fewest(term, roster)
        count = 1 if type(term) is str else term[1]
        return count if sum(m in roster for m in holders_of(term, roster)) >= count else math.inf

    return sum(sorted(map(cost, quorum["of"]))[: quorum["need"]])

# --- The fold over events. The state is written in four chapters, each on top of the one before ---
# A method with a type's name judges an event of this type: all its checks, and then its effects.

DAYS_30, MINUTES_10, HOUR, DAY = 2_592_000_000, 600_000, 3_600_000, 86_400_000
AWAITING, ACTIVE, SUSPENDED, RETIRED = "awaiting", "active", "suspended", "retired"

class Key:
    def __init__(self, member):
        self.member, self.status, self.next, self.seen = member, AWAITING, 0, 0

class Member:
    def __init__(self, enrolment):
        self.name, self.key, self.roles = enrolment["name"], enrolment["key"], enrolment["roles"]
        self.status, self.hour, self.events, self.day, self.bytes = AWAITING, 0, 0, 0, 0

def check_time(event, now):
    need(event.time + DAYS_30 >= now, "too-old", "of", event.time, "recorded at", now)
    need(event.time <= now + MINUTES_10, "from-the-future", "of", event.time, "recorded at", now)

class Members:
    """Chapter one: the founding, what every event obeys, members and keys (sections 2 to 5)."""

    def __init__(self, blob, tree, event_at):
        self.blob, self.tree, self.event_at = blob, tree, event_at
        self.size, self.recorded, self.complete = 0, 0, False
        self.members, self.keys, self.wallets, self.requests = {}, {}, {}, {}
        self.archive = {}  # of every `initiated` that decodes: id -> position
        self.scripts, self.holders = {}, {}  # script -> place; outpoint -> id -> transfer
        self.checks, self.incidents = [], []  # signatures to verify, and what an event gives away

    def found(self, event, recorded):
        body = event.body
        need(event.type == "founded", "founding", "the first event is", event.type)
        need(body["rules"] == 1, "unknown-rules", body["rules"])
        need(event.seq == 0 and event.seen == [0, EMPTY_ROOT], "founding", "seq or seen is not 0")
        check_time(event, recorded)
        self.begin_chain(body["anchor"], body["network"])
        for enrolment in body["members"]:
            key, name = enrolment["key"], enrolment["name"]
            need(public_key(key), "founding", "a key that is no point:", key)
            need(name not in self.members, "name-taken", name)
            need(key not in self.keys, "key-taken", key)
            self.members[name], self.keys[key] = Member(enrolment), Key(name)
        need(event.key in self.keys, "founding", "the author is no member:", event.key)
        everyone = {m.name: m.roles for m in self.members.values()}
        self.check_quorum(body["policy"], everyone, everyone)
        self.limits, self.policy = body["limits"], body["policy"]
        self.ledger, self.name, self.log = event.id, body["name"], body["log"]
        self.keys[event.key].next, self.size, self.recorded = 1, 1, recorded

    def check_quorum(self, quorum, roster, prospects):
        unknown = {leaf for leaf in leaves(quorum) if type(leaf) is str} - self.members.keys()
        need(not unknown, "unknown-member", unknown)
        need(not overlaps(quorum, prospects), "quorum-overlap", quorum)
        need(is_complete(quorum, roster, roster), "quorum-unreachable", quorum)

    def roster(self, *without):
        active = [m for m in self.members.values() if m.status == ACTIVE]
        return {m.name: m.roles for m in active if m.name not in without}

    def prospects(self):
        return {m.name: m.roles for m in self.members.values() if m.status != SUSPENDED}

    def skip(self, event):
        """What an entry that is not admitted changes (4.3)."""
        self.size += 1
        key = self.keys.get(event.key) if event else None
        if key and event.seq == key.next:
            key.next += 1

    def admit(self, event):
        """Judges an event and applies it (4.1, 4.2)."""
        position, now, key = self.size, self.recorded, self.keys.get(event.key)
        seen, root = event.seen
        need(key, "unknown-key", event.key)
        need(event.seq >= key.next, "equivocation", "seq", event.seq, "again; next is", key.next)
        need(event.seq == key.next, "sequence", "seq", event.seq, "where next is", key.next)
        check_time(event, now)
        need(seen <= position, "seen-beyond-entry", "seen", seen, "at", position)
        need(seen >= key.seen, "seen-shrank", "seen", seen, "after", key.seen)
        need(position - seen <= SEEN_WINDOW, "seen-too-far-behind", "seen", seen, "at", position)
        need(self.tree.root(seen) == root, "seen-foreign", "seen", root, "at size", seen)
        who = self.who = self.members[key.member]
        events = who.events if who.hour == now // HOUR else 0
        stored = who.bytes if who.day == now // DAY else 0
        need(events < self.limits["hourly"], "hourly-limit", events, "events of", who.name)
        evidence, documents, _ = blobs_named(event)
        for size, digest in evidence:
            need(self.blob(digest, size) is not None, "blob-missing", size, "bytes", digest)
        if evidence or documents:
            stored += sum(size for size, _ in evidence + documents)
            need(stored <= self.limits["dailyblobs"], "blob-limit", stored, "bytes of", who.name)
        self.event, self.position, self.seen = event, position, seen
        self.checks, self.incidents = [(ecdsa_verify, event.key, event.id, event.signature)], []
        if event.type == "accepted" and "member" in event.body:
            self.accept_membership(event.body["member"], key)
        else:
            need(key.status != RETIRED, "key-retired", event.key)
            need(key.status == ACTIVE, "key-not-accepted", event.key)
            need(who.status == ACTIVE, "member-suspended", who.name)
            need(self.complete and event.type != "founded", "founding", event.type)
            getattr(self, event.type)(event.body)
        self.size, key.next, key.seen = self.size + 1, key.next + 1, seen
        who.hour, who.events, who.day, who.bytes = now // HOUR, events + 1, now // DAY, stored

    def covers(self, position):
        need(self.seen > position, "seen-does-not-cover", "seen", self.seen, "needs", position + 1)

    def need_role(self, role, or_holder_of=()):
        who = self.who
        need(role in who.roles or who.name in or_holder_of, "role", who.name, "is no", role)

    def accept_membership(self, name, key):
        need(key.member == name and key.status == AWAITING, "acceptance", key.member, key.status)
        need(self.who.status != SUSPENDED, "member-suspended", name)
        key.status = self.who.status = ACTIVE
        if not any(m.status == AWAITING for m in self.members.values()):
            self.complete = True

    def attested(self, body):
        self.need_role("auditor")
        need(body["head"] == self.event.seen, "attestation", "another head than seen", body["head"])

    def attached(self, body):
        if "request" in body:
            self.covers(self.place_of(body["request"]))

    def place_of(self, request_id):
        """Where a living or archived request was initiated."""
        if request_id in self.requests:
            return self.requests[request_id].position
        need(request_id in self.archive, "unknown-request", request_id)
        return self.archive[request_id]

class Request:
    def __init__(self, event, position, author):
        self.id, self.position, self.author = event.id, position, author
        self.intent, self.expires = event.body["request"], event.body["expires"]
        self.kind, self.wallet = self.intent["kind"], self.intent.get("wallet")
        self.subject = self.intent.get("member") if self.kind != "enrol-member" else None
        self.approvals, self.authorised, self.ending = set(), None, None
        self.chain_shows = None  # or ("confirmed" or "conflict", height)
        self.signatures, self.released, self.broadcast_at = {}, False, None
        self.group = self.id  # of a chain of replacements: the id of its first
        self.transaction, self.outpoints, self.spent, self.derived = None, [], [], []

    @property
    def is_open(self):
        return self.ending is None and self.chain_shows is None

    @property
    def is_changeable(self):
        confirmed = self.chain_shows and self.chain_shows[0] == "confirmed"
        return self.ending is None and self.broadcast_at is None and not confirmed

class Requests(Members):
    """Chapter two: requests and what they change, wallets among it (sections 7, 8, 10)."""

    def advance(self, recorded):
        """Lets time pass up to an entry (section 8)."""
        self.recorded = recorded
        for request in [r for r in self.requests.values() if r.expires <= recorded]:
            if request.is_changeable and request.is_open:
                self.end(request, "expired")

    def end(self, request, ending):
        request.ending = ending
        if not request.released:
            self.remove(request)

    def remove(self, request):
        self.requests.pop(request.id, None)
        for outpoint in request.outpoints:
            self.holders.get(outpoint, {}).pop(request.id, None)
            if not self.holders.get(outpoint):
                self.holders.pop(outpoint, None)

    def living(self, request_id, is_seen=True):
        request, is_archived = self.requests.get(request_id), request_id in self.archive
        need(request, "request-ended" if is_archived else "unknown-request", request_id)
        if is_seen:
            self.covers(request.position)
        return request

    def need_open(self, request):
        need(request.is_open, "request-ended", request.ending or request.chain_shows)

    def rule_of(self, request):
        """The quorum that decides it; None for a `cancel` whose target does not live."""
        if request.kind == "cancel":
            target = self.requests.get(request.intent["request"])
            return target and self.rule_of(target)
        by_wallet = request.kind in ("transfer", "retire-wallet", "replace-policy")
        return self.wallets[request.wallet].quorum if by_wallet and request.wallet else self.policy

    def is_approver(self, request):
        rule = self.rule_of(request)
        need(rule, "request-ended", "the target of", request.id)
        return self.who.name in all_held(rule, self.roster())

    def initiated(self, body):
        now, expires, intent = self.recorded, body["expires"], body["request"]
        need(now < expires <= now + DAYS_30, "expiry", "at", expires, "recorded at", now)
        request = Request(self.event, self.position, self.who.name)
        self.check_intent(request)
        for other in filter(None, [intent.get("replaces"), intent.get("request")]):
            self.covers(self.requests[other].position)
        of_wallet = request.kind in ("transfer", "retire-wallet")
        holders = self.wallets[request.wallet].holders if of_wallet else ()
        if self.who.name not in holders and "operator" not in self.who.roles:
            need(self.is_approver(request), "role", self.who.name, "may not initiate this")
        if request.kind == "transfer":
            mine = [r for r in self.requests.values() if r.author == self.who.name and r.is_open]
            count = sum(r.kind == "transfer" for r in mine)
            need(count < self.limits["transfers"], "open-transfers", count, "of", self.who.name)
            for outpoint in request.outpoints:
                self.holders.setdefault(outpoint, {})[request.id] = request
            if intent["change"]:
                self.use(self.wallets[request.wallet], 1, intent["change"][1])
        self.requests[request.id] = request

    def undecided(self, body):
        request = self.living(body["request"])
        self.need_open(request)
        need(request.authorised is None, "quorum-complete", "since", request.authorised)
        return request

    def approved(self, body):
        request, name = self.undecided(body), self.who.name
        need(name not in request.approvals, "already-approved", "by", name)
        need(name != request.subject, "subject", name)
        need(self.is_approver(request), "not-approver", name)
        request.approvals.add(name)
        if not is_complete(self.rule_of(request), request.approvals, self.roster(request.subject)):
            return
        request.authorised = self.position
        if request.kind == "transfer":
            for other in self.others_of_chain(request):
                if other.position < request.position and other.is_changeable:
                    self.end(other, "superseded")
            return
        try:
            self.check_intent(request)
        except Bad:
            return self.end(request, "voided")
        self.void(request, self.take_effect(request))
        self.end(request, "executed")

    def aborted(self, body):
        request, name = self.undecided(body), self.who.name
        need(name != request.subject, "subject", name)
        need(name == request.author or self.is_approver(request), "not-approver", name)
        self.end(request, "aborted")

    def others_of_chain(self, request):
        """The other living transfers of its chain of replacements."""
        every = list(self.requests.values())
        return [r for r in every if r.group == request.group and r is not request]

    def check_intent(self, request):
        """Whether the intent of a request holds here (7.4)."""
        intent = request.intent
        match intent["kind"]:
            case "transfer":
                self.check_transfer(request, intent)
            case "create-wallet":
                self.check_wallet(intent)
            case "retire-wallet":
                self.wallet_in_use(intent["wallet"])
            case "enrol-member":
                name, roles = intent["member"]["name"], intent["member"]["roles"]
                need(name not in self.members, "name-taken", name)
                self.check_new_key(intent["member"]["key"])
                prospects = {**self.prospects(), name: roles}
                for quorum in self.quorums_in_force():
                    need(not overlaps(quorum, prospects), "quorum-overlap", name, "in", quorum)
            case "suspend-member" | "rotate-key" as kind:
                name = intent["member"]
                need(name in self.members, "unknown-member", name)
                need(self.members[name].status != SUSPENDED, "member-suspended", name)
                if kind == "rotate-key":
                    self.check_new_key(intent["to"])
                rest = self.roster(name)
                for quorum in self.quorums_in_force() if kind != "rotate-key" else [self.policy]:
                    need(is_complete(quorum, rest, rest), "quorum-unreachable", quorum)
            case "replace-policy":
                self.check_quorum(intent["quorum"], self.roster(), self.prospects())
                if request.wallet:
                    wallet = self.wallet(request.wallet)
                    self.check_shortcut(wallet, wallet.holders, wallet.shortcut, intent["quorum"])
            case "cancel":
                target = self.living(intent["request"], is_seen=False)
                self.need_open(target)
                can = target.kind == "transfer" and target.authorised is not None
                need(can and target.broadcast_at is None, "not-cancellable", target.id)

    def take_effect(self, request):
        """What an authorised request changes (7.5); returns whether a request is touched by it."""
        intent = request.intent
        match intent["kind"]:
            case "create-wallet":
                wallet = self.wallets[request.wallet] = Wallet(intent, self.network)
                for chain in (0, 1):
                    self.watch(wallet, chain, wallet.gap)
            case "enrol-member":
                new = Member(intent["member"])
                self.members[new.name], self.keys[new.key] = new, Key(new.name)
            case "suspend-member":
                self.members[request.subject].status = SUSPENDED
            case "rotate-key":
                member = self.members[request.subject]
                self.keys[member.key].status, self.keys[intent["to"]] = RETIRED, Key(member.name)
                member.key, member.status = intent["to"], AWAITING
            case "retire-wallet":
                self.wallets[request.wallet].retired = True
                return self.ruled_by(self.wallets[request.wallet].quorum)
            case "replace-policy":
                if request.wallet:
                    self.wallets[request.wallet].quorum = intent["quorum"]
                else:
                    self.policy = intent["quorum"]
                return self.ruled_by(intent["quorum"])
            case "cancel":
                self.end(self.requests[intent["request"]], "cancelled")
        name = request.subject
        return lambda r: name and (name in (r.author, r.subject) or name in r.approvals)

    def ruled_by(self, quorum):
        return lambda r: r.kind != "cancel" and self.rule_of(r) is quorum

    def void(self, cause, is_touched):
        """Ends what can still change and is touched by a request, but not the request itself."""
        touched = {r.id for r in self.requests.values() if r.is_changeable and is_touched(r)}
        touched.discard(cause.id)
        for r in list(self.requests.values()):
            hit = r.id in touched or r.kind == "cancel" and r.intent["request"] in touched
            if hit and r is not cause and r.is_changeable:
                self.end(r, "voided")

    def quorums_in_force(self):
        return [self.policy, *(w.quorum for w in self.wallets.values())]

    def used_keys(self):
        return self.keys.keys() | {key.key for w in self.wallets.values() for key in w.keys}

    def check_new_key(self, key):
        need(public_key(key) and key not in self.used_keys(), "key-taken", key)

    # Wallets (section 10).

    def wallet(self, name):
        need(name in self.wallets, "unknown-wallet", name)
        return self.wallets[name]

    def wallet_in_use(self, name, ready=False, retired_too=False):
        wallet = self.wallet(name)
        need(not ready or not wallet.waiting, "wallet-not-ready", name, "waits for", wallet.waiting)
        need(not wallet.retired or retired_too, "wallet-retired", name)
        return wallet

    def check_wallet(self, intent):
        need(intent["wallet"] not in self.wallets, "name-taken", intent["wallet"])
        wallet = Descriptor(intent["descriptor"], intent.get("offset"), self.network)
        holders, taken, roster = intent["holders"], self.used_keys(), self.roster()
        need(len(holders) == len(wallet.keys), "holders", len(holders), "of", len(wallet.keys))
        for name, one in zip(holders, wallet.keys):
            need(name in self.members, "unknown-member", name)
            need(name in roster, "holders", name, "is not active")
            need(one.key not in taken, "key-taken", one.key)
        self.check_quorum(intent["quorum"], roster, self.prospects())
        need(intent["depth"] and intent["gap"], "descriptor", "a depth or a gap of 0")
        self.check_shortcut(wallet, holders, intent["shortcut"], intent["quorum"])

    def check_shortcut(self, wallet, holders, declared, quorum):
        least, keys, members = fewest(quorum, self.roster()), 0, 0
        for count in sorted(collections.Counter(holders).values(), reverse=True):
            if keys < wallet.threshold:
                keys, members = keys + count, members + 1
        right = declared or least == math.inf or members >= least
        need(right, "shortcut", members, "members can spend, but the quorum is of", least)

    def accepted(self, body):
        wallet, name = self.wallet(body["wallet"]), self.who.name
        need(name in wallet.waiting, "acceptance", wallet.name, "does not wait for", name)
        need(body["descriptor"] == wallet.text, "acceptance", "of another descriptor")
        wallet.waiting.discard(name)

    def issued(self, body):
        wallet, index = self.wallet_in_use(body["wallet"], ready=True), body["index"]
        self.need_role("operator", or_holder_of=wallet.holders)
        right = index == wallet.next[0] and index < 1_000_000
        need(right, "address-index", index, "where next is", wallet.next[0])
        self.use(wallet, 0, index)

    def use(self, wallet, chain, index):
        if index >= wallet.next[chain]:
            wallet.next[chain] = index + 1
            self.watch(wallet, chain, index + 1 + wallet.gap)

    def watch(self, wallet, chain, count):
        for index in range(wallet.watched[chain], count):
            self.scripts[wallet.derive(chain, index).script] = wallet, chain, index
        wallet.watched[chain] = max(count, wallet.watched[chain])

    def watched_digest(self):
        data = cbor_head(4, len(self.wallets))
        for _, wallet in sorted(self.wallets.items()):
            data += b"\x83" + cbor_head(3, len(wallet.text)) + wallet.text.encode()
            data += cbor_head(0, wallet.watched[0]) + cbor_head(0, wallet.watched[1])
        return sha256(data)

# --- Bitcoin: transactions and the digests that are signed (sections 11, 13) ----------------------

Input = namedtuple("Input", "txid index script sequence")
Output = namedtuple("Output", "amount script")

def compact_size(value):
    if value < 253:
        return bytes([value])
    wide = value >= 65536
    return (b"\xfe" if wide else b"\xfd") + value.to_bytes(4 if wide else 2, "little")

class Transaction:
    """A transaction in its only encoding (BIP-144): whole, or `bare`, which has no witnesses."""

    def __init__(self, raw, bare=False):
        self.raw, self.at = raw, 0
        self.version = int.from_bytes(self.take(4), "little", signed=True)
        segwit = not bare and raw[4:6] == b"\0\1"
        start = self.at = 6 if segwit else 4
        self.inputs = [self.input() for _ in range(self.count(41))]
        count = self.count(9)
        outputs = self.at
        self.outputs = [self.output() for _ in range(count)]
        self.output_bytes, core = raw[outputs : self.at], raw[start : self.at]
        self.witnesses = [[] for _ in self.inputs]
        if segwit:
            self.witnesses = [
                [self.take(self.count(1)) for _ in range(self.count(1))] for _ in self.inputs
            ]
        self.locktime = self.number(4)
        self.stripped = raw[:4] + core + raw[-4:]
        self.need(self.at == len(raw), "bytes behind it")
        self.need(bare or self.inputs, "no inputs")
        self.need(not segwit or any(self.witnesses), "empty witnesses")
        self.need(3 * len(self.stripped) + len(raw) <= 4_000_000, "more weight than 4,000,000")
        self.txid = double_sha256(self.stripped)
        self.is_coinbase = len(self.inputs) == 1 and self.inputs[0][:2] == (bytes(32), 0xFFFFFFFF)
        self.outpoints = [(one.txid, one.index) for one in self.inputs]

    def need(self, holds, what):
        need(holds, "transaction", what, "at byte", self.at, "of", len(self.raw))

    def take(self, size):
        self.at += size
        self.need(self.at <= len(self.raw), "the end")
        return self.raw[self.at - size : self.at]

    def number(self, width):
        return int.from_bytes(self.take(width), "little")

    def count(self, least):
        """A compact size in its shortest form, of things of at least `least` bytes each."""
        value = self.number(1)
        if value >= 253:
            width, smallest = {253: (2, 253), 254: (4, 2**16), 255: (8, 2**32)}[value]
            value = self.number(width)
            self.need(value >= smallest, "a count not in its shortest form")
        self.need(value * least <= len(self.raw) - self.at, "a count of more than there is")
        return value

    def input(self):
        return Input(self.take(32), self.number(4), self.take(self.count(1)), self.number(4))

    def output(self):
        amount = self.number(8)
        self.need(amount <= MAX_MONEY, "an amount above 21,000,000 BTC")
        return Output(amount, self.take(self.count(1)))

    @functools.cached_property
    def signed_inputs(self):
        """The outpoints and the sequence numbers, as digests take them."""
        outpoints = b"".join(one.txid + struct.pack("<I", one.index) for one in self.inputs)
        return outpoints, b"".join(struct.pack("<I", one.sequence) for one in self.inputs)

    def digest_v0(self, index, script_code, amount):
        """BIP-143's digest of an input, SIGHASH_ALL."""
        one, (outpoints, sequences) = self.inputs[index], self.signed_inputs
        return double_sha256(b"".join((
            self.raw[:4], double_sha256(outpoints), double_sha256(sequences),
            one.txid, struct.pack("<I", one.index), compact_size(len(script_code)), script_code,
            struct.pack("<QI", amount, one.sequence), double_sha256(self.output_bytes),
            self.raw[-4:], b"\1\0\0\0",
        )))

    def digest_v1(self, index, spent, leaf=b""):
        """BIP-341's digest of an input, SIGHASH_DEFAULT; `leaf`: its hash on a script path."""
        outpoints, sequences = self.signed_inputs
        amounts = b"".join(struct.pack("<Q", amount) for amount, _ in spent)
        scripts = b"".join(compact_size(len(script)) + script for _, script in spent)
        hashed = map(sha256, (outpoints, amounts, scripts, sequences, self.output_bytes))
        message = b"\0\0" + self.raw[:4] + self.raw[-4:] + b"".join(hashed)
        message += bytes([2 if leaf else 0]) + struct.pack("<I", index)
        return tagged_hash("TapSighash", message + (leaf and leaf + b"\0\xff\xff\xff\xff"))

def raw_signature(data):
    """r || s of a version 0 signature: strict DER (BIP-66), low s, SIGHASH_ALL; or None."""
    try:
        r, s = utils.decode_dss_signature(data[:-1])
    except ValueError:
        return None
    right = data[-1] == 1 and utils.encode_dss_signature(r, s) == data[:-1]
    right = right and r < ORDER and s <= ORDER // 2
    return r.to_bytes(32, "big") + s.to_bytes(32, "big") if right else None

def is_witness_program(script):
    right = 4 <= len(script) <= 42 and (script[0] == 0 or 0x51 <= script[0] <= 0x60)
    return right and script[1] == len(script) - 2

def has_address(script):
    is_hash = re.fullmatch(rb"(?s)\x76\xa9\x14.{20}\x88\xac|\xa9\x14.{20}\x87", script)
    return is_hash or is_witness_program(script)

# Extended keys (BIP-32) and descriptors (BIP-380 to 387), section 10.4.

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
ExtendedKey = namedtuple("ExtendedKey", "version depth parent number chain key")
XPUB, TPUB = bytes.fromhex("0488b21e"), bytes.fromhex("043587cf")

def extended_key(text):
    """The extended public key in Base58Check, or None."""
    if not re.fullmatch(f"[{BASE58}]{{111}}", text):
        return None
    value = functools.reduce(lambda total, digit: total * 58 + BASE58.index(digit), text, 0)
    data, checksum = value.to_bytes(82, "big")[:78], value.to_bytes(82, "big")[78:]
    key = ExtendedKey(data[:4], data[4], data[5:9], data[9:13], data[13:45], data[45:])
    right = checksum == double_sha256(data)[:4] and key.version in (XPUB, TPUB)
    right = right and (key.depth or key.parent + key.number == bytes(8))
    return key if right and public_key(key.key) else None

@functools.lru_cache(65536)
def derive_child(chain, key, index):
    """BIP-32 CKDpub: the child's chain code and key."""
    digest = hmac.digest(chain, key + index.to_bytes(4, "big"), "sha512")
    child = tweaked(point_of(key), digest[:32])
    need(child, "descriptor", "a key without a child", index)
    return digest[32:], compressed(child)

def taproot_output(internal, merkle_root):
    """The x-only output key, and its parity, of an x-only internal key (BIP-341)."""
    point = tweaked(point_of(b"\2" + internal), tagged_hash("TapTweak", internal + merkle_root))
    need(point, "descriptor", "no output key of", internal)
    return point[0].to_bytes(32, "big"), point[1] & 1

CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
INPUT_CHARSET = (
    "0123456789()[],'/*abcdefgh@:$%{}"
    "IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~"
    'ijklmnopqrstuvwxyzABCDEFGH`#"\\ '
)
CHECKSUM_MASKS = 0xF5DEE51989, 0xA9FDCA3312, 0x1BAB10E32D, 0x3706B1677A, 0x644D626FFD

def descriptor_checksum(text):
    """The eight characters of BIP-380."""
    values = [INPUT_CHARSET.index(character) for character in text]
    symbols = []
    for at in range(0, len(values), 3):
        group = values[at : at + 3]
        symbols += [value & 31 for value in group]
        symbols.append(functools.reduce(lambda total, value: total * 3 + (value >> 5), group, 0))
    check = 1
    for value in symbols + [0] * 8:
        top, check = check >> 35, (check & 0x7FFFFFFFF) << 5 ^ value
        for bit, mask in enumerate(CHECKSUM_MASKS):
            check ^= mask * (top >> bit & 1)
    return "".join(CHARSET[(check ^ 1) >> 5 * (7 - i) & 31] for i in range(8))

# BIP-341's point of which nobody knows the logarithm.
UNSPENDABLE = bytes.fromhex("50929b74c1a04954b78b4b6035e97a5e078a5a0f28ec96d547bfee9ace803ac0")
DESCRIPTOR_FORM = re.compile(
    r"(wpkh|tr)\(([^(),]+)\)"
    r"|(?:wsh\((multi|sortedmulti)|tr\(([0-9a-f]{64}),(multi_a|sortedmulti_a))"
    r"\(([1-9][0-9]?),([^()]+)\)\)"
)
KEY_EXPRESSION = re.compile(
    r"(?:\[[0-9a-f]{8}((?:/(?:0|[1-9][0-9]{0,9})h?){0,253})\])?"
    r"([^/]+)/<0;1>/\*"
)
# A derived script; the keys that sign for it, in the order of its inner script; that, or the leaf.
Derived = namedtuple("Derived", "script keys inner")

def unspendable(offset):
    """H, or H + rG where r is given: an internal key that nobody can sign with (10.4)."""
    if offset is None:
        return UNSPENDABLE
    point = any(offset) and tweaked(point_of(b"\2" + UNSPENDABLE), offset)
    need(point, "descriptor", "no key H + rG of", offset)
    return point[0].to_bytes(32, "big")

def pushed(number):
    return bytes([0x50 + number]) if number <= 16 else bytes([1, number])  # at most 20 keys

class Descriptor:
    """A descriptor in its canonical text: form, threshold and extended keys."""

    def __init__(self, text, offset, network):
        body, _, checksum = text.rpartition("#")
        form = DESCRIPTOR_FORM.fullmatch(body)
        right = form and checksum == descriptor_checksum(body)
        need(right, "descriptor", "another form or checksum:", text)
        single, key, wsh, internal, leaf, threshold, keys = form.groups()
        self.internal = unspendable(offset) if leaf else None
        fits = self.internal.hex() == internal if leaf else offset is None
        need(fits, "descriptor", "an internal key of which r is no proof:", text)
        self.text, self.form, self.threshold = text, single or wsh or leaf, int(threshold or 1)
        self.keys = [self.read_key(one, network) for one in (key or keys).split(",")]
        count, most = len(self.keys), 15 if wsh else 20
        need(self.threshold <= count <= most, "descriptor", self.threshold, "of", count, "keys")
        self.is_taproot = self.form == "tr" or bool(leaf)
        self.derive = functools.lru_cache(4096)(self.derive)
        coordinates = [one.key[1:] for one in self.keys] + [k[1:] for k in self.children(0, 0)]
        need(len(set(coordinates)) == len(coordinates), "descriptor", "a key twice:", text)

    @staticmethod
    def read_key(expression, network):
        form = KEY_EXPRESSION.fullmatch(expression)
        key = form and extended_key(form[2])
        right = key and key.version == (XPUB if network == "main" else TPUB) and key.depth <= 253
        right = right and all(int(step) < 2**31 for step in re.findall("[0-9]+", form[1] or ""))
        need(right, "descriptor", "no extended public key of the network:", expression)
        return key

    def children(self, chain, index):
        branches = [derive_child(one.chain, one.key, chain) for one in self.keys]
        return [derive_child(*branch, index)[1] for branch in branches]

    def derive(self, chain, index):
        keys = self.children(chain, index)
        if self.form == "wpkh":
            return Derived(b"\0\x14" + hash160(keys[0]), keys, b"")
        if self.is_taproot:
            keys = [key[1:] for key in keys]
        if self.form == "tr":
            return Derived(b"\x51\x20" + taproot_output(keys[0], b"")[0], keys, b"")
        if self.form.startswith("sorted"):
            keys.sort()
        least, count = pushed(self.threshold), pushed(len(keys))
        if self.is_taproot:  # OP_CHECKSIG, OP_CHECKSIGADD ..., OP_NUMEQUAL
            checks = [b"\xba" if n else b"\xac" for n in range(len(keys))]
            leaf = b"".join(b"\x20" + key + check for key, check in zip(keys, checks))
            leaf += least + b"\x9c"
            output, _ = taproot_output(self.internal, self.leaf_hash(leaf))
            return Derived(b"\x51\x20" + output, keys, leaf)
        script = least + b"\x21" + b"\x21".join(keys) + count + b"\xae"  # OP_CHECKMULTISIG
        return Derived(b"\0\x20" + sha256(script), keys, script)

    @staticmethod
    def leaf_hash(leaf):
        return tagged_hash("TapLeaf", b"\xc0" + compact_size(len(leaf)) + leaf)

    def input_weight(self):
        """The most that an input weighs (9.4)."""
        k, n = self.threshold, len(self.keys)
        if self.form in ("wpkh", "tr"):
            return 165 + (107 if self.form == "wpkh" else 65)
        size = 34 * n + (3 if not self.is_taproot or k > 16 else 2)
        signatures = 65 * k + n - k + 34 if self.is_taproot else 1 + 73 * k
        return 165 + signatures + len(compact_size(size)) + size

    def check_of(self, request, index, key, signature):
        """How a signature of an input is verified: function, key, digest, raw signature."""
        transaction, derived = request.transaction, request.derived[index]
        if not self.is_taproot:
            code = derived.inner or b"\x76\xa9\x14" + hash160(key) + b"\x88\xac"
            digest = transaction.digest_v0(index, code, request.spent[index][0])
            return ecdsa_verify, key, digest, raw_signature(signature)
        leaf = derived.inner and self.leaf_hash(derived.inner)
        output = key if leaf else derived.script[2:]
        return schnorr_verify, output, transaction.digest_v1(index, request.spent, leaf), signature

    def has_form(self, signature):
        return len(signature) == 64 if self.is_taproot else raw_signature(signature) is not None

    def witness(self, derived, signatures):
        """The witness of an input from its signatures by key (11.2)."""
        if not derived.inner:
            return [signatures[derived.keys[0]]] + ([] if self.is_taproot else derived.keys)
        if not self.is_taproot:
            return [b"", *(signatures[k] for k in derived.keys if k in signatures), derived.inner]
        _, odd = taproot_output(self.internal, self.leaf_hash(derived.inner))
        items = [signatures.get(key, b"") for key in reversed(derived.keys)]
        return [*items, derived.inner, bytes([0xC0 | odd]) + self.internal]

class Wallet(Descriptor):
    """A wallet of the state: its descriptor, and what the ledger knows about it."""

    def __init__(self, body, network):
        super().__init__(body["descriptor"], body.get("offset"), network)
        self.name, self.holders, self.quorum = body["wallet"], body["holders"], body["quorum"]
        self.ceilings, self.depth, self.gap = body["ceilings"], body["depth"], body["gap"]
        self.shortcut, self.retired = body["shortcut"], False
        self.waiting, self.next, self.watched = set(self.holders), [0, 0], [0, 0]

# --- Transfers: the intent, its signatures, its broadcast (sections 9 and 11) ---------------------

class Transfers(Requests):
    """Chapter three: what a transfer spends and pays, and who signed it."""

    def freeze(self, request, wallet):
        """The form of the transaction, and whose scripts its coins have."""
        intent = request.intent
        tx = request.transaction = Transaction(self.bytes_of(intent["transaction"]), bare=True)
        need(tx.version == 2 and tx.locktime == 0, "transaction", "another version or lock time")
        need(len(tx.inputs) == len(intent["coins"]) > 0, "transaction", "inputs and coins differ")
        for one in tx.inputs:
            need(one.sequence == 0xFFFFFFFD and not one.script, "transaction", "an input", one)
        need(len(set(tx.outpoints)) == len(tx.inputs), "transaction", "an outpoint twice")
        need(tx.outputs, "transaction", "no outputs")
        request.outpoints = tx.outpoints
        request.spent = [(amount, script) for amount, script, _ in intent["coins"]]
        for _, script in request.spent:
            owner, *place = self.scripts.get(script, [None])
            need(owner is wallet, "unknown-coin", "no script of the wallet:", script)
            request.derived.append(wallet.derive(*place))

    def check_transfer(self, request, intent):
        change = intent["change"]
        wallet = self.wallet_in_use(request.wallet, ready=True, retired_too=change is None)
        self.freeze(request, wallet)
        tx, replaced = request.transaction, self.requests.get(intent.get("replaces"))
        request.group = replaced.group if replaced else request.id
        for outpoint, coin in zip(tx.outpoints, intent["coins"]):
            self.check_coin(request, wallet, outpoint, *coin)
        for amount, script in tx.outputs:
            need(has_address(script), "transaction", "an output without address:", script)
            spending = 26 if is_witness_program(script) else 107
            least = 3 * (8 + len(compact_size(len(script))) + len(script) + 41 + spending)
            need(amount >= least, "dust", amount, "of at least", least)
        if change:
            output, index = change
            need(output < len(tx.outputs), "change", "no output", output)
            need(index == wallet.next[1], "address-index", index, "where next is", wallet.next[1])
            script = wallet.derive(1, index).script
            need(tx.outputs[output].script == script, "change", "index", index, "is", script)
        paid = sum(amount for amount, _ in request.spent)
        sent, fee = sum(amount for amount, _ in tx.outputs), intent["fee"]
        need(sent <= paid <= MAX_MONEY and fee == paid - sent, "fee", fee, "of", paid, "less", sent)
        self.check_ceilings(request, wallet, sent - (tx.outputs[change[0]].amount if change else 0))
        if "replaces" in intent:
            self.check_replacement(request, replaced)

    def check_coin(self, request, wallet, outpoint, amount, script, previous):
        coin, name = self.coins.get(outpoint), f"{outpoint[0][::-1].hex()}:{outpoint[1]}"
        need(coin and coin.place[0] is wallet, "unknown-coin", name)
        need(coin.output == (amount, script), "coin-mismatch", name, "has", coin.output.amount)
        need(coin.spent is None, "coin-spent", name)
        depth = 0 if coin.height is None else self.tip.height - coin.height + 1
        least = max(wallet.depth, 101 if coin.is_coinbase else 0)
        need(depth >= least, "coin-immature", name, "has", depth, "confirmations of", least)
        others = self.holders.get(outpoint, {}).values()
        held = any(r.chain_shows is None and r.group != request.group for r in others)
        need(not held, "coin-reserved", name)
        if wallet.is_taproot:
            right = previous is None
        else:
            made = self.decoded(previous, "previous-transaction")
            outputs = made.outputs[outpoint[1] : outpoint[1] + 1]
            right = made.txid == outpoint[0] and outputs == [coin.output]
        need(right, "previous-transaction", "another than the one that made", name)

    def bytes_of(self, value):
        return self.blob(value[1], value[0]) if type(value) is list else value

    def decoded(self, value, rule):
        """The whole transaction behind a byte-string; another rule where it is none."""
        try:
            return Transaction(self.bytes_of(value or b""))
        except Bad as error:
            raise Bad(rule, error.text) from None

    @staticmethod
    def check_ceilings(request, wallet, sent):
        (most, rate, share), fee, tx = wallet.ceilings, request.intent["fee"], request.transaction
        inputs = len(tx.inputs) * (wallet.input_weight() - 164)
        actual = -(-fee // ((4 * len(tx.raw) + 2 + inputs + 3) // 4))
        need(fee <= most and actual <= rate, "fee-ceiling", fee, "sat,", actual, "sat/vB")
        right = share >= 100 or sent == 0 or -(-100 * fee // sent) <= share
        need(right, "fee-ceiling", fee, "sat, more than", share, "% of", sent)

    def check_replacement(self, request, replaced):
        right = replaced and replaced.kind == "transfer" and replaced.wallet == request.wallet
        right = right and replaced.chain_shows is None
        for other in self.others_of_chain(request) if right else []:
            newer = other.chain_shows is None and other.position > replaced.position
            shared = set(other.outpoints) & set(request.outpoints)
            is_due = other.ending is None or other.authorised is not None
            cheaper = is_due and request.intent["fee"] <= other.intent["fee"]
            right = right and shared and not newer and not cheaper
        need(right, "replacement", "of", request.intent["replaces"])

    def signed(self, body):
        """Signatures that exist are on record even where nobody was to make them: an incident."""
        request = self.requests.get(body["request"])
        self.covers(self.place_of(body["request"]))
        due = request and request.authorised is not None and request.ending is None
        if not request:
            position = self.archive[body["request"]]
            request = Request(self.event_at(position), position, None)
        need(request.kind == "transfer", "unknown-request", "no transfer, but", request.kind)
        wallet = self.wallet(request.wallet)
        if not request.derived:
            value = request.intent["transaction"]
            need(self.bytes_of(value) is not None, "blob-missing", "of the request:", value)
            self.freeze(request, wallet)
        new = {}
        need(body["signatures"], "signature-of-input", "none at all")
        for index, key, signature in body["signatures"]:
            right = index < len(request.derived) and key in request.derived[index].keys
            right = right and (index, key) not in request.signatures.keys() | new.keys()
            need(right and wallet.has_form(signature), "signature-of-input", index, key, signature)
            new[index, key] = signature
        if due:
            self.covers(request.authorised)
        else:
            self.incidents.append(("unauthorised-signature", "for", request.id))
        for (index, key), signature in new.items():
            self.checks.append(wallet.check_of(request, index, key, signature))
        request.signatures.update(new)
        request.released = True

    def sendable(self, body):
        request = self.living(body["request"])
        need(request.kind == "transfer", "unknown-request", "no transfer, but", request.kind)
        self.need_open(request)
        need(request.authorised is not None, "not-authorised", request.id)
        self.need_role("operator", or_holder_of=self.wallets[request.wallet].holders)
        return request

    def exported(self, body):
        request = self.sendable(body)
        self.covers(request.authorised)
        request.released = True

    def broadcast(self, body):
        request = self.sendable(body)
        final = self.decoded(body["transaction"], "final-transaction")
        need(final.txid == request.transaction.txid, "final-transaction", "is", final.txid)
        for index, items in enumerate(final.witnesses):
            need(self.is_witness(request, index, items), "final-transaction", "input", index)
        request.broadcast_at = self.position

    def is_witness(self, request, index, items):
        wallet, used = self.wallets[request.wallet], {}
        for (at, key), signature in request.signatures.items():
            if at == index and signature in items:
                used[key] = signature
        checks = [wallet.check_of(request, index, *one) for one in used.items()]
        right = len(used) == wallet.threshold and all(verify(*args) for verify, *args in checks)
        return right and items == wallet.witness(request.derived[index], used)

    def relayed(self, body):
        self.need_role("watcher")
        request = self.requests.get(body["request"])
        need(request and request.kind == "transfer", "unknown-request", body["request"])
        need(request.broadcast_at is not None, "not-broadcast", body["request"])
        self.covers(request.broadcast_at)
        need(body["txid"] == request.transaction.txid, "final-transaction", "is", body["txid"])

# --- Headers and branches (sections 12.1, 12.2) ---------------------------------------------------

POW_LIMIT = {
    "main": 2**224 - 1, "testnet4": 2**224 - 1, "signet": 0x377AE << 216, "regtest": 2**255 - 1
}
PERIOD, TWO_WEEKS, SETTLED = 2016, 1_209_600, 288
MAIN_VERSIONS = [(388_381, 4), (363_725, 3), (227_931, 2), (0, -(2**31))]  # from a height on

def expand(bits):
    """The target of compact bits as Core's SetCompact reads them, or None."""
    size, word = bits >> 24, bits & 0x7FFFFF
    target = word >> 8 * (3 - size) if size <= 3 else word << 8 * (size - 3)
    return target if 0 < target < 2**256 and not bits & 0x800000 else None

def compact(target):
    """Core's GetCompact."""
    size = (target.bit_length() + 7) // 8
    word = target << 8 * (3 - size) if size <= 3 else target >> 8 * (size - 3)
    if word & 0x800000:
        word, size = word >> 8, size + 1
    return size << 24 | word

class Block:
    """A header in its chain, and the transactions of ours in it."""

    def __init__(self, raw, height, parent, work, times, period):
        self.hash, self.root, self.parent = double_sha256(raw), raw[36:68], parent
        self.height, self.work, self.times = height, work, times  # the last up to eleven times
        self.period = period  # time and bits of the first block of the period
        self.transactions = []

    def add(self, one):
        """Adds a transaction of ours, or what it makes and spends beyond what it did before."""
        for before in self.transactions:
            if before.tx.txid == one.tx.txid:
                before.makes.extend(one.makes)
                before.spends.extend(one.spends)
                return
        self.transactions.append(one)

def anchor_block(anchor, network):
    times, height, period = anchor["times"], anchor["height"], anchor["period"]
    time, bits = struct.unpack("<II", period[68:76])
    need(len(times) == min(height + 1, 11), "header", "an anchor with", len(times), "times")
    need(0 < (expand(bits) or 0) <= POW_LIMIT[network], "header", "an anchor of bits", bits)
    need(height % PERIOD or time == times[-1], "header", "an anchor with another period's time")
    work = int.from_bytes(anchor["work"], "big")
    return Block(anchor["header"], height, None, work, times, (time, bits))

def required_bits(parent, time, network):
    limit, is_first = POW_LIMIT[network], (parent.height + 1) % PERIOD == 0
    start, bits = parent.period
    if is_first and network != "regtest":
        span = min(max(parent.times[-1] - start, TWO_WEEKS // 4), TWO_WEEKS * 4)
        return compact(min(expand(bits) * span // TWO_WEEKS, limit))
    eased = network in ("testnet4", "regtest") and time > parent.times[-1] + 1200
    return compact(limit) if eased and not is_first else bits

def next_block(parent, raw, network, now):
    """The block of a header on `parent`, judged at `now`, in seconds."""
    version, time, bits = struct.unpack("<i64xII4x", raw)
    height, last = parent.height + 1, parent.times[-1]
    is_first, required = height % PERIOD == 0, required_bits(parent, time, network)
    need(bits == required, "header", f"bits {bits:08x} where {required:08x} is required")
    median = sorted(parent.times)[len(parent.times) // 2]
    need(median < time <= now + 7200, "header", "the time", time, "after", median, "seen at", now)
    if network == "testnet4" and is_first:
        need(time >= last - 600, "header", "a period that begins at", time, "after", last)
    versions = MAIN_VERSIONS if network == "main" else [(0, 4)]
    least = next(least for first, least in versions if height >= first)
    need(version >= least, "header", "version", version, "of at least", least)
    target, number = expand(bits), int.from_bytes(double_sha256(raw), "little")
    need(number <= target, "header", f"the hash {number:064x} above the target {target:064x}")
    work = parent.work + 2**256 // (target + 1)
    need(work < 2**256, "header", "more work than there can be")
    period = (time, bits) if is_first else parent.period
    return Block(raw, height, parent.hash, work, (parent.times + [time])[-11:], period)

def looks_like_transaction(pair):
    try:
        inner = Transaction(pair, bare=True)
    except Bad:
        return False
    return len(inner.inputs) == 1 and len(inner.outputs) > 0

def branch_holds(tx, index, siblings, root):
    """Whether the siblings lead from a transaction at `index` to the Merkle root of a block."""
    if index >> len(siblings) or len(tx.stripped) == 64:
        return False
    node = tx.txid
    for sibling in siblings:
        pair = sibling + node if index & 1 else node + sibling
        if index & 1 and node == sibling or looks_like_transaction(pair):
            return False
        node, index = double_sha256(pair), index >> 1
    return node == root

# --- What the watcher saw (section 12) ------------------------------------------------------------

class Coin:
    def __init__(self, output, place, is_coinbase):
        self.output, self.place, self.is_coinbase = output, place, is_coinbase
        self.height = self.spent = None  # the block it is in; (txid, height) of what spends it

Found = namedtuple("Found", "tx makes spends")  # a transaction of ours in a block, and outpoints

class State(Transfers):
    """Chapter four: blocks on all branches, the active one, and the coins that follow from it."""

    def begin_chain(self, anchor, network):
        block = anchor_block(anchor, network)
        self.network, self.coins, self.blocks, self.tip = network, {}, {block.hash: block}, block
        self.active, self.lowest = {block.height: block}, block.height

    def is_active(self, block):
        return self.active.get(block.height) is block

    def observed(self, body):
        self.need_role("watcher")
        digest = self.watched_digest()
        need(body["scripts"] == digest, "watched-scripts", body["scripts"], "and not", digest)
        headers, transactions = body["headers"], body["transactions"]
        need(headers or transactions, "header", "neither a header nor a transaction")
        new = self.new_blocks(headers)
        found = self.new_transactions(transactions, {**self.blocks, **new})
        self.blocks.update(new)
        for block, one in found:
            block.add(one)
            if self.is_active(block):
                self.connect([one], block.height)
        last = list(new.values())[-1:]
        if last and last[0].work > self.tip.work:
            self.activate(last[0])
        self.settle()

    def new_blocks(self, headers):
        new, block = {}, self.blocks.get(headers[4:36])
        for at in range(0, len(headers), 80):
            raw = headers[at : at + 80]
            need(block and block.hash == raw[4:36], "header", "on no known block:", raw)
            block = next_block(block, raw, self.network, self.recorded // 1000)
            need(block.hash not in self.blocks, "header", "known already:", raw)
            new[block.hash] = block
        return new

    def new_transactions(self, observed, blocks):
        """(block, what was found) of each transaction that the event shows."""
        aside = [block for block in self.blocks.values() if not self.is_active(block)]
        made_aside = {o for block in aside for one in block.transactions for o in one.makes}
        found = []
        for block_hash, index, siblings, value in observed:
            block = blocks.get(block_hash)
            need(block, "branch", "in no known block:", block_hash)
            tx = self.decoded(value, "branch")
            need(branch_holds(tx, index, siblings, block.root), "branch", "of", tx.txid)
            known = [one for other, one in found if other is block]
            need(all(one.tx.txid != tx.txid for one in known), "branch", "again:", tx.txid)
            makes = [(tx.txid, n) for n, o in enumerate(tx.outputs) if o.script in self.scripts]
            spends = [o for o in tx.outpoints if o in self.coins or o in made_aside]
            need(makes or spends, "branch", "no transaction of ours:", tx.txid)
            made_aside.update(makes)
            for before in block.transactions:  # of one seen before, what it did not do then
                if before.tx.txid == tx.txid:
                    makes = [o for o in makes if o not in before.makes]
                    spends = [o for o in spends if o not in before.spends]
                    need(makes or spends, "branch", "again, and nothing new:", tx.txid)
            found.append((block, Found(tx, makes, spends)))
        return found

    def activate(self, block):
        """Makes the branch of `block` the active one."""
        path = []
        while not self.is_active(block):
            path.append(block)
            block = self.blocks[block.parent]
        while self.tip is not block:
            for one in reversed(self.tip.transactions):
                self.disconnect(one)
            del self.active[self.tip.height]
            self.tip = self.blocks[self.tip.parent]
        for block in reversed(path):
            self.active[block.height] = self.tip = block
            self.connect(block.transactions, block.height)

    def connect(self, transactions, height):
        for one in transactions:
            self.make_coins(one, height)
        for one in transactions:
            self.spend_coins(one, height)

    def make_coins(self, one, height):
        for outpoint in one.makes:
            output = one.tx.outputs[outpoint[1]]
            place = self.scripts[output.script]
            coin = self.coins.setdefault(outpoint, Coin(output, place, one.tx.is_coinbase))
            coin.height = height
            self.use(*place)

    def spend_coins(self, one, height):
        spent = [outpoint for outpoint in one.spends if outpoint in self.coins]
        for outpoint in spent:
            self.coins[outpoint].spent = one.tx.txid, height
        explained = [
            r for r in self.derive_again(spent)
            if r.transaction.txid == one.tx.txid and r.authorised is not None and r.ending is None
        ]
        if spent and not explained:
            self.incidents.append(("unexplained-spend", "by", one.tx.txid[::-1]))

    def disconnect(self, one):
        for coin in filter(None, map(self.coins.get, one.makes)):
            coin.height = None
        for coin in filter(None, map(self.coins.get, one.spends)):
            if coin.spent and coin.spent[0] == one.tx.txid:
                coin.spent = None
        self.derive_again(one.spends)

    def derive_again(self, outpoints):
        """Derives what the chain shows of the transfers that spend these; returns them."""
        concerned = {r.id: r for o in outpoints for r in self.holders.get(o, {}).values()}
        for request in concerned.values():
            coins = [self.coins[o] for o in request.outpoints if o in self.coins]
            spent = [coin.spent for coin in coins if coin.spent]
            own = [height for txid, height in spent if txid == request.transaction.txid]
            heights = own or [height for _, height in spent]
            what = "confirmed" if own else "conflict"
            request.chain_shows = (what, min(heights)) if heights else None
        return concerned.values()

    def settle(self):
        """Forgets what no reorganisation will reach (12.4)."""
        floor = self.tip.height - SETTLED
        if floor <= 0:
            return
        for request in list(self.requests.values()):
            if request.chain_shows and request.chain_shows[1] < floor:
                self.remove(request)
        while self.lowest < floor:
            block = self.active.pop(self.lowest)
            del self.blocks[block.hash]
            for outpoint in [o for one in block.transactions for o in one.spends]:
                self.coins.pop(outpoint, None)
            self.lowest += 1
        if len(self.blocks) == len(self.active):
            return
        for block in sorted(self.blocks.values(), key=lambda block: block.height):
            if self.is_active(block) or block.parent in self.blocks:
                continue
            del self.blocks[block.hash]
            for outpoint in [o for one in block.transactions for o in one.makes]:
                self.forget_unmade(outpoint)

    def forget_unmade(self, outpoint):
        """Forgets a coin that no block makes any more, unless a living transfer spends it."""
        coin = self.coins.get(outpoint)
        if coin and coin.height is None and not self.holders.get(outpoint):
            known = [one for block in self.blocks.values() for one in block.transactions]
            if not any(outpoint in one.makes for one in known):
                del self.coins[outpoint]

    def remove(self, request):
        super().remove(request)
        for outpoint in request.outpoints:
            self.forget_unmade(outpoint)

# --- The files of an export (export.md) -----------------------------------------------------------

COMMON = (
    r"README\.txt|checkpoint|tlog-policy|verify/SHA256SUMS(\.note)?"
    r"|blobs/([0-9a-f]{2})/\2[0-9a-f]{62}|schemas(/[A-Za-z0-9-][A-Za-z0-9.-]*){1,2}"
)
WIDTH = "[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5]"
TILE = rf"tile/([0-9]|[1-5][0-9]|6[0-3]|entries)/(?!x000)(x[0-9]{{3}}/)*[0-9]{{3}}(\.p/({WIDTH}))?"
WHOLE = re.compile(rf"{COMMON}|checkpoints|kept|{TILE}")
DISCLOSURE = re.compile(rf"{COMMON}|disclosed/[0-9]{{9}}\.(entry|tlog-proof)")
ANY = re.compile(rf"{WHOLE.pattern}|disclosed/[0-9]{{9}}\.(entry|tlog-proof)|since|consistency")
SUMS = "verify/SHA256SUMS"
MAX_FILE, MAX_KEPT, MAX_PATH, MAX_ENTRIES = 16_777_216, 268_435_456, 100, 256_000_000

def tile_path(level, number, width=256):
    name = f"{number % 1000:03d}"
    while number >= 1000:
        number //= 1000
        name = f"x{number % 1000:03d}/{name}"
    return f"tile/{level}/{name}" + (f".p/{width}" if width < 256 else "")

def blob_path(digest):
    return f"blobs/{digest.hex()[:2]}/{digest.hex()}"

class Export:
    """A folder: its files by path, each with its size."""

    def __init__(self, folder, report):
        self.folder, self.report, self.files = folder, report, {}
        for parent, folders, names in os.walk(folder, onerror=self.fail):
            for place in [os.path.join(parent, name) for name in names + folders]:
                found, name = os.lstat(place), os.path.relpath(place, folder)
                if stat.S_ISREG(found.st_mode):
                    self.files[name] = found.st_size
                elif not stat.S_ISDIR(found.st_mode):
                    self.report("layout", None, "neither file nor folder:", name)
        self.is_disclosure = any(name.startswith("disclosed/") for name in self.files)
        if "since" in self.files and not self.is_disclosure:
            steps = "take it up with `strongroom replica apply`, then `audit.py REPLICA`"
            raise NotCheckable("this is a delta: " + steps)
        right = DISCLOSURE if self.is_disclosure else WHOLE
        self.foreign = set()  # of a form of the layout, and yet not of this log
        for name in sorted(self.files):
            if len(name) > MAX_PATH or not right.fullmatch(name):
                report("layout", None, "no path of an export:", name)
                if len(name) <= MAX_PATH and ANY.fullmatch(name):
                    self.foreign.add(name)
                else:
                    del self.files[name]
            elif name == "kept" or name.startswith(("README", "schemas/")):
                self.has(name, MAX_KEPT if name == "kept" else MAX_FILE)
        needed = {"README.txt", "checkpoint", "schemas", "tlog-policy"}
        if self.is_disclosure or "kept" not in self.files:
            needed |= {SUMS, SUMS + ".note"}  # a replica is put together from several exports
        if not self.is_disclosure:
            needed.add("checkpoints")
        for name in needed - {re.sub("^schemas/.*", "schemas", name) for name in self.files}:
            report("layout", None, name, "is missing")

    def fail(self, error):
        raise NotCheckable(f"{self.folder} is no folder that can be read: {error.strerror}")

    def has(self, name, most=MAX_FILE):
        """Whether a file is there and not too large; a finding otherwise."""
        size = self.files.get(name)
        if size is None:
            self.report("layout", None, name, "is missing")
        elif size > most:
            self.report("layout", None, name, "has", size, "bytes, of at most", most)
        return size is not None and size <= most

    def open(self, name):
        return open(os.path.join(self.folder, name), "rb")

    def lines(self, name):
        """The file's lines with their ends; a line of more than a note is cut."""
        if self.has(name, MAX_INTEGER):
            with self.open(name) as file:
                yield from iter(lambda: file.readline(MAX_NOTE), b"")

    def read(self, name, most=MAX_FILE):
        if self.has(name, most):
            with self.open(name) as file:
                return file.read(most)

    def size(self):
        """How many entries the names of the bundles promise."""
        number = 0
        while tile_path("entries", number) in self.files:
            number += 1
        widths = [w for w in range(256) if tile_path("entries", number, w) in self.files]
        return 256 * number + max(widths, default=0)

    def blob(self, digest, size):
        """A blob by its SHA-256, or None: one of other bytes is as good as none."""
        name = blob_path(digest)
        data = self.read(name, size) if self.files.get(name) == size else None
        return data if data is not None and sha256(data) == digest else None

    @functools.lru_cache(16)
    def bundle(self, number, width):
        """The entries of a bundle; none, and a finding, where it is not of its form."""
        name = tile_path("entries", number, width)
        data, entries, at = self.read(name), [], 0
        while data and len(entries) < width and at + 2 <= len(data):
            end = at + 2 + int.from_bytes(data[at : at + 2], "big")
            entries.append(data[at + 2 : end])
            at = end
        if data is None or len(entries) == width and at == len(data):
            return entries
        self.report("layout", None, name, "has other bytes than of", width, "entries, at", at)
        return []

# --- The audit ------------------------------------------------------------------------------------

Finding = namedtuple("Finding", "position rule text")
CHUNK = 512  # signatures that are verified together

def in_order(finding):
    position = float("inf") if finding.position is None else finding.position
    return position, {"recorded-time": 0, "signature": 2}.get(finding.rule, 1), finding.rule

def read_file(path, read):
    """What `read` makes of a file that the auditor brings."""
    try:
        with open(path, "rb") as file:
            return read(file.read(MAX_POLICY + 1))
    except OSError as error:
        raise NotCheckable(f"{path}: {error.strerror}") from None
    except Bad as error:
        raise NotCheckable(f"{path}: {error.text}") from None

class Audit:
    """One run: reads everything once, in order, and collects what is wrong."""

    def __init__(self, options):
        self.options, self.findings = options, []
        self.counts, self.signatures = collections.Counter(), 0
        self.tree, self.ledger, self.origin, self.head = Tree(), b"", "unknown", None
        self.excused = set()  # (tile level, index) of hashes above one that is wrong
        self.named = set()  # digests of blobs that events name
        self.queue, self.pool, self.running = [], None, []
        self.witnesses, self.checkpoints, self.next_checkpoint = [], iter(()), None
        self.newest = []  # the largest checkpoints that the entries bear out

    def report(self, rule, position, *words):
        self.findings.append(Finding(position, rule, Bad(rule, *words).text))

    def refuse(self, error, position=None):
        self.findings.append(Finding(position, error.rule, error.text))

    def run(self):
        self.export, unknown = Export(self.options.export, self.report), None
        try:
            data = self.export.read("checkpoint", MAX_NOTE)
            self.head = None if data is None else Checkpoint(data)
        except Bad as error:
            self.refuse(error)
        self.size = self.head.size if self.head else self.export.size()
        self.state = State(self.export.blob, self.tree, self.event_at)
        try:
            if self.export.is_disclosure:
                self.check_disclosure()
            else:
                self.replay()
                self.check_tiles()
        except UnknownForm as error:
            unknown = error
        self.finish_signatures()
        self.check_manifest()
        if self.ledger and not unknown:
            return self.check_head()
        if not self.findings or self.export.is_disclosure:
            raise NotCheckable(unknown.text if unknown else "there is no entry")
        if unknown:
            self.refuse(unknown)

    # Entries, in order (section 1).

    def replay(self):
        for number in range(min(self.size, MAX_ENTRIES) // 256 + 1):
            first = number * 256
            width = min(256, self.size - first)
            entries = self.export.bundle(number, width) if width else []
            hashes = [leaf_hash(entry) for entry in entries]
            for position, (entry, leaf) in enumerate(zip(entries, hashes), first):
                self.judge(position, entry) if position else self.begin(entry)
                self.tree.append(leaf)
                self.compare_checkpoints(self.tree.size)
            if entries:
                self.check_tile(0, number, hashes)
            elif width and number:
                self.report("missing-entry", first, "the checkpoint is of", self.size)
            if len(entries) < 256:
                break
        if not self.tree.size and (self.size or not self.head):
            raise UnknownForm("encoding", "there is no entry that founds a ledger")

    def found(self, data):
        """The founding entry, without which nothing can be judged (section 3)."""
        try:
            recorded, raw = decode_entry(data)
            event = decode_event(raw, b"")
            self.state.found(event, recorded)
        except Bad as error:
            text = f"entry 0 does not found a ledger: {error.rule}, {error.text}"
            raise UnknownForm("encoding", text) from None
        self.ledger, self.origin = event.id, f"{self.state.name}/{event.id.hex()}"
        wanted = (self.options.ledger_id or event.id.hex()).lower()
        if wanted != event.id.hex():
            raise NotCheckable(f"it is the ledger {event.id.hex()}, not {wanted}")
        self.counts[event.type] += 1
        self.named = blobs_named(event)[2]
        if self.export.is_disclosure:
            self.check_opened(0, [], self.named)
        self.verify(0, [(ecdsa_verify, event.key, event.id, event.signature)])
        self.log_key = NoteKey.make(self.origin, ED25519, self.state.log)
        self.kept = [read_file(self.options.since, Checkpoint)] if self.options.since else []
        self.policy = read_file(self.options.policy, Policy) if self.options.policy else None
        try:
            data = self.export.read("tlog-policy")
            policies = [self.policy, None if data is None else Policy(data)]
        except Bad as error:
            policies = [self.policy]
            self.refuse(error)
        self.witnesses = {key for one in policies if one for key in one.witnesses.values()}

    def begin(self, entry):
        self.found(entry)
        every = heapq.merge(self.kept, self.history(), key=lambda one: one.size)
        self.checkpoints = (one for one in every if self.holds(one))
        self.next_checkpoint = next(self.checkpoints, None)

    def judge(self, position, data):
        state, event = self.state, None
        try:
            recorded, raw = decode_entry(data)
            floor = state.recorded
            state.advance(max(recorded, floor))
            event = decode_event(raw, self.ledger)
            if recorded < floor:
                self.report("recorded-time", position, recorded, "after", floor)
            self.counts[event.type] += 1
            state.admit(event)
        except UnknownForm:
            raise
        except Bad as error:
            self.refuse(error, position)
            self.named = None  # what was not admitted may name blobs
            state.skip(event)
        else:
            self.verify(position, state.checks)
            for rule, *words in state.incidents:
                self.report(rule, position, *words)
            evidence, documents, persons = blobs_named(event)
            for size, digest in documents:
                if self.export.blob(digest, size) is None:
                    self.report("blob", position, "no document of", size, "bytes,", digest)
            if self.named is not None:
                self.named |= {digest for _, digest in evidence + documents} | persons
        if event and event.type == "initiated":
            state.archive.setdefault(event.id, position)

    def event_at(self, position):
        """The event of an entry that was read before."""
        number, place = divmod(position, 256)
        entry = self.export.bundle(number, min(256, self.size - number * 256))[place]
        return decode_event(decode_entry(entry)[1], self.ledger)

    def check_disclosure(self):
        """Some entries, each with the proof of its place; whether they were allowed is not here."""
        files, first = self.export.files, "disclosed/000000000.entry"
        self.found(first in files and self.export.read(first, MAX_ENTRY) or b"")
        for name in sorted(name for name in files if name.endswith(".entry")):
            position, entry = int(name[10:19]), self.export.read(name, MAX_ENTRY)
            if position:
                self.disclose(position, entry or b"")
            if not self.is_proven(position, entry or b""):
                self.report("tree", position, "no proof leads from it to the checkpoint's root")
        for name in {name for name in files if name.startswith("disclosed/")}:
            if name[:20] + "entry" not in files:
                self.report("layout", None, name, "proves no entry")
        for name in {name for name in files if name.startswith("blobs/")}:
            if name not in map(blob_path, self.named):
                self.report("layout", None, "named by no event that is disclosed:", name)
            elif blob_path(sha256(self.export.read(name, MAX_BLOB) or b"")) != name:
                self.report("blob", None, name, "holds other bytes")
        for one in self.kept if self.head else []:  # what is older can not be compared
            if self.holds(one) and one.size >= self.size:
                if one.note.text != self.head.note.text:
                    position = one.size - 1 if one.size == self.size else None
                    self.report("rollback", position, "another than", one.root, "of", one.size)

    def disclose(self, position, entry):
        try:
            event = decode_event(decode_entry(entry)[1], self.ledger)
        except Bad as error:
            return self.refuse(error, position)
        self.counts[event.type] += 1
        self.verify(position, [(ecdsa_verify, event.key, event.id, event.signature)])
        evidence, documents, persons = blobs_named(event)
        self.named |= {digest for _, digest in evidence + documents} | persons
        for _, digest in evidence:
            if blob_path(digest) not in self.export.files:
                self.report("blob", position, "no evidence of digest", digest)
        self.check_opened(position, documents, persons)

    def check_opened(self, position, documents, persons):
        """Documents and names whose blobs are there: each a salt of 32 bytes and what was said."""
        opened = [*documents, *((None, digest) for digest in persons)]
        for wanted, digest in opened:
            size = self.export.files.get(blob_path(digest), MAX_INTEGER)
            data = self.export.blob(digest, size) if size <= MAX_BLOB else None
            if data is not None and not (size == wanted if wanted else is_name(data[32:])):
                self.report("blob", position, "opened is no document or name, but", size, "bytes")

    def is_proven(self, position, entry):
        """Whether a tlog-proof leads from an entry to the very head of `checkpoint`, signed."""
        name = f"disclosed/{position:09d}.tlog-proof"
        data = self.export.read(name, MAX_NOTE) if name in self.export.files else None
        proof, _, note = (data or b"").partition(b"\n\n")
        lines = [line for line in proof.split(b"\n") if not line.startswith(b"extra ")]
        hashes = [base64_strict(line, 32) for line in lines[2:]]
        right = lines[:2] == [b"c2sp.org/tlog-proof@v1", f"index {position}".encode()]
        try:
            signed = Checkpoint(note).note
        except Bad:
            return False
        right = right and self.head and signed.text == self.head.note.text
        if not right or not signed.verified(self.log_key) or None in hashes:
            return False
        return root_of_path(leaf_hash(entry), position, self.head.size, hashes) == self.head.root

    # Signatures, on all cores once there are many.

    def verify(self, position, checks):
        self.signatures += len(checks)
        self.queue += [(position, *check) for check in checks]
        if len(self.queue) >= CHUNK:
            self.pool = self.pool or ProcessPoolExecutor(os.cpu_count())
            self.running.append(self.pool.submit(failing, self.queue))
            self.queue = []
            while len(self.running) > 64:
                self.collect(self.running.pop(0).result())

    def finish_signatures(self):
        for one in self.running:
            self.collect(one.result())
        self.collect(failing(self.queue))
        if self.pool:
            self.pool.shutdown()

    def collect(self, positions):
        for position in positions:
            self.report("signature", position, "one that does not verify")

    # The tree and its tiles (section 15).

    def check_tile(self, level, number, hashes):
        """A stored tile against the hashes that follow from the entries."""
        name = tile_path(level, number, len(hashes))
        stored = self.export.read(name)
        if stored is not None and len(stored) != 32 * len(hashes):
            return self.report("layout", None, name, "has", len(stored), "bytes")
        for index, right in enumerate(hashes if stored else [], 256 * number):
            there = stored[index % 256 * 32 :][:32]
            if there != right and (level, index) not in self.excused:
                self.report("tree", None if level else index, name, "has", there, "and not", right)
                self.excused |= {(up, index >> 8 * (up - level)) for up in range(level + 1, 9)}

    def check_tiles(self):
        """The tiles above the lowest; and files of tiles and blobs that are not of this log."""
        expected, size, level = set(), self.tree.size, 0
        while size:
            for number in range((size + 255) // 256):
                indexes = range(256 * number, min(size, 256 * number + 256))
                expected.add(tile_path(level, number, len(indexes)))
                if level == 0:
                    expected.add(tile_path("entries", number, len(indexes)))
                else:
                    nodes = [self.tree.node(8 * level, index) for index in indexes]
                    self.check_tile(level, number, nodes)
            size, level = size >> 8, level + 1
        if self.tree.size < self.size:
            return
        files = self.export.files.keys() - expected
        strangers = {name for name in files if name.startswith("tile/")}
        self.export.foreign |= strangers
        if self.named is not None:  # what was not admitted may name blobs
            blobs = {name for name in files if name.startswith("blobs/")}
            strangers |= blobs - set(map(blob_path, self.named))
        for name in strangers:
            self.report("layout", None, "not of this log:", name)

    # Checkpoints and cosignatures (section 15).

    def history(self):
        """The notes of the file `checkpoints`, smallest first, each followed by an empty line."""
        last, note, blanks = -1, b"", 0
        for line in self.export.lines("checkpoints"):
            note, blanks = note + line, blanks + (line == b"\n")
            if len(note) > MAX_NOTE:
                return self.report("layout", None, "in checkpoints, a note of more than", MAX_NOTE)
            if blanks < 2:
                continue
            try:
                one = Checkpoint(note[:-1])
                need(one.size > last, "layout", "in checkpoints", one.size, "follows", last)
                last = one.size
                yield one
            except Bad as error:
                self.refuse(error)
            note, blanks = b"", 0
        least = self.head.size if self.head and "checkpoints" in self.export.files else -1
        if note or last < least:
            self.report("layout", None, "checkpoints ends with", note or last)

    def holds(self, one):
        """Whether a checkpoint is one of this log's key; a finding otherwise."""
        what = f"of size {one.size}"
        if one.origin != self.origin:
            self.report("checkpoint", None, what, "is of", one.origin)
        elif one.note.verified(self.log_key) is not True:
            self.report("checkpoint", None, what, "has no signature of the log's key")
        else:
            for key in self.witnesses:
                if one.note.verified(key) is False:
                    self.report("checkpoint", None, what, "has a bad cosignature by", key.name)
            return True
        return False

    def compare_checkpoints(self, size):
        """Compares each known checkpoint with the tree as soon as it has its size."""
        while self.next_checkpoint and self.next_checkpoint.size <= size:
            self.compare(self.next_checkpoint)
            self.next_checkpoint = next(self.checkpoints, None)

    def compare(self, one):
        if one.size > self.size:
            self.report("rollback", None, "a checkpoint of", one.size, "in a log of", self.size)
        elif one.size <= self.tree.size:
            root, position = self.tree.root(one.size), one.size - 1 if one.size else None
            if root != one.root:
                self.report("rollback", position, "signed is", one.root, "but the root is", root)
            else:
                self.newest = [*(same for same in self.newest if same.size == one.size), one]

    def check_head(self):
        self.compare_checkpoints(MAX_INTEGER)
        if self.head and self.holds(self.head):
            self.compare(self.head)
            if self.export.is_disclosure:
                self.newest = [self.head]
        if self.policy and not any(map(self.policy.accepts, self.newest)):
            self.report("witness", None, "not the signatures that the policy asks for")

    # The manifest (export.md).

    def check_manifest(self):
        files, key, digest = self.export.files, self.options.export_key, b""
        if SUMS in files:
            digest = self.check_sums()
        try:
            if SUMS + ".note" in files:
                self.check_manifest_note(base64.b64encode(digest).decode())
            need(SUMS + ".note" in files or not key, "manifest", "no note is there, signed by", key)
        except Bad as error:
            self.refuse(error)

    def check_sums(self):
        """The digests that the manifest has; returns its own."""
        missing, last = self.export.files.keys() - {SUMS, SUMS + ".note"}, ""
        whole = hashlib.sha256()
        for line in self.export.lines(SUMS):
            whole.update(line)
            fits = re.fullmatch(rb"([0-9a-f]{64})  ([ -~]+)\n", line)
            name = fits[2].decode() if fits else ""
            if name <= last or name not in missing:
                self.report("manifest", None, "no line for a file, in order:", line)
                continue
            with self.export.open(name) as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            if digest != fits[1].decode():
                self.report("manifest", None, name, "has the digest", digest)
            missing.discard(name)
            last = name
        for name in sorted(missing - self.export.foreign):
            self.report("manifest", None, "does not list", name)
        return whole.digest()

    def check_manifest_note(self, digest):
        """What the note says of the digest in any case, and of the checkpoint if it is readable."""
        note = Note(self.export.read(SUMS + ".note") or b"", "manifest")
        lines = note.text.split("\n")
        need(len(lines) == 6 and lines[4] == digest, "manifest", "its note has another digest")
        if self.head:
            right = "\n".join(lines[:4]) + "\n" == "strongroom-export/v1\n" + self.head.note.text
            need(right, "manifest", "its note is on another checkpoint:", lines[1:4])
            name = f"{self.head.origin}/export"
            right = any(signer == name for signer, _, _ in note.signatures)
            need(right, "manifest", "its note has no signature of", name)
        if self.options.export_key:
            key = NoteKey.parse(self.options.export_key, ED25519, COSIGNATURE)
            right = note.verified(key) is True
            need(right, "manifest", "its note has no signature that verifies of", key.name)

# --- The report -----------------------------------------------------------------------------------

def print_report(audit, findings, size, root):
    network = audit.state.network if audit.ledger else None
    print(f"Ledger       {audit.origin}")
    print(f"Head         {size} entries, root {root}")
    print("Events       " + ", ".join(f"{n} {kind}" for kind, n in sorted(audit.counts.items())))
    print(f"Signatures   {audit.signatures} checked")
    for holds, line in (
        (network in ("signet", "regtest"), "Note         work not proven: here it costs nothing"),
        (not audit.options.export_key, "Not checked  the manifest's signature: give --export-key"),
        (not audit.options.policy, "Not checked  cosignatures: give the witnesses with --policy"),
        (audit.export.is_disclosure,
         "Not checked  decisions, completeness, older checkpoints: other entries are not here"),
        (True, "Not checked  the chain: its blocks are as the watcher's key reported them"),
    ):
        if holds:
            print(line)
    for position, rule, text in findings:
        where = "the whole log" if position is None else f"position {position}"
        print(f"\nFINDING      {rule}, {where}")
        print(textwrap.fill(text, 100, initial_indent="  ", subsequent_indent="  "))
    print(f"\n{len(findings)} findings." if findings else "\nClean: nothing was found.")

def main(arguments=None):
    parser = argparse.ArgumentParser(description="Checks a Strongroom export.")
    parser.add_argument("export", metavar="EXPORT", help="the folder of an unpacked export")
    parser.add_argument("--ledger-id", metavar="HEX", help="the ledger's id, known beforehand")
    parser.add_argument("--since", metavar="CHECKPOINT", help="an older signed checkpoint")
    parser.add_argument("--policy", metavar="FILE", help="a tlog-policy: whose signatures it needs")
    parser.add_argument("--export-key", metavar="VKEY", help="the key that signs the manifest")
    parser.add_argument("--json", action="store_true", help="the result as JSON")
    options = parser.parse_args(arguments)
    for name, value in vars(options).items():
        if value == "":  # an unset variable of a shell must not remove a check
            parser.error(f"the value of {name} is empty: give one, or leave the option out")
    if options.export_key and not NoteKey.parse(options.export_key, ED25519, COSIGNATURE):
        parser.error("--export-key takes a key as C2SP signed-note writes it: name+id+base64")
    audit = Audit(options)
    try:
        audit.run()
    except NotCheckable as reason:
        print(f"audit.py: not checkable: {reason}", file=sys.stderr)
        return 2
    except Exception as error:  # a bug of this program is no verdict
        print(f"audit.py: not checkable: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    findings = sorted(set(audit.findings), key=in_order)
    size, root = audit.tree.size, audit.tree.root(audit.tree.size).hex()
    if audit.export.is_disclosure and audit.head:
        size, root = audit.head.size, audit.head.root.hex()
    if options.json:
        found = [finding._asdict() for finding in findings]
        head, counts = {"size": size, "root": root}, dict(audit.counts)
        counts["signatures"] = audit.signatures
        report = {"ledger": audit.ledger.hex(), "head": head, "counts": counts, "findings": found}
        show = functools.partial(print, json.dumps(report, indent=1, sort_keys=True))
    else:
        show = functools.partial(print_report, audit, findings, size, root)
    try:
        show()
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads it has seen enough; the verdict is the same
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1 if findings else 0

if __name__ == "__main__":
    sys.exit(main())
