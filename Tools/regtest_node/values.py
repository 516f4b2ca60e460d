"""Parameters from JSON and results to JSON, in Bitcoin Core's forms."""

import json
from decimal import Decimal, InvalidOperation

from .address import AddressError, address_of_script, script_of_address
from .errors import (DESERIALIZATION_ERROR, INVALID_ADDRESS_OR_KEY, INVALID_PARAMETER, TYPE_ERROR,
                     RPCError)
from .wire import COIN, MAX_MONEY, Transaction, WireError, display

TYPE_NAMES = ((bool, "bool"), (type(None), "null"), (str, "string"), ((int, Decimal), "number"),
              (list, "array"), (dict, "object"))


def type_name(value):
    return next(name for kind, name in TYPE_NAMES if isinstance(value, kind))


def expect(value, kind):
    """Returns `value` when JSON gave it the type named `kind`."""
    if type_name(value) != kind:
        raise RPCError(TYPE_ERROR, f"JSON value of type {type_name(value)} is not of expected "
                       f"type {kind}")
    return value


def integer(value, low, high, name):
    expect(value, "number")
    if not isinstance(value, int):
        raise RPCError(TYPE_ERROR, "JSON integer out of range")
    if not low <= value <= high:
        raise RPCError(INVALID_PARAMETER, f"{name} out of range")
    return value


def digest(value, name):
    """32 bytes in their own order from 64 hexadecimal digits in display order."""
    expect(value, "string")
    if len(value) != 64:
        raise RPCError(INVALID_PARAMETER,
                       f"{name} must be of length 64 (not {len(value)}, for '{value[:80]}')")
    try:
        return bytes.fromhex(value)[::-1]
    except ValueError:
        raise RPCError(INVALID_PARAMETER,
                       f"{name} must be hexadecimal string (not '{value}')") from None


def satoshis(value):
    """An amount in bitcoin, given as a number or a string, as whole satoshis."""
    if type_name(value) not in ("number", "string"):
        raise RPCError(TYPE_ERROR, "Amount is not a number or string")
    try:
        amount = Decimal(value) * COIN
    except InvalidOperation:
        raise RPCError(TYPE_ERROR, "Invalid amount") from None
    if not amount.is_finite() or amount != amount.to_integral_value():
        raise RPCError(TYPE_ERROR, "Invalid amount")
    if not 0 <= amount <= MAX_MONEY:
        raise RPCError(TYPE_ERROR, "Amount out of range")
    return int(amount)


def bitcoin(amount):
    return Decimal(amount).scaleb(-8)


def transaction(text):
    expect(text, "string")
    try:
        return Transaction.parse(bytes.fromhex(text))
    except (WireError, ValueError):
        raise RPCError(DESERIALIZATION_ERROR, "TX decode failed. Make sure the tx has at least "
                       "one input.") from None


def script_for(address):
    expect(address, "string")
    try:
        return script_of_address(address)
    except AddressError as error:
        raise RPCError(INVALID_ADDRESS_OR_KEY, f"Error: Invalid address: {error}") from None


def encode(value):
    """JSON text; amounts keep their eight places and no exponent, as Core writes them."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{encode(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(encode, value)) + "]"
    return json.dumps(value)


def transaction_json(item):
    """A transaction as `getrawtransaction` shows it."""
    inputs = []
    for entry, stack in zip(item.inputs, item.witness):
        if item.is_coinbase:
            row = {"coinbase": entry.script.hex()}
        else:
            row = {"txid": display(entry.txid), "vout": entry.vout,
                   "scriptSig": {"hex": entry.script.hex()}}
        if stack:
            row["txinwitness"] = [part.hex() for part in stack]
        inputs.append({**row, "sequence": entry.sequence})
    outputs = [{"value": bitcoin(output.value), "n": n, "scriptPubKey": script_json(output.script)}
               for n, output in enumerate(item.outputs)]
    return {"txid": display(item.txid), "hash": display(item.wtxid), "version": item.version,
            "size": len(item.raw), "vsize": item.vsize, "weight": item.weight,
            "locktime": item.locktime, "vin": inputs, "vout": outputs, "hex": item.raw.hex()}


def script_json(script):
    address = address_of_script(script)
    return {"hex": script.hex(), **({"address": address} if address else {})}
