"""The ledger that attacks are made on, and what an attacker needs to know of it."""

import hashlib

from tampering import bitcoin, notes, tree
from tampering.events import Key, cbor, entry, envelope, event_id, parse
from tampering.export import Export

LOG_SEED = hashlib.sha256(b"the log's seed").digest()
HOUR = 3_600_000


class Scene:
    """A copy of the story's export, to be attacked."""

    def __init__(self, export):
        self.export = export.copy()
        self.entries = self.export.entries()
        self.blobs = {}
        self.ledger = parse(0, self.entries[0], b"").id
        self.events = [parse(0, self.entries[0], b"")] + [
            parse(position, data, self.ledger)
            for position, data in enumerate(self.entries[1:], start=1)]
        self.signer = notes.Signer(self.export.origin, LOG_SEED)
        self.sizes = [notes.parse_checkpoint(note)[1] for note in self.export.checkpoints]
        # What the verifiers are told besides the export.
        self.arguments = []

    # Reading ----------------------------------------------------------------------------------

    def find(self, kind, wanted=lambda event: True):
        """The events of a type, oldest first."""
        return [event for event in self.events if event.kind == kind and wanted(event)]

    def transfers(self):
        return self.find("initiated", lambda event: event.body["request"]["kind"] == "transfer")

    def head(self, size=None):
        data = self.entries if size is None else self.entries[:size]
        return [len(data), tree.root([tree.leaf(one) for one in data])]

    def next_seq(self, key):
        return sum(event.key == key.id for event in self.events)

    def seen_size(self, key):
        return max((event.fields["seen"][0] for event in self.events if event.key == key.id),
                   default=0)

    def transaction(self, value):
        """The bytes of a byte-string, inline or from its blob."""
        if isinstance(value, bytes):
            return value
        return self.export.files[Export.blob_path(value[1])]

    def watched(self):
        return self.find("observed")[-1].body["scripts"]

    def tip(self):
        """The last header of the chain."""
        headers = self.find("observed", lambda event: event.body["headers"])
        return headers[-1].body["headers"][-80:]

    # Writing ----------------------------------------------------------------------------------

    def event(self, kind, body, by, *, key=None, seq=None, seen=None, time=None, signer=None,
              change=lambda payload: payload):
        """An envelope by a member; every part of it can be another than it should be."""
        key = key or Key.of(by)
        time = self.events[-1].recorded if time is None else time
        seq = self.next_seq(key) if seq is None else seq
        payload = change(cbor({"seq": seq, "seen": seen or self.head(), "body": body,
                               "type": kind, "time": time}))
        digest = event_id(key.id, self.ledger, payload)
        return envelope(key.id, payload, (signer or key).sign_raw(digest))

    def append(self, kind, body, by, *, recorded=None, **details):
        """Appends an event; returns its position."""
        raw = self.event(kind, body, by, **details)
        return self.append_raw(raw, recorded)

    def append_raw(self, raw, recorded=None):
        recorded = self.events[-1].recorded if recorded is None else recorded
        self.entries.append(entry(recorded, raw))
        position = len(self.entries) - 1
        try:
            self.events.append(parse(position, self.entries[-1], self.ledger))
        except (ValueError, KeyError, TypeError, AttributeError):
            self.events.append(self.events[-1])
        return position

    def initiate(self, request, by="alice", **details):
        body = {"expires": self.events[-1].recorded + 48 * HOUR, "request": request}
        return self.append("initiated", body, by, **details)

    def replace(self, position, data):
        self.entries[position] = data
        return position

    def resign(self):
        """What the operator does: tree, checkpoints and manifest made anew."""
        self.export.rebuild(self.entries, self.signer, self.sizes)

    def write(self, place):
        """Writes the export, and what verifiers are told besides; returns its path and that."""
        path, arguments = self.export.write(place / "export"), []
        for option, value in self.arguments:
            if option in ("--since", "--policy"):
                file = place / option.strip("-")
                file.write_text(value)
                value = file
            arguments += [option, value]
        return path, arguments

    # A transfer of the coin that is free ------------------------------------------------------

    def free_coin(self):
        """The outpoint, the amount, the script and the transaction of a coin that nobody holds."""
        made = [item for event in self.find("observed") for item in event.body["transactions"]]
        held = {point for event in self.transfers() for point in
                bitcoin.read(self.transaction(event.body["request"]["transaction"])).inputs}
        for _, _, _, value in made:
            data = self.transaction(value)
            parsed = bitcoin.read(data)
            for index, (amount, script) in enumerate(parsed.outputs):
                point = (parsed.txid, index)
                if amount == 60_000 and point not in held:
                    return point, amount, script, value
        raise AssertionError("the story has a free coin of 60,000 satoshis")

    def change_index(self):
        changes = [event.body["request"]["change"] for event in self.transfers()
                   if event.body["request"]["wallet"] == "main"]
        return max(index for _, index in (change for change in changes if change)) + 1

    def change_script(self, index):
        keys = [bitcoin.wallet_key(f"main{number}", 1, index).sec() for number in range(3)]
        return b"\x00\x20" + tree.sha256(bitcoin.multisig(2, keys))

    def transfer(self, *, outputs=None, coin=None, fee=1_000, index=None, described=None,
                 previous=None):
        """A transfer of the free coin, right in all that it is not told to do wrongly."""
        point, amount, script, made = coin or self.free_coin()
        index = self.change_index() if index is None else index
        if outputs is None:
            payee = b"\x00\x20" + tree.sha256(b"payee")
            outputs = [(20_000, payee), (amount - 20_000 - fee, self.change_script(index))]
        return {
            "fee": fee, "kind": "transfer", "wallet": "main", "change": [1, index],
            "coins": [[described or amount, script, previous or made]],
            "transaction": bitcoin.unsigned([point], outputs),
        }
