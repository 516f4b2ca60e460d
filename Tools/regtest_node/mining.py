"""Makes blocks from the mempool, by fee, as Bitcoin Core's miner does."""

import struct
import time

from .wire import (COIN, MAX_BLOCK_WEIGHT, NULL_TXID, Header, Input, Output, Transaction,
                   compact_size, merkle_root, sha256d)

HALVING_INTERVAL = 150
RESERVED_WEIGHT = 8_000
BLOCK_VERSION = 0x20000000
BITS = 0x207FFFFF


def subsidy(height):
    halvings = height // HALVING_INTERVAL
    return 50 * COIN >> halvings if halvings < 64 else 0


def script_number(number):
    """A push of `number` as BIP-34 wants the height: small ones as opcodes."""
    if number == 0:
        return b"\x00"
    if number <= 16:
        return bytes([0x50 + number])
    data = number.to_bytes(number.bit_length() // 8 + 1, "little")
    return bytes([len(data)]) + data


def select(mempool, limit=MAX_BLOCK_WEIGHT - RESERVED_WEIGHT):
    """The waiting transactions for the next block: best fee rate first, each with its ancestors.

    Returns them with parents before children, and the sum of their fees.
    """
    chosen, weight, fees = {}, 0, 0
    remaining = dict(mempool.waiting)
    while remaining:
        best = None
        for item in remaining.values():
            package = [a for a in mempool.ancestors(item).values() if a.txid not in chosen]
            package.append(item)
            rate = sum(p.fee for p in package) / sum(p.vsize for p in package)
            if best is None or rate > best[0]:
                best = (rate, item, package)
        _, item, package = best
        added = sum(p.transaction.weight for p in package)
        if weight + added > limit:
            del remaining[item.txid]
            continue
        package.sort(key=lambda p: len(mempool.ancestors(p)))
        for member in package:
            chosen[member.txid] = member.transaction
            remaining.pop(member.txid, None)
            fees += member.fee
        weight += added
    return list(chosen.values()), fees


def assemble(chainstate, script, transactions, fees):
    """A solved block on the active tip that pays subsidy and fees to `script`."""
    tip = chainstate.tip
    height = tip.height + 1
    commitment = witness_commitment(transactions)
    # The number of known blocks sets apart two blocks of one height, time and recipient.
    tag = script_number(height) + script_number(len(chainstate.entries))
    coinbase = Transaction(
        2, (Input(NULL_TXID, 0xFFFFFFFF, tag + b"\x00", 0xFFFFFFFF),),
        (Output(subsidy(height) + fees, script), Output(0, commitment)), ((bytes(32),),), 0)
    everything = [coinbase, *transactions]
    root = merkle_root([t.txid for t in everything])
    moment = max(int(time.time()), chainstate.median_time(tip) + 1)
    header = solve(Header(BLOCK_VERSION, tip.hash, root, moment, BITS, 0))
    return header.raw + compact_size(len(everything)) + b"".join(t.raw for t in everything)


def witness_commitment(transactions):
    """The coinbase output script that commits to the witnesses (BIP-141)."""
    root = merkle_root([bytes(32)] + [t.wtxid for t in transactions])
    return b"\x6a\x24\xaa\x21\xa9\xed" + sha256d(root + bytes(32))


def solve(header):
    """Tries nonces until the header meets its target: two tries on average on regtest."""
    start, target = header.raw[:76], header.target
    for nonce in range(1 << 32):
        if int.from_bytes(sha256d(start + struct.pack("<I", nonce)), "little") <= target:
            return Header.parse(start + struct.pack("<I", nonce))
    raise RuntimeError("no nonce meets the target")
