"""Opens key files the way a stranger would in twenty years: from the format's description alone.

Reads {"files": [{"text": …, "passphrase": hex}]} from standard input and writes the secrets in
hexadecimal, null for a file that does not open, as {"secrets": […]}.
"""

import hashlib
import json
import sys

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305


def secret(text: str, passphrase: bytes) -> str | None:
    head, sealed = text.split("sealed ")
    fields = {line.split(" ")[0]: line.split(" ")[1:] for line in head.splitlines()}
    assert fields["strongroom-key"] == ["1"]
    function, n, r, p, salt = fields["kdf"]
    cipher, nonce = fields["cipher"]
    assert (function, cipher) == ("scrypt", "chacha20-poly1305")
    key = hashlib.scrypt(
        passphrase, salt=bytes.fromhex(salt), n=int(n), r=int(r), p=int(p),
        maxmem=1 << 29, dklen=32)
    try:
        opened = ChaCha20Poly1305(key).decrypt(
            bytes.fromhex(nonce), bytes.fromhex(sealed.strip()), head.encode())
    except InvalidTag:
        return None
    return opened.hex()


files = json.load(sys.stdin)["files"]
secrets = [secret(f["text"], bytes.fromhex(f["passphrase"])) for f in files]
json.dump({"secrets": secrets}, sys.stdout)
