"""Judges regtest headers and transactions by Bitcoin Core's own consensus engine.

Input: {"headers": [hex, ...], "transactions": [hex, ...]}. Output: "headers": for each header, in
order, whether it enters the block index; "transactions": for each the txid as Core prints it, or
null where the bytes are none.
"""

import json
import pathlib
import sys
import tempfile

import pbk


def accepts(manager, raw):
    try:
        state = manager.process_block_header(pbk.BlockHeader(raw))
    except pbk.ProcessBlockHeaderException:
        return False
    return state.validation_mode == pbk.ValidationMode.VALID


def txid(raw):
    try:
        return str(pbk.Transaction(raw).txid)
    except Exception:
        return None


def main():
    given = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as folder:
        manager = pbk.load_chainman(pathlib.Path(folder), pbk.ChainType.REGTEST)
        headers = [accepts(manager, bytes.fromhex(text)) for text in given["headers"]]
        transactions = [txid(bytes.fromhex(text)) for text in given["transactions"]]
        del manager
    json.dump({"headers": headers, "transactions": transactions}, sys.stdout)


main()
