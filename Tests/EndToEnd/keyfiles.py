"""Key files, made and opened by the format that Sources/Secrets/KeyFile.swift states.

The product seals keys so that each attempt costs half a second. These files take the least cost
that it accepts, so that a test pays for what it tests.
"""

import hashlib
import os

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from embit import bip32, ec
from embit.networks import NETWORKS

PASSPHRASE = "correct horse battery staple"


def secret_of(*words):
    """A secret that is the same in every run."""
    return hashlib.sha256(" ".join(("strongroom test key",) + words).encode()).digest()


def root_of(secret):
    return bip32.HDKey.from_seed(secret, version=NETWORKS["regtest"]["xprv"])


def public_part(purpose, secret):
    if purpose == "event":
        return ec.PrivateKey(secret).get_public_key().sec().hex()
    if purpose == "wallet":
        return root_of(secret).to_public().to_base58()
    key = Ed25519PrivateKey.from_private_bytes(secret)
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def sealing_key(passphrase, rounds, block, parallel, salt):
    return hashlib.scrypt(passphrase.encode(), salt=salt, n=rounds, r=block, p=parallel, dklen=32,
                          maxmem=1 << 29)


def write(home, name, purpose, secret, passphrase=PASSPHRASE):
    """Seals a secret as `home`/keys/`name`.key; returns the public part."""
    folder = home / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    public = public_part(purpose, secret)
    salt, nonce = os.urandom(32), os.urandom(12)
    header = (f"strongroom-key 1\npurpose {purpose}\nname {name}\npublic {public}\n"
              f"kdf scrypt 2 1 1 {salt.hex()}\ncipher chacha20-poly1305 {nonce.hex()}\n")
    key = sealing_key(passphrase, 2, 1, 1, salt)
    sealed = ChaCha20Poly1305(key).encrypt(nonce, secret, header.encode())
    path = folder / f"{name}.key"
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(header + f"sealed {sealed.hex()}\n")
    return public


def read(home, name, passphrase=PASSPHRASE):
    """Opens a key file; returns its secret."""
    text = (home / "keys" / f"{name}.key").read_text()
    header, _, last = text.rstrip("\n").rpartition("\n")
    words = {line.split()[0]: line.split()[1:] for line in header.splitlines()}
    _, rounds, block, parallel, salt = words["kdf"]
    key = sealing_key(passphrase, int(rounds), int(block), int(parallel), bytes.fromhex(salt))
    nonce = bytes.fromhex(words["cipher"][1])
    return ChaCha20Poly1305(key).decrypt(
        nonce, bytes.fromhex(last.split()[1]), (header + "\n").encode())
