"""The RPC methods about blocks and mining."""

import time

from .chainstate import Chainstate
from .errors import (DESERIALIZATION_ERROR, INVALID_ADDRESS_OR_KEY, INVALID_PARAMETER,
                     RPCError)
from .kernel import Verdict
from .mining import select
from .values import digest, expect, integer, script_for, transaction
from .wire import Block, WireError, display

MAX_BLOCKS_PER_CALL = 100_000


def find(node, text, name="blockhash"):
    entry = node.chainstate.entries.get(digest(text, name))
    if entry is None:
        raise RPCError(INVALID_ADDRESS_OR_KEY, "Block not found")
    return entry


def header_json(chainstate: Chainstate, entry):
    header = entry.header
    active = chainstate.is_active(entry)
    result = {
        "hash": display(entry.hash),
        "confirmations": chainstate.height - entry.height + 1 if active else -1,
        "height": entry.height, "version": header.version,
        "versionHex": f"{header.version & 0xffffffff:08x}",
        "merkleroot": display(header.merkle_root), "time": header.time,
        "mediantime": chainstate.median_time(entry), "nonce": header.nonce,
        "bits": f"{header.bits:08x}", "target": f"{header.target:064x}",
        "difficulty": header.difficulty, "chainwork": f"{entry.work:064x}", "nTx": entry.count}
    if entry.previous is not None:
        result["previousblockhash"] = display(entry.previous.hash)
    if active and entry.height < chainstate.height:
        result["nextblockhash"] = display(chainstate.active[entry.height + 1].hash)
    return result


def getblockchaininfo(node):
    """The state of the chain."""
    chainstate, tip = node.chainstate, node.chainstate.tip
    return {
        "chain": "regtest", "blocks": tip.height, "headers": tip.height,
        "bestblockhash": display(tip.hash), "bits": f"{tip.header.bits:08x}",
        "target": f"{tip.header.target:064x}", "difficulty": tip.header.difficulty,
        "time": tip.header.time, "mediantime": chainstate.median_time(tip),
        "verificationprogress": 1.0,
        "initialblockdownload": tip.header.time < time.time() - 24 * 3600,
        "chainwork": f"{tip.work:064x}", "size_on_disk": chainstate.size_on_disk,
        "pruned": False, "warnings": []}


def getblockcount(node):
    """The height of the active chain; the genesis block has height 0."""
    return node.chainstate.height


def getbestblockhash(node):
    """The hash of the active chain's last block."""
    return display(node.chainstate.tip.hash)


def getblockhash(node, height):
    """The hash of the active chain's block at `height`."""
    integer(height, 0, node.chainstate.height, "Block height")
    return display(node.chainstate.active[height].hash)


def getblockheader(node, blockhash, verbose=True):
    """A block's header: as an object, or its 80 bytes in hexadecimal."""
    entry = find(node, blockhash)
    if not expect(verbose, "bool"):
        return entry.header.raw.hex()
    return header_json(node.chainstate, entry)


def getblock(node, blockhash, verbosity=1):
    """A block: its bytes in hexadecimal (0) or an object with txids (1). Higher ones: refused."""
    entry = find(node, blockhash)
    level = int(verbosity) if isinstance(verbosity, bool) else integer(
        verbosity, 0, 3, "verbosity")
    if level > 1:
        raise RPCError(INVALID_PARAMETER, "this node offers verbosity 0 and 1")
    raw = node.chainstate.raw_block(entry)
    if level == 0:
        return raw.hex()
    block = Block.parse(raw)
    return {**header_json(node.chainstate, entry), "strippedsize": block.stripped_size,
            "size": len(raw), "weight": block.weight,
            "tx": [display(t.txid) for t in block.transactions]}


def generatetoaddress(node, nblocks, address, maxtries=1000000):
    """Mines blocks that pay `address`, with the waiting transactions, best fee rate first."""
    integer(nblocks, 0, MAX_BLOCKS_PER_CALL, "nblocks")
    script = script_for(address)
    try:
        return [display(node.mine(script, *select(node.mempool))) for _ in range(nblocks)]
    finally:
        node.commit()


def generateblock(node, output, transactions):
    """Mines one block with exactly these transactions, given by txid (waiting) or as raw ones."""
    script, chosen = script_for(output), []
    for text in expect(transactions, "array"):
        waiting = None
        if len(expect(text, "string")) == 64:
            waiting = node.mempool.waiting.get(digest(text, "txid"))
            if waiting is None:
                raise RPCError(INVALID_ADDRESS_OR_KEY, f"Transaction {text} not in mempool.")
        chosen.append(waiting.transaction if waiting else transaction(text))
    try:
        return {"hash": display(node.mine(script, chosen, 0))}
    finally:
        node.commit()


def submitblock(node, hexdata):
    """Offers a block; null when it is taken, otherwise the reason."""
    try:
        raw = bytes.fromhex(expect(hexdata, "string"))
        Block.parse(raw)
    except (ValueError, WireError):
        raise RPCError(DESERIALIZATION_ERROR, "Block decode failed") from None
    verdict, reason, change = node.chainstate.process(raw)
    node.chain_changed(change)
    node.commit()
    if verdict is Verdict.STORED:
        return None if change.connected else "inconclusive"
    return reason


def invalidateblock(node, blockhash):
    """Marks a block and its descendants as invalid; the best chain without them takes over."""
    node.chain_changed(node.chainstate.invalidate(find(node, blockhash)))
    node.commit()


def reconsiderblock(node, blockhash):
    """Takes back `invalidateblock`."""
    node.chain_changed(node.chainstate.reconsider(find(node, blockhash)))
    node.commit()


METHODS = {function.__name__: function for function in (
    getblockchaininfo, getblockcount, getbestblockhash, getblockhash, getblockheader, getblock,
    generatetoaddress, generateblock, submitblock, invalidateblock, reconsiderblock)}
