#!/usr/bin/env python3
"""Checks a Strongroom export: a second verifier, written from Schemas/ and not from the Swift code.

    audit.py EXPORT [--ledger-id HEX] [--since CHECKPOINT] [--policy FILE] [--export-key VKEY]
             [--json]

EXPORT is a folder or an uncompressed tar (`zstd -d export.tar.zst` makes one of a packed export).
Needs Python 3.11 and the package `cryptography`. Exit status: 0 clean, 1 findings, 2 not checkable.

The order of this file is that of the data: encoding, keys and signatures, Bitcoin, the tree and its
notes, the format of events, the state and its decisions (Schemas/rules.md), the export, the report.
"""

import argparse
import base64
import binascii
import functools
import hashlib
import heapq
import hmac
import json
import os
import re
import stat
import struct
import sys
from collections import namedtuple
from concurrent.futures import ProcessPoolExecutor

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.hashes import SHA256

class Bad(ValueError):
    """Something that a rule refuses: which rule, what it expects, what was found."""

    def __init__(self, rule, expected, found):
        super().__init__(f"{rule}: expected {expected}, found {found}")
        self.rule, self.expected, self.found = rule, expected, found

class NotCheckable(Exception):
    """There is no verdict, only a reason why: exit status 2."""

def need(holds, rule, expected, found=""):
    if not holds:
        raise Bad(rule, expected, found)

def sha256(data):
    return hashlib.sha256(data).digest()

def double_sha256(data):
    return sha256(sha256(data))

def hash160(data):
    return hashlib.new("ripemd160", sha256(data)).digest()

# --- Deterministic CBOR (RFC 8949 section 4.2.1) --------------------------------------------------

MAX_DEPTH = 16
MAX_INTEGER = 2**53 - 1
CONSTANTS = {0xF4: False, 0xF5: True, 0xF6: None}

def cbor_decode(data, what="encoding"):
    """The value that `data` encodes: int, bytes, str, list, dict with text keys, bool or None."""

    def bad(at, expected, found):
        return Bad(what, f"{expected} at byte {at}", found)

    def head(at):
        """Major type, argument and the offset after them; only the shortest form."""
        if at >= len(data):
            raise bad(at, "an item", "the end")
        first = data[at]
        info = first & 31
        if info < 24:
            return first >> 5, info, at + 1
        if info > 27:
            raise bad(at, "a definite length of at most 8 bytes", f"0x{first:02x}")
        width = 1 << (info - 24)
        raw = data[at + 1 : at + 1 + width]
        if len(raw) < width:
            raise bad(at, f"{width} more bytes", "the end")
        value = int.from_bytes(raw, "big")
        if value < (24, 256, 65536, 2**32)[info - 24]:
            raise bad(at, "the shortest form", raw.hex())
        return first >> 5, value, at + 1 + width

    def item(at, depth):
        if at < len(data) and data[at] in CONSTANTS:
            return CONSTANTS[data[at]], at + 1
        start = at
        major, value, at = head(at)
        if major == 0:
            if value > MAX_INTEGER:
                raise bad(start, "an integer below 2^53", value)
            return value, at
        if major == 1:
            if value >= MAX_INTEGER:
                raise bad(start, "an integer above -2^53", -1 - value)
            return -1 - value, at
        if major in (2, 3):
            raw = data[at : at + value]
            if len(raw) < value:
                raise bad(start, f"{value} bytes", len(raw))
            if major == 2:
                return bytes(raw), at + value
            try:
                return str(raw, "utf-8"), at + value
            except UnicodeDecodeError:
                raise bad(start, "UTF-8", bytes(raw[:40]).hex()) from None
        if major > 5:
            raise bad(start, "no tags, floats or other simple values", f"0x{data[start]:02x}")
        if depth >= MAX_DEPTH:
            raise bad(start, f"at most {MAX_DEPTH} levels", "one more")
        if value > len(data) - at:
            raise bad(start, "no more items than bytes", value)
        if major == 4:
            items = []
            for _ in range(value):
                one, at = item(at, depth + 1)
                items.append(one)
            return items, at
        members, last = {}, b""
        for _ in range(value):
            key_start = at
            key, at = item(at, depth + 1)
            encoded = bytes(data[key_start:at])
            if not isinstance(key, str) or encoded <= last:
                raise bad(key_start, "text keys in order, each once", encoded[:40].hex())
            last = encoded
            members[key], at = item(at, depth + 1)
        return members, at

    value, end = item(0, 0)
    if end != len(data):
        raise bad(end, "the end", f"{len(data) - end} more bytes")
    return value

def cbor_head(major, value):
    if value < 24:
        return bytes([major << 5 | value])
    width = 0 if value < 256 else 1 if value < 65536 else 2 if value < 2**32 else 3
    return bytes([major << 5 | 24 + width]) + value.to_bytes(1 << width, "big")

def cbor_bytes(data):
    return cbor_head(2, len(data)) + data

# --- secp256k1: ECDSA, BIP-340, BIP-32 ------------------------------------------------------------

FIELD = 2**256 - 2**32 - 977
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
GENERATOR = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)
# BIP-341's point of which nobody knows the logarithm.
UNSPENDABLE = bytes.fromhex("50929b74c1a04954b78b4b6035e97a5e078a5a0f28ec96d547bfee9ace803ac0")
PREHASHED = ec.ECDSA(utils.Prehashed(SHA256()))

def jacobian_double(point):
    x, y, z = point
    if not z:
        return point
    yy = y * y % FIELD
    s = 4 * x * yy % FIELD
    m = 3 * x * x % FIELD
    nx = (m * m - 2 * s) % FIELD
    return nx, (m * (s - nx) - 8 * yy * yy) % FIELD, 2 * y * z % FIELD

def jacobian_add(point, affine):
    """The sum of a point in Jacobian coordinates and one in affine ones."""
    x1, y1, z1 = point
    x2, y2 = affine
    if not z1:
        return x2, y2, 1
    zz = z1 * z1 % FIELD
    h = (x2 * zz - x1) % FIELD
    r = (y2 * zz * z1 - y1) % FIELD
    if not h:
        return jacobian_double(point) if not r else (1, 1, 0)
    hh = h * h % FIELD
    hhh = h * hh % FIELD
    v = x1 * hh % FIELD
    nx = (r * r - hhh - 2 * v) % FIELD
    return nx, (r * (v - nx) - y1 * hhh) % FIELD, z1 * h % FIELD

def affine(point):
    x, y, z = point
    if not z:
        return None
    inverse = pow(z, -1, FIELD)
    square = inverse * inverse % FIELD
    return x * square % FIELD, y * square * inverse % FIELD

@functools.cache
def generator_table():
    """i * 16^w * G for each window w of 4 bits and each i from 1 to 15."""
    table, base = [], GENERATOR
    for _ in range(64):
        row, point = [], (1, 1, 0)
        for _ in range(15):
            point = jacobian_add(point, base)
            row.append(affine(point))
        table.append(row)
        base = affine(jacobian_add(point, base))
    return table

def add_multiple_of_generator(point, k):
    for row in generator_table():
        if k & 15:
            point = jacobian_add(point, row[(k & 15) - 1])
        k >>= 4
    return point

def multiply(point, k):
    result = (1, 1, 0)
    for bit in bin(k)[2:]:
        result = jacobian_double(result)
        if bit == "1":
            result = jacobian_add(result, point)
    return result

@functools.lru_cache(8192)
def lift(x, odd=0):
    """The point with this x coordinate and parity of y, or None."""
    if x >= FIELD:
        return None
    square = (x * x * x + 7) % FIELD
    y = pow(square, (FIELD + 1) // 4, FIELD)
    if y * y % FIELD != square:
        return None
    return x, y if y & 1 == odd else FIELD - y

def point_of(key):
    """The point of a compressed key, or None."""
    if len(key) != 33 or key[0] not in (2, 3):
        return None
    return lift(int.from_bytes(key[1:], "big"), key[0] & 1)

def compressed(point):
    return bytes([2 | point[1] & 1]) + point[0].to_bytes(32, "big")

@functools.lru_cache(8192)
def ecdsa_key(key):
    if len(key) != 33 or key[0] not in (2, 3):
        return None
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256K1(), key)
    except ValueError:
        return None

def ecdsa_verify(key, digest, signature):
    """Whether r || s is a signature of the digest with s in the lower half of the group order."""
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    public = ecdsa_key(key)
    if public is None or len(signature) != 64 or not 0 < r < ORDER or not 0 < s <= ORDER // 2:
        return False
    try:
        public.verify(utils.encode_dss_signature(r, s), digest, PREHASHED)
        return True
    except InvalidSignature:
        return False

def der_signature(data):
    """r || s of a strict DER signature (BIP-66), or None."""
    if not 8 <= len(data) <= 72 or data[0] != 0x30 or data[1] != len(data) - 2:
        return None
    numbers, at = [], 2
    for _ in range(2):
        if at + 2 > len(data) or data[at] != 2:
            return None
        raw = data[at + 2 : at + 2 + data[at + 1]]
        if not raw or len(raw) < data[at + 1] or raw[0] & 0x80:
            return None
        if len(raw) > 1 and raw[0] == 0 and not raw[1] & 0x80:
            return None
        numbers.append(int.from_bytes(raw, "big"))
        at += 2 + len(raw)
    if at != len(data) or max(numbers) >= 2**256:
        return None
    return b"".join(number.to_bytes(32, "big") for number in numbers)

def tagged_hash(tag, data):
    prefix = sha256(tag.encode())
    return sha256(prefix + prefix + data)

def schnorr_verify(key, message, signature):
    """BIP-340: x-only key of 32 bytes, signature of 64."""
    if len(key) != 32 or len(signature) != 64:
        return False
    point = lift(int.from_bytes(key, "big"))
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if point is None or r >= FIELD or s >= ORDER:
        return False
    challenge = tagged_hash("BIP0340/challenge", signature[:32] + key + message)
    e = int.from_bytes(challenge, "big") % ORDER
    nonce = affine(add_multiple_of_generator(multiply(point, (ORDER - e) % ORDER), s))
    return nonce is not None and nonce[1] & 1 == 0 and nonce[0] == r

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
ExtendedKey = namedtuple("ExtendedKey", "version depth parent number chain key")
XPUB, TPUB = bytes.fromhex("0488b21e"), bytes.fromhex("043587cf")

def base58check_decode(text):
    value = 0
    for character in text:
        digit = BASE58.find(character)
        if digit < 0:
            return None
        value = value * 58 + digit
    zeros = len(text) - len(text.lstrip("1"))
    data = bytes(zeros) + value.to_bytes((value.bit_length() + 7) // 8, "big")
    return data[:-4] if len(data) > 4 and double_sha256(data[:-4])[:4] == data[-4:] else None

def extended_key(text):
    """A BIP-32 extended public key, or None."""
    data = base58check_decode(text) if len(text) <= 120 else None
    if data is None or len(data) != 78 or data[:4] not in (XPUB, TPUB):
        return None
    result = ExtendedKey(data[:4], data[4], data[5:9], data[9:13], data[13:45], data[45:])
    if point_of(result.key) is None or result.depth == 0 and data[5:13] != bytes(8):
        return None
    return result

@functools.lru_cache(65536)
def derive_child(chain, key, index):
    """BIP-32 CKDpub: the child's chain code and key, or None where there is none."""
    digest = hmac.digest(chain, key + index.to_bytes(4, "big"), "sha512")
    tweak = int.from_bytes(digest[:32], "big")
    if tweak >= ORDER:
        return None
    x, y = point_of(key)
    child = affine(add_multiple_of_generator((x, y, 1), tweak))
    return None if child is None else (digest[32:], compressed(child))

def taproot_output(internal, merkle_root):
    """The x-only output key and its parity for an x-only internal key (BIP-341), or None."""
    tweak = int.from_bytes(tagged_hash("TapTweak", internal + merkle_root), "big")
    point = lift(int.from_bytes(internal, "big"))
    if point is None or tweak >= ORDER:
        return None
    output = affine(add_multiple_of_generator((*point, 1), tweak))
    return None if output is None else (output[0].to_bytes(32, "big"), output[1] & 1)

def unspendable(offset):
    """The x coordinate of H, or of H + rG: an internal key that nobody can sign with (10.4)."""
    r = int.from_bytes(offset, "big") if offset is not None else 0
    if offset is not None and not 0 < r < ORDER:
        raise Bad("descriptor", "an r below the group's order and not zero", offset.hex())
    h = (*lift(int.from_bytes(UNSPENDABLE, "big")), 1)
    return affine(add_multiple_of_generator(h, r))[0].to_bytes(32, "big")

# --- Bitcoin: transactions, digests, descriptors, headers -----------------------------------------

MAX_MONEY = 21_000_000 * 100_000_000
Input = namedtuple("Input", "txid index script sequence")
Output = namedtuple("Output", "amount script")

def varint(value):
    if value < 253:
        return bytes([value])
    if value < 65536:
        return b"\xfd" + value.to_bytes(2, "little")
    return b"\xfe" + value.to_bytes(4, "little")

class Transaction:
    """A transaction in its only encoding (BIP-144): whole, or `bare`, which has no witnesses."""

    def __init__(self, raw, bare=False):
        self.raw, self.at = raw, 0
        self.version = int.from_bytes(self.take(4), "little", signed=True)
        self.segwit = not bare and raw[4:6] == b"\0\1"
        if self.segwit:
            self.at = 6
        self.inputs = [self.input() for _ in range(self.count(41))]
        self.outputs = [self.output() for _ in range(self.count(9))]
        self.witnesses = [[] for _ in self.inputs]
        if self.segwit:
            self.witnesses = [
                [self.take(self.count(1)) for _ in range(self.count(1))] for _ in self.inputs
            ]
        self.locktime = self.number(4)
        if self.at != len(raw):
            raise self.bad("the end of the transaction")
        if not bare and not self.inputs or self.segwit and not any(self.witnesses):
            raise self.bad("inputs, and witnesses where they are announced")
        if 3 * len(self.stripped) + len(raw) > 4_000_000:
            raise self.bad("a weight of at most 4,000,000")

    def bad(self, expected):
        return Bad("transaction", f"{expected} at byte {self.at}", f"{len(self.raw)} bytes")

    def take(self, size):
        data = self.raw[self.at : self.at + size]
        if len(data) < size:
            raise self.bad(f"{size} bytes")
        self.at += size
        return data

    def number(self, width):
        return int.from_bytes(self.take(width), "little")

    def count(self, least):
        """A compact size in its shortest form, of things of at least `least` bytes each."""
        value = self.number(1)
        if value >= 253:
            wide = value - 253
            value = self.number(2 << wide)
            if value < (253, 65536, 2**32)[wide]:
                raise self.bad("the shortest form of a count")
        if value * least > len(self.raw) - self.at:
            raise self.bad(f"no more than the bytes that are left in a count of {value}")
        return value

    def input(self):
        return Input(self.take(32), self.number(4), self.take(self.count(1)), self.number(4))

    def output(self):
        amount = self.number(8)
        if amount > MAX_MONEY:
            raise self.bad("an amount of at most 21,000,000 BTC")
        return Output(amount, self.take(self.count(1)))

    def outpoints(self):
        return b"".join(i.txid + i.index.to_bytes(4, "little") for i in self.inputs)

    def sequences(self):
        return b"".join(i.sequence.to_bytes(4, "little") for i in self.inputs)

    def serialized_outputs(self):
        return b"".join(
            o.amount.to_bytes(8, "little") + varint(len(o.script)) + o.script for o in self.outputs
        )

    @functools.cached_property
    def stripped(self):
        """The serialization without witnesses."""
        if not self.segwit:
            return self.raw
        parts = [self.raw[:4], varint(len(self.inputs))]
        for one in self.inputs:
            parts += [one.txid, one.index.to_bytes(4, "little"), varint(len(one.script))]
            parts += [one.script, one.sequence.to_bytes(4, "little")]
        parts += [varint(len(self.outputs)), self.serialized_outputs(), self.raw[-4:]]
        return b"".join(parts)

    @functools.cached_property
    def txid(self):
        return double_sha256(self.stripped)

    @functools.cached_property
    def is_coinbase(self):
        return len(self.inputs) == 1 and self.inputs[0][:2] == (bytes(32), 0xFFFFFFFF)

    def digest_v0(self, index, script_code, amount):
        """BIP-143's digest of an input, SIGHASH_ALL."""
        one, output = self.inputs[index], self.serialized_outputs()
        parts = [self.raw[:4], double_sha256(self.outpoints()), double_sha256(self.sequences())]
        parts += [one.txid, one.index.to_bytes(4, "little"), varint(len(script_code)), script_code]
        parts += [amount.to_bytes(8, "little"), one.sequence.to_bytes(4, "little")]
        parts += [double_sha256(output), self.raw[-4:], b"\1\0\0\0"]
        return double_sha256(b"".join(parts))

    def digest_v1(self, index, spent, leaf=None):
        """BIP-341's digest of an input, SIGHASH_DEFAULT; `leaf`: its hash on a script path."""
        amounts = b"".join(amount.to_bytes(8, "little") for amount, _ in spent)
        scripts = b"".join(varint(len(script)) + script for _, script in spent)
        message = b"\0\0" + self.raw[:4] + self.raw[-4:]
        for part in (self.outpoints(), amounts, scripts, self.sequences()):
            message += sha256(part)
        message += sha256(self.serialized_outputs())
        message += bytes([2 if leaf else 0]) + index.to_bytes(4, "little")
        return tagged_hash("TapSighash", message + (leaf + b"\0\xff\xff\xff\xff" if leaf else b""))

CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
INPUT_CHARSET = (
    "0123456789()[],'/*abcdefgh@:$%{}"
    "IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~"
    'ijklmnopqrstuvwxyzABCDEFGH`#"\\ '
)

CHECKSUM_MASKS = 0xF5DEE51989, 0xA9FDCA3312, 0x1BAB10E32D, 0x3706B1677A, 0x644D626FFD

def descriptor_checksum(text):
    """The eight characters of BIP-380, or None where a character has no place in a descriptor."""
    symbols, groups = [], []
    for character in text:
        value = INPUT_CHARSET.find(character)
        if value < 0:
            return None
        symbols.append(value & 31)
        groups.append(value >> 5)
        if len(groups) == 3:
            symbols.append(groups[0] * 9 + groups[1] * 3 + groups[2])
            groups = []
    if groups:
        symbols.append(groups[0] if len(groups) == 1 else groups[0] * 3 + groups[1])
    check = 1
    for value in symbols + [0] * 8:
        top = check >> 35
        check = (check & 0x7FFFFFFFF) << 5 ^ value
        for bit, mask in enumerate(CHECKSUM_MASKS):
            if top >> bit & 1:
                check ^= mask
    check ^= 1
    return "".join(CHARSET[check >> 5 * (7 - i) & 31] for i in range(8))

def script_number(value):
    return bytes([0x50 + value]) if value <= 16 else bytes([1, value])  # at most 20 keys

def multisig_script(threshold, keys):
    """OP_CHECKMULTISIG over compressed keys, as they stand."""
    pushes = b"".join(b"\x21" + key for key in keys)
    return script_number(threshold) + pushes + script_number(len(keys)) + b"\xae"

def multi_a_script(threshold, keys):
    """BIP-387's script over x-only keys, as they stand."""
    script = b"\x20" + keys[0] + b"\xac" + b"".join(b"\x20" + key + b"\xba" for key in keys[1:])
    return script + script_number(threshold) + b"\x9c"

def tap_leaf_hash(script):
    return tagged_hash("TapLeaf", b"\xc0" + varint(len(script)) + script)

# --- The tree (RFC 9162), signed notes, checkpoints, policies (C2SP) ------------------------------

EMPTY_ROOT = sha256(b"")
SEEN_WINDOW = 1_048_576

def leaf_hash(entry):
    return sha256(b"\0" + entry)

def node_hash(left, right):
    return sha256(b"\1" + left + right)

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
            index >>= 1
            level += 1

    def node(self, level, index):
        first, hashes = self.levels[level]
        if index < first:
            raise IndexError("a hash of long ago")
        return bytes(hashes[(index - first) * 32 : (index - first) * 32 + 32])

    def root(self, size):
        """The root over the first `size` leaves."""
        if size == 0:
            return EMPTY_ROOT
        value, level, rest = None, 0, size
        while rest:
            if rest & 1:
                left = self.node(level, rest - 1)
                value = left if value is None else node_hash(left, value)
            rest >>= 1
            level += 1
        return value

def base64_strict(text, size=None):
    """The bytes behind standard base64 in its only form, or None."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    right = base64.b64encode(data).decode() == text and size in (None, len(data))
    return data if right else None

Signature = namedtuple("Signature", "name id bytes")
ED25519, COSIGNATURE = 1, 4  # signature types of C2SP signed-note
MAX_NOTE, MAX_SIGNATURES = 1_000_000, 100

class Note:
    """A C2SP signed note: its text and its signature lines, none verified yet."""

    def __init__(self, data, what="checkpoint"):
        if len(data) > MAX_NOTE:
            raise Bad(what, f"a note of at most {MAX_NOTE} bytes", len(data))
        try:
            text = str(data, "utf-8")
        except UnicodeDecodeError as error:
            raise Bad(what, "UTF-8", f"another byte at {error.start}") from None
        control = re.search(r"[\x00-\x09\x0b-\x1f]", text)
        if control:
            raise Bad(what, "no control characters", f"{control[0]!r} at {control.start()}")
        self.text, blank, lines = text.rpartition("\n\n")
        if not blank or not lines.endswith("\n"):
            raise Bad(what, "a text, an empty line, and signature lines", text[-60:])
        self.text += "\n"
        lines = lines[:-1].split("\n")
        if len(lines) > MAX_SIGNATURES:
            raise Bad(what, f"at most {MAX_SIGNATURES} signatures", len(lines))
        self.signatures = [self.signature(line, what) for line in lines]

    @staticmethod
    def signature(line, what):
        parts = line.split(" ")
        data = base64_strict(parts[2]) if len(parts) == 3 and parts[0] == "\u2014" else None
        if data is None or len(data) < 5 or not is_key_name(parts[1]):
            raise Bad(what, "a signature line: \u2014, a key's name, base64", line[:100])
        return Signature(parts[1], data[:4], data[4:])

    def verified(self, key):
        """Whether `key` signed: True, False for a signature that does not verify, None for none."""
        result = None
        for one in self.signatures:
            if one.name == key.name and one.id == key.id:
                if not key.verify(self.text, one.bytes):
                    return False
                result = True
        return result

def is_key_name(name):
    return bool(name) and "+" not in name and not any(c.isspace() for c in name)

class NoteKey(namedtuple("NoteKey", "name type public")):
    """A key that signs notes (type 1) or cosigns checkpoints (type 4)."""

    @property
    def id(self):
        name = self.name.encode("utf-8", "surrogateescape")
        return sha256(name + b"\n" + bytes([self.type]) + self.public)[:4]

    def verify(self, text, signature):
        message = text.encode()
        if self.type == COSIGNATURE:
            if len(signature) != 72 or signature[0] & 0x80:
                return False
            seconds = int.from_bytes(signature[:8], "big")
            message = f"cosignature/v1\ntime {seconds}\n".encode() + message
            signature = signature[8:]
        if len(signature) != 64:
            return False
        try:
            ed25519.Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
            return True
        except (InvalidSignature, ValueError):
            return False

def note_key(text):
    """A vkey, `name+hash+base64(type || key)`, or None."""
    parts = text.split("+", 2)
    data = base64_strict(parts[2]) if len(parts) == 3 else None
    if data is None or len(data) != 33 or not is_key_name(parts[0]):
        return None
    key = NoteKey(parts[0], data[0], data[1:])
    return key if data[0] in (ED25519, COSIGNATURE) and key.id.hex() == parts[1] else None

def decimal(text):
    """A number in its only decimal form, or None."""
    fits = re.fullmatch(r"0|[1-9][0-9]{0,15}", text)
    return int(text) if fits and int(text) <= MAX_INTEGER else None

class Checkpoint:
    """A C2SP checkpoint without extension lines: origin, size and root in a signed note."""

    def __init__(self, data):
        self.note = Note(data)
        lines = self.note.text.split("\n")
        if len(lines) != 4 or not lines[0]:
            raise Bad("checkpoint", "three lines: origin, size, root", f"{len(lines) - 1} lines")
        self.origin, self.size, self.root = lines[0], decimal(lines[1]), base64_strict(lines[2], 32)
        if self.size is None:
            raise Bad("checkpoint", "a size in decimal", lines[1][:40])
        if self.root is None:
            raise Bad("checkpoint", "a root of 32 bytes in base64", lines[2][:60])

class Policy:
    """A C2SP tlog-policy: which logs, which witnesses, and how many of them."""

    def __init__(self, data):
        self.logs, self.witnesses, self.groups, self.quorum = [], {}, {}, None
        if len(data) > 1_000_000 or re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", data):
            raise Bad("policy", "at most a million bytes without control characters", len(data))
        for number, line in enumerate(data.split(b"\n"), 1):
            words = re.split(r"[ \t]+", line.decode("utf-8", "surrogateescape").strip(" \t"))
            if words[0] and not words[0].startswith("#") and not self.line(words):
                raise Bad("policy", "a line of C2SP tlog-policy", f"line {number}: {line[:80]}")
        if self.quorum is None:
            raise Bad("policy", "a quorum line", "none")

    def line(self, words):
        names = self.witnesses.keys() | self.groups.keys()
        match words:
            case ["log", vkey, *rest] if len(rest) <= 1:
                key = note_key(vkey)
                known = [k.public for k in self.logs]
                if key is None or key.type != ED25519 or key.public in known:
                    return False
                self.logs.append(key)
            case ["witness", name, vkey, *rest] if len(rest) <= 1:
                key = note_key(vkey)
                known = [k.public for k in self.witnesses.values()]
                if key is None or key.type != COSIGNATURE or key.public in known:
                    return False
                if name in names or name == "none":
                    return False
                self.witnesses[name] = key
            case ["group", name, count, *members] if members:
                used = [m for _, of in self.groups.values() for m in of]
                need = {"any": 1, "all": len(members)}.get(count) or decimal(count) or 0
                if name in names or name == "none" or not 1 <= need <= len(members):
                    return False
                if len(set(members)) < len(members) or any(
                    m not in names or m in used for m in members
                ):
                    return False
                self.groups[name] = need, members
            case ["quorum", name] if self.quorum is None and (name == "none" or name in names):
                self.quorum = name
            case _:
                return False
        return True

    def witnessed(self, note, name):
        if name == "none":
            return True
        if name in self.witnesses:
            return note.verified(self.witnesses[name]) is True
        need, members = self.groups[name]
        return sum(self.witnessed(note, member) for member in members) >= need

# --- The format of events: event.cddl and entry.cddl ----------------------------------------------

def number(least, most):
    def check(value):
        if type(value) is not int or not least <= value <= most:
            raise Bad("encoding", f"a number from {least} to {most}", short(value))

    return check

def byte_string(least, most=None):
    most = least if most is None else most

    def check(value):
        if type(value) is not bytes or not least <= len(value) <= most:
            raise Bad("encoding", f"{least} to {most} bytes", short(value))

    return check

def text(least, most, pattern):
    pattern = re.compile(pattern)

    def check(value):
        fits = type(value) is str and pattern.fullmatch(value)
        if not fits or not least <= len(value.encode()) <= most:
            raise Bad("encoding", f"a text of its form, {least} to {most} bytes", short(value))

    return check

def closed(**members):
    """A map with these keys and no other; a key with an underscore behind it may be absent."""
    checks = {key.rstrip("_"): check for key, check in members.items()}
    required = {key for key in members if not key.endswith("_")}

    def check(value):
        if type(value) is not dict or not required <= value.keys() <= checks.keys():
            raise Bad("encoding", f"a map of {', '.join(sorted(checks))}", short(value))
        for key, one in value.items():
            checks[key](one)

    return check

def array(*checks):
    def check(value):
        if type(value) is not list or len(value) != len(checks):
            raise Bad("encoding", f"an array of {len(checks)}", short(value))
        for one, part in zip(checks, value):
            one(part)

    return check

def many(least, most, of):
    def check(value):
        if type(value) is not list or not least <= len(value) <= most:
            raise Bad("encoding", f"an array of {least} to {most}", short(value))
        for one in value:
            of(one)

    return check

def either(*alternatives):
    """One of several; `alternatives` are pairs of a predicate that picks and the check."""

    def check(value):
        for picks, chosen in alternatives:
            if picks(value):
                return chosen(value)
        raise Bad("encoding", "one of the schema's alternatives", short(value))

    return check

def constant(*values):
    def check(value):
        if not any(type(value) is type(one) and value == one for one in values):
            raise Bad("encoding", " or ".join(map(str, values)), short(value))

    return check

def short(value):
    shown = value.hex() if isinstance(value, bytes) else str(value)
    return shown if len(shown) <= 90 else shown[:80] + "\u2026"

def is_array(value):
    return type(value) is list

def is_null(value):
    return value is None

def always(_):
    return True

LINE = (
    "[^\\x00-\\x1f\\x7f-\\x9f\\xad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f"
    "\\ue000-\\uf8ff\\ufdd0-\\ufdef\\ufeff\\ufff0-\\ufffb\\ufffe\\uffff\\U000e0000-\\U0010ffff]*"
)
UINT32, UINT53 = number(0, 2**32 - 1), number(0, MAX_INTEGER)
DIGEST, HEADER = byte_string(32), byte_string(80)
SATOSHIS, ADDRESS_INDEX = number(0, MAX_MONEY), number(0, 1_000_000)
LABEL = text(1, 32, "[a-z][a-z0-9-]{0,31}")
DESCRIPTOR = text(0, 8192, "[ -~]*")
LINE140, LINE512 = text(0, 140, LINE), text(0, 512, LINE)
MAX_INLINE, MAX_BLOB = 16_384, 4_194_304
LONG = array(number(MAX_INLINE + 1, MAX_BLOB), DIGEST)
BYTES = either((is_array, LONG), (always, byte_string(0, MAX_INLINE)))
BLOB = array(number(1, MAX_BLOB), DIGEST)
TREE_HEAD = array(UINT53, DIGEST)

def check_key(value):
    if type(value) is not bytes or len(value) != 33 or value[0] not in (2, 3):
        raise Bad("encoding", "a compressed key: 33 bytes, the first 2 or 3", short(value))

def check_roles(value):
    many(0, 16, LABEL)(value)
    if value != sorted(set(value)):
        raise Bad("encoding", "roles sorted and each once", short(value))

def quorum_check(depth):
    count = array(LABEL, number(1, 32))
    leaf = [(lambda v: type(v) is str, LABEL), (is_array, count)]
    inner = leaf + ([(always, quorum_check(depth - 1))] if depth > 1 else [])
    shape = closed(need=number(1, 32), of=many(1, 32, either(*inner)))

    def check(value):
        shape(value)
        if value["need"] > len(value["of"]):
            raise Bad("encoding", "to need at most as many terms as there are", value["need"])

    return check

def check_headers(value):
    byte_string(0, 16_000)(value)
    if len(value) % 80:
        raise Bad("encoding", "headers of 80 bytes", f"{len(value)} bytes")

QUORUM = quorum_check(4)
ENROLMENT = closed(key=check_key, name=LABEL, roles=check_roles, person_=DIGEST)
COIN = array(SATOSHIS, byte_string(0, 34), either((is_null, always), (always, BYTES)))
CHANGE = either((is_null, always), (always, array(UINT32, ADDRESS_INDEX)))
CEILINGS = array(SATOSHIS, number(0, 1_000_000), number(0, 1_000_000))
TO_1000, BOOL = number(0, 1000), constant(False, True)
REQUESTS = {
    "transfer": closed(
        fee=SATOSHIS, kind=always, coins=many(0, 500, COIN), change=CHANGE, wallet=LABEL,
        replaces_=DIGEST, transaction=BYTES
    ),
    "create-wallet": closed(
        gap=TO_1000, kind=always, depth=TO_1000, offset_=DIGEST, quorum=QUORUM, wallet=LABEL,
        shortcut=BOOL, holders=many(0, 32, LABEL), ceilings=CEILINGS, descriptor=DESCRIPTOR
    ),
    "retire-wallet": closed(kind=always, wallet=LABEL),
    "enrol-member": closed(kind=always, member=ENROLMENT),
    "suspend-member": closed(kind=always, member=LABEL),
    "rotate-key": closed(to=check_key, kind=always, member=LABEL),
    "replace-policy": closed(kind=always, quorum=QUORUM, wallet_=LABEL),
    "cancel": closed(kind=always, request=DIGEST),
}

def check_request(value):
    kind = value.get("kind") if type(value) is dict else None
    if type(kind) is not str or kind not in REQUESTS:
        raise Bad("encoding", f"a request of a known kind", short(value))
    REQUESTS[kind](value)

ANCHOR = closed(work=DIGEST, times=many(1, 11, UINT32), header=HEADER, height=UINT32, period=HEADER)
LIMITS = closed(hourly=UINT53, transfers=UINT53, dailyblobs=UINT53)
NETWORK = constant("main", "testnet4", "signet", "regtest")
INPUT_SIGNATURE = array(UINT32, byte_string(0, 33), byte_string(0, 73))
OBSERVED = array(DIGEST, number(0, 32767), many(0, 15, DIGEST), BYTES)
ACCEPTED = either(
    (lambda v: type(v) is dict and "member" in v, closed(member=LABEL)),
    (always, closed(wallet=LABEL, descriptor=DESCRIPTOR)),
)
BODIES = {
    "founded": closed(
        log=DIGEST, name=LABEL, nonce=DIGEST, rules=UINT53, anchor=ANCHOR, limits=LIMITS,
        policy=QUORUM, members=many(1, 128, ENROLMENT), network=NETWORK
    ),
    "accepted": ACCEPTED,
    "initiated": closed(expires=UINT53, request=check_request, reference_=LINE140),
    "approved": closed(request=DIGEST),
    "aborted": closed(reason_=LINE140, request=DIGEST),
    "signed": closed(request=DIGEST, signatures=many(0, 400, INPUT_SIGNATURE)),
    "exported": closed(psbt=DIGEST, request=DIGEST),
    "broadcast": closed(request=DIGEST, transaction=BYTES),
    "relayed": closed(txid=DIGEST, message=LINE512, request=DIGEST, accepted=BOOL),
    "observed": closed(headers=check_headers, scripts=DIGEST, transactions=many(0, 1000, OBSERVED)),
    "issued": closed(index=ADDRESS_INDEX, wallet=LABEL),
    "attested": closed(head=TREE_HEAD, state=DIGEST, findings=UINT53),
    "attached": closed(label_=LINE140, request_=DIGEST, document=BLOB),
}
TYPE = text(0, 65_535, "(?s:.*)")
PAYLOAD = closed(seq=UINT53, body=always, seen=TREE_HEAD, time=UINT53, type=TYPE)
CONTENT_TYPE = b"application/vnd.strongroom.event+cbor"
PROTECTED = bytes.fromhex("a301382e037825") + CONTENT_TYPE + bytes.fromhex("045821")
Event = namedtuple("Event", "id key seq seen time type body signature")
MAX_ENTRY, MAX_EVENT = 65_535, 65_519

class UnknownType(Bad):
    """An event of a type that the schema does not name: nothing behind it can be judged."""

def decode_entry(data):
    """The recorded time and the event's bytes."""
    if len(data) > MAX_ENTRY:
        raise Bad("encoding", f"an entry of at most {MAX_ENTRY} bytes", len(data))
    entry = cbor_decode(data)
    array(UINT53, byte_string(0, 65_530))(entry)
    return entry

def decode_event(data, ledger):
    """The event in an envelope; `ledger` is the external_aad: the ledger's id, or empty."""
    if len(data) > MAX_EVENT:
        raise Bad("encoding", f"an event of at most {MAX_EVENT} bytes", len(data))
    if data[:1] != b"\xd2":
        raise Bad("encoding", "a COSE_Sign1, tag 18", data[:1].hex())
    envelope = cbor_decode(memoryview(data)[1:])
    array(byte_string(0, 65_535), constant({}), byte_string(0, 65_535), byte_string(64))(envelope)
    protected, _, payload, signature = envelope
    key = protected[-33:]
    if protected[:-33] != PROTECTED or key[0] not in (2, 3):
        raise Bad("encoding", "a protected header: ES256K, the content type, kid", protected.hex())
    fields = cbor_decode(payload)
    PAYLOAD(fields)
    kind, body = fields["type"], fields["body"]
    if kind not in BODIES:
        if len(kind.encode()) > 32:
            raise Bad("encoding", "a type of at most 32 bytes", short(kind))
        raise UnknownType("encoding", "a type that the rules know", kind)
    BODIES[kind](body)
    parts = b"".join(map(cbor_bytes, (protected, ledger, payload)))
    structure = b"\x84\x6aSignature1" + parts
    book = fields["seq"], fields["seen"], fields["time"]
    return Event(sha256(structure), key, *book, kind, body, signature)

# --- Quorums (rules.md section 6) -----------------------------------------------------------------
# A roster is a map of members to the sets of their roles.

def leaves(quorum):
    for term in quorum["of"]:
        if type(term) is dict:
            yield from leaves(term)
        else:
            yield term

def holders_of(leaf, roster):
    return [leaf] if type(leaf) is str else [m for m, roles in roster.items() if leaf[0] in roles]

def approvers(quorum, roster):
    return {m for leaf in leaves(quorum) for m in holders_of(leaf, roster)} & roster.keys()

def is_complete(quorum, approved, roster):
    def met(term):
        if type(term) is str:
            return term in approved and term in roster
        if type(term) is dict:
            return is_complete(term, approved, roster)
        return len([m for m in holders_of(term, roster) if m in approved]) >= term[1]

    return sum(met(term) for term in quorum["of"]) >= quorum["need"]

def overlaps(quorum, roster):
    held = [m for leaf in leaves(quorum) for m in holders_of(leaf, roster)]
    return len(set(held)) < len(held)

def fewest(quorum, roster):
    """How many members complete the quorum at least; None when it is impossible."""

    def cost(term):
        if type(term) is dict:
            return fewest(term, roster)
        count = 1 if type(term) is str else term[1]
        present = [m for m in holders_of(term, roster) if m in roster]
        return count if len(present) >= count else None

    costs = sorted(c for c in map(cost, quorum["of"]) if c is not None)
    return sum(costs[: quorum["need"]]) if len(costs) >= quorum["need"] else None

# --- The chain (section 12) -----------------------------------------------------------------------

POW_LIMIT = {
    "main": 2**224 - 1,
    "testnet4": 2**224 - 1,
    "signet": 0x377AE << 216,
    "regtest": 2**255 - 1,
}
PERIOD, SETTLED = 2016, 288

def expand(bits):
    """The target of compact bits as Core's SetCompact reads them, or None."""
    size, word = bits >> 24, bits & 0x7FFFFF
    word = word >> 8 * (3 - size) if size <= 3 else word
    target = word if size <= 3 else word << 8 * (size - 3)
    return None if not word or bits & 0x800000 or target >= 2**256 else target

def compact(target):
    size = (target.bit_length() + 7) // 8
    word = target << 8 * (3 - size) if size <= 3 else target >> 8 * (size - 3)
    if word & 0x800000:
        word, size = word >> 8, size + 1
    return size << 24 | word

class Block:
    """A header in its chain, and the transactions of ours in it."""

    def __init__(self, raw, height, parent, work, times, period):
        self.hash, self.root = double_sha256(raw), raw[36:68]
        self.height, self.parent, self.work, self.times = height, parent, work, times
        self.period = period  # time and bits of the first block of the period
        self.transactions = []

def anchor_block(anchor, network):
    times, period, height = anchor["times"], anchor["period"], anchor["height"]
    time, bits = struct.unpack("<II", period[68:76])
    target = expand(bits)
    if len(times) != min(height + 1, 11) or target is None or target > POW_LIMIT[network]:
        raise Bad("header", "an anchor with the times it needs and a sound target", height)
    if height % PERIOD == 0 and time != times[-1]:
        raise Bad("header", "an anchor that begins its period at its own time", time)
    work = int.from_bytes(anchor["work"], "big")
    return Block(anchor["header"], height, None, work, times, (time, bits))

def next_block(parent, raw, network, now):
    """The block of a header on `parent`, judged at `now`, in seconds."""
    height, limit = parent.height + 1, POW_LIMIT[network]
    version, time, bits = struct.unpack("<i64xII4x", raw)
    last, first = parent.times[-1], height % PERIOD == 0
    required = parent.period[1]
    if first and network != "regtest":
        span = min(max(last - parent.period[0], 302_400), 4_838_400)
        required = compact(min(expand(required) * span // 1_209_600, limit))
    elif not first and network in ("testnet4", "regtest") and time > last + 1200:
        required = compact(limit)
    target = expand(bits)
    need(bits == required, "header", f"bits {required:08x}", f"{bits:08x}")
    median = sorted(parent.times)[len(parent.times) // 2]
    need(median < time <= now + 7200, "header", f"a time above {median}, to {now + 7200}", time)
    if network == "testnet4" and first:
        need(time >= last - 600, "header", f"a time of at least {last - 600}", time)
    least = 4
    if network == "main":
        least = 4 if height >= 388_381 else 3 if height >= 363_725 else 2
        least = least if height >= 227_931 else -(2**31)
    need(version >= least, "header", f"a version of at least {least}", version)
    number = int.from_bytes(double_sha256(raw), "little")
    need(number <= target, "header", f"a hash up to {target:064x}", f"{number:064x}")
    work = parent.work + 2**256 // (target + 1)
    need(work < 2**256, "header", "work below 2^256", work)
    period = (time, bits) if first else parent.period
    return Block(raw, height, parent.hash, work, (parent.times + [time])[-11:], period)

def branch_holds(txid, stripped, index, siblings, root):
    """Whether the siblings lead from a transaction at `index` to the Merkle root of a block."""
    if index >> len(siblings) or len(stripped) == 64:
        return False
    node = txid
    for sibling in siblings:
        if index & 1 and node == sibling:
            return False
        pair = sibling + node if index & 1 else node + sibling
        try:
            inner = Transaction(pair, bare=True)
            if len(inner.inputs) == 1 and inner.outputs:
                return False
        except Bad:
            pass
        node, index = double_sha256(pair), index >> 1
    return node == root

# --- Wallets (section 10) -------------------------------------------------------------------------

KEY_EXPRESSION = re.compile(
    r"(?:\[[0-9a-f]{8}((?:/(?:0|[1-9][0-9]{0,9})h?){0,253})\])?"
    r"([1-9A-HJ-NP-Za-km-z]{100,120})/<0;1>/\*"
)
DESCRIPTOR_FORM = re.compile(
    r"(wpkh|tr)\(([^(),]+)\)|wsh\((multi|sortedmulti)\(([1-9][0-9]?),([^()]+)\)\)"
    r"|tr\(([0-9a-f]{64}),(multi_a|sortedmulti_a)\(([1-9][0-9]?),([^()]+)\)\)"
)
# A derived script, the keys that sign for it in its script's order, the script or leaf behind it.
Derived = namedtuple("Derived", "script keys inner")

class Descriptor:
    """A descriptor in its canonical text: form, threshold and extended keys."""

    def __init__(self, text, network, offset=None):
        body, hash_sign, checksum = text.rpartition("#")
        form = DESCRIPTOR_FORM.fullmatch(body)
        if not hash_sign or checksum != descriptor_checksum(body) or not form:
            raise Bad("descriptor", "a descriptor of a known form with its checksum", short(text))
        single, key, wsh, wsh_k, wsh_keys, internal, leaf, leaf_k, leaf_keys = form.groups()
        self.internal = unspendable(offset)
        other = internal != self.internal.hex() if leaf else offset is not None
        if other:
            raise Bad("descriptor", "the internal key H, or H + rG with r", internal)
        self.text, self.form = text, single or wsh or leaf
        self.threshold = int(wsh_k or leaf_k or 1)
        expressions = (key or wsh_keys or leaf_keys).split(",")
        self.keys = [self.key(expression, network) for expression in expressions]
        if not self.threshold <= len(self.keys) <= (15 if wsh else 20):
            raise Bad("descriptor", "a threshold and keys within the limits", len(self.keys))
        self.derive = functools.lru_cache(4096)(self.derive)
        points = [one.key[1:] for one in self.keys] + [key[1:] for key in self.children(0, 0)]
        if len(set(points)) < len(points):
            raise Bad("descriptor", "each key once, also among derived keys", short(text))

    @staticmethod
    def key(expression, network):
        fits = KEY_EXPRESSION.fullmatch(expression)
        key = extended_key(fits[2]) if fits else None
        right = key and key.depth <= 253 and key.version == (XPUB if network == "main" else TPUB)
        if not right or any(int(s.rstrip("h")) >= 2**31 for s in (fits[1] or "").split("/")[1:]):
            raise Bad("descriptor", "an extended public key of the network", short(expression))
        return key

    @property
    def is_taproot(self):
        return self.form == "tr" or self.form.endswith("_a")

    def children(self, chain, index):
        children = []
        for one in self.keys:
            middle = derive_child(one.chain, one.key, chain)
            child = middle and derive_child(*middle, index)
            if not child:
                raise Bad("descriptor", "keys that can be derived", f"none at {chain}/{index}")
            children.append(child[1])
        return children

    def derive(self, chain, index):
        keys = self.children(chain, index)
        if self.is_taproot:
            keys = [key[1:] for key in keys]
        if self.form == "wpkh":
            return Derived(b"\0\x14" + hash160(keys[0]), keys, b"")
        if self.form == "tr":
            return Derived(b"\x51\x20" + taproot_output(keys[0], b"")[0], keys, b"")
        ordered = sorted(keys) if self.form.startswith("sorted") else keys
        if self.is_taproot:
            leaf = multi_a_script(self.threshold, ordered)
            output, _ = taproot_output(self.internal, tap_leaf_hash(leaf))
            return Derived(b"\x51\x20" + output, ordered, leaf)
        script = multisig_script(self.threshold, ordered)
        return Derived(b"\0\x20" + sha256(script), ordered, script)

    def input_weight(self):
        k, n = self.threshold, len(self.keys)
        if self.form in ("wpkh", "tr"):
            return 165 + (107 if self.form == "wpkh" else 65)
        if not self.is_taproot:
            script = 3 + 34 * n
            return 165 + 1 + 73 * k + len(varint(script)) + script
        script = 34 * n + (2 if k <= 16 else 3)
        return 165 + 65 * k + n - k + len(varint(script)) + script + 34

    def signing(self, transaction, index, spent, derived, key):
        """What a signature of an input by `key` is verified with: BIP-340?, public key, digest."""
        if not self.is_taproot:
            code = derived.inner or b"\x76\xa9\x14" + hash160(key) + b"\x88\xac"
            return False, key, transaction.digest_v0(index, code, spent[index][0])
        if not derived.inner:
            return True, derived.script[2:], transaction.digest_v1(index, spent)
        return True, key, transaction.digest_v1(index, spent, tap_leaf_hash(derived.inner))

    def witness(self, derived, signatures):
        """The witness of an input from its signatures by key."""
        if self.form == "wpkh":
            return [signatures[derived.keys[0]], derived.keys[0]]
        if self.form == "tr":
            return [signatures[derived.keys[0]]]
        if not self.is_taproot:
            return [b"", *(signatures[k] for k in derived.keys if k in signatures), derived.inner]
        odd = taproot_output(self.internal, tap_leaf_hash(derived.inner))[1]
        items = [signatures.get(key, b"") for key in reversed(derived.keys)]
        return [*items, derived.inner, bytes([0xC0 | odd]) + self.internal]

class Wallet(Descriptor):
    """A wallet in the state: its descriptor and what the ledger knows about it."""

    def __init__(self, body, network):
        super().__init__(body["descriptor"], network, body.get("offset"))
        self.name, self.holders, self.quorum = body["wallet"], body["holders"], body["quorum"]
        self.ceilings, self.depth, self.gap = body["ceilings"], body["depth"], body["gap"]
        self.shortcut, self.retired = body["shortcut"], False
        self.waiting, self.next, self.watched = set(self.holders), [0, 0], [0, 0]

# --- The state and its decisions (sections 2 to 12) -----------------------------------------------

DAYS_30, MINUTES_10, HOUR, DAY = 2_592_000_000, 600_000, 3_600_000, 86_400_000
AWAITING, ACTIVE, SUSPENDED, RETIRED = "awaiting", "active", "suspended", "retired"
OF_WALLET = ("transfer", "retire-wallet", "replace-policy")

class Key:
    def __init__(self, member):
        self.member, self.status, self.next, self.seen = member, AWAITING, 0, 0

class Member:
    def __init__(self, name, enrolment):
        self.name, self.key, self.roles = name, enrolment["key"], frozenset(enrolment["roles"])
        self.status, self.hour, self.events, self.day, self.bytes = AWAITING, 0, 0, 0, 0

class Coin:
    def __init__(self, output, place, coinbase):
        self.amount, self.script, self.place, self.coinbase = *output, place, coinbase
        self.height = self.spent = None  # the block it is in; (txid, height) of what spends it

class Request:
    def __init__(self, event, position, author):
        self.id, self.position, self.author = event.id, position, author
        self.intent, self.expires = event.body["request"], event.body["expires"]
        self.kind, self.wallet = self.intent["kind"], self.intent.get("wallet")
        self.approvals, self.authorised, self.ending, self.chain_shows = set(), None, None, None
        self.signatures, self.released, self.broadcast = {}, False, None
        self.group = self.id  # of a chain of replacements: the id of its first
        self.transaction, self.outpoints, self.spent, self.derived = None, [], [], []

    @property
    def is_open(self):
        return self.ending is None and self.chain_shows is None

    @property
    def is_changeable(self):
        confirmed = self.chain_shows and self.chain_shows[0] == "confirmed"
        return self.ending is None and self.broadcast is None and not confirmed

    @property
    def subject(self):
        return self.intent["member"] if self.kind in ("suspend-member", "rotate-key") else None

def reservations(request):
    return [(i.txid, i.index) for i in request.transaction.inputs]

def has_address(script):
    return is_witness_program(script) or (
        len(script) == 25 and script[:3] == b"\x76\xa9\x14" and script[23:] == b"\x88\xac"
        or len(script) == 23 and script[:2] == b"\xa9\x14" and script[22:] == b"\x87"
    )

def is_witness_program(script):
    right = 4 <= len(script) <= 42 and (script[0] == 0 or 0x51 <= script[0] <= 0x60)
    return right and script[1] == len(script) - 2

class State:
    """What follows from the entries so far. A type's method checks all, and only then changes."""

    def __init__(self, blob, tree, initiated_before, entry_at):
        self.blob, self.tree, self.entry_at = blob, tree, entry_at
        self.archive = initiated_before  # of every `initiated` that decodes: id -> position
        self.size = self.recorded = 0
        self.complete = False
        self.members, self.keys, self.wallets, self.requests = {}, {}, {}, {}
        self.coins, self.scripts, self.holders = {}, {}, {}
        self.blocks, self.active, self.lowest = {}, {}, 0
        self.checks, self.incidents, self.roster_cache = [], [], None
        self.next_expiry = MAX_INTEGER  # no living request that may expire does so before

    # The founding (section 3).

    def found(self, event, recorded):
        body = event.body
        need(event.type == "founded", "founding", "a founding event", event.type)
        need(body["rules"] == 1, "unknown-rules", "rules 1", body["rules"])
        need(event.seq == 0 and event.seen == [0, EMPTY_ROOT], "founding", "seq 0, nothing seen")
        self.check_time(event, recorded)
        anchor = anchor_block(body["anchor"], body["network"])
        for enrolment in body["members"]:
            key, name = enrolment["key"], enrolment["name"]
            need(point_of(key), "founding", "a point of the curve", key.hex())
            need(name not in self.members, "name-taken", "names that differ", name)
            need(key not in self.keys, "key-taken", "keys that differ", key.hex())
            self.members[name], self.keys[key] = Member(name, enrolment), Key(name)
        need(event.key in self.keys, "founding", "a founding member as author", event.key.hex())
        everyone = {m.name: m.roles for m in self.members.values()}
        self.check_quorum(body["policy"], everyone, everyone)
        self.network, self.limits, self.policy = body["network"], body["limits"], body["policy"]
        self.ledger, self.name, self.log = event.id, body["name"], body["log"]
        self.keys[event.key].next = 1
        self.size, self.recorded = 1, recorded
        self.blocks[anchor.hash] = self.tip = anchor
        self.active, self.lowest = {anchor.height: anchor}, anchor.height

    @staticmethod
    def check_time(event, now):
        need(event.time + DAYS_30 >= now, "too-old", "a time of the last 30 days", event.time)
        latest = now + MINUTES_10
        need(event.time <= latest, "from-the-future", f"at most {latest}", event.time)

    def check_quorum(self, quorum, roster, prospects):
        named = [leaf for leaf in leaves(quorum) if type(leaf) is str]
        unknown = [name for name in named if name not in self.members]
        need(not unknown, "unknown-member", "members that exist", unknown)
        need(not overlaps(quorum, prospects), "quorum-overlap", "nobody in two leaves", quorum)
        need(is_complete(quorum, roster, roster), "quorum-unreachable", "enough members", quorum)

    # What every event obeys (section 4).

    @property
    def roster(self):
        if self.roster_cache is None:
            active = [m for m in self.members.values() if m.status == ACTIVE]
            self.roster_cache = {m.name: m.roles for m in active}
        return self.roster_cache

    def prospects(self):
        return {m.name: m.roles for m in self.members.values() if m.status != SUSPENDED}

    def advance(self, recorded):
        """Lets time pass up to an entry (section 8)."""
        if recorded >= self.next_expiry:
            for request in [r for r in self.requests.values() if r.expires <= recorded]:
                if request.is_changeable and request.chain_shows is None:
                    self.end(request, "expired")
            waiting = [r for r in self.requests.values() if not r.ending and r.broadcast is None]
            self.next_expiry = min((r.expires for r in waiting), default=MAX_INTEGER)
        self.recorded = recorded

    def skip(self, event):
        self.size += 1
        key = self.keys.get(event.key) if event else None
        if key and event.seq == key.next:
            key.next += 1

    def admit(self, event):
        """Judges and applies an event; raises the rule that refuses it."""
        position, now, seen, key = self.size, self.recorded, event.seen[0], self.keys.get(event.key)
        need(key, "unknown-key", "a member's key", event.key.hex())
        need(event.seq >= key.next, "equivocation", f"seq {key.next}", event.seq)
        need(event.seq == key.next, "sequence", f"seq {key.next}", event.seq)
        self.check_time(event, now)
        need(seen <= position, "seen-beyond-entry", f"at most {position}", seen)
        need(seen >= key.seen, "seen-shrank", f"at least {key.seen}", seen)
        need(position - seen <= SEEN_WINDOW, "seen-too-far-behind", position - SEEN_WINDOW, seen)
        root = self.tree.root(seen)
        need(root == event.seen[1], "seen-foreign", f"{root.hex()} at {seen}", event.seen[1].hex())
        who = self.members[key.member]
        events = who.events if who.hour == now // HOUR else 0
        stored = who.bytes if who.day == now // DAY else 0
        need(events < self.limits["hourly"], "hourly-limit", f"{self.limits['hourly']}", events + 1)
        evidence, size = self.blobs(event)
        for one in evidence:
            found = self.blob(one[1], one[0])
            need(found is not None, "blob-missing", f"{one[0]} bytes {one[1].hex()}", "not there")
        most = self.limits["dailyblobs"]
        need(not size or stored + size <= most, "blob-limit", f"{most} bytes a day", stored + size)
        self.event, self.position, self.seen, self.who = event, position, seen, who
        self.checks, self.incidents = [(False, event.key, event.id, event.signature)], []
        if event.type == "accepted" and "member" in event.body:
            self.accept_membership(event.body["member"], key)
        else:
            need(key.status != RETIRED, "key-retired", "a key in force", event.key.hex())
            need(key.status == ACTIVE, "key-not-accepted", "an accepted key", event.key.hex())
            need(who.status == ACTIVE, "member-suspended", "an active member", who.name)
            complete = self.complete and event.type != "founded"
            need(complete, "founding", "a complete founding", event.type)
            getattr(self, event.type)(event.body)
        self.size += 1
        key.next, key.seen = key.next + 1, seen
        who.hour, who.events = now // HOUR, events + 1
        who.day, who.bytes = now // DAY, stored + size

    @staticmethod
    def blobs(event):
        """The blobs of evidence, and the bytes of all blobs that the event names."""
        body, values = event.body, []
        if event.type == "attached":
            return [], body["document"][0]
        if event.type == "initiated" and body["request"]["kind"] == "transfer":
            request = body["request"]
            values = [request["transaction"], *(coin[2] for coin in request["coins"])]
        elif event.type == "broadcast":
            values = [body["transaction"]]
        elif event.type == "observed":
            values = [one[3] for one in body["transactions"]]
        evidence = [value for value in values if type(value) is list]
        return evidence, sum(value[0] for value in evidence)

    def bytes_of(self, value):
        return self.blob(value[1], value[0]) if type(value) is list else value

    def covers(self, position):
        need(self.seen > position, "seen-does-not-cover", f"more than {position} seen", self.seen)

    def living(self, request_id, ended="request-ended"):
        """The living request, covered by `seen`."""
        request = self.requests.get(request_id)
        if request is None:
            rule = ended if request_id in self.archive else "unknown-request"
            raise Bad(rule, "a living request", request_id.hex())
        self.covers(request.position)
        return request

    def wallet(self, name, ready=False):
        need(name in self.wallets, "unknown-wallet", "a wallet that exists", name)
        wallet = self.wallets[name]
        need(not ready or not wallet.waiting, "wallet-not-ready", "all holders to accept", name)
        return wallet

    # Members and wallets.

    def accept_membership(self, name, key):
        right = key.member == name and key.status == AWAITING
        need(right, "acceptance", "the awaiting key of the member", name)
        need(self.who.status != SUSPENDED, "member-suspended", "no suspended member", name)
        key.status = self.who.status = ACTIVE
        self.roster_cache = None
        if not any(m.status == AWAITING for m in self.members.values()):
            self.complete = True

    def accepted(self, body):
        wallet = self.wallet(body["wallet"])
        right = self.who.name in wallet.waiting and body["descriptor"] == wallet.text
        need(right, "acceptance", "a holder, once, with the whole descriptor", self.who.name)
        wallet.waiting.discard(self.who.name)

    def issued(self, body):
        wallet, index = self.wallet(body["wallet"], ready=True), body["index"]
        need(not wallet.retired, "wallet-retired", "a wallet in use", wallet.name)
        need(self.may_serve(wallet), "role", "a holder or operator", self.who.name)
        right = index == wallet.next[0] and index < 1_000_000
        need(right, "address-index", wallet.next[0], index)
        self.use(wallet, 0, index)

    def may_serve(self, wallet):
        return self.who.name in wallet.holders or "operator" in self.who.roles

    def use(self, wallet, chain, index):
        if index >= wallet.next[chain]:
            wallet.next[chain] = index + 1
            self.watch(wallet, chain, index + 1 + wallet.gap)

    def watch(self, wallet, chain, count):
        for index in range(wallet.watched[chain], count):
            self.scripts[wallet.derive(chain, index).script] = wallet, chain, index
        wallet.watched[chain] = max(count, wallet.watched[chain])

    def watched_digest(self):
        wallets = [w for _, w in sorted(self.wallets.items())]
        data = cbor_head(4, len(wallets))
        for w in wallets:
            text = w.text.encode()
            data += b"\x83" + cbor_head(3, len(text)) + text
            data += cbor_head(0, w.watched[0]) + cbor_head(0, w.watched[1])
        return sha256(data)

    def attested(self, body):
        need("auditor" in self.who.roles, "role", "an auditor", self.who.name)
        need(body["head"] == self.event.seen, "attestation", "the head seen", body["head"][0])

    def attached(self, body):
        if "request" in body:
            self.covers(self.position_of(body["request"]))

    def position_of(self, request_id):
        """Where a living or archived request was initiated."""
        if request_id in self.requests:
            return self.requests[request_id].position
        need(request_id in self.archive, "unknown-request", "a request", request_id.hex())
        return self.archive[request_id]

    # Requests (section 7).

    def rule(self, request):
        if request.kind == "cancel":
            target = self.requests.get(request.intent["request"])
            return self.rule(target) if target else None
        return self.wallets[request.wallet].quorum if self.by_wallet(request) else self.policy

    @staticmethod
    def by_wallet(request):
        return request.wallet is not None and request.kind in OF_WALLET

    def is_approver(self, request):
        rule = self.rule(request)
        need(rule, "request-ended", "a target that lives", request.intent.get("request"))
        return self.who.name in approvers(rule, self.roster)

    def initiated(self, body):
        now, expires = self.recorded, body["expires"]
        need(now < expires <= now + DAYS_30, "expiry", f"above {now}, by at most 30 days", expires)
        request = Request(self.event, self.position, self.who.name)
        self.check_intent(request)
        intent = request.intent
        if request.kind == "cancel" or "replaces" in intent:
            self.covers(self.requests[intent.get("replaces") or intent["request"]].position)
        of_wallet = request.kind in ("transfer", "retire-wallet")
        holder = of_wallet and self.who.name in self.wallets[request.wallet].holders
        right = holder or "operator" in self.who.roles or self.is_approver(request)
        need(right, "role", "an approver, a holder or an operator", self.who.name)
        if request.kind == "transfer":
            others = [r for r in self.requests.values() if r.kind == "transfer" and r.is_open]
            count = sum(r.author == self.who.name for r in others)
            most = self.limits["transfers"]
            need(count < most, "open-transfers", f"at most {most} open transfers", count + 1)
            for outpoint in request.outpoints:
                self.holders.setdefault(outpoint, {})[request.id] = request
            if intent["change"]:
                self.use(self.wallets[request.wallet], 1, intent["change"][1])
        self.requests[request.id] = request
        self.next_expiry = min(self.next_expiry, expires)

    def undecided(self, body):
        request = self.living(body["request"])
        need(request.is_open, "request-ended", "an open request", request.ending or "settled")
        need(request.authorised is None, "quorum-complete", "no quorum yet", request.authorised)
        return request

    def approved(self, body):
        request, name = self.undecided(body), self.who.name
        need(name not in request.approvals, "already-approved", "one approval each", name)
        need(name != request.subject, "subject", "somebody else than its subject", name)
        need(self.is_approver(request), "not-approver", "an approver of the rule", name)
        request.approvals.add(name)
        roster = {m: roles for m, roles in self.roster.items() if m != request.subject}
        if not is_complete(self.rule(request), request.approvals, roster):
            return
        request.authorised = self.position
        if request.kind == "transfer":
            for other in self.group(request):
                if other.position < request.position and other.is_changeable:
                    self.end(other, "superseded")
            return
        try:
            self.check_intent(request)
        except Bad:
            return self.end(request, "voided")
        self.take_effect(request)
        self.end(request, "executed")

    def aborted(self, body):
        request, name = self.undecided(body), self.who.name
        need(name != request.subject, "subject", "somebody else than its subject", name)
        right = name == request.author or self.is_approver(request)
        need(right, "not-approver", "the initiator or an approver of the rule", name)
        self.end(request, "aborted")

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

    def group(self, request):
        """The other living transfers of its chain of replacements."""
        every = list(self.requests.values())
        return [r for r in every if r.group == request.group and r is not request]

    def quorums(self):
        return [self.policy, *(w.quorum for w in self.wallets.values() if not w.retired)]

    def check_intent(self, request):
        """Whether the intent of a request holds here (7.4)."""
        intent, kind = request.intent, request.kind
        if kind == "transfer":
            self.check_transfer(request)
        elif kind == "create-wallet":
            self.check_wallet(intent)
        elif kind == "retire-wallet":
            need(not self.wallet(intent["wallet"]).retired, "wallet-retired", "a wallet in use")
        elif kind == "enrol-member":
            member = intent["member"]
            need(member["name"] not in self.members, "name-taken", "a new name", member["name"])
            self.check_new_key(member["key"])
            prospects = {**self.prospects(), member["name"]: frozenset(member["roles"])}
            overlap = any(overlaps(quorum, prospects) for quorum in self.quorums())
            need(not overlap, "quorum-overlap", "nobody in two leaves", member["name"])
        elif kind in ("suspend-member", "rotate-key"):
            name = intent["member"]
            need(name in self.members, "unknown-member", "a member", name)
            status = self.members[name].status
            need(status != SUSPENDED, "member-suspended", "no suspended one", name)
            if kind == "rotate-key":
                self.check_new_key(intent["to"])
            roster = {m: roles for m, roles in self.roster.items() if m != name}
            concerned = self.quorums() if kind == "suspend-member" else [self.policy]
            reachable = all(is_complete(quorum, roster, roster) for quorum in concerned)
            need(reachable, "quorum-unreachable", "quorums that the others can meet", name)
        elif kind == "replace-policy":
            self.check_quorum(intent["quorum"], self.roster, self.prospects())
            if "wallet" in intent:
                wallet = self.wallet(intent["wallet"])
                need(not wallet.retired, "wallet-retired", "a wallet in use", wallet.name)
                self.check_shortcut(wallet, wallet.holders, wallet.shortcut, intent["quorum"])
        else:
            target = self.requests.get(intent["request"])
            known = intent["request"] in self.archive
            need(target, "request-ended" if known else "unknown-request", "a living request")
            need(target.is_open, "request-ended", "an open request", target.ending or "settled")
            right = target.kind == "transfer" and target.authorised is not None
            right = right and target.broadcast is None
            need(right, "not-cancellable", "an authorised transfer, not broadcast", target.kind)

    def check_new_key(self, key):
        used = key in self.keys or any(key == k.key for w in self.wallets.values() for k in w.keys)
        need(point_of(key) and not used, "key-taken", "a new key on the curve", key.hex())

    def check_wallet(self, intent):
        need(intent["wallet"] not in self.wallets, "name-taken", "a new name", intent["wallet"])
        wallet = Descriptor(intent["descriptor"], self.network, intent.get("offset"))
        holders = intent["holders"]
        count = len(wallet.keys)
        need(len(holders) == count, "holders", f"{count} holders", len(holders))
        taken = {k.key for w in self.wallets.values() for k in w.keys} | self.keys.keys()
        for name, one in zip(holders, wallet.keys):
            need(name in self.members, "unknown-member", "a member", name)
            need(name in self.roster, "holders", "an active member", name)
            need(one.key not in taken, "key-taken", "a new key", one.key.hex())
        self.check_quorum(intent["quorum"], self.roster, self.prospects())
        need(intent["depth"] and intent["gap"], "descriptor", "a depth and a gap of at least 1")
        self.check_shortcut(wallet, holders, intent["shortcut"], intent["quorum"])

    def check_shortcut(self, wallet, holders, declared, quorum):
        least, keys, members = fewest(quorum, self.roster), 0, 0
        if declared or least is None:
            return
        for count in sorted((holders.count(name) for name in set(holders)), reverse=True):
            if keys < wallet.threshold:
                keys, members = keys + count, members + 1
        need(members >= least, "shortcut", f"spend paths of {least} members", members)

    def take_effect(self, request):
        """What a request that is authorised changes (7.5)."""
        intent, kind, touched = request.intent, request.kind, lambda r: False
        if kind == "create-wallet":
            wallet = self.wallets[request.wallet] = Wallet(intent, self.network)
            for chain in (0, 1):
                self.watch(wallet, chain, wallet.gap)
        elif kind == "enrol-member":
            one, name = intent["member"], intent["member"]["name"]
            self.members[name], self.keys[one["key"]] = Member(name, one), Key(name)
        elif kind in ("suspend-member", "rotate-key"):
            name = intent["member"]
            member = self.members[name]
            member.status = SUSPENDED if kind == "suspend-member" else AWAITING
            if kind == "rotate-key":
                self.keys[member.key].status, self.keys[intent["to"]] = RETIRED, Key(name)
                member.key = intent["to"]
            touched = lambda r: name == r.author or name in r.approvals or name == r.subject
        elif kind == "cancel":
            self.end(self.requests[intent["request"]], "cancelled")
        elif self.by_wallet(request):
            if kind == "retire-wallet":
                self.wallets[request.wallet].retired = True
            else:
                self.wallets[request.wallet].quorum = intent["quorum"]
            touched = lambda r: self.by_wallet(r) and r.wallet == request.wallet
        else:
            self.policy = intent["quorum"]
            touched = lambda r: r.kind not in ("transfer", "retire-wallet", "cancel") and (
                not self.by_wallet(r)
            )
        self.roster_cache = None
        self.void(request, touched)

    def void(self, cause, touched):
        ids = {r.id for r in self.requests.values() if r.is_changeable and touched(r)} - {cause.id}
        for r in list(self.requests.values()):
            hit = r.id in ids or r.kind == "cancel" and r.intent["request"] in ids
            if hit and r is not cause and r.is_changeable:
                self.end(r, "voided")

    # Transfers (section 9).

    def check_form(self, request, wallet):
        """The transaction by itself, and whose scripts its coins have; sets what it freezes."""
        intent = request.intent
        tx = request.transaction = Transaction(self.bytes_of(intent["transaction"]), bare=True)
        right = tx.version == 2 and tx.locktime == 0 and len(tx.inputs) == len(intent["coins"]) > 0
        right = right and all(i.sequence == 0xFFFFFFFD and not i.script for i in tx.inputs)
        request.outpoints = [(i.txid, i.index) for i in tx.inputs]
        right = right and len(set(request.outpoints)) == len(tx.inputs) and bool(tx.outputs)
        need(right, "transaction", "version 2, no lock time, an input for each coin, ...fd")
        request.spent = [(coin[0], coin[1]) for coin in intent["coins"]]
        for _, script in request.spent:
            place = self.scripts.get(script)
            right = place and place[0] is wallet
            need(right, "unknown-coin", "a script of the wallet", script.hex())
            request.derived.append(wallet.derive(*place[1:]))

    def check_transfer(self, request):
        intent = request.intent
        wallet, change = self.wallet(request.wallet, ready=True), intent["change"]
        right = not wallet.retired or change is None
        need(right, "wallet-retired", "no change to a retired wallet", wallet.name)
        self.check_form(request, wallet)
        tx = request.transaction
        replaced = self.requests.get(intent.get("replaces"))
        if replaced:
            request.group = replaced.group
        for outpoint, coin in zip(request.outpoints, intent["coins"]):
            self.check_coin(request, wallet, outpoint, *coin)
        for output in tx.outputs:
            script, size = output.script, len(output.script)
            need(has_address(script), "transaction", "outputs with an address", script.hex())
            spending = 26 if is_witness_program(script) else 107
            least = 3 * (8 + len(varint(size)) + size + 41 + spending)
            need(output.amount >= least, "dust", f"at least {least}", output.amount)
        if change is not None:
            number, index = change
            need(number < len(tx.outputs), "change", "an output that exists", number)
            need(index == wallet.next[1], "address-index", wallet.next[1], index)
            right = tx.outputs[number].script == wallet.derive(1, index).script
            need(right, "change", f"the script of change address {index}")
        paid, sent = sum(coin[0] for coin in intent["coins"]), sum(o.amount for o in tx.outputs)
        right = paid <= MAX_MONEY and sent <= paid and intent["fee"] == paid - sent
        need(right, "fee", "inputs less outputs", intent["fee"])
        kept = tx.outputs[change[0]].amount if change else 0
        self.check_ceilings(intent["fee"], tx, wallet, sent - kept)
        if "replaces" in intent:
            self.check_replacement(request, replaced)

    def check_coin(self, request, wallet, outpoint, amount, script, previous):
        coin, name = self.coins.get(outpoint), f"{outpoint[0][::-1].hex()}:{outpoint[1]}"
        need(coin and coin.place[0] is wallet, "unknown-coin", "a coin of the wallet", name)
        need((coin.amount, coin.script) == (amount, script), "coin-mismatch", coin.amount, amount)
        need(coin.spent is None, "coin-spent", "a coin that is not spent", name)
        depth = 0 if coin.height is None else self.tip.height - coin.height + 1
        least = max(wallet.depth, 101 if coin.coinbase else 0)
        need(depth >= least, "coin-immature", f"{least} confirmations", depth)
        others = self.holders.get(outpoint, {}).values()
        held = any(r.chain_shows is None and r.group != request.group for r in others)
        need(not held, "coin-reserved", "a coin that no request holds", name)
        if wallet.is_taproot:
            return need(previous is None, "previous-transaction", "null for taproot")
        try:
            before = Transaction(self.bytes_of(previous)) if previous is not None else None
        except Bad:
            before = None
        right = before and before.txid == outpoint[0] and outpoint[1] < len(before.outputs)
        right = right and before.outputs[outpoint[1]] == (amount, script)
        need(right, "previous-transaction", "the transaction that made the coin", name)

    @staticmethod
    def check_ceilings(fee, tx, wallet, sent):
        most, rate, share = wallet.ceilings
        weight = 4 * len(tx.raw) + 2 + len(tx.inputs) * (wallet.input_weight() - 164) + 3
        actual = -(-fee // (weight // 4))
        right = fee <= most and actual <= rate
        need(right, "fee-ceiling", f"{most} sat, {rate} sat/vB", f"{fee} sat, {actual} sat/vB")
        free = share >= 100 or sent == 0
        need(free or -(-100 * fee // sent) <= share, "fee-ceiling", f"{share} % of {sent}", fee)

    def check_replacement(self, request, replaced):
        right = replaced and replaced.kind == "transfer" and replaced.wallet == request.wallet
        right = right and replaced.chain_shows is None
        for other in self.group(request) if right else []:
            if other.chain_shows is None and other.position > replaced.position:
                right = False
            shared = set(other.outpoints) & set(request.outpoints)
            right = right and shared and request.intent["fee"] > other.intent["fee"]
        need(right, "replacement", "a coin in common with each of its chain, and a higher fee")

    # Signing and sending (section 11).

    def signed(self, body):
        request = self.requests.get(body["request"])
        self.covers(self.position_of(body["request"]))
        lives = request is not None
        if not lives:
            request = self.archived_request(body["request"])
        need(request.kind == "transfer", "unknown-request", "a transfer", request.kind)
        if not lives:
            wallet = self.wallet(request.wallet)
            there = self.bytes_of(request.intent["transaction"]) is not None
            need(there, "blob-missing", "the transaction of the request")
            self.check_form(request, wallet)
        wallet, new, checks = self.wallets[request.wallet], {}, []
        need(body["signatures"], "signature-of-input", "at least one signature")
        for index, key, signature in body["signatures"]:
            right = index < len(request.derived) and key in request.derived[index].keys
            right = right and (index, key) not in request.signatures and (index, key) not in new
            raw = signature if wallet.is_taproot else self.version_0_signature(signature)
            right = right and raw is not None and len(raw) == 64
            found = f"input {index}, key {short(key)}"
            need(right, "signature-of-input", "a new signature of a key of the input", found)
            new[index, key] = signature
            derived = request.derived[index]
            what = wallet.signing(request.transaction, index, request.spent, derived, key)
            checks.append((*what, raw))
        due = lives and request.authorised is not None and request.ending is None
        if due:
            self.covers(request.authorised)
        else:
            self.incidents.append(("unauthorised-signature", "no signature", body["request"].hex()))
        self.checks += checks
        request.signatures.update(new)
        request.released = True

    @staticmethod
    def version_0_signature(signature):
        raw = der_signature(signature[:-1]) if signature[-1:] == b"\1" else None
        low = raw and int.from_bytes(raw[:32], "big") < ORDER
        return raw if low and int.from_bytes(raw[32:], "big") <= ORDER // 2 else None

    def archived_request(self, request_id):
        position = self.archive[request_id]
        return Request(self.entry_at(position), position, None)

    def sendable(self, body):
        request = self.living(body["request"])
        need(request.kind == "transfer", "unknown-request", "a transfer", request.kind)
        need(request.is_open, "request-ended", "an open request", request.ending or "settled")
        need(request.authorised is not None, "not-authorised", "an authorised request", "open")
        right = self.may_serve(self.wallets[request.wallet])
        need(right, "role", "a holder or an operator", self.who.name)
        return request

    def exported(self, body):
        request = self.sendable(body)
        self.covers(request.authorised)
        request.released = True

    def broadcast(self, body):
        request = self.sendable(body)
        try:
            final = Transaction(self.bytes_of(body["transaction"]))
        except Bad as error:
            raise Bad("final-transaction", error.expected, error.found) from None
        right = final.txid == request.transaction.txid
        right = right and all(self.is_witness(request, n, w) for n, w in enumerate(final.witnesses))
        need(right, "final-transaction", "the frozen one, with signatures on record", final.raw)
        request.broadcast = self.position

    def is_witness(self, request, index, items):
        wallet, derived, used = self.wallets[request.wallet], request.derived[index], {}
        for (number, key), signature in request.signatures.items():
            if number == index and signature in items:
                used[key] = signature
                raw = signature if wallet.is_taproot else self.version_0_signature(signature)
                what = wallet.signing(request.transaction, index, request.spent, derived, key)
                if not verify((*what, raw)):
                    return False
        return len(used) == wallet.threshold and items == wallet.witness(derived, used)

    def relayed(self, body):
        need("watcher" in self.who.roles, "role", "a watcher", self.who.name)
        request = self.requests.get(body["request"])
        right = request and request.kind == "transfer"
        need(right, "unknown-request", "a living transfer", body["request"].hex())
        need(request.broadcast is not None, "not-broadcast", "a broadcast", body["request"].hex())
        self.covers(request.broadcast)
        right = body["txid"] == request.transaction.txid
        need(right, "final-transaction", request.transaction.txid.hex(), body["txid"].hex())

    # The chain (section 12).

    def observed(self, body):
        need("watcher" in self.who.roles, "role", "a watcher", self.who.name)
        digest, now = self.watched_digest(), self.recorded // 1000
        need(body["scripts"] == digest, "watched-scripts", digest.hex(), body["scripts"].hex())
        headers, transactions = body["headers"], body["transactions"]
        need(headers or transactions, "header", "a header or a transaction", "neither")
        new, block = {}, None
        for at in range(0, len(headers), 80):
            raw = headers[at : at + 80]
            parent = self.blocks.get(raw[4:36]) if block is None else block
            right = parent and parent.hash == raw[4:36]
            need(right, "header", "a header on a known one", raw.hex())
            block = next_block(parent, raw, self.network, now)
            need(block.hash not in self.blocks, "header", "a new header", block.hash.hex())
            new[block.hash] = block
        made_aside = {
            outpoint for b in self.blocks.values() if self.active.get(b.height) is not b
            for one in b.transactions for outpoint in one[1]
        }
        found = []
        for block_hash, index, siblings, value in transactions:
            holder = new.get(block_hash) or self.blocks.get(block_hash)
            need(holder, "branch", "a known block", block_hash.hex())
            try:
                tx = Transaction(self.bytes_of(value))
            except Bad as error:
                raise Bad("branch", error.expected, error.found) from None
            right = branch_holds(tx.txid, tx.stripped, index, siblings, holder.root)
            need(right, "branch", "a branch to the block's root", tx.txid.hex())
            known = any(one[0].txid == tx.txid for one in holder.transactions)
            known = known or any(b is holder and one[0].txid == tx.txid for b, one in found)
            need(not known, "branch", "each transaction once", tx.txid.hex())
            makes = [(tx.txid, n) for n, o in enumerate(tx.outputs) if o.script in self.scripts]
            inputs = [(i.txid, i.index) for i in tx.inputs]
            spends = [o for o in inputs if o in self.coins or o in made_aside]
            need(makes or spends, "branch", "a transaction of ours", tx.txid.hex())
            made_aside.update(makes)
            found.append((holder, (tx, makes, spends)))
        self.blocks.update(new)
        for holder, one in found:
            holder.transactions.append(one)
            if self.active.get(holder.height) is holder:
                self.connect(one, holder.height)
        if block and block.work > self.tip.work:
            self.activate(block)
        self.settle()

    def activate(self, block):
        """Makes the branch of `block` the active one."""
        path = []
        while self.active.get(block.height) is not block:
            path.append(block)
            block = self.blocks[block.parent]
        while self.tip is not block:
            for one in reversed(self.tip.transactions):
                self.disconnect(one)
            del self.active[self.tip.height]
            self.tip = self.blocks[self.tip.parent]
        for block in reversed(path):
            self.active[block.height] = self.tip = block
            for one in block.transactions:
                self.connect(one, block.height)

    def connect(self, one, height):
        tx, makes, spends = one
        coins = [o for o in spends if o in self.coins]
        for outpoint in coins:
            self.coins[outpoint].spent = tx.txid, height
        concerned = self.derive_again(coins)
        explained = any(
            r.transaction.txid == tx.txid and r.authorised is not None and r.ending is None
            for r in concerned
        )
        if coins and not explained:
            found = tx.txid[::-1].hex()
            self.incidents.append(("unexplained-spend", "a request that explains it", found))
        for outpoint in makes:
            output = tx.outputs[outpoint[1]]
            place = self.scripts[output.script]
            coin = self.coins.setdefault(outpoint, Coin(output, place, tx.is_coinbase))
            coin.height = height
            self.use(*place)

    def disconnect(self, one):
        tx, makes, spends = one
        for outpoint in makes:
            if outpoint in self.coins:
                self.coins[outpoint].height = None
        mine = [o for o in spends if o in self.coins and self.coins[o].spent]
        mine = [o for o in mine if self.coins[o].spent[0] == tx.txid]
        for outpoint in mine:
            self.coins[outpoint].spent = None
        self.derive_again(mine)

    def derive_again(self, outpoints):
        """Derives what the chain shows of the transfers that spend these; returns them."""
        concerned = {r.id: r for o in outpoints for r in self.holders.get(o, {}).values()}
        for request in concerned.values():
            coins = [self.coins[o] for o in request.outpoints if o in self.coins]
            spent = [coin.spent for coin in coins if coin.spent]
            own = [height for txid, height in spent if txid == request.transaction.txid]
            request.chain_shows = ("confirmed", own[0]) if own else (
                ("conflict", min(height for _, height in spent)) if spent else None
            )
        return list(concerned.values())

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
            for one in block.transactions:
                for outpoint in one[2]:
                    self.coins.pop(outpoint, None)
            self.lowest += 1
        if len(self.blocks) == len(self.active):
            return
        for block in sorted(self.blocks.values(), key=lambda b: b.height):
            if self.active.get(block.height) is block or block.parent in self.blocks:
                continue
            del self.blocks[block.hash]
            for outpoint in [o for one in block.transactions for o in one[1]]:
                coin = self.coins.get(outpoint)
                if coin and coin.height is None and not self.holders.get(outpoint):
                    del self.coins[outpoint]

def verify(check):
    """One signature: (BIP-340?, key, digest, signature)."""
    is_schnorr, key, digest, signature = check
    return (schnorr_verify if is_schnorr else ecdsa_verify)(key, digest, signature)

# --- The export (export.md) -----------------------------------------------------------------------

NUMBER = r"(?:x[0-9]{3}/)*[0-9]{3}(?:\.p/[1-9][0-9]{0,2})?"
LAYOUT = re.compile(
    r"README\.txt|blobs/([0-9a-f]{2})/\1[0-9a-f]{62}|checkpoints?|schemas/[ -~]+|tlog-policy"
    rf"|tile/(?:[0-9]|[1-5][0-9]|6[0-3]|entries)/{NUMBER}|verify/SHA256SUMS(?:\.note)?"
    r"|consistency|since"
)
MAX_FILE, MAX_PATH, MAX_ENTRIES = 16_777_216, 100, 256_000_000

def tile_path(level, number, width=256):
    name = f"{number % 1000:03d}"
    while number >= 1000:
        number //= 1000
        name = f"x{number % 1000:03d}/{name}"
    return f"tile/{level}/{name}" + (f".p/{width}" if width < 256 else "")

class Export:
    """A folder or a tar: its files by path, each as the place and the size of its bytes."""

    def __init__(self, path, report):
        self.report, self.files, self.foreign, self.tar = report, {}, set(), None
        if os.path.isdir(path):
            self.list_folder(path)
        else:
            try:
                self.tar = open(path, "rb")
            except OSError as error:
                raise NotCheckable(f"{path} is no export: {error.strerror}") from None
            self.list_tar()
        for name in sorted(self.files):
            if len(name) > MAX_PATH or not LAYOUT.fullmatch(name) or ".." in name.split("/"):
                self.foreign.add(name)
                report("layout", None, "a path of export.md", name)
        if "since" in self.files or "consistency" in self.files:
            raise NotCheckable("this is a delta: apply it to a replica and export that")

    def close(self):
        if self.tar:
            self.tar.close()

    def list_folder(self, folder):
        for parent, folders, names in os.walk(folder, onerror=self.fail):
            for name in [*names, *(f for f in folders if os.path.islink(os.path.join(parent, f)))]:
                place = os.path.join(parent, name)
                found = os.lstat(place)
                if stat.S_ISREG(found.st_mode):
                    self.files[os.path.relpath(place, folder)] = place, found.st_size
                else:
                    self.report("layout", None, "files alone", os.path.relpath(place, folder))

    def fail(self, error):
        raise NotCheckable(f"{error.filename}: {error.strerror}")

    def list_tar(self):
        at, end, last = 0, os.fstat(self.tar.fileno()).st_size, ""
        while True:
            header = self.block(at, 512)
            if header == bytes(512):
                break
            if len(header) < 512 or header[257:265] != b"ustar\x0000":
                raise NotCheckable(f"no uncompressed ustar at byte {at}: try `zstd -d` first")
            if not re.fullmatch(rb"[0-7]{11}\0", header[124:136]):
                raise NotCheckable(f"no octal size in the tar header at byte {at}")
            size = int(header[124:135], 8)
            name = header[:100].rstrip(b"\0").decode("ascii", "backslashreplace")
            if header != tar_header(header[:100], size) or name <= last:
                self.report("layout", None, "a file as export.md says, in order", name)
            if at + 512 + size > end:
                raise NotCheckable(f"the tar ends within {name}")
            if header[156:157] in (b"0", b"\0"):
                self.files[name] = at + 512, size
            padding = self.block(at + 512 + size, -size % 512)
            if padding.strip(b"\0"):
                self.report("layout", None, "zeros behind a file", name)
            at, last = at + 512 + size + len(padding), name
        if end != at + 1024 or self.block(at, 1024) != bytes(1024):
            self.report("layout", None, "two blocks of zeros and the end", f"{end - at} bytes")

    def block(self, at, size):
        self.tar.seek(at)
        return self.tar.read(size)

    def open(self, name):
        """The file's bytes in pieces of at most a mebibyte."""
        place, size = self.files[name]
        if isinstance(place, int):
            for at in range(0, size, 2**20):
                yield self.block(place + at, min(2**20, size - at))
            return
        with open(place, "rb") as file:
            while piece := file.read(2**20):
                yield piece

    def read(self, name, most=MAX_FILE):
        """The file's bytes; None, and a finding, where it is missing or too large."""
        if name not in self.files:
            return self.report("layout", None, name, "no such file")
        if self.files[name][1] > most:
            expected = f"{name} of at most {most} bytes"
            return self.report("layout", None, expected, self.files[name][1])
        return b"".join(self.open(name))

    def lines(self, name):
        """The file's lines with their ends; a line of more than a note is cut."""
        if name not in self.files:
            return self.report("layout", None, name, "no such file")
        rest = b""
        for piece in self.open(name):
            *whole, rest = (rest + piece).split(b"\n")
            yield from (line + b"\n" for line in whole)
            if len(rest) > MAX_NOTE:
                yield rest
                rest = b""
        if rest:
            yield rest

    def size(self):
        """How many entries the names of the bundles promise."""
        sizes, number = [0], 0
        while tile_path("entries", number) in self.files:
            number += 1
        sizes += [w for w in range(1, 256) if tile_path("entries", number, w) in self.files]
        return 256 * number + max(sizes)

    def blob(self, digest, size):
        """A blob by its SHA-256, or None; a blob of other bytes is as good as none."""
        name = f"blobs/{digest.hex()[:2]}/{digest.hex()}"
        if name not in self.files or self.files[name][1] != size or size > MAX_BLOB:
            return None
        data = b"".join(self.open(name))
        return data if sha256(data) == digest else None

    @functools.lru_cache(16)
    def bundle(self, number, width):
        """The entries of a bundle; none, and a finding, where it is not of its form."""
        name = tile_path("entries", number, width)
        data, entries, at, expected = self.read(name), [], 0, f"{width} entries in {name}"
        for _ in range(width if data is not None else 0):
            end = at + 2 + int.from_bytes(data[at : at + 2], "big")
            if at + 2 > len(data) or end > len(data):
                self.report("layout", None, expected, f"its end in the one at byte {at}")
                return []
            entries.append(data[at + 2 : end])
            at = end
        if data is not None and at != len(data):
            self.report("layout", None, expected, f"{len(data) - at} bytes behind")
            return []
        return entries

def tar_header(name, size):
    """The one header of a file: mode 0644, owner, group, time and device 0, and no names."""
    zero = b"0000000\0"
    before = name + b"0000644\0" + 2 * zero + f"{size:011o}\0{0:011o}\0".encode()
    after = b"0" + bytes(100) + b"ustar\x0000" + bytes(64) + 2 * zero + bytes(167)
    return before + f"{sum(before + after) + 8 * 32:06o}\0 ".encode() + after

# --- The audit ------------------------------------------------------------------------------------

Finding = namedtuple("Finding", "position rule expected found")
CHUNK = 1024
LAST_AT_POSITION = {"recorded-time": 0, "signature": 2}

def failing(checks):
    """The positions of those signatures that do not verify."""
    return [position for position, check in checks if not verify(check)]

class Audit:
    """One run: reads everything once, in order, and collects what is wrong."""

    def __init__(self, options):
        self.options, self.findings, self.counts, self.signatures = options, [], {}, 0
        self.tree, self.archive, self.ledger, self.head = Tree(), {}, b"", None
        self.origin, self.network = "unknown", None
        self.wrong = [set() for _ in range(65)]  # by tile level: wrong hashes, and those above
        self.queue, self.pool, self.running = [], None, []

    def report(self, rule, position, expected, found):
        self.findings.append(Finding(position, rule, short(expected), short(found)))

    def refuse(self, error, position=None):
        self.report(error.rule, position, error.expected, error.found)

    def run(self):
        self.export = Export(self.options.export, self.report)
        try:
            self.check()
        finally:
            self.export.close()

    def check(self):
        try:
            self.head = Checkpoint(self.export.read("checkpoint", MAX_NOTE) or b"")
        except Bad as error:
            self.refuse(error)
        self.size = self.head.size if self.head else self.export.size()
        self.state = State(self.export.blob, self.tree, self.archive, self.initiated_at)
        try:
            self.replay()
        except UnknownType as error:
            self.finish_signatures()
            self.check_manifest()
            if not self.findings:
                raise NotCheckable(f"expected {error.expected}, found {error.found}") from None
            return self.refuse(error)
        self.finish_signatures()
        self.check_upper_tiles()
        self.check_manifest()
        self.check_head()

    # Entries, in order.

    def replay(self):
        for number in range(min(self.size, MAX_ENTRIES) // 256 + 1):
            first = number * 256
            width = min(256, self.size - first)
            entries = self.export.bundle(number, width) if width else []
            hashes = [leaf_hash(entry) for entry in entries]
            for position, (entry, leaf) in enumerate(zip(entries, hashes), first):
                if position == 0:
                    self.found(entry)
                else:
                    self.judge(position, entry)
                self.tree.append(leaf)
                self.pass_checkpoints()
            if entries:
                self.check_tile(0, number, width, b"".join(hashes))
            if len(entries) < width and self.tree.size:
                self.report("missing-entry", first + len(entries), f"{self.size} entries", "fewer")
            if len(entries) < width:
                break
        if self.tree.size == 0:
            raise UnknownType("encoding", "an entry that founds a ledger", "none")

    def found(self, data):
        """The founding entry, without which nothing can be judged."""
        try:
            recorded, raw = decode_entry(data)
            event = decode_event(raw, b"")
            self.state.found(event, recorded)
        except Bad as error:
            raise UnknownType("encoding", "an entry that founds a ledger", str(error)) from None
        self.ledger, self.counts, self.network = event.id, {event.type: 1}, self.state.network
        self.check_signatures(0, [(False, event.key, event.id, event.signature)])
        self.origin = f"{self.state.name}/{event.id.hex()}"
        self.log_key = NoteKey(self.origin, ED25519, self.state.log)
        wanted = self.options.ledger_id
        if wanted and wanted.lower() != event.id.hex():
            raise NotCheckable(f"it is the ledger {event.id.hex()}, not {wanted}")
        self.witnesses = self.witness_keys()
        self.checkpoints = self.known_checkpoints()
        self.next_checkpoint = next(self.checkpoints, None)

    def judge(self, position, data):
        state, event = self.state, None
        try:
            recorded, raw = decode_entry(data)
            floor = state.recorded
            state.advance(max(recorded, floor))
            event = decode_event(raw, self.ledger)
            if recorded < floor:
                self.report("recorded-time", position, f"at least {floor}", recorded)
            self.counts[event.type] = self.counts.get(event.type, 0) + 1
            state.admit(event)
        except UnknownType:
            raise
        except Bad as error:
            self.refuse(error, position)
            state.skip(event)
        else:
            self.check_signatures(position, state.checks)
            if event.type == "attached":
                size, digest = event.body["document"]
                if self.export.blob(digest, size) is None:
                    self.report("blob", position, f"{size} bytes {digest.hex()}", "not there")
            for rule, expected, found in state.incidents:
                self.report(rule, position, expected, found)
        if event and event.type == "initiated":
            self.archive.setdefault(event.id, position)

    def initiated_at(self, position):
        """The event of an entry that was read before."""
        number, place = divmod(position, 256)
        entry = self.export.bundle(number, min(256, self.size - number * 256))[place]
        return decode_event(decode_entry(entry)[1], self.ledger)

    # Signatures, on all cores once there are many.

    def check_signatures(self, position, checks):
        self.signatures += len(checks)
        self.queue += [(position, check) for check in checks]
        if len(self.queue) >= CHUNK:
            cores = os.cpu_count() or 1
            self.pool = self.pool or ProcessPoolExecutor(cores)
            self.running.append(self.pool.submit(failing, self.queue))
            self.queue = []
            while len(self.running) > 4 * cores:
                self.collect(self.running.pop(0).result())

    def finish_signatures(self):
        self.collect(failing(self.queue))
        for one in self.running:
            self.collect(one.result())
        self.queue, self.running = [], []

    def collect(self, positions):
        for position in positions:
            self.report("signature", position, "signatures that verify", "one that does not")

    # The tree, its tiles and checkpoints.

    def check_tile(self, level, number, width, right):
        """A stored tile against the hashes that follow from the entries."""
        name = tile_path(level, number, width)
        stored = self.export.read(name)
        if stored is not None and len(stored) != 32 * width:
            stored = self.report("layout", None, f"{32 * width} bytes in {name}", len(stored))
        if stored in (None, right):
            return
        for at in range(0, len(right), 32):
            index = number * 256 + at // 32
            expected, found = right[at : at + 32], stored[at : at + 32]
            if expected != found:
                if index not in self.wrong[level]:
                    self.report("tree", None if level else index, expected.hex(), found.hex())
                self.wrong[level].add(index)

    def check_upper_tiles(self):
        size, level, expected = self.tree.size, 0, set()
        while size:
            for number in range((size + 255) // 256):
                width = min(256, size - 256 * number)
                expected.add(tile_path(level, number, width))
                if level == 0:
                    expected.add(tile_path("entries", number, width))
                else:
                    nodes = range(256 * number, 256 * number + width)
                    right = b"".join(self.tree.node(8 * level, n) for n in nodes)
                    self.check_tile(level, number, width, right)
            self.wrong[level + 1] = {n >> 8 for n in self.wrong[level]}
            size, level = size >> 8, level + 1
        if self.tree.size == self.size:
            there = {name for name in self.export.files if name.startswith("tile/")} - expected
            for name in sorted(there - self.export.foreign):
                self.export.foreign.add(name)
                self.report("layout", None, f"the tiles of {self.size} entries", name)

    def witness_keys(self):
        """Those of the export's tlog-policy: the sender's word on who cosigns."""
        try:
            policy = Policy(self.export.read("tlog-policy") or b"quorum none\n")
        except Bad as error:
            self.report("layout", None, error.expected, error.found)
            return []
        return list(policy.witnesses.values())

    def known_checkpoints(self):
        """Every signed checkpoint that is this log's, smallest first."""
        kept = []
        if self.options.since:
            try:
                kept = [Checkpoint(read_file(self.options.since, MAX_NOTE))]
            except Bad as error:
                raise NotCheckable(f"{self.options.since}: {error}") from None
        every = heapq.merge(kept, self.history(), key=lambda one: one.size)
        return (one for one in every if self.holds(one))

    def history(self):
        """The notes of the file `checkpoints`, each followed by an empty line."""
        last, note, blanks = -1, b"", 0
        for line in self.export.lines("checkpoints"):
            note += line
            blanks += line == b"\n"
            if blanks < 2 and len(note) <= MAX_NOTE:
                continue
            try:
                one = Checkpoint(note[:-1])
            except Bad as error:
                self.refuse(error)
            else:
                if one.size > last:
                    last = one.size
                    yield one
                else:
                    self.report("layout", None, f"sizes above {last} in checkpoints", one.size)
            note, blanks = b"", 0
        if note or self.head and last != self.head.size:
            expected = "checkpoints up to the newest, an empty line behind each"
            self.report("layout", None, expected, short(note) or f"the last of size {last}")

    def holds(self, one):
        """Whether a checkpoint is one of this log's key; a finding otherwise."""
        what = f"the checkpoint of size {one.size}"
        if one.origin != self.origin:
            self.report("checkpoint", None, self.origin, one.origin)
        elif one.note.verified(self.log_key) is not True:
            self.report("checkpoint", None, "a signature of the log's key", what)
        else:
            for key in self.witnesses:
                if one.note.verified(key) is False:
                    expected = f"a cosignature of {key.name} that verifies"
                    self.report("checkpoint", None, expected, what)
            return True
        return False

    def pass_checkpoints(self):
        """Compares each known checkpoint with the tree as soon as it has its size."""
        while self.next_checkpoint and self.next_checkpoint.size <= self.tree.size:
            self.compare(self.next_checkpoint)
            self.next_checkpoint = next(self.checkpoints, None)

    def compare(self, one):
        root = self.tree.root(one.size)
        if root != one.root:
            expected = f"the root {one.root.hex()} at size {one.size}"
            self.report("rollback", one.size - 1 if one.size else None, expected, root.hex())

    def check_head(self):
        while self.next_checkpoint:
            if self.next_checkpoint.size > self.size:
                expected = f"{self.next_checkpoint.size} entries, signed by a checkpoint"
                self.report("rollback", None, expected, self.size)
            self.next_checkpoint = next(self.checkpoints, None)
        if self.head and self.holds(self.head) and self.head.size <= self.tree.size:
            self.compare(self.head)
        if self.options.policy and self.head:
            try:
                policy = Policy(read_file(self.options.policy, MAX_FILE))
            except Bad as error:
                raise NotCheckable(f"{self.options.policy}: {error}") from None
            right = policy.witnessed(self.head.note, policy.quorum)
            if policy.logs and not any(self.head.note.verified(key) for key in policy.logs):
                right = False
            if not right:
                self.report("witness", None, "signatures as the policy asks", "fewer")

    # The manifest.

    def check_manifest(self):
        sums, digest, last = "verify/SHA256SUMS", hashlib.sha256(), ""
        missing = self.export.files.keys() - {sums, sums + ".note"}
        for line in self.export.lines(sums):
            digest.update(line)
            fits = re.fullmatch(rb"([0-9a-f]{64})  ([ -~]+)\n", line)
            name = fits[2].decode() if fits else ""
            if not fits or name <= last or name not in missing:
                self.report("manifest", None, f"a line for a file, sorted, behind {last}", line)
                continue
            actual = hashlib.sha256()
            for piece in self.export.open(name):
                actual.update(piece)
            if actual.hexdigest() != fits[1].decode():
                self.report("manifest", None, f"{fits[1].decode()} of {name}", actual.hexdigest())
            missing.discard(name)
            last = name
        for name in sorted(missing - self.export.foreign):
            self.report("manifest", None, f"a line for {name}", "none")
        try:
            note = Note(self.export.read(sums + ".note", MAX_NOTE) or b"", "manifest")
        except Bad as error:
            return self.refuse(error)
        right = base64.b64encode(digest.digest()).decode()
        if self.head:
            right = f"strongroom-export/v1\n{self.head.note.text}{right}"
            name = f"{self.head.origin}/export"
            if not any(one.name == name for one in note.signatures):
                self.report("manifest", None, f"a signature of {name}", note.signatures[0].name)
        if not ("\n" + note.text).endswith(f"\n{right}\n") or note.text.count("\n") != 5:
            self.report("manifest", None, "a note on this checkpoint and SHA256SUMS", note.text)
        key = note_key(self.options.export_key) if self.options.export_key else None
        if key and note.verified(key) is not True:
            self.report("manifest", None, f"a signature by {key.name} that verifies", "none")

def read_file(path, most):
    try:
        with open(path, "rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise NotCheckable(f"{path}: {error.strerror}") from None
    if len(data) > most:
        raise NotCheckable(f"{path} has more than {most} bytes")
    return data

# --- The report -----------------------------------------------------------------------------------

def in_order(finding):
    position = float("inf") if finding.position is None else finding.position
    return position, {"recorded-time": 0, "signature": 2}.get(finding.rule, 1), finding.rule

def as_json(audit, findings):
    return {
        "ledger": audit.ledger.hex(),
        "head": {"size": audit.tree.size, "root": audit.tree.root(audit.tree.size).hex()},
        "counts": {**audit.counts, "signatures": audit.signatures},
        "findings": [finding._asdict() for finding in findings],
    }

def print_report(audit, findings):
    root = audit.tree.root(audit.tree.size).hex()
    print(f"Ledger       {audit.origin}")
    print(f"Head         {audit.tree.size} entries, root {root}")
    print("Events       " + ", ".join(f"{n} {kind}" for kind, n in sorted(audit.counts.items())))
    print(f"Signatures   {audit.signatures} checked")
    if audit.network in ("signet", "regtest"):
        print(f"Note         work not proven: on {audit.network} a block costs nothing")
    if not audit.options.export_key:
        print("Not checked  the manifest's signature: give the sender's key with --export-key")
    if not audit.options.policy:
        print("Not checked  cosignatures: give the witnesses that you know with --policy")
    print("Not checked  the chain: its blocks are as the watcher's key reported them")
    for finding in findings:
        where = "the whole log" if finding.position is None else f"position {finding.position}"
        print(f"\nFINDING      {finding.rule}, {where}")
        print(f"  expected  {finding.expected}\n  found     {finding.found}")
    print(f"\n{len(findings)} findings." if findings else "\nClean: nothing was found.")

def main(arguments=None):
    parser = argparse.ArgumentParser(description="Checks a Strongroom export.")
    parser.add_argument("export", metavar="EXPORT", help="a folder, or an uncompressed tar")
    parser.add_argument("--ledger-id", metavar="HEX", help="the ledger's id, known beforehand")
    parser.add_argument("--since", metavar="CHECKPOINT", help="an older signed checkpoint")
    parser.add_argument("--policy", metavar="FILE", help="a tlog-policy: whose signatures it needs")
    parser.add_argument("--export-key", metavar="VKEY", help="the key that signs the manifest")
    parser.add_argument("--json", action="store_true", help="the result as JSON")
    options = parser.parse_args(arguments)
    for key in [options.export_key] if options.export_key else []:
        if note_key(key) is None:
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
    if options.json:
        print(json.dumps(as_json(audit, findings), indent=1, sort_keys=True))
    else:
        print_report(audit, findings)
    return 1 if findings else 0

if __name__ == "__main__":
    sys.exit(main())
