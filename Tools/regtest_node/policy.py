"""The relay rules that the mempool imitates, with Bitcoin Core's reason words.

Imitated: form, standard output scripts, dust, size, finality (BIP-113) and relative locks (BIP-68),
coinbase maturity, minimum relay fee, chains of at most 25, opt-in replacement (BIP-125).
Not imitated: script rules that are policy only (low-s, clean stack, minimal pushes and the like:
the engine's interface offers consensus flags alone), signature operation limits, packages, TRUC,
ephemeral dust, expiry and eviction.
"""

from .address import address_of_script, witness_version
from .chainstate import is_unspendable
from .wire import MAX_BLOCK_WEIGHT, MAX_MONEY, NULL_TXID

MIN_RELAY_FEE = 1000
INCREMENTAL_FEE = 1000
DUST_RELAY_FEE = 3000
MAX_STANDARD_WEIGHT = 400_000
MIN_STANDARD_SIZE = 65
COINBASE_MATURITY = 100
LOCKTIME_THRESHOLD = 500_000_000
MAX_CHAIN = 25
MAX_REPLACED = 100


class Refusal(Exception):
    """The mempool refuses a transaction: Core's reason word and, where it has one, its detail."""

    def __init__(self, reason, detail=""):
        super().__init__(f"{reason}, {detail}" if detail else reason)
        self.reason = reason


def fee_for(vsize, rate):
    """The fee for `vsize` virtual bytes at `rate` satoshis per 1,000, rounded up."""
    return (vsize * rate + 999) // 1000


def dust_limit(script):
    """The smallest value worth spending, after Core's GetDustThreshold."""
    if is_unspendable(script):
        return 0
    size = 8 + 1 + len(script) + (67 if witness_version(script) is not None else 148)
    return size * DUST_RELAY_FEE // 1000


def check_form(transaction):
    """The rules that hold for any transaction by itself (Core's CheckTransaction)."""
    if not transaction.inputs:
        raise Refusal("bad-txns-vin-empty")
    if not transaction.outputs:
        raise Refusal("bad-txns-vout-empty")
    if len(transaction.stripped) * 4 > MAX_BLOCK_WEIGHT:
        raise Refusal("bad-txns-oversize")
    total = 0
    for output in transaction.outputs:
        if output.value < 0:
            raise Refusal("bad-txns-vout-negative")
        if output.value > MAX_MONEY:
            raise Refusal("bad-txns-vout-toolarge")
        total += output.value
        if total > MAX_MONEY:
            raise Refusal("bad-txns-txouttotal-toolarge")
    points = [i.outpoint for i in transaction.inputs]
    if len(set(points)) != len(points):
        raise Refusal("bad-txns-inputs-duplicate")
    if transaction.is_coinbase:
        raise Refusal("coinbase")
    if any(txid == NULL_TXID for txid, _ in points):
        raise Refusal("bad-txns-prevout-null")


def check_standard(transaction):
    """The rules of form that are relay policy (Core's IsStandardTx)."""
    if not 1 <= transaction.version <= 3:
        raise Refusal("version")
    if transaction.weight > MAX_STANDARD_WEIGHT:
        raise Refusal("tx-size")
    for item in transaction.inputs:
        if len(item.script) > 1650:
            raise Refusal("scriptsig-size")
        if not is_push_only(item.script):
            raise Refusal("scriptsig-not-pushonly")
    for output in transaction.outputs:
        if not is_standard_script(output.script):
            raise Refusal("scriptpubkey")
        if output.value < dust_limit(output.script):
            raise Refusal("dust")
    if len(transaction.stripped) < MIN_STANDARD_SIZE:
        raise Refusal("tx-size-small")


def is_standard_script(script):
    if script[:1] == b"\x6a" or address_of_script(script):
        return True
    is_key = len(script) in (35, 67) and script[0] == len(script) - 2 and script[-1] == 0xAC
    return is_key or is_bare_multisig(script)


def is_bare_multisig(script):
    """m-of-n with n at most 3, the only bare multisig that is relayed."""
    if len(script) < 37 or script[-1] != 0xAE:
        return False
    needed, total, offset = script[0] - 0x50, script[-2] - 0x50, 1
    for _ in range(max(0, min(total, 3))):
        if offset >= len(script) - 2 or script[offset] not in (33, 65):
            return False
        offset += 1 + script[offset]
    return 1 <= needed <= total <= 3 and offset == len(script) - 2


def is_push_only(script):
    offset = 0
    while offset < len(script):
        opcode = script[offset]
        offset += 1
        if opcode <= 75:
            offset += opcode
        elif opcode in (76, 77, 78):
            width = 1 << opcode - 76
            offset += width + int.from_bytes(script[offset:offset + width], "little")
        elif opcode > 0x60:
            return False
    return offset == len(script)


def check_final(transaction, height, median_time):
    """Refuses what the next block may not contain yet (nLockTime, BIP-113)."""
    limit = height if transaction.locktime < LOCKTIME_THRESHOLD else median_time
    if transaction.locktime >= limit and transaction.locktime:
        if any(i.sequence != 0xFFFFFFFF for i in transaction.inputs):
            raise Refusal("non-final")


def check_relative_locks(transaction, coins, chainstate):
    """Refuses inputs younger than their sequence number asks for (BIP-68)."""
    if transaction.version < 2:
        return
    height, median = chainstate.height + 1, chainstate.median_time(chainstate.tip)
    for item, coin in zip(transaction.inputs, coins):
        if item.sequence & 1 << 31:
            continue
        units = item.sequence & 0xFFFF
        if item.sequence & 1 << 22:
            origin = chainstate.active[max(0, min(coin.height, chainstate.height + 1) - 1)]
            if chainstate.median_time(origin) + units * 512 - 1 >= median:
                raise Refusal("non-BIP68-final")
        elif coin.height + units - 1 >= height:
            raise Refusal("non-BIP68-final")


def check_amounts(transaction, coins, height):
    """Refuses immature coinbases and spending more than comes in; returns the fee."""
    for coin in coins:
        depth = height - coin.height
        if coin.is_coinbase and depth < COINBASE_MATURITY:
            raise Refusal("bad-txns-premature-spend-of-coinbase",
                          f"tried to spend coinbase at depth {depth}")
    value_in = sum(coin.value for coin in coins)
    value_out = sum(output.value for output in transaction.outputs)
    if value_in < value_out:
        raise Refusal("bad-txns-in-belowout",
                      f"value in ({value_in / 1e8:.8f}) < value out ({value_out / 1e8:.8f})")
    return value_in - value_out
