"""What an operator can do who holds the log's key: entries changed, tree and checkpoints re-signed.

Each attack returns the findings that name it, any one of which a verifier must have; a position of
None stands for the whole log.
"""

import cbor2

from tampering import bitcoin
from tampering.events import ORDER, Key, cbor, entry, envelope, event_id, raw
from tampering.scene import HOUR

ATTACKS = {}


def attack(name):
    def register(function):
        ATTACKS[name] = function
        return function
    return register


def middle(scene, kind="attested"):
    """An event in the middle of the log that nothing depends on."""
    found = scene.find(kind)
    return found[len(found) // 2]


def flip(data, offset, bit=1):
    return data[:offset] + bytes([data[offset] ^ bit]) + data[offset + 1:]


def flipped(scene, event, offset, *rules, bit=1):
    scene.replace(event.position, flip(scene.entries[event.position], offset, bit))
    return {(event.position, rule) for rule in rules}


# Bits, by what they are of --------------------------------------------------------------------


@attack("bit: entry's header")
def bit_header(scene):
    return flipped(scene, middle(scene), 0, "encoding")


@attack("bit: recorded time")
def bit_recorded(scene):
    event = middle(scene)
    # A bit that is set, of the byte that counts 50 days: the time falls.
    byte = scene.entries[event.position][5]
    return flipped(scene, event, 5, "recorded-time", bit=byte & -byte)


@attack("bit: envelope's tag")
def bit_tag(scene):
    event = middle(scene)
    return flipped(scene, event, scene.entries[event.position].index(event.raw), "encoding")


@attack("bit: algorithm")
def bit_algorithm(scene):
    event = middle(scene)
    return flipped(scene, event, scene.entries[event.position].index(b"\x38\x2e") + 1, "encoding")


@attack("bit: kid")
def bit_kid(scene):
    event = middle(scene)
    return flipped(scene, event, scene.entries[event.position].index(event.key) + 20, "unknown-key")


@attack("bit: payload's time")
def bit_time(scene):
    event = middle(scene)
    place = scene.entries[event.position].index(b"\x64time") + 5 + 8
    return flipped(scene, event, place, "signature")


@attack("bit: payload's structure")
def bit_structure(scene):
    event = middle(scene)
    place = scene.entries[event.position].index(event.payload)
    return flipped(scene, event, place, "encoding")


@attack("bit: signature")
def bit_signature(scene):
    event = middle(scene)
    return flipped(scene, event, len(scene.entries[event.position]) - 1, "signature")


# Entries moved --------------------------------------------------------------------------------


@attack("entry removed")
def removed(scene):
    event = middle(scene)
    del scene.entries[event.position]
    return {(event.position, "seen-beyond-entry"), (event.position, "sequence")}


@attack("entry repeated")
def repeated(scene):
    event = middle(scene)
    scene.entries.insert(event.position + 1, scene.entries[event.position])
    return {(event.position + 1, "equivocation")}


@attack("entries swapped")
def swapped(scene):
    place = middle(scene).position
    scene.entries[place:place + 2] = reversed(scene.entries[place:place + 2])
    return {(place, "seen-beyond-entry"), (place, "sequence")}


@attack("last entries cut off")
def cut(scene):
    scene.arguments = [("--since", scene.export.checkpoint)]
    del scene.entries[-3:]
    scene.sizes = [size for size in scene.sizes if size <= len(scene.entries)]
    return {(None, "rollback")}


@attack("entry back-dated")
def back_dated(scene):
    event = middle(scene)
    scene.replace(event.position, entry(event.recorded - 3 * HOUR, event.raw))
    return {(event.position, "recorded-time")}


@attack("approval kept in the drawer")
def drawer(scene):
    request = scene.transfers()[-3]
    time = scene.events[-1].recorded
    place = scene.append("approved", {"request": request.id}, "bob", time=time,
                         recorded=time + 31 * 24 * HOUR)
    return {(place, "too-old")}


@attack("event from the future")
def future(scene):
    place = scene.append("attested", {"head": scene.head(), "state": bytes(32), "findings": 0},
                         "audrey", time=scene.events[-1].recorded + 601_000)
    return {(place, "from-the-future")}


# Who signed -----------------------------------------------------------------------------------


@attack("entry re-signed by another key")
def resigned(scene):
    event = middle(scene)
    signature = Key.of("mallory").sign_raw(event.id)
    scene.replace(event.position, entry(event.recorded, envelope(event.key, event.payload,
                                                                 signature)))
    return {(event.position, "signature")}


@attack("entry put under a stranger's key")
def stranger(scene):
    event, key = middle(scene), Key.of("mallory")
    signature = key.sign_raw(event_id(key.id, scene.ledger, event.payload))
    scene.replace(event.position, entry(event.recorded, envelope(key.id, event.payload, signature)))
    return {(event.position, "unknown-key")}


@attack("wrong kid: another member's")
def wrong_kid(scene):
    event = middle(scene)
    scene.replace(event.position, entry(event.recorded, envelope(
        Key.of("bob").id, event.payload, event.signature)))
    return {(event.position, rule) for rule in ("sequence", "equivocation", "signature")}


@attack("event of another ledger")
def other_ledger(scene):
    key = Key.of("audrey")
    body = {"head": scene.head(), "state": bytes(32), "findings": 0}
    payload = cbor({"seq": scene.next_seq(key), "seen": scene.head(), "body": body,
                    "type": "attested", "time": scene.events[-1].recorded})
    signature = key.sign_raw(event_id(key.id, bytes(32), payload))
    return {(scene.append_raw(envelope(key.id, payload, signature)), "signature")}


@attack("signature with high s")
def high_s(scene):
    event = middle(scene)
    r, s = (int.from_bytes(part, "big") for part in (event.signature[:32], event.signature[32:]))
    scene.replace(event.position, entry(event.recorded, envelope(
        event.key, event.payload, raw(r, ORDER - s))))
    return {(event.position, "signature")}


@attack("signature of zeros")
def zeros(scene):
    event = middle(scene)
    scene.replace(event.position, entry(event.recorded, envelope(
        event.key, event.payload, bytes(64))))
    return {(event.position, "signature")}


# Bookkeeping, signed by its rightful author -----------------------------------------------------


def attest(scene, **details):
    body = {"head": details.get("seen") or scene.head(), "state": bytes(32), "findings": 0}
    return scene.append("attested", body, "audrey", **details)


@attack("seen: a root of another log")
def seen_foreign(scene):
    return {(attest(scene, seen=[len(scene.entries), bytes(32)]), "seen-foreign")}


@attack("seen: more than there is")
def seen_beyond(scene):
    return {(attest(scene, seen=[len(scene.entries) + 1, bytes(32)]), "seen-beyond-entry")}


@attack("seen: less than before")
def seen_shrank(scene):
    return {(attest(scene, seen=scene.head(9)), "seen-shrank")}


@attack("seen: does not cover the request")
def seen_uncovered(scene):
    # Olga has not looked at the log since before the request was made.
    request = scene.transfers()[-2]
    place = scene.append("exported", {"request": request.id, "psbt": bytes(32)}, "olga",
                         seen=scene.head(scene.seen_size(Key.of("olga"))))
    return {(place, "seen-does-not-cover")}


@attack("gap in seq")
def gap(scene):
    return {(attest(scene, seq=scene.next_seq(Key.of("audrey")) + 1), "sequence")}


@attack("one seq twice")
def twice(scene):
    return {(attest(scene, seq=scene.next_seq(Key.of("audrey")) - 1), "equivocation")}


# Encoding ---------------------------------------------------------------------------------------


def altered(scene, change):
    return {(attest(scene, change=change), "encoding")}


@attack("CBOR: integer not in its shortest form")
def long_integer(scene):
    return altered(scene, lambda payload: payload.replace(b"\x68findings\x00",
                                                          b"\x68findings\x18\x00"))


@attack("CBOR: indefinite length")
def indefinite(scene):
    return altered(scene, lambda payload: b"\xbf" + payload[1:] + b"\xff")


@attack("CBOR: keys out of order")
def disorder(scene):
    def change(payload):
        fields = cbor2.loads(payload)
        return cbor2.dumps(dict(reversed(fields.items())))
    return altered(scene, change)


@attack("CBOR: key that the format does not know")
def unknown_field(scene):
    return altered(scene, lambda payload: cbor({**cbor2.loads(payload), "note": 1}))


@attack("CBOR: bytes behind the payload")
def behind_payload(scene):
    return altered(scene, lambda payload: payload + b"\x00")


@attack("bytes behind the envelope")
def behind_envelope(scene):
    event = middle(scene)
    scene.replace(event.position, entry(event.recorded, event.raw + b"\x00"))
    return {(event.position, "encoding")}


@attack("bytes behind the entry")
def behind_entry(scene):
    event = middle(scene)
    scene.replace(event.position, scene.entries[event.position] + b"\x00")
    return {(event.position, "encoding")}


@attack("unprotected header with something in it")
def unprotected(scene):
    event = middle(scene)
    parts = cbor2.loads(event.raw).value
    parts[1] = {4: b"someone"}
    scene.replace(event.position, entry(event.recorded, cbor(cbor2.CBORTag(18, parts))))
    return {(event.position, "encoding")}


# Policy and quorum ------------------------------------------------------------------------------


@attack("policy edited without quorum")
def policy_edited(scene):
    event = scene.find("initiated", lambda event: event.body["request"]["kind"] ==
                       "create-wallet")[0]
    payload = event.payload.replace(b"\x64need\x02", b"\x64need\x01")
    scene.replace(event.position, entry(event.recorded, envelope(event.key, payload,
                                                                 event.signature)))
    return {(event.position, "signature")}


@attack("policy replaced by one of two")
def policy_alone(scene):
    quorum = {"of": ["alice"], "need": 1}
    place = scene.initiate({"kind": "replace-policy", "quorum": quorum, "wallet": "main"})
    scene.append("approved", {"request": scene.events[place].id}, "alice")
    request = scene.transfers()[-3]
    return {(scene.append("exported", {"request": request.id, "psbt": bytes(32)}, "alice"),
             "not-authorised")}


@attack("approval by who was suspended one event before")
def suspended(scene):
    request = scene.transfers()[-3]
    return {(scene.append("approved", {"request": request.id}, "carol"), "member-suspended")}


@attack("approval by who is no approver")
def no_approver(scene):
    request = scene.transfers()[-3]
    return {(scene.append("approved", {"request": request.id}, "olga"), "not-approver")}


@attack("approval counted twice")
def approved_twice(scene):
    request = scene.transfers()[-3]
    return {(scene.append("approved", {"request": request.id}, "alice"), "already-approved")}


@attack("approval of a request that was aborted")
def approved_dead(scene):
    aborted = scene.find("aborted")[-1].body["request"]
    return {(scene.append("approved", {"request": aborted}, "bob"), "request-ended")}


@attack("abort after the quorum")
def late_abort(scene):
    request = scene.transfers()[-2]
    return {(scene.append("aborted", {"request": request.id}, "bob"), "quorum-complete")}


@attack("member enrolled with a key in use")
def key_in_use(scene):
    member = {"key": Key.of("bob").id, "name": "bobby", "roles": []}
    return {(scene.initiate({"kind": "enrol-member", "member": member}), "key-taken")}


@attack("quorum that one member fills twice")
def overlap(scene):
    quorum = {"of": ["alice", ["executive", 1]], "need": 2}
    return {(scene.initiate({"kind": "replace-policy", "quorum": quorum}), "quorum-overlap")}


# Transfers --------------------------------------------------------------------------------------


@attack("transfer with a foreign change output")
def foreign_change(scene):
    coin = scene.free_coin()
    thief = b"\x00\x20" + bitcoin.sha256(b"thief")
    request = scene.transfer(outputs=[(20_000, b"\x00\x20" + bitcoin.sha256(b"payee")),
                                      (coin[1] - 21_000, thief)])
    return {(scene.initiate(request), "change")}


@attack("transfer with a change index skipped")
def change_skipped(scene):
    request = scene.transfer(index=scene.change_index() + 1)
    return {(scene.initiate(request), "address-index")}


@attack("transfer with a fee misstated")
def misstated(scene):
    return {(scene.initiate({**scene.transfer(), "fee": 999}), "fee")}


@attack("transfer with an amount misstated")
def amount_misstated(scene):
    return {(scene.initiate(scene.transfer(described=60_001)), "coin-mismatch")}


@attack("transfer with another previous transaction")
def other_previous(scene):
    made = scene.find("observed")[0].body["transactions"][0][3]
    return {(scene.initiate(scene.transfer(previous=made)), "previous-transaction")}


@attack("transfer of a reserved coin")
def reserved(scene):
    held = scene.transfers()[-3].body["request"]
    point = bitcoin.read(scene.transaction(held["transaction"])).inputs[0]
    amount, script, previous = held["coins"][0]
    coin = (point, amount, script, previous)
    return {(scene.initiate(scene.transfer(coin=coin)), "coin-reserved")}


# Signatures -------------------------------------------------------------------------------------


def signed(scene, request, kind=1, tail=1, holder=1, mangle=lambda digest: digest):
    """A signature of a transfer of `main` by a wallet key that is none of our key stores'."""
    body = request.body["request"]
    transaction = scene.transaction(body["transaction"])
    amount, script, _ = body["coins"][0]
    for chain in (0, 1):
        for index in range(12):
            keys = [bitcoin.wallet_key(f"main{number}", chain, index) for number in range(3)]
            code = bitcoin.multisig(2, [key.sec() for key in keys])
            if script != b"\x00\x20" + bitcoin.sha256(code):
                continue
            digest = mangle(bitcoin.digest_v0(transaction, 0, amount, code, kind))
            signature = bitcoin.der(*Key(keys[holder].secret).sign(digest)) + bytes([tail])
            return {"request": request.id,
                    "signatures": [[0, keys[holder].sec(), signature]]}
    raise AssertionError("the coin's script is one of the wallet's first")


@attack("signature over another sighash, said so")
def other_sighash(scene):
    body = signed(scene, scene.transfers()[-2], kind=2, tail=2)
    return {(scene.append("signed", body, "bob"), "signature-of-input")}


@attack("signature over another sighash, unsaid")
def hidden_sighash(scene):
    body = signed(scene, scene.transfers()[-2], kind=2, tail=1)
    return {(scene.append("signed", body, "bob"), "signature")}


@attack("signature of another transaction")
def other_transaction(scene):
    body = signed(scene, scene.transfers()[-2], mangle=bitcoin.sha256)
    return {(scene.append("signed", body, "bob"), "signature")}


@attack("signature by a key of another wallet")
def other_wallet(scene):
    body = signed(scene, scene.transfers()[-2])
    body["signatures"][0][1] = bitcoin.wallet_key("vault0", 0, 0).sec()
    return {(scene.append("signed", body, "bob"), "signature-of-input")}


@attack("valid signature without authority")
def unauthorised(scene):
    body = signed(scene, scene.transfers()[-3])
    return {(scene.append("signed", body, "bob"), "unauthorised-signature")}


@attack("valid signature for an aborted request")
def signed_dead(scene):
    aborted = scene.find("aborted")[-1].body["request"]
    request = next(event for event in scene.transfers() if event.id == aborted)
    return {(scene.append("signed", signed(scene, request), "bob"), "unauthorised-signature")}


@attack("broadcast without the signatures")
def bare_broadcast(scene):
    request = scene.transfers()[-1]
    body = {"request": request.id, "transaction": request.body["request"]["transaction"]}
    return {(scene.append("broadcast", body, "olga"), "final-transaction")}


@attack("broadcast of another transaction")
def other_broadcast(scene):
    first, last = scene.find("broadcast")[-1], scene.transfers()[-1]
    body = {"request": last.id, "transaction": first.body["transaction"]}
    return {(scene.append("broadcast", body, "olga"), "final-transaction")}


# The chain --------------------------------------------------------------------------------------


def observe(scene, headers=b"", transactions=(), by="walt", scripts=None):
    body = {"headers": headers, "scripts": scripts or scene.watched(),
            "transactions": list(transactions)}
    return scene.append("observed", body, by)


def proofs(scene):
    return [item for event in scene.find("observed") for item in event.body["transactions"]]


@attack("block proof of another block")
def other_block(scene):
    item = proofs(scene)[0]
    other = proofs(scene)[1][0]
    return {(observe(scene, transactions=[[other, *item[1:]]]), "branch")}


@attack("block proof with a sibling changed")
def other_sibling(scene):
    tip = scene.tip()
    item = list(proofs(scene)[0])
    item[0] = bitcoin.double(tip)
    item[2] = [bytes(32)] * len(item[2])
    return {(observe(scene, transactions=[item]), "branch")}


@attack("deposit observed twice")
def observed_twice(scene):
    return {(observe(scene, transactions=[proofs(scene)[-1]]), "branch")}


def next_header(scene, **details):
    tip = scene.tip()
    time = int.from_bytes(tip[68:72], "little") + details.pop("later", 600)
    bits = details.pop("bits", int.from_bytes(tip[72:76], "little"))
    previous = details.pop("previous", bitcoin.double(tip))
    return bitcoin.header(previous, bytes(32), time, bits, **details)


@attack("header without work")
def workless(scene):
    return {(observe(scene, next_header(scene, mined=False)), "header")}


@attack("header with an easier target")
def easier(scene):
    return {(observe(scene, next_header(scene, bits=0x2100FFFF)), "header")}


@attack("header from before the median")
def early_header(scene):
    return {(observe(scene, next_header(scene, later=-600 * 12)), "header")}


@attack("header on an unknown block")
def orphan(scene):
    return {(observe(scene, next_header(scene, previous=bytes(32))), "header")}


@attack("observation of other watched scripts")
def other_scripts(scene):
    return {(observe(scene, next_header(scene), scripts=bytes(32)), "watched-scripts")}


@attack("observation by who is no watcher")
def no_watcher(scene):
    return {(observe(scene, next_header(scene), by="olga"), "role")}


@attack("coin spent without a request")
def theft(scene):
    point, amount, _, _ = scene.free_coin()
    thief = b"\x00\x20" + bitcoin.sha256(b"thief")
    spend = bitcoin.unsigned([point], [(amount - 500, thief)])
    coinbase = bitcoin.unsigned([(bytes(32), 0xFFFFFFFF)], [(5_000, b"\x51")])
    txids = [bitcoin.read(data).txid for data in (coinbase, spend)]
    tip = scene.tip()
    header = bitcoin.header(bitcoin.double(tip), bitcoin.double(b"".join(txids)),
                            int.from_bytes(tip[68:72], "little") + 600,
                            int.from_bytes(tip[72:76], "little"))
    proof = [bitcoin.double(header), 1, [txids[0]], spend]
    return {(observe(scene, header, [proof]), "unexplained-spend")}


# Others -----------------------------------------------------------------------------------------


@attack("attestation of another head")
def false_attestation(scene):
    body = {"head": scene.head(7), "state": bytes(32), "findings": 0}
    return {(scene.append("attested", body, "audrey"), "attestation")}


@attack("address issued twice")
def issued_twice(scene):
    body = scene.find("issued")[-1].body
    return {(scene.append("issued", body, "olga"), "address-index")}


@attack("founding edited")
def founding(scene):
    event = scene.events[0]
    payload = event.payload.replace(b"\x66hourly\x19\x03\xe8", b"\x66hourly\x19\x03\xe9")
    assert payload != event.payload
    scene.arguments = [("--ledger-id", scene.ledger.hex())]
    scene.replace(0, entry(event.recorded, envelope(event.key, payload, event.signature)))
    # The origin names the ledger, whose id is another now.
    return {(0, "signature"), "not checkable"}
