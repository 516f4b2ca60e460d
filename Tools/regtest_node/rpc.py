"""Bitcoin Core's JSON-RPC over HTTP, on 127.0.0.1 alone."""

import base64
import hmac
import json
import os
import secrets
import threading
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .errors import INTERNAL_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, PARSE_ERROR, RPCError
from .values import encode

MAX_BODY = 32 * 1024 * 1024
WORK_QUEUE = 64
IDLE_SECONDS = 30
CLOSING_SECONDS = 5
COOKIE_USER = "__cookie__"


class Server(ThreadingHTTPServer):
    """Serves a node's methods; each connection has a thread, the node's lock orders the calls."""

    daemon_threads = True

    def __init__(self, node, port, credentials):
        super().__init__(("127.0.0.1", port), Handler)
        self.node = node
        self.slots = threading.Semaphore(WORK_QUEUE)
        self.accepted = [f"{user}:{password}" for user, password in credentials]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def finish_answers(self):
        """Waits until no call is under way, a few seconds at most."""
        for _ in range(WORK_QUEUE):
            self.slots.acquire(timeout=CLOSING_SECONDS)

    def handle_error(self, request, client_address):
        self.node.log("a connection ended early")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True

    def do_POST(self):
        try:
            length = int(self.headers.get("Content-Length", ""))
        except ValueError:
            return self._reply(411, "a Content-Length is needed", close=True)
        if not 0 <= length <= MAX_BODY:
            return self._reply(413, f"a request may have {MAX_BODY} bytes", close=True)
        body = self.rfile.read(length)
        if not self._is_authorised():
            return self._reply(401, "", {"WWW-Authenticate": 'Basic realm="jsonrpc"'})
        if not self.server.slots.acquire(blocking=False):
            return self._reply(503, "Work queue depth exceeded")
        try:
            self._reply(*answer(self.server.node, body))
        finally:
            self.server.slots.release()
        if self.server.node.stopping.is_set():
            self.close_connection = True

    def _not_a_post(self):
        self._reply(405, "JSONRPC server handles only POST requests", close=True)

    do_GET = do_PUT = do_DELETE = do_HEAD = _not_a_post

    def _is_authorised(self):
        scheme, _, text = self.headers.get("Authorization", "").partition(" ")
        try:
            given = base64.b64decode(text, validate=True)
        except ValueError:
            return False
        matches = [hmac.compare_digest(given, known.encode()) for known in self.server.accepted]
        return scheme == "Basic" and any(matches)

    def _reply(self, status, text, headers=None, close=False):
        body = text.encode()
        self.send_response(status)
        is_json = text[:1] in ("{", "[")
        self.send_header("Content-Type", "application/json" if is_json else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if close:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


def answer(node, body):
    """The HTTP status and body for a request body, after Core's HTTPReq_JSONRPC."""
    try:
        request = json.loads(body, parse_float=Decimal, parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        return 500, encode(envelope(None, error=RPCError(PARSE_ERROR, "Parse error"))) + "\n"
    if isinstance(request, list):
        replies = [reply for reply in (one(node, item)[1] for item in request) if reply]
        if request and not replies:
            return 204, ""
        return 200, encode(replies) + "\n"
    if not isinstance(request, dict):
        error = RPCError(PARSE_ERROR, "Top-level object parse error")
        return 500, encode(envelope(None, error=error)) + "\n"
    status, reply = one(node, request)
    return status, encode(reply) + "\n" if reply else ""


def refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


def one(node, request):
    """Runs one request; returns (HTTP status, envelope or None for a notification)."""
    identity = request.get("id") if isinstance(request, dict) else None
    modern = isinstance(request, dict) and request.get("jsonrpc") == "2.0"
    try:
        if not isinstance(request, dict):
            raise RPCError(INVALID_REQUEST, "Invalid Request object")
        method, params = request.get("method"), request.get("params") or []
        if "method" not in request:
            raise RPCError(INVALID_REQUEST, "Missing method")
        if not isinstance(method, str):
            raise RPCError(INVALID_REQUEST, "Method must be a string")
        if not isinstance(params, (list, dict)):
            raise RPCError(INVALID_REQUEST, "Params must be an array or object")
        result = node.call(method, params)
    except RPCError as error:
        status = {INVALID_REQUEST: 400, METHOD_NOT_FOUND: 404}.get(error.code, 500)
        if modern and "id" not in request:
            return 204, None
        return (200 if modern else status), envelope(identity, error=error, modern=modern)
    except Exception as error:  # a fault of ours must reach the client as an answer, and the log
        node.log(f"internal error: {error!r}")
        return 500, envelope(identity, error=RPCError(INTERNAL_ERROR, repr(error)), modern=modern)
    if modern and "id" not in request:
        return 204, None
    return 200, envelope(identity, result, modern=modern)


def envelope(identity, result=None, error=None, modern=False):
    problem = {"code": error.code, "message": error.message} if error else None
    if modern:
        part = {"error": problem} if error else {"result": result}
        return {"jsonrpc": "2.0", **part, "id": identity}
    return {"result": result, "error": problem, "id": identity}


def write_cookie(path):
    """Makes a fresh password in a file that only its owner can read, as Core does."""
    password = secrets.token_hex(32)
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{COOKIE_USER}:{password}")
    return COOKIE_USER, password
