"""Real headers under every network's rules: both verifiers judge the same chains of headers.

A header does not say how high it stands, nor on which network, nor what came before its parent:
that says the founding event's anchor. So a few real headers, whose work nobody here could do, are
judged under whatever retargeting, versions and times the anchor makes of them.
"""

import struct
from dataclasses import dataclass, replace

from tampering.events import Key, cbor, entry, envelope, event_id
from tampering.export import Export
from tampering.notes import Signer
from tampering.tree import leaf, root, sha256

# The main chain at 822,528, which begins a period; at 824,543, which ends it; and the next three.
BEGIN, LAST, *NEXT = map(bytes.fromhex, (
    "00e0ff3f82f7aacf60fac3873b0beade61d0701639090ae5f47800000000000000000000"
    "acbc1b3381c671b2b7753bb2252d3ebd6900486ec8153ceb10e954a86e3f9e1468788665b3e80317f5171649",
    "0040642e90437de99a620f56604f8ea245ea0bf6544468e9171602000000000000000000"
    "b70e850e3435f55c44c6e7a2ebbdf49a125281a703f616d04c68260baee54cec82a09865b3e8031737acde62",
    "00e0542fc94eab887e6c0d7dcc8c77ac897d99f8989798165b5901000000000000000000"
    "1aa535e9a4bf7dcc317f1465c67ab9d732a4115d043268897fc2b1b9544cb6dfbca1986569d8031701c64ac1",
    "00004020feb1f9d87dcfaf55b99498a5c9a6e5156e9c28d0f8b701000000000000000000"
    "ff4397fadcc71ba9e97358b16ba06b57f7ed3271c333ddbbdb8e023c7259bd1a5ba2986569d8031762412d70",
    "0000ff3ff7783ccd2e503cb4078cee5d974817d129793da0911f03000000000000000000"
    "d6fc601211cabdabba735f109e8135309e8f8bafc74c02ba821d758f548ef74747ac986569d803176e10266f",
))
TIMES = (1704495716, 1704495750, 1704495918, 1704498648, 1704498694, 1704499715, 1704500196,
         1704500477, 1704500628, 1704500755, 1704501378)  # of 824,533 to 824,543
# The main chain's first two blocks, of version 1 and of the easiest target.
GENESIS, FIRST = map(bytes.fromhex, (
    "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac7"
    "2c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c",
    "010000006fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000982051fd1e4ba744bbbe"
    "680e1fee14677ba1a3c3540bf7b1cdb606e857233e0e61bc6649ffff001d01e36299",
))
WEEK = 7 * 86_400
LOG_SEED = sha256(b"the log's seed of header cases")


def with_start(header, time=None, bits=None):
    """A header with another time or bits: a period's first one is trusted for them alone."""
    old_time, old_bits = struct.unpack("<II", header[68:76])
    return header[:68] + struct.pack("<II", time or old_time, bits or old_bits) + header[76:]


def time_of(header):
    return struct.unpack("<I", header[68:72])[0]


@dataclass
class Chain:
    """An anchor, the headers that a watcher saw on it, and when; and what must be said of it."""

    network: str = "main"
    anchor: bytes = LAST
    height: int = 824_543
    times: tuple = TIMES
    period: bytes = BEGIN
    seen: tuple = tuple(NEXT)
    late: int = 60  # seconds from the last header's time to its being recorded
    holds: object = True  # False: a finding `header`; None: not checkable

    def export(self):
        """A ledger whose only member accepts, and tells of the headers."""
        recorded = (time_of(self.seen[-1]) + self.late) * 1000
        key, entries, ledger = Key.of("watcher"), [], b""
        bodies = (("founded", {
            "log": Signer("headers", LOG_SEED).public, "name": "headers",
            "nonce": sha256(b"nonce"), "rules": 1,
            "anchor": {"work": bytes(32), "times": list(self.times), "header": self.anchor,
                       "height": self.height, "period": self.period},
            "limits": {"hourly": 100, "transfers": 1, "dailyblobs": 0},
            "policy": {"of": ["watcher"], "need": 1}, "network": self.network,
            "members": [{"key": key.id, "name": "watcher", "roles": ["watcher"]}],
        }), ("accepted", {"member": "watcher"}), ("observed", {
            "headers": b"".join(self.seen), "scripts": sha256(b"\x80"), "transactions": [],
        }))
        for seq, (kind, body) in enumerate(bodies):
            head = [seq, root([leaf(one) for one in entries])]
            payload = cbor({"seq": seq, "seen": head, "time": recorded, "type": kind, "body": body})
            identity = event_id(key.id, ledger, payload)
            entries.append(entry(recorded, envelope(key.id, payload, key.sign_raw(identity))))
            ledger = ledger or identity
        return Export.make(entries, [], f"headers/{ledger.hex()}", LOG_SEED)

    def expected(self):
        return None if self.holds is None else set() if self.holds else {(2, "header")}


def cases():
    """Chains by what they show."""
    real, first_two = Chain(), tuple(NEXT[:2])
    test4 = replace(real, network="testnet4", seen=first_two)
    yield "main: a period ends and the next begins", real
    yield "main: the period began 10,000 s later", replace(
        real, period=with_start(BEGIN, time_of(BEGIN) + 10_000), holds=False)
    yield "main: no period ends here", replace(real, height=824_542, holds=False)
    yield "main: a period would end one block on", replace(
        real, height=824_542, period=with_start(BEGIN, bits=0x1703D869), holds=False)
    yield "main: within a period", replace(
        real, height=824_600, period=with_start(BEGIN, bits=0x1703D869))
    # A target four times as easy, and blocks too fast: it becomes a fourth, and no less.
    for span, holds in ((WEEK // 2 - 5_000, True), (WEEK // 2, True), (WEEK // 2 + 5_000, False)):
        start = with_start(BEGIN, TIMES[-1] - span, 0x170F61A4)
        yield f"main: a period of {span} s", replace(real, period=start, holds=holds)
    early = Chain(anchor=GENESIS, height=2015, seen=(FIRST,), times=(time_of(GENESIS),) * 11)
    for bits, span, holds in (
        (0x1C3FFFC0, 8 * WEEK, True), (0x1C3FFFC0, 9 * WEEK, True),
        (0x1C3FFFC0, 8 * WEEK - 5_000, False), (0x1D00FFFF, 2 * WEEK, True),
        (0x1D00FFFF, 3 * WEEK, True), (0x1D00FFFF, 2 * WEEK - 5_000, False),
    ):
        start = with_start(GENESIS, time_of(GENESIS) - span, bits)
        yield f"main: a period of {span} s from {bits:x}", replace(early, period=start, holds=holds)
    for network, height, holds in (
        ("main", 227_929, True), ("main", 227_930, False), ("main", 363_724, False),
        ("testnet4", 100, False), ("signet", 100, False),
    ):
        yield f"{network}: version 1 at {height + 1}", replace(
            early, network=network, height=height, period=GENESIS, holds=holds,
            times=(time_of(FIRST) - 600,) * 11)
    # Testnet4: BIP-94's first block of a period, and the easy block after 20 minutes.
    yield "testnet4: a period ends and the next begins", test4
    for network, ahead, holds in (
        ("testnet4", 600, True), ("testnet4", 601, False), ("main", 601, True),
        ("signet", 601, True),
    ):
        last = time_of(NEXT[0]) + ahead
        start = with_start(BEGIN, time_of(BEGIN) + last - TIMES[-1])
        yield f"{network}: a period's first block {ahead} s before the last", replace(
            test4, network=network, times=(*TIMES[:-1], last), period=start, seen=(NEXT[0],),
            late=1000, holds=holds)
    yield "testnet4: 42 minutes, and not the easiest target", replace(real, network="testnet4",
                                                                      holds=False)
    for network, wait, holds in (
        ("testnet4", 1200, True), ("testnet4", 1201, False), ("signet", 1201, True),
        ("regtest", 1200, True), ("regtest", 1201, False), ("main", 1201, True),
    ):
        yield f"{network}: a block {wait} s after its parent", Chain(
            network, NEXT[1], 824_545, (*TIMES[1:], time_of(NEXT[2]) - wait), NEXT[0],
            (NEXT[2],), holds=holds)
    yield "signet: a period ends and the next begins", replace(real, network="signet")
    yield "regtest: nothing is retargeted", replace(test4, network="regtest", holds=False)
    yield "regtest: the period's target stays", replace(
        test4, network="regtest", period=with_start(BEGIN, bits=0x1703D869))
    # Times: above the median, and at most two hours ahead.
    for median, holds in ((-1, True), (0, False), (1, False)):
        middle = time_of(NEXT[0]) + median
        times = (*sorted(TIMES)[:5], middle, *(middle + n for n in range(5)))
        start = with_start(BEGIN, time_of(BEGIN) + times[-1] - TIMES[-1])
        yield f"main: a time {-median} s above the median", replace(
            real, times=times, period=start, seen=(NEXT[0],), late=900, holds=holds)
    for late, holds in ((-7200, True), (-7201, False)):
        yield f"main: a time {-late} s ahead of the clock", replace(real, late=late, holds=holds)
    # The chain itself, and the anchor.
    yield "main: a header left out", replace(real, seen=(NEXT[0], NEXT[2]), holds=False)
    yield "main: the anchor again", replace(real, seen=(LAST, *NEXT), holds=False)
    yield "main: a nonce changed", replace(
        real, seen=(NEXT[0][:-1] + bytes([NEXT[0][-1] ^ 1]),), holds=False)
    yield "main: an anchor with ten times", replace(real, times=TIMES[1:], holds=None)
    yield "main: an anchor with an easier target than there is", replace(
        real, period=with_start(BEGIN, bits=0x1D010000), holds=None)
    yield "main: an anchor with a negative target", replace(
        real, period=with_start(BEGIN, bits=0x1783D869), holds=None)
    yield "main: an anchor that begins a period at another time", replace(
        real, height=824_544, holds=None)
