"""Regtest addresses to scripts and back (BIP-13, BIP-173, BIP-350)."""

from .wire import sha256d

CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
HUMAN_PART = "bcrt"
PUBKEY_HASH, SCRIPT_HASH = 111, 196
BECH32, BECH32M = 1, 0x2BC830A3


class AddressError(ValueError):
    """The text is not a regtest address; the message says why."""


def _polymod(values):
    generators = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for index, generator in enumerate(generators):
            checksum ^= generator if top >> index & 1 else 0
    return checksum


def _expanded():
    return [ord(c) >> 5 for c in HUMAN_PART] + [0] + [ord(c) & 31 for c in HUMAN_PART]


def _regroup(data, width_from, width_to, pad):
    accumulator = bits = 0
    groups = []
    for value in data:
        accumulator = accumulator << width_from | value
        bits += width_from
        while bits >= width_to:
            bits -= width_to
            groups.append(accumulator >> bits & (1 << width_to) - 1)
        accumulator &= (1 << bits) - 1
    if pad:
        if bits:
            groups.append(accumulator << width_to - bits & (1 << width_to) - 1)
    elif bits >= width_from or accumulator:
        raise AddressError("Invalid padding in Bech32 data section")
    return groups


def _segwit_script(text):
    if text.lower() != text and text.upper() != text:
        raise AddressError("Invalid mix of case in Bech32 address")
    text = text.lower()
    data = text[len(HUMAN_PART) + 1:]
    if len(text) > 90 or len(data) < 8 or any(c not in CHARSET for c in data):
        raise AddressError("Invalid Bech32 or Bech32m address")
    values = [CHARSET.index(c) for c in data]
    version = values[0]
    expected = BECH32 if version == 0 else BECH32M
    if version > 16 or _polymod(_expanded() + values) != expected:
        raise AddressError("Invalid checksum or version of the Bech32 address")
    program = bytes(_regroup(values[1:-6], 5, 8, pad=False))
    if not 2 <= len(program) <= 40 or version == 0 and len(program) not in (20, 32):
        raise AddressError("Invalid witness program length")
    return bytes([0x50 + version if version else 0, len(program)]) + program


def _base58_script(text):
    number = 0
    for character in text:
        if character not in BASE58:
            raise AddressError("Invalid or unsupported Segwit (Bech32) or Base58 encoding.")
        number = number * 58 + BASE58.index(character)
    data = number.to_bytes(25, "big") if number < 1 << 200 else b""
    if len(data) != 25 or sha256d(data[:21])[:4] != data[21:]:
        raise AddressError("Invalid checksum or length of Base58 address (P2PKH or P2SH)")
    if data[0] == PUBKEY_HASH:
        return b"\x76\xa9\x14" + data[1:21] + b"\x88\xac"
    if data[0] == SCRIPT_HASH:
        return b"\xa9\x14" + data[1:21] + b"\x87"
    raise AddressError("Invalid or unsupported Base58-encoded address: not one of regtest.")


def script_of_address(text):
    """The scriptPubKey that pays `text`; AddressError when it is not a regtest address."""
    if not isinstance(text, str) or not 1 <= len(text) <= 90:
        raise AddressError("Invalid address")
    if text.lower().startswith(HUMAN_PART + "1"):
        return _segwit_script(text)
    return _base58_script(text)


def address_of_script(script):
    """The regtest address of `script`, or None when it has none."""
    if len(script) == 25 and script[:3] == b"\x76\xa9\x14" and script[23:] == b"\x88\xac":
        return _base58(PUBKEY_HASH, script[3:23])
    if len(script) == 23 and script[:2] == b"\xa9\x14" and script[22:] == b"\x87":
        return _base58(SCRIPT_HASH, script[2:22])
    version = witness_version(script)
    if version is None or version == 0 and len(script) not in (22, 34):
        return None
    values = [version] + _regroup(script[2:], 8, 5, pad=True)
    checksum = _polymod(_expanded() + values + [0] * 6) ^ (BECH32M if version else BECH32)
    values += [checksum >> 5 * (5 - index) & 31 for index in range(6)]
    return HUMAN_PART + "1" + "".join(CHARSET[value] for value in values)


def witness_version(script):
    """The version of a witness program, or None when `script` is not one (BIP-141)."""
    if not 4 <= len(script) <= 42 or script[1] + 2 != len(script):
        return None
    if script[0] == 0:
        return 0
    return script[0] - 0x50 if 0x51 <= script[0] <= 0x60 else None


def _base58(version, payload):
    data = bytes([version]) + payload
    data += sha256d(data)[:4]
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = BASE58[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text
