"""Judges events with tools that are not ours, from the format's description alone.

Reads {"events": [{"envelope", "payload", "ledger", "entry"}], "flips": [index of a bit, ...]} from
standard input, everything in hexadecimal and `ledger` null for a founding event. Writes for each
event what it found:

- "schema": what Schemas/event.cddl and entry.cddl say against envelope, payload and entry.
- "payload", "kid": what the verified envelope holds (cwt: COSE with ES256K).
- "event_id", "leaf_hash": derived anew (cbor2 and hashlib).
- "tampered": how many of the envelopes with one of the bits turned over still verify.
- "foreign": whether the envelope verifies over another ledger's id.
- "malformed": whether the schema takes the envelope without its tag's lowest bit, the payload with
  another type, or the entry with another head.
"""

import hashlib
import json
import pathlib
import sys

import cbor2
import cddl_verifier
import cwt
from cryptography.hazmat.primitives.asymmetric import ec

SCHEMAS = pathlib.Path(__file__).parents[3] / "Schemas"
EVENT = cddl_verifier.Validator(SCHEMAS / "event.cddl")
ENTRY = cddl_verifier.Validator(SCHEMAS / "entry.cddl")


def key(kid):
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256K1(), kid).public_numbers()
    return cwt.COSEKey.new(
        {
            1: 2,  # kty: EC2
            2: kid,
            3: -47,  # alg: ES256K
            -1: 8,  # crv: secp256k1
            -2: point.x.to_bytes(32, "big"),
            -3: point.y.to_bytes(32, "big"),
        }
    )


def open_envelope(envelope, aad, key):
    """The payload of an envelope that verifies, else None."""
    try:
        return cwt.COSE.new().decode(envelope, key, external_aad=aad)
    except Exception:  # a judge may refuse in whatever way it likes
        return None


def flipped(data, bit):
    changed = bytearray(data)
    changed[bit // 8 % len(data)] ^= 1 << bit % 8
    return bytes(changed)


def judge(event, flips):
    envelope, payload, entry = (
        bytes.fromhex(event[name]) for name in ("envelope", "payload", "entry")
    )
    aad = bytes.fromhex(event["ledger"] or "")
    protected, unprotected, body, _ = cbor2.loads(envelope).value
    kid = cbor2.loads(protected)[4]
    structure = cbor2.dumps(["Signature1", protected, aad, body])
    opened = open_envelope(envelope, aad, key(kid))
    recorded, inner = cbor2.loads(entry)
    assert inner == envelope and unprotected == {} and recorded >= cbor2.loads(body)["time"]
    validations = [
        EVENT.validate(envelope),
        EVENT.validate(payload, root_type="payload"),
        ENTRY.validate(entry),
    ]
    other_type = {**cbor2.loads(payload), "type": "undone"}
    malformed = [
        EVENT.validate(flipped(envelope, 0)),
        EVENT.validate(cbor2.dumps(other_type), root_type="payload"),
        ENTRY.validate(flipped(entry, 0)),
    ]
    return {
        "schema": [error for result in validations for error in result.errors],
        "payload": opened and opened.hex(),
        "kid": kid.hex(),
        "event_id": hashlib.sha256(structure).hexdigest(),
        "leaf_hash": hashlib.sha256(b"\0" + entry).hexdigest(),
        "tampered": sum(
            open_envelope(flipped(envelope, bit), aad, key(kid)) is not None for bit in flips
        ),
        "foreign": open_envelope(envelope, hashlib.sha256(aad).digest(), key(kid)) is not None,
        "malformed": any(malformed),
    }


question = json.load(sys.stdin)
json.dump([judge(event, question["flips"]) for event in question["events"]], sys.stdout)
