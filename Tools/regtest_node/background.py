"""Starts a node that goes on by itself, finds it again and ends it by its process id."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time

from .client import Client, Unreachable
from .errors import RPCError

START_SECONDS = 60
STOP_SECONDS = 60


def start(datadir, port, use_kernel):
    """Starts `bitcoind` where there is one, otherwise the kernel server; returns the URL."""
    folder = datadir / "regtest"
    folder.mkdir(parents=True, exist_ok=True)
    if process_of(folder) is not None:
        return Client(datadir).url
    (folder / "rpc.url").unlink(missing_ok=True)
    bitcoind = None if use_kernel else shutil.which("bitcoind")
    if bitcoind:
        port = port or free_port()
        command = [bitcoind, "-regtest", f"-datadir={datadir}", f"-rpcport={port}", "-server=1",
                   "-listen=0", "-dnsseed=0", "-txindex=0", "-pid=regtest.pid",
                   "-rpcbind=127.0.0.1", "-rpcallowip=127.0.0.1"]
    else:
        command = [sys.executable, "-m", "regtest_node", "serve", "--datadir", str(datadir),
                   "--port", str(port)]
    with open(folder / "server.log", "a") as log:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                 start_new_session=True)
    if bitcoind:
        (folder / "rpc.url").write_text(f"http://127.0.0.1:{port}\n")
    return wait_until_ready(datadir, child)


def wait_until_ready(datadir, child):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if child.poll() is not None:
            lines = (datadir / "regtest" / "server.log").read_text().splitlines()
            raise SystemExit("the node ended at once: " + "\n".join(lines[-3:]))
        try:
            client = Client(datadir)
            client.call("getblockcount")
            return client.url
        except (Unreachable, RPCError):
            time.sleep(0.02)
    raise SystemExit(f"the node was not ready within {START_SECONDS} s")


def stop(datadir):
    """Asks the node to end and waits until it has."""
    folder = datadir / "regtest"
    process = process_of(folder)
    if process is None:
        print(f"no node runs on {datadir}")
        return
    os.kill(process, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while process_of(folder) == process:
        if time.monotonic() > deadline:
            raise SystemExit(f"process {process} did not end within {STOP_SECONDS} s")
        time.sleep(0.02)
    print(f"ended the node on {datadir}")


def status(datadir):
    """Prints whether a node runs, and where; returns the exit code."""
    process = process_of(datadir / "regtest")
    if process is None:
        print(f"no node runs on {datadir}")
        return 1
    client = Client(datadir)
    print(f"{client.url} (process {process}), {client.call('getblockcount')} blocks")
    return 0


def process_of(folder):
    """The process id of the node that runs on `folder`; None when none does.

    An id that now belongs to another program (the file was left behind) does not count.
    """
    try:
        process = int((folder / "regtest.pid").read_text())
        with open(f"/proc/{process}/cmdline", "rb") as file:
            words = file.read()
        with open(f"/proc/{process}/stat") as file:
            is_zombie = file.read().rpartition(")")[2].split()[0] == "Z"
    except (OSError, ValueError):
        return None
    ours = b"regtest_node" in words or b"bitcoind" in words
    return process if ours and not is_zombie else None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
