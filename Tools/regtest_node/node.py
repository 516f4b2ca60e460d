"""The node: chain, mempool and miner behind one lock, and the methods that clients call."""

import fcntl
import inspect
import threading
import time

from . import blocks, faucet, transactions
from .chainstate import Chainstate
from .errors import (INTERNAL_ERROR, INVALID_PARAMETER, METHOD_NOT_FOUND, MISC_ERROR, RPCError)
from .kernel import Verdict, connect_log
from .mempool import Mempool
from .mining import assemble
from .values import expect


class Node:
    """Owns `<datadir>/regtest`; everything that a restart needs is in there."""

    def __init__(self, datadir):
        self.folder = datadir / "regtest"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._guard = open(self.folder / ".lock", "w")
        try:
            fcntl.flock(self._guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._guard.close()
            raise SystemExit(f"Cannot obtain a lock on directory {self.folder}. A regtest node is "
                             "probably already running there: end it with `Tools/regtest stop`.")
        self._log_file = open(self.folder / "debug.log", "a")
        self._log_connection = connect_log(self.log)
        self.started = time.time()
        self.stopping = threading.Event()
        self.lock = threading.RLock()
        self.chainstate = Chainstate(self.folder, self.log)
        self.mempool = Mempool(self.folder / "mempool.json", self.chainstate)
        self.methods = {**blocks.METHODS, **transactions.METHODS, **faucet.METHODS, **CONTROL}

    def log(self, line):
        print(line, file=self._log_file, flush=True)

    def close(self):
        with self.lock:
            self.chainstate.flush()
            self.mempool.save()
            self.chainstate.close()
            self._log_connection = None
            self._log_file.close()
            self._guard.close()

    # Calls

    def call(self, method, params=()):
        """Runs one method; RPCError says what Core would have said."""
        function = self.methods.get(method)
        if function is None:
            raise RPCError(METHOD_NOT_FOUND, "Method not found")
        positional, named = (params, {}) if isinstance(params, (list, tuple)) else ((), params)
        signature = inspect.signature(function)
        for name in named:
            if name not in signature.parameters or name == "node":
                raise RPCError(INVALID_PARAMETER, f"Unknown named parameter {name}")
        try:
            signature.bind(self, *positional, **named)
        except TypeError:
            raise RPCError(MISC_ERROR, usage(method, function)) from None
        with self.lock:
            if self.chainstate is None or self.stopping.is_set():
                raise RPCError(INTERNAL_ERROR, "Shutting down")
            return function(self, *positional, **named)

    # Steps that change the chain

    def mine(self, script, chosen, fees):
        """Makes one block of `chosen` transactions; returns its hash."""
        raw = assemble(self.chainstate, script, chosen, fees)
        verdict, reason, change = self.chainstate.process(raw)
        self.chain_changed(change)
        if verdict is not Verdict.STORED:
            raise RPCError(-25, f"ProcessNewBlock, block not accepted: {reason}")
        return self.chainstate.tip.hash

    def chain_changed(self, change):
        self.mempool.chain_changed(change)

    def commit(self):
        """Makes the state durable; called before a method that changed it answers."""
        self.chainstate.flush()
        self.mempool.save()


def usage(method, function):
    """A method's name, parameters and description, as `help METHOD` prints them."""
    words = []
    for name, parameter in list(inspect.signature(function).parameters.items())[1:]:
        words.append(name if parameter.default is parameter.empty else f"( {name} )")
    text = inspect.cleandoc(function.__doc__ or "")
    return " ".join([method, *words]) + "\n\n" + text


def help_text(node, command=None):
    """Lists the methods, or describes one."""
    if command is not None:
        function = node.methods.get(expect(command, "string"))
        return usage(command, function) if function else f"help: unknown command: {command}"
    lines = ["A regtest node on Bitcoin Core's consensus engine. It proves consensus, not relay",
             "policy: see `help sendrawtransaction`.", ""]
    return "\n".join(lines + sorted(usage(name, f).split("\n")[0]
                                    for name, f in node.methods.items()))


def uptime(node):
    """The seconds since the server started."""
    return int(time.time() - node.started)


def stop(node):
    """Ends the server once this call is answered."""
    node.stopping.set()
    return "Regtest node stopping"


CONTROL = {"help": help_text, "uptime": uptime, "stop": stop}
