"""Calls a running node, as bitcoin-cli does."""

import base64
import http.client
import json
from decimal import Decimal
from urllib.parse import urlsplit

from .errors import RPCError
from .values import encode

TIMEOUT_SECONDS = 600


class Unreachable(Exception):
    """No node answers there; the message says what to do."""


class Client:
    """Finds the node of `datadir` by its `rpc.url` and `.cookie`."""

    def __init__(self, datadir):
        folder = datadir / "regtest"
        try:
            self.url = (folder / "rpc.url").read_text().strip()
            self._cookie = (folder / ".cookie").read_text().strip()
        except FileNotFoundError:
            raise Unreachable(f"no node runs on {datadir}: start one with "
                              f"`Tools/regtest start --datadir {datadir}`") from None

    def call(self, method, params=()):
        """Runs one method; raises RPCError as the node answered it."""
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(
            address.hostname, address.port, timeout=TIMEOUT_SECONDS)
        token = base64.b64encode(self._cookie.encode()).decode()
        body = encode({"id": 1, "method": method, "params": params})
        try:
            connection.request("POST", "/", body, {"Authorization": f"Basic {token}"})
            response = connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(f"the node at {self.url} does not answer: {error}") from None
        finally:
            connection.close()
        try:
            reply = json.loads(text, parse_float=Decimal)
        except ValueError:
            raise Unreachable(f"{self.url} answered HTTP {response.status}: "
                              f"{text[:200].decode(errors='replace')}") from None
        if reply.get("error"):
            raise RPCError(reply["error"]["code"], reply["error"]["message"])
        return reply["result"]


def parameter(text):
    """A command line word as a parameter: JSON where it is JSON, otherwise the text itself.

    A number stays text where it could be a hash or a transaction, which JSON would garble.
    """
    if len(text) >= 40:
        return text if text[:1] not in ("[", "{") else json.loads(text, parse_float=Decimal)
    try:
        return json.loads(text, parse_float=Decimal)
    except ValueError:
        return text
