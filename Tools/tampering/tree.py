"""The tree of RFC 9162 and its tiles (C2SP tlog-tiles)."""

import hashlib

WIDTH = 256


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf(entry):
    return sha256(b"\x00" + entry)


def node(left, right):
    return sha256(b"\x01" + left + right)


def root(hashes):
    if not hashes:
        return sha256(b"")
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    return node(root(hashes[:split]), root(hashes[split:]))


def number(index):
    """An index as tlog-tiles writes it in a path: 1234067 is x001/x234/067."""
    parts = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        parts.insert(0, f"x{index % 1000:03}")
    return "/".join(parts)


def extents(count):
    """(index, width) of the tiles of one level that has `count` hashes."""
    for index in range(count // WIDTH):
        yield index, WIDTH
    if count % WIDTH:
        yield count // WIDTH, count % WIDTH


def tile_path(level, index, width):
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{number(index)}{partial}"


def tiles(hashes):
    """The published tiles over leaf hashes: path → bytes."""
    found, level = {}, 0
    while hashes:
        for index, width in extents(len(hashes)):
            part = hashes[index * WIDTH:index * WIDTH + width]
            found[tile_path(level, index, width)] = b"".join(part)
        hashes = [root(hashes[index * WIDTH:(index + 1) * WIDTH])
                  for index in range(len(hashes) // WIDTH)]
        level += 1
    return found


def bundles(entries):
    """The entry bundles: path → bytes."""
    found = {}
    for index, width in extents(len(entries)):
        part = entries[index * WIDTH:index * WIDTH + width]
        found[tile_path("entries", index, width)] = b"".join(
            len(entry).to_bytes(2, "big") + entry for entry in part)
    return found


def unbundle(data):
    entries = []
    while data:
        length = int.from_bytes(data[:2], "big")
        entries.append(data[2:2 + length])
        data = data[2 + length:]
    return entries
