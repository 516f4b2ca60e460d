"""The block tree, the active chain and its unspent coins, as the consensus engine decides them."""

import json
import os
import struct
from dataclasses import dataclass
from typing import Optional

from .kernel import Kernel, Verdict
from .wire import MAX_BLOCK_WEIGHT, Block, Header, WireError

MAGIC = bytes.fromhex("fabfb5da")
MEDIAN_SPAN = 11


@dataclass(frozen=True)
class Coin:
    value: int
    script: bytes
    height: int
    is_coinbase: bool


@dataclass(eq=False)
class Entry:
    """A block in the tree, and where the block file has it."""

    header: Header
    height: int
    work: int
    previous: Optional["Entry"]
    offset: int
    size: int
    count: int

    @property
    def hash(self):
        return self.header.hash


@dataclass
class Change:
    """What a step did to the active chain: blocks taken off, newest first, and blocks put on."""

    disconnected: list
    connected: list


class Chainstate:
    """Keeps every accepted block in `blocks.dat` (Core's block file format) and replays it.

    The engine offers no `invalidateblock`. So an invalidation marks the block, and a fresh engine
    is fed every stored block that is not marked and has no marked ancestor, in the order of
    arrival; that is the chain Core would choose too. A reconsideration hands the blocks back.
    """

    def __init__(self, folder, log):
        self._folder = folder
        self._log = log
        self._kernel = Kernel(folder / "kernel", log)
        self._file = open(folder / "blocks.dat", "a+b")
        self._invalid_path = folder / "invalid.json"
        self.entries = {}
        self.coins = {}
        self._undo = []
        genesis = Block.parse(self._kernel.genesis)
        self._genesis = genesis
        first = Entry(genesis.header, 0, genesis.header.work, None, 0, 0, 1)
        self.entries[first.hash] = first
        self.active = [first]
        self._invalid = self._read_invalid()
        self._load()

    def close(self):
        self._kernel.close()
        self._file.close()

    # The active chain

    @property
    def tip(self):
        return self.active[-1]

    @property
    def height(self):
        return len(self.active) - 1

    def is_active(self, entry):
        return entry.height < len(self.active) and self.active[entry.height] is entry

    def median_time(self, entry):
        """The median of the last eleven block times up to `entry` (BIP-113)."""
        times = []
        while entry is not None and len(times) < MEDIAN_SPAN:
            times.append(entry.header.time)
            entry = entry.previous
        return sorted(times)[len(times) // 2]

    def raw_block(self, entry):
        if entry.height == 0:
            return self._genesis.raw
        self._file.seek(entry.offset)
        return self._file.read(entry.size)

    def block(self, entry):
        return Block.parse(self.raw_block(entry))

    @property
    def size_on_disk(self):
        return os.fstat(self._file.fileno()).st_size

    # Steps

    def process(self, raw):
        """Offers a new block; returns (Verdict, reason, Change)."""
        try:
            block = Block.parse(raw)
        except WireError as error:
            return Verdict.REFUSED, f"Block decode failed: {error}", Change([], [])
        known = self.entries.get(block.header.hash)
        if known is not None:
            marked = self._is_invalid(known)
            reason = "duplicate-invalid" if marked else "duplicate"
            return Verdict.REFUSED if marked else Verdict.KNOWN, reason, Change([], [])
        previous = self.entries.get(block.header.previous)
        if previous is None:
            return Verdict.REFUSED, "prev-blk-not-found", Change([], [])
        if self._is_invalid(previous):
            return Verdict.REFUSED, "bad-prevblk", Change([], [])
        verdict, reason = self._kernel.process(raw, block.header.hash)
        if verdict is Verdict.REFUSED:
            return verdict, reason, self._follow()
        self._append(block, raw)
        return verdict, reason, self._follow()

    def invalidate(self, entry):
        """Marks a block; the chain falls back to the best one without it."""
        if entry.height == 0:
            return Change([], [])
        self._invalid[entry.hash] = True
        self._write_invalid()
        self._kernel.close()
        self._kernel = Kernel(self._folder / "kernel", self._log)
        self._feed(self.entries.values())
        return self._follow()

    def reconsider(self, entry):
        """Takes the marks off a block, its ancestors and its descendants, as Core does."""
        line = {entry.hash}
        ancestor = entry.previous
        while ancestor is not None:
            line.add(ancestor.hash)
            ancestor = ancestor.previous
        for marked in list(self._invalid):
            if marked in line or self._descends(self.entries[marked], entry):
                del self._invalid[marked]
        self._write_invalid()
        self._feed(self.entries.values())
        return self._follow()

    def flush(self):
        """Makes every accepted block durable."""
        self._file.flush()
        os.fsync(self._file.fileno())

    # The block file

    def _append(self, block, raw):
        self._file.seek(0, os.SEEK_END)
        self._file.write(MAGIC + struct.pack("<I", len(raw)) + raw)
        self._file.flush()
        self._index(block.header, self._file.tell() - len(raw), len(raw), len(block.transactions))

    def _index(self, header, offset, size, count):
        previous = self.entries[header.previous]
        self.entries[header.hash] = Entry(
            header, previous.height + 1, previous.work + header.work, previous, offset, size, count)

    def _load(self):
        """Reads the block file; what a killed process left half-written at its end is cut off."""
        self._file.seek(0)
        data = self._file.read()
        offset = 0
        while offset + 8 <= len(data):
            size = struct.unpack_from("<I", data, offset + 4)[0]
            start, end = offset + 8, offset + 8 + size
            if data[offset:offset + 4] != MAGIC or size > MAX_BLOCK_WEIGHT or end > len(data):
                break
            try:
                block = Block.parse(data[start:end])
            except WireError:
                break
            self._index(block.header, start, size, len(block.transactions))
            offset = end
        if offset != len(data):
            self._log(f"blocks.dat ends in {len(data) - offset} unreadable bytes: cut off")
            self._file.truncate(offset)
        self._invalid = {marked: True for marked in self._invalid if marked in self.entries}
        self._feed(self.entries.values())
        self._follow()

    def _feed(self, entries):
        for entry in entries:
            if entry.height and not self._is_invalid(entry):
                self._kernel.process(self.raw_block(entry), entry.hash)

    # Marks

    def _is_invalid(self, entry):
        while self._invalid and entry is not None:
            if entry.hash in self._invalid:
                return True
            if self.is_active(entry) and not any(
                    self.is_active(self.entries[marked]) for marked in self._invalid):
                return False
            entry = entry.previous
        return False

    def _descends(self, entry, ancestor):
        while entry is not None and entry.height > ancestor.height:
            entry = entry.previous
        return entry is ancestor

    def _read_invalid(self):
        if not self._invalid_path.exists():
            return {}
        return {bytes.fromhex(text): True for text in json.loads(self._invalid_path.read_text())}

    def _write_invalid(self):
        replace_file(self._invalid_path, json.dumps([marked.hex() for marked in self._invalid]))

    # Following the engine

    def _follow(self):
        entry = self.entries[self._kernel.tip_hash]
        branch = []
        while not self.is_active(entry):
            branch.append(entry)
            entry = entry.previous
        change = Change([], [])
        while self.height > entry.height:
            change.disconnected.append(self._disconnect())
        for entry in reversed(branch):
            change.connected.append(self._connect(entry))
        return change

    def _connect(self, entry):
        block = self.block(entry)
        spent = []
        for transaction in block.transactions:
            if not transaction.is_coinbase:
                for point in (i.outpoint for i in transaction.inputs):
                    spent.append((point, self.coins.pop(point)))
            for vout, output in enumerate(transaction.outputs):
                if not is_unspendable(output.script):
                    self.coins[transaction.txid, vout] = Coin(
                        output.value, output.script, entry.height, transaction.is_coinbase)
        self._undo.append(spent)
        self.active.append(entry)
        return block

    def _disconnect(self):
        block = self.block(self.active.pop())
        for transaction in block.transactions:
            for vout in range(len(transaction.outputs)):
                self.coins.pop((transaction.txid, vout), None)
        created = {transaction.txid for transaction in block.transactions}
        for point, coin in self._undo.pop():
            if point[0] not in created:
                self.coins[point] = coin
        return block


def is_unspendable(script):
    return script[:1] == b"\x6a" or len(script) > 10_000


def replace_file(path, text):
    """Writes `text` beside `path` and moves it into place, so that a reader sees old or new."""
    temporary = path.with_name(path.name + ".new")
    with open(temporary, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
