"""The command line of Tools/regtest."""

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from . import __doc__ as about
from . import background, faucet
from .client import Client, Unreachable, parameter
from .errors import RPCError
from .values import encode

DEFAULT_PORT = 18443


def parser():
    top = argparse.ArgumentParser(
        prog="Tools/regtest", description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Without a command, `serve` is meant. It proves consensus, not relay policy.")
    commands = top.add_subparsers(dest="command", required=True)
    datadir = argparse.ArgumentParser(add_help=False)
    datadir.add_argument("--datadir", type=Path, required=True, help="the node's folder")
    port = argparse.ArgumentParser(add_help=False)
    port.add_argument("--port", type=int, default=DEFAULT_PORT,
                      help=f"on 127.0.0.1; 0 takes any free one (default {DEFAULT_PORT})")
    serve = commands.add_parser("serve", parents=[datadir, port],
                                help="run the kernel server until SIGTERM, SIGINT or `stop`")
    serve.add_argument("--rpcuser", help="accept this user besides the cookie")
    serve.add_argument("--rpcpassword", help="that user's password (seen by other processes: "
                       "for regtest only)")
    start = commands.add_parser("start", parents=[datadir, port],
                                help="start a node in the background, and wait until it answers")
    start.add_argument("--kernel", action="store_true",
                       help="the kernel server, even where there is a bitcoind")
    commands.add_parser("stop", parents=[datadir], help="end the node of this folder")
    commands.add_parser("status", parents=[datadir], help="say whether a node runs, and where")
    cli = commands.add_parser("cli", parents=[datadir], help="call a method, as bitcoin-cli does")
    cli.add_argument("method")
    cli.add_argument("params", nargs=argparse.REMAINDER)
    pour = commands.add_parser("faucet", parents=[datadir],
                               help="send coins to an address, on any regtest node")
    pour.add_argument("address")
    pour.add_argument("amount", help="in bitcoin")
    return top


def serve(options):
    try:
        from .node import Node
    except ModuleNotFoundError as error:
        if error.name != "pbk":
            raise
        raise SystemExit("py-bitcoinkernel is not installed: run Tools/test once, which sets up "
                         ".venv from Tools/requirements.txt") from None
    from .rpc import Server, write_cookie
    if (options.rpcuser is None) != (options.rpcpassword is None):
        raise SystemExit("--rpcuser and --rpcpassword belong together")
    node = Node(options.datadir.absolute())
    endings = (signal.SIGTERM, signal.SIGINT)
    # A parent may have blocked them in the thread that started us, and children inherit that.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, endings)
    for number in endings:
        signal.signal(number, lambda *_: node.stopping.set())
    cookie, url, pid = (node.folder / name for name in (".cookie", "rpc.url", "regtest.pid"))
    credentials = [write_cookie(cookie)]
    if options.rpcuser is not None:
        credentials.append((options.rpcuser, options.rpcpassword))
    try:
        server = Server(node, options.port, credentials)
    except OSError as error:
        node.close()
        raise SystemExit(f"port {options.port} of 127.0.0.1 can not be had: {error.strerror}; "
                         "--port 0 takes a free one") from None
    pid.write_text(f"{os.getpid()}\n")
    # Whole from the moment it is there: `start` waits for this file and reads it at once.
    unfinished = url.with_suffix(".part")
    unfinished.write_text(server.url + "\n")
    unfinished.rename(url)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.url, flush=True)
    node.stopping.wait()
    server.shutdown()
    server.finish_answers()
    for path in (url, cookie, pid):
        path.unlink(missing_ok=True)
    node.close()


def main(arguments):
    if arguments and arguments[0].startswith("-") and arguments[0] not in ("-h", "--help"):
        arguments = ["serve", *arguments]
    options = parser().parse_args(arguments)
    if options.command == "serve":
        return serve(options)
    datadir = options.datadir.absolute()
    if options.command == "start":
        print(background.start(datadir, options.port, options.kernel))
        return 0
    if options.command == "stop":
        return background.stop(datadir)
    try:
        if options.command == "status":
            return background.status(datadir)
        client = Client(datadir)
        if options.command == "faucet":
            result = faucet.pour(client.call, options.address, options.amount)
        else:
            result = client.call(options.method, [parameter(p) for p in options.params])
    except Unreachable as error:
        raise SystemExit(str(error)) from None
    except RPCError as error:
        print(f"error code: {error.code}\nerror message:\n{error.message}", file=sys.stderr)
        return min(abs(error.code), 255)
    if result is not None:
        print(result if isinstance(result, str) else encode(result))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
