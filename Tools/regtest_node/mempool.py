"""The transactions that wait for a block."""

import json
import time
from dataclasses import dataclass

from . import policy
from .chainstate import Coin, replace_file
from .kernel import failing_input
from .policy import Refusal
from .wire import Transaction, WireError, display


@dataclass(frozen=True)
class Waiting:
    transaction: Transaction
    fee: int
    time: int
    height: int

    @property
    def txid(self):
        return self.transaction.txid

    @property
    def vsize(self):
        return self.transaction.vsize


class AlreadyWaiting(Exception):
    """The very same transaction is in the mempool."""


class Mempool:
    """Keeps the waiting transactions in `mempool.json`, written after each change."""

    def __init__(self, path, chainstate):
        self._path = path
        self._chainstate = chainstate
        self.waiting = {}
        self._spenders = {}
        self._load()

    # Questions

    def coin(self, outpoint):
        """The unspent coin at `outpoint`, from the mempool or the chain; None when there is none.

        Whether a waiting transaction spends it is a question to `spender`.
        """
        parent = self.waiting.get(outpoint[0])
        if parent is None:
            return self._chainstate.coins.get(outpoint)
        outputs = parent.transaction.outputs
        if outpoint[1] >= len(outputs):
            return None
        output = outputs[outpoint[1]]
        return Coin(output.value, output.script, self._chainstate.height + 1, False)

    def spender(self, outpoint):
        return self._spenders.get(outpoint)

    def parents(self, waiting):
        found = {i.txid for i in waiting.transaction.inputs}
        return [self.waiting[txid] for txid in found if txid in self.waiting]

    def children(self, waiting):
        points = ((waiting.txid, vout) for vout in range(len(waiting.transaction.outputs)))
        found = {self._spenders[point] for point in points if point in self._spenders}
        return [self.waiting[txid] for txid in found]

    def ancestors(self, waiting):
        return self._reachable(waiting, self.parents)

    def descendants(self, waiting):
        return self._reachable(waiting, self.children)

    def is_replaceable(self, waiting):
        """BIP-125: it or an unconfirmed ancestor of it signals."""
        line = [waiting, *self.ancestors(waiting).values()]
        return any(item.transaction.signals_replacement for item in line)

    def _reachable(self, waiting, step):
        found, queue = {}, step(waiting)
        while queue:
            item = queue.pop()
            if item.txid not in found:
                found[item.txid] = item
                queue.extend(step(item))
        return found

    # Changes

    def check(self, transaction, free=False):
        """Judges a transaction; returns (Waiting, the waiting ones it replaces) or raises Refusal.

        `free` skips fees and standardness, as Core does for transactions of a disconnected block.
        """
        policy.check_form(transaction)
        if not free:
            policy.check_standard(transaction)
        tip = self._chainstate.tip
        policy.check_final(transaction, tip.height + 1, self._chainstate.median_time(tip))
        if transaction.txid in self.waiting:
            if self.waiting[transaction.txid].transaction.wtxid == transaction.wtxid:
                raise AlreadyWaiting
            raise Refusal("txn-same-nonwitness-data-in-mempool")
        conflicts = self._conflicts(transaction)
        coins = self._coins(transaction)
        policy.check_relative_locks(transaction, coins, self._chainstate)
        fee = policy.check_amounts(transaction, coins, tip.height + 1)
        waiting = Waiting(transaction, fee, int(time.time()), tip.height)
        replaced = {}
        if not free:
            self._check_fee(waiting)
            self._check_chain(waiting)
            replaced = self._check_replacement(waiting, conflicts)
        elif conflicts:
            raise Refusal("txn-mempool-conflict")
        self._check_scripts(transaction, coins)
        return waiting, replaced

    def accept(self, transaction, free=False):
        waiting, replaced = self.check(transaction, free)
        for item in replaced.values():
            self._remove(item)
        self._add(waiting)
        return waiting

    def chain_changed(self, change):
        """Drops what the new blocks confirm or contradict; takes back what lost its block."""
        if change.disconnected:
            survivors = [item.transaction for item in self.waiting.values()]
            self.waiting.clear()
            self._spenders.clear()
            confirmed = {t.txid for block in change.connected for t in block.transactions}
            for block in reversed(change.disconnected):
                self._take_back([t for t in block.transactions[1:] if t.txid not in confirmed])
            self._take_back([t for t in survivors if t.txid not in confirmed])
            return
        for block in change.connected:
            for transaction in block.transactions:
                if transaction.txid in self.waiting:
                    self._remove(self.waiting[transaction.txid])
                for rival in filter(None, (self.spender(i.outpoint) for i in transaction.inputs)):
                    self._remove_with_descendants(self.waiting[rival])

    def save(self):
        lines = [[item.transaction.raw.hex(), item.time] for item in self.waiting.values()]
        replace_file(self._path, json.dumps(lines))

    def _take_back(self, transactions):
        for transaction in transactions:
            try:
                self.accept(transaction, free=True)
            except (Refusal, AlreadyWaiting):
                continue

    def _add(self, waiting):
        self.waiting[waiting.txid] = waiting
        for item in waiting.transaction.inputs:
            self._spenders[item.outpoint] = waiting.txid

    def _remove(self, waiting):
        del self.waiting[waiting.txid]
        for item in waiting.transaction.inputs:
            del self._spenders[item.outpoint]

    def _remove_with_descendants(self, waiting):
        for item in [waiting, *self.descendants(waiting).values()]:
            self._remove(item)

    def _load(self):
        if not self._path.exists():
            return
        for text, seconds in json.loads(self._path.read_text()):
            try:
                waiting, _ = self.check(Transaction.parse(bytes.fromhex(text)), free=True)
            except (Refusal, AlreadyWaiting, WireError):
                continue
            self._add(Waiting(waiting.transaction, waiting.fee, seconds, waiting.height))

    # Rules about other transactions

    def _conflicts(self, transaction):
        found = {}
        for item in transaction.inputs:
            rival = self.spender(item.outpoint)
            if rival is not None:
                found[rival] = self.waiting[rival]
        if not all(self.is_replaceable(rival) for rival in found.values()):
            raise Refusal("txn-mempool-conflict")
        return found

    def _coins(self, transaction):
        coins = [self.coin(item.outpoint) for item in transaction.inputs]
        if None in coins:
            points = ((transaction.txid, vout) for vout in range(len(transaction.outputs)))
            if any(point in self._chainstate.coins for point in points):
                raise Refusal("txn-already-known")
            raise Refusal("bad-txns-inputs-missingorspent")
        return coins

    def _check_fee(self, waiting):
        needed = policy.fee_for(waiting.vsize, policy.MIN_RELAY_FEE)
        if waiting.fee < needed:
            raise Refusal("min relay fee not met", f"{waiting.fee} < {needed}")

    def _check_chain(self, waiting):
        ancestors = self.ancestors(waiting)
        if len(ancestors) + 1 > policy.MAX_CHAIN:
            raise Refusal("too-long-mempool-chain", "too many unconfirmed ancestors [limit: 25]")
        for ancestor in ancestors.values():
            if len(self.descendants(ancestor)) + 2 > policy.MAX_CHAIN:
                raise Refusal("too-long-mempool-chain", "too many descendants for tx "
                              f"{display(ancestor.txid)} [limit: 25]")

    def _check_replacement(self, waiting, conflicts):
        """BIP-125: pays more than all that it evicts, plus its own relay."""
        if not conflicts:
            return {}
        replaced = dict(conflicts)
        for rival in conflicts.values():
            replaced.update(self.descendants(rival))
        name = display(waiting.txid)
        if len(replaced) > policy.MAX_REPLACED:
            raise Refusal("too many potential replacements", f"rejecting replacement {name}; "
                          f"too many potential replacements ({len(replaced)} > 100)")
        if replaced.keys() & self.ancestors(waiting).keys():
            raise Refusal("bad-txns-spends-conflicting-tx",
                          f"{name} spends conflicting transaction")
        known = {i.txid for rival in conflicts.values() for i in rival.transaction.inputs}
        for item in waiting.transaction.inputs:
            if item.txid in self.waiting and item.txid not in known:
                raise Refusal("replacement-adds-unconfirmed", f"replacement {name} adds "
                              f"unconfirmed input {display(item.txid)}:{item.vout}")
        for rival in conflicts.values():
            if waiting.fee * rival.vsize <= rival.fee * waiting.vsize:
                raise Refusal("insufficient fee", f"rejecting replacement {name}; new feerate "
                              f"{waiting.fee / waiting.vsize:.3f} sat/vB <= old feerate "
                              f"{rival.fee / rival.vsize:.3f} sat/vB")
        old = sum(item.fee for item in replaced.values())
        if waiting.fee < old:
            raise Refusal("insufficient fee", f"rejecting replacement {name}, less fees than "
                          f"conflicting txs; {waiting.fee / 1e8:.8f} < {old / 1e8:.8f}")
        own = policy.fee_for(waiting.vsize, policy.INCREMENTAL_FEE)
        if waiting.fee - old < own:
            raise Refusal("insufficient fee", f"rejecting replacement {name}, not enough "
                          f"additional fees to relay; {(waiting.fee - old) / 1e8:.8f} < "
                          f"{own / 1e8:.8f}")
        return replaced

    def _check_scripts(self, transaction, coins):
        index = failing_input(transaction.raw, [(coin.value, coin.script) for coin in coins])
        if index is not None:
            spent = transaction.inputs[index]
            raise Refusal(
                "mandatory-script-verify-flag-failed (the consensus engine refuses the script)",
                f"input {index} of {display(transaction.txid)} "
                f"(wtxid {display(transaction.wtxid)}), "
                f"spending {display(spent.txid)}:{spent.vout}")
