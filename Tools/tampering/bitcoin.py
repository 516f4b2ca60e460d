"""As much of Bitcoin as it takes to write a transfer and to sign it wrongly."""

import hashlib
import io
from dataclasses import dataclass

from embit import bip32
from embit.networks import NETWORKS

from tampering.tree import sha256

SEQUENCE = 0xFFFFFFFD


def double(data):
    return sha256(sha256(data))


def hash160(data):
    return hashlib.new("ripemd160", sha256(data)).digest()


def compact(number):
    if number < 0xFD:
        return bytes([number])
    return b"\xfd" + number.to_bytes(2, "little")


def prefixed(data):
    return compact(len(data)) + data


def output(amount, script):
    return amount.to_bytes(8, "little") + prefixed(script)


def unsigned(outpoints, outputs):
    """Version 2, replaceable, nLockTime 0."""
    inputs = [txid + index.to_bytes(4, "little") + b"\x00" + SEQUENCE.to_bytes(4, "little")
              for txid, index in outpoints]
    return ((2).to_bytes(4, "little") + compact(len(inputs)) + b"".join(inputs)
            + compact(len(outputs)) + b"".join(output(*item) for item in outputs) + bytes(4))


@dataclass
class Transaction:
    inputs: list       # (txid, index)
    outputs: list      # (amount, script)
    txid: bytes


def read(data):
    """Inputs, outputs and id of a transaction with or without witnesses."""
    source = io.BytesIO(data)
    version = source.read(4)
    marker = source.read(2)
    has_witness = marker == b"\x00\x01"
    if not has_witness:
        source.seek(4)
    start = source.tell()

    def number():
        first = source.read(1)[0]
        return first if first < 0xFD else int.from_bytes(source.read(1 << first - 0xFC), "little")

    inputs = []
    for _ in range(number()):
        inputs.append((source.read(32), int.from_bytes(source.read(4), "little")))
        source.read(number())
        source.read(4)
    outputs = []
    for _ in range(number()):
        amount = int.from_bytes(source.read(8), "little")
        outputs.append((amount, source.read(number())))
    middle = data[start:source.tell()]
    return Transaction(inputs, outputs, double(version + middle + data[-4:]))


def wallet_key(seed, chain, index):
    """A derived key of a wallet of the tests, whose roots follow from its name and number."""
    root = bip32.HDKey.from_seed(sha256(seed.encode()), version=NETWORKS["regtest"]["xprv"])
    return root.derive(f"m/48h/1h/0h/2h/{chain}/{index}")


def multisig(threshold, keys):
    return (bytes([0x50 + threshold]) + b"".join(b"\x21" + key for key in sorted(keys))
            + bytes([0x50 + len(keys), 0xAE]))


def digest_v0(transaction, index, amount, code, kind=1):
    """BIP-143, for SIGHASH_ALL and SIGHASH_NONE."""
    data = read(transaction)
    points = [txid + number.to_bytes(4, "little") for txid, number in data.inputs]
    sequences = SEQUENCE.to_bytes(4, "little") * len(points)
    outputs = b"".join(output(*item) for item in data.outputs)
    return double(
        (2).to_bytes(4, "little") + double(b"".join(points))
        + (double(sequences) if kind == 1 else bytes(32)) + points[index] + prefixed(code)
        + amount.to_bytes(8, "little") + SEQUENCE.to_bytes(4, "little")
        + (double(outputs) if kind == 1 else bytes(32)) + bytes(4) + kind.to_bytes(4, "little"))


def der(r, s):
    def integer(number):
        data = number.to_bytes(number.bit_length() // 8 + 1, "big")
        return b"\x02" + bytes([len(data)]) + data
    both = integer(r) + integer(s)
    return b"\x30" + bytes([len(both)]) + both


def header(previous, root, time, bits, mined=True, version=0x20000000):
    """A block header whose hash has the work that `bits` asks for, or has not."""
    target = (bits & 0x7FFFFF) << 8 * ((bits >> 24) - 3)
    nonce = 0
    while True:
        data = (version.to_bytes(4, "little") + previous + root + time.to_bytes(4, "little")
                + bits.to_bytes(4, "little") + nonce.to_bytes(4, "little"))
        if (int.from_bytes(double(data), "little") <= target) == mined:
            return data
        nonce += 1
