"""The consensus engine: the only file that speaks to py-bitcoinkernel."""

import shutil
from enum import Enum

import pbk
from pbk.notifications import NotificationInterfaceCallbacks

from .wire import display


class Verdict(Enum):
    """What the engine made of a block. A block on a side branch is stored, and judged later."""

    STORED = "stored"
    KNOWN = "duplicate"
    REFUSED = "refused"


class Kernel:
    """One chainstate of libbitcoinkernel, rebuilt from our own block file at each start.

    Its databases live in memory and its folder is thrown away: the block file is the one source of
    truth, so that a killed process leaves nothing that has to be repaired.
    """

    def __init__(self, folder, log):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self._log = log
        self._checked = {}
        self.failure = None
        options = pbk.ContextOptions()
        options.set_chainparams(pbk.ChainParameters(pbk.ChainType.REGTEST))
        options.set_validation_interface(
            pbk.ValidationInterfaceCallbacks(block_checked=self._block_checked))
        options.set_notifications(NotificationInterfaceCallbacks(
            flush_error=self._failed, fatal_error=self._failed))
        manager_options = pbk.ChainstateManagerOptions(
            pbk.Context(options), str(folder), str(folder / "blocks"))
        manager_options.update_block_tree_db_in_memory(True)
        manager_options.update_chainstate_db_in_memory(True)
        self._manager = pbk.ChainstateManager(manager_options)
        self._chain = self._manager.get_active_chain()

    def close(self):
        self._chain = None
        manager, self._manager = self._manager, None
        with manager:
            pass

    def _block_checked(self, _, block, state):
        self._checked[bytes(block.block_hash)] = (
            state.validation_mode, state.block_validation_result)

    def _failed(self, _, message, length):
        self.failure = bytes(message[:length]).decode(errors="replace")
        self._log(f"the consensus engine reports: {self.failure}")

    def process(self, raw, block_hash):
        """Hands a block to the engine; returns (Verdict, reason).

        `process_block` answers True for a block that it then rejects, so the verdict comes from
        the `block_checked` callback, and a block without one is on a side branch.
        """
        self._checked.clear()
        try:
            is_new = self._manager.process_block(pbk.Block(raw))
        except (pbk.ProcessBlockException, RuntimeError):
            mode, result = self._checked.get(block_hash, (None, None))
            return Verdict.REFUSED, result.name.lower() if result else "header or form is invalid"
        mode, result = self._checked.get(block_hash, (pbk.ValidationMode.VALID, None))
        if mode != pbk.ValidationMode.VALID:
            self._log(f"block {display(block_hash)} was refused: {result.name}")
            return Verdict.REFUSED, result.name.lower().replace("_", "-")
        return (Verdict.STORED if is_new else Verdict.KNOWN), ""

    @property
    def tip_hash(self):
        return bytes(self._chain.block_tree_entries[self._chain.height].block_hash)

    @property
    def genesis(self):
        return bytes(self._manager.blocks[self._chain.block_tree_entries[0]])


def failing_input(raw, spent):
    """The first input whose script fails under all consensus flags, or None when all hold.

    `spent` are the (value, script) pairs of the outputs that the inputs spend, in their order.
    """
    transaction = pbk.Transaction(raw)
    scripts = [pbk.ScriptPubkey(script) for _, script in spent]
    outputs = [pbk.TransactionOutput(script, value) for script, (value, _) in zip(scripts, spent)]
    precomputed = pbk.script.PrecomputedTransactionData(transaction, outputs)
    flags = pbk.ScriptVerificationFlags.ALL
    for index, (value, _) in enumerate(spent):
        if not scripts[index].verify(value, transaction, precomputed, index, flags):
            return index
    return None


def connect_log(write_line):
    """Sends the engine's log to `write_line`; without a receiver it would keep it in memory."""
    pbk.logging_set_options(pbk.LoggingOptions(log_timestamps=True))
    return pbk.LoggingConnection(lambda message: write_line(message.rstrip("\n")))
