"""Transactions and blocks as they go over the wire (Bitcoin Core's primitives/)."""

import hashlib
import struct
from dataclasses import dataclass
from functools import cached_property

COIN = 100_000_000
MAX_MONEY = 21_000_000 * COIN
MAX_BLOCK_WEIGHT = 4_000_000
NULL_TXID = bytes(32)


class WireError(ValueError):
    """The bytes are not what they should be."""


def sha256d(data):
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


def display(digest):
    """A hash as Bitcoin Core prints it: the bytes in reverse order."""
    return digest[::-1].hex()


def compact_size(number):
    if number < 0xFD:
        return bytes([number])
    if number <= 0xFFFF:
        return b"\xfd" + struct.pack("<H", number)
    if number <= 0xFFFFFFFF:
        return b"\xfe" + struct.pack("<I", number)
    return b"\xff" + struct.pack("<Q", number)


class Reader:
    def __init__(self, data, offset=0):
        self.data = data
        self.offset = offset

    def take(self, count):
        end = self.offset + count
        if end > len(self.data):
            raise WireError("the data ends too early")
        part = self.data[self.offset:end]
        self.offset = end
        return part

    def integer(self, code):
        return struct.unpack("<" + code, self.take(struct.calcsize("<" + code)))[0]

    def compact_size(self):
        first = self.take(1)[0]
        if first < 0xFD:
            return first
        code, smallest = {0xFD: ("H", 0xFD), 0xFE: ("I", 0x10000), 0xFF: ("Q", 0x100000000)}[first]
        number = self.integer(code)
        if number < smallest:
            raise WireError("non-canonical CompactSize")
        if number > 0x02000000:
            raise WireError("CompactSize is too large")
        return number

    def var_bytes(self):
        return self.take(self.compact_size())


@dataclass(frozen=True)
class Input:
    txid: bytes
    vout: int
    script: bytes
    sequence: int

    @property
    def outpoint(self):
        return (self.txid, self.vout)

    def serialize(self):
        return (self.txid + struct.pack("<I", self.vout) + compact_size(len(self.script))
                + self.script + struct.pack("<I", self.sequence))


@dataclass(frozen=True)
class Output:
    value: int
    script: bytes

    def serialize(self):
        return struct.pack("<q", self.value) + compact_size(len(self.script)) + self.script


@dataclass(frozen=True)
class Transaction:
    version: int
    inputs: tuple
    outputs: tuple
    witness: tuple
    locktime: int

    @classmethod
    def read(cls, reader):
        version = reader.integer("I")
        count, has_witness = reader.compact_size(), False
        if count == 0:
            if reader.take(1) != b"\x01":
                raise WireError("a transaction without inputs")
            count, has_witness = reader.compact_size(), True
        inputs = tuple(
            Input(reader.take(32), reader.integer("I"), reader.var_bytes(), reader.integer("I"))
            for _ in range(count))
        outputs = tuple(
            Output(reader.integer("q"), reader.var_bytes()) for _ in range(reader.compact_size()))
        witness = tuple(() for _ in inputs)
        if has_witness:
            witness = tuple(
                tuple(reader.var_bytes() for _ in range(reader.compact_size())) for _ in inputs)
            if not any(witness):
                raise WireError("superfluous witness record")
        return cls(version, inputs, outputs, witness, reader.integer("I"))

    @classmethod
    def parse(cls, data):
        reader = Reader(data)
        transaction = cls.read(reader)
        if reader.offset != len(data):
            raise WireError("bytes are left over after the transaction")
        return transaction

    def serialize(self, with_witness=True):
        with_witness = with_witness and any(self.witness)
        parts = [struct.pack("<I", self.version), b"\x00\x01" if with_witness else b"",
                 compact_size(len(self.inputs)), *(i.serialize() for i in self.inputs),
                 compact_size(len(self.outputs)), *(o.serialize() for o in self.outputs)]
        if with_witness:
            for stack in self.witness:
                parts.append(compact_size(len(stack)))
                parts.extend(compact_size(len(item)) + item for item in stack)
        parts.append(struct.pack("<I", self.locktime))
        return b"".join(parts)

    @cached_property
    def raw(self):
        return self.serialize()

    @cached_property
    def stripped(self):
        return self.serialize(with_witness=False)

    @cached_property
    def txid(self):
        return sha256d(self.stripped)

    @cached_property
    def wtxid(self):
        return sha256d(self.raw)

    @property
    def weight(self):
        return 3 * len(self.stripped) + len(self.raw)

    @property
    def vsize(self):
        return (self.weight + 3) // 4

    @property
    def is_coinbase(self):
        return (len(self.inputs) == 1 and self.inputs[0].txid == NULL_TXID
                and self.inputs[0].vout == 0xFFFFFFFF)

    @property
    def signals_replacement(self):
        """BIP-125: an input with a sequence number below 0xfffffffe."""
        return any(i.sequence < 0xFFFFFFFE for i in self.inputs)


@dataclass(frozen=True)
class Header:
    version: int
    previous: bytes
    merkle_root: bytes
    time: int
    bits: int
    nonce: int

    @classmethod
    def parse(cls, data):
        if len(data) != 80:
            raise WireError("a block header has 80 bytes")
        return cls(*struct.unpack("<i32s32sIII", data))

    @cached_property
    def raw(self):
        return struct.pack("<i32s32sIII", self.version, self.previous, self.merkle_root,
                           self.time, self.bits, self.nonce)

    @cached_property
    def hash(self):
        return sha256d(self.raw)

    @property
    def target(self):
        exponent, mantissa = self.bits >> 24, self.bits & 0x7FFFFF
        return mantissa << 8 * (exponent - 3) if exponent >= 3 else mantissa >> 8 * (3 - exponent)

    @property
    def work(self):
        return (1 << 256) // (self.target + 1)

    @property
    def difficulty(self):
        """The ratio to the easiest mainnet target, as Core's GetDifficulty computes it."""
        difficulty, shift = 0xFFFF / (self.bits & 0xFFFFFF), self.bits >> 24
        return difficulty * 256.0 ** (29 - shift)


@dataclass(frozen=True)
class Block:
    header: Header
    transactions: tuple
    raw: bytes

    @classmethod
    def parse(cls, data):
        reader = Reader(data)
        header = Header.parse(reader.take(80))
        transactions = tuple(Transaction.read(reader) for _ in range(reader.compact_size()))
        if reader.offset != len(data):
            raise WireError("bytes are left over after the block")
        return cls(header, transactions, data)

    @property
    def stripped_size(self):
        return (80 + len(compact_size(len(self.transactions)))
                + sum(len(t.stripped) for t in self.transactions))

    @property
    def weight(self):
        return 3 * self.stripped_size + len(self.raw)


def merkle_root(hashes):
    while len(hashes) > 1:
        if len(hashes) % 2:
            hashes = hashes + hashes[-1:]
        hashes = [sha256d(hashes[i] + hashes[i + 1]) for i in range(0, len(hashes), 2)]
    return hashes[0]
