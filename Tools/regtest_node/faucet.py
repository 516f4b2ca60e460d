"""Coins for tests, out of blocks that anyone can spend.

The faucet mines to OP_TRUE behind a witness script hash, so that it needs no key and no signature.
It speaks to a node by calls alone: with a real bitcoind it works over RPC just as well.
"""

import hashlib

from .address import AddressError, address_of_script, script_of_address
from .errors import INVALID_ADDRESS_OR_KEY, VERIFY_REJECTED, RPCError
from .policy import COINBASE_MATURITY, dust_limit
from .values import satoshis
from .wire import Input, Output, Transaction

WITNESS_SCRIPT = b"\x51"
SCRIPT = b"\x00\x20" + hashlib.sha256(WITNESS_SCRIPT).digest()
ADDRESS = address_of_script(SCRIPT)
FEE_PER_VBYTE = 5
INPUT_VSIZE = 43
BASE_VSIZE = 110
MAX_INPUTS = 400
BLOCKS_AT_ONCE = 10
MAX_BLOCKS = 1_000


def pour(call, address, amount):
    """Sends `amount` bitcoin to `address` through the mempool; returns the txid.

    Mines blocks to the faucet's own script first, when it has not enough mature coins. The payment
    is left waiting: the next block confirms it. `call(method, params)` is how to reach the node.
    """
    value = satoshis(amount)
    try:
        script = script_of_address(address)
    except AddressError as error:
        raise RPCError(INVALID_ADDRESS_OR_KEY, f"Error: Invalid address: {error}") from None
    if value < max(dust_limit(script), 1):
        raise RPCError(VERIFY_REJECTED, "the amount is dust at this address")
    transaction = payment(gather(call, value), script, value)
    return call("sendrawtransaction", [transaction.raw.hex(), 0])


def gather(call, value):
    """Enough mature, unspent faucet coins for `value` and the fee, mined when they are missing."""
    for _ in range(0, MAX_BLOCKS, BLOCKS_AT_ONCE):
        chosen, total = [], 0
        for coin in spendable(call):
            if total >= value + fee_of(len(chosen)) or len(chosen) == MAX_INPUTS:
                break
            chosen.append(coin)
            total += satoshis(coin["amount"])
        if chosen and total >= value + fee_of(len(chosen)):
            return chosen
        missing = COINBASE_MATURITY + 1 - call("getblockcount", [])
        call("generatetoaddress", [max(missing, BLOCKS_AT_ONCE), ADDRESS])
    raise RPCError(VERIFY_REJECTED, "the faucet ran dry: regtest halves its subsidy every 150 "
                   "blocks; ask for less, or start on a fresh folder")


def spendable(call):
    found = call("scantxoutset", ["start", [f"raw({SCRIPT.hex()})"]])
    for coin in sorted(found["unspents"], key=lambda c: -satoshis(c["amount"])):
        # A coinbase of height h may be in a block of height h + 100, which is the next one.
        is_mature = not coin["coinbase"] or found["height"] + 1 - coin["height"] >= 100
        if is_mature and call("gettxout", [coin["txid"], coin["vout"], True]) is not None:
            yield coin


def fee_of(inputs):
    return (BASE_VSIZE + inputs * INPUT_VSIZE) * FEE_PER_VBYTE


def payment(coins, script, value):
    inputs = tuple(Input(bytes.fromhex(c["txid"])[::-1], c["vout"], b"", 0xFFFFFFFD)
                   for c in coins)
    change = sum(satoshis(c["amount"]) for c in coins) - value - fee_of(len(coins))
    outputs = [Output(value, script)]
    if change >= dust_limit(SCRIPT):
        outputs.append(Output(change, SCRIPT))
    return Transaction(2, inputs, tuple(outputs), ((WITNESS_SCRIPT,),) * len(inputs), 0)


def faucet(node, address, amount):
    """Sends `amount` bitcoin to `address` from freshly mined coins; answers the waiting txid."""
    return pour(node.call, address, amount)


METHODS = {"faucet": faucet}
