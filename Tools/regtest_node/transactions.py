"""The RPC methods about transactions, coins, fees and the network."""

from . import VERSION
from .blocks import find
from .errors import (INVALID_ADDRESS_OR_KEY, INVALID_PARAMETER, VERIFY_ALREADY_IN_UTXO_SET,
                     VERIFY_ERROR, VERIFY_REJECTED, RPCError)
from .mempool import AlreadyWaiting
from .policy import INCREMENTAL_FEE, MIN_RELAY_FEE, Refusal
from .chainstate import is_unspendable
from .values import (bitcoin, digest, expect, integer, satoshis, script_for, script_json,
                     transaction, transaction_json)
from .wire import COIN, display

DEFAULT_MAX_FEE_RATE = COIN // 10
FALLBACK_FEE_RATE = 2000
MAX_TESTED = 25


def max_fee_rate(value):
    """Satoshis per 1,000 virtual bytes; 0 means no limit."""
    rate = DEFAULT_MAX_FEE_RATE if value is None else satoshis(value)
    if rate >= COIN:
        raise RPCError(INVALID_PARAMETER,
                       "Fee rates larger than or equal to 1BTC/kvB are not accepted")
    return rate


def sendrawtransaction(node, hexstring, maxfeerate=None, maxburnamount=None):
    """Offers a transaction to the mempool; answers its txid.

    Scripts are verified by Bitcoin Core's consensus engine. Relay policy is imitated in part: form,
    standard outputs, dust, fees, locks, maturity, chains and BIP-125. Script rules that are policy
    only (low-s, clean stack, minimal pushes) are not checked.
    """
    item = transaction(hexstring)
    rate, burn = max_fee_rate(maxfeerate), satoshis(maxburnamount or 0)
    if any(is_unspendable(o.script) and o.value > burn for o in item.outputs):
        raise RPCError(VERIFY_ERROR,
                       "Unspendable output exceeds maximum configured by user (maxburnamount)")
    if any((item.txid, vout) in node.chainstate.coins for vout in range(len(item.outputs))):
        raise RPCError(VERIFY_ALREADY_IN_UTXO_SET, "Transaction outputs already in utxo set")
    try:
        waiting, _ = node.mempool.check(item)
        if rate and waiting.fee > waiting.vsize * rate // 1000:
            raise RPCError(VERIFY_ERROR, "Fee exceeds maximum configured by user "
                           "(e.g. -maxtxfee, maxfeerate)")
        node.mempool.accept(item)
    except AlreadyWaiting:
        return display(item.txid)
    except Refusal as refusal:
        missing = refusal.reason == "bad-txns-inputs-missingorspent"
        raise RPCError(VERIFY_ERROR if missing else VERIFY_REJECTED, str(refusal)) from None
    node.commit()
    return display(item.txid)


def testmempoolaccept(node, rawtxs, maxfeerate=None):
    """Says of each transaction by itself whether the mempool would take it."""
    rate = max_fee_rate(maxfeerate)
    if not 1 <= len(expect(rawtxs, "array")) <= MAX_TESTED:
        raise RPCError(INVALID_PARAMETER,
                       f"Array must contain between 1 and {MAX_TESTED} transactions.")
    return [tested(node, transaction(text), rate) for text in rawtxs]


def tested(node, item, rate):
    result = {"txid": display(item.txid), "wtxid": display(item.wtxid)}
    try:
        waiting, _ = node.mempool.check(item)
    except AlreadyWaiting:
        return {**result, "allowed": False, "reject-reason": "txn-already-in-mempool"}
    except Refusal as refusal:
        if refusal.reason == "bad-txns-inputs-missingorspent":
            return {**result, "allowed": False, "reject-reason": "missing-inputs"}
        return {**result, "allowed": False, "reject-reason": refusal.reason,
                "reject-details": str(refusal)}
    if rate and waiting.fee > waiting.vsize * rate // 1000:
        return {**result, "allowed": False, "reject-reason": "max-fee-exceeded"}
    effective = bitcoin(waiting.fee * 1000 // waiting.vsize)
    return {**result, "allowed": True, "vsize": waiting.vsize,
            "fees": {"base": bitcoin(waiting.fee), "effective-feerate": effective,
                     "effective-includes": [result["wtxid"]]}}


def getrawmempool(node, verbose=False, mempool_sequence=False):
    """The waiting transactions: their txids, or an object each."""
    if expect(mempool_sequence, "bool"):
        raise RPCError(INVALID_PARAMETER, "this node keeps no mempool sequence")
    if expect(verbose, "bool"):
        return {display(t): entry_json(node, w) for t, w in node.mempool.waiting.items()}
    return [display(txid) for txid in node.mempool.waiting]


def getmempoolentry(node, txid):
    """What the mempool knows of a waiting transaction."""
    waiting = node.mempool.waiting.get(digest(txid, "txid"))
    if waiting is None:
        raise RPCError(INVALID_ADDRESS_OR_KEY, "Transaction not in mempool")
    return entry_json(node, waiting)


def entry_json(node, waiting):
    pool = node.mempool
    up, down = list(pool.ancestors(waiting).values()), list(pool.descendants(waiting).values())
    fees = {"base": waiting.fee, "modified": waiting.fee,
            "ancestor": waiting.fee + sum(w.fee for w in up),
            "descendant": waiting.fee + sum(w.fee for w in down)}
    return {
        "vsize": waiting.vsize, "weight": waiting.transaction.weight, "time": waiting.time,
        "height": waiting.height, "descendantcount": len(down) + 1,
        "descendantsize": waiting.vsize + sum(w.vsize for w in down),
        "ancestorcount": len(up) + 1, "ancestorsize": waiting.vsize + sum(w.vsize for w in up),
        "wtxid": display(waiting.transaction.wtxid),
        "fees": {name: bitcoin(fee) for name, fee in fees.items()},
        "depends": [display(w.txid) for w in pool.parents(waiting)],
        "spentby": [display(w.txid) for w in pool.children(waiting)],
        "bip125-replaceable": pool.is_replaceable(waiting), "unbroadcast": False}


def getrawtransaction(node, txid, verbosity=0, blockhash=None):
    """A transaction: a waiting one, or one of the block named by `blockhash`. There is no index."""
    wanted = digest(txid, "parameter 1")
    level = int(verbosity) if isinstance(verbosity, bool) else integer(
        verbosity, 0, 2, "verbosity")
    found, extra = None, {}
    if blockhash is not None:
        entry = find(node, blockhash, "parameter 3")
        block = node.chainstate.block(entry)
        found = next((t for t in block.transactions if t.txid == wanted), None)
        active = node.chainstate.is_active(entry)
        extra = {"in_active_chain": active, "blockhash": blockhash,
                 "confirmations": node.chainstate.height - entry.height + 1 if active else 0,
                 "time": entry.header.time, "blocktime": entry.header.time}
        if found is None:
            raise RPCError(INVALID_ADDRESS_OR_KEY, "No such transaction found in the provided "
                           "block. Use gettransaction for wallet transactions.")
    elif wanted in node.mempool.waiting:
        found = node.mempool.waiting[wanted].transaction
    else:
        raise RPCError(INVALID_ADDRESS_OR_KEY, "No such mempool transaction. Use -txindex or "
                       "provide a block hash to enable blockchain transaction queries. Use "
                       "gettransaction for wallet transactions.")
    return {**extra, **transaction_json(found)} if level else found.raw.hex()


def gettxout(node, txid, n, include_mempool=True):
    """An unspent output, or null."""
    point = (digest(txid, "txid"), integer(n, 0, 0xFFFFFFFF, "n"))
    if expect(include_mempool, "bool"):
        coin = None if node.mempool.spender(point) else node.mempool.coin(point)
    else:
        coin = node.chainstate.coins.get(point)
    if coin is None:
        return None
    return {"bestblock": display(node.chainstate.tip.hash),
            "confirmations": max(0, node.chainstate.height - coin.height + 1),
            "value": bitcoin(coin.value), "scriptPubKey": script_json(coin.script),
            "coinbase": coin.is_coinbase}


def scantxoutset(node, action, scanobjects=None):
    """Finds the chain's unspent outputs to scripts, given as `raw(HEX)` or `addr(ADDRESS)`."""
    if action != "start":
        raise RPCError(INVALID_PARAMETER, f"Invalid action '{action}': this node has 'start' only")
    scripts = {scanned_script(text) for text in expect(scanobjects, "array")}
    found = [(point, coin) for point, coin in node.chainstate.coins.items()
             if coin.script in scripts]
    rows = [{"txid": display(point[0]), "vout": point[1], "scriptPubKey": coin.script.hex(),
             "amount": bitcoin(coin.value), "coinbase": coin.is_coinbase, "height": coin.height}
            for point, coin in found]
    return {"success": True, "txouts": len(node.chainstate.coins),
            "height": node.chainstate.height, "bestblock": display(node.chainstate.tip.hash),
            "unspents": rows, "total_amount": bitcoin(sum(coin.value for _, coin in found))}


def scanned_script(text):
    kind, _, rest = expect(text, "string").split("#")[0].partition("(")
    if kind == "addr" and rest.endswith(")"):
        return script_for(rest[:-1])
    try:
        if kind == "raw" and rest.endswith(")"):
            return bytes.fromhex(rest[:-1])
    except ValueError:
        pass
    raise RPCError(INVALID_ADDRESS_OR_KEY, f"'{text}' is neither raw(HEX) nor addr(ADDRESS)")


def estimatesmartfee(node, conf_target, estimate_mode="economical"):
    """A fee rate in bitcoin per 1,000 virtual bytes.

    A regtest chain has no fee market to learn from. So the answer is always the fallback of 2
    satoshis per virtual byte, says so in `errors`, and carries `"source": "fallback"`, which Core
    does not have. (Core answers the same words in `errors`, without a rate.)
    """
    integer(conf_target, 1, 1008, "Invalid conf_target, must be between 1 and 1008: it is")
    if expect(estimate_mode, "string").lower() not in ("unset", "economical", "conservative"):
        raise RPCError(INVALID_PARAMETER, "Invalid estimate_mode parameter, must be one of: "
                       '"unset", "economical", "conservative"')
    return {"feerate": bitcoin(FALLBACK_FEE_RATE),
            "errors": ["Insufficient data or no feerate found"], "blocks": conf_target,
            "source": "fallback"}


def getnetworkinfo(node):
    """The node's version and relay fees. It has no peers: it is a consensus engine, not a node."""
    return {"version": 10000, "subversion": f"/StrongroomRegtestKernel:{VERSION}/",
            "protocolversion": 70016, "localservices": "0000000000000000",
            "localservicesnames": [], "localrelay": False, "timeoffset": 0,
            "networkactive": False, "connections": 0, "connections_in": 0, "connections_out": 0,
            "networks": [], "relayfee": bitcoin(MIN_RELAY_FEE),
            "incrementalfee": bitcoin(INCREMENTAL_FEE), "localaddresses": [],
            "warnings": ["proves consensus, not relay policy"]}


METHODS = {function.__name__: function for function in (
    sendrawtransaction, testmempoolaccept, getrawmempool, getmempoolentry, getrawtransaction,
    gettxout, scantxoutset, estimatesmartfee, getnetworkinfo)}
