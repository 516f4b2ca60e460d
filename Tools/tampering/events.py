"""Events signed as anybody could who holds a member's key, and a few who does not."""

import hashlib
import hmac
from dataclasses import dataclass

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tampering.tree import sha256

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
CONTENT_TYPE = "application/vnd.strongroom.event+cbor"
ALGORITHM = ec.ECDSA(Prehashed(hashes.SHA256()), deterministic_signing=True)


def cbor(value):
    return cbor2.dumps(value, canonical=True)


class Key:
    """A secp256k1 key by its secret."""

    def __init__(self, secret):
        self.private = ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256K1())
        self.id = self.private.public_key().public_bytes(
            Encoding.X962, PublicFormat.CompressedPoint)

    @classmethod
    def of(cls, member):
        """The key of a member of the tests' ledgers, whose secret follows from his name."""
        seed = sha256(f"member {member}".encode())
        return cls(hmac.digest(b"Bitcoin seed", seed, hashlib.sha512)[:32])

    def sign(self, digest):
        """r and s, the low one."""
        r, s = decode_dss_signature(self.private.sign(digest, ALGORITHM))
        return r, min(s, ORDER - s)

    def sign_raw(self, digest):
        return raw(*self.sign(digest))


def raw(r, s):
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def protected_header(key_id):
    return cbor({1: -47, 3: CONTENT_TYPE, 4: key_id})


def event_id(key_id, ledger, payload):
    return sha256(cbor(["Signature1", protected_header(key_id), ledger, payload]))


def envelope(key_id, payload, signature):
    return cbor(cbor2.CBORTag(18, [protected_header(key_id), {}, payload, signature]))


def entry(recorded, event):
    return cbor([recorded, event])


@dataclass
class Event:
    """An entry of the log, taken apart."""

    position: int
    recorded: int
    raw: bytes
    id: bytes
    key: bytes
    payload: bytes
    fields: dict
    signature: bytes

    @property
    def kind(self):
        return self.fields["type"]

    @property
    def body(self):
        return self.fields["body"]


def parse(position, data, ledger):
    recorded, event = cbor2.loads(data)
    protected, _, payload, signature = cbor2.loads(event).value
    key = cbor2.loads(protected)[4]
    return Event(position, recorded, event, event_id(key, ledger, payload), key, payload,
                 cbor2.loads(payload), signature)
