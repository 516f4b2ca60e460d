"""A disclosure (Schemas/export.md): some entries of an export, each with the proof of its place."""

from tampering import tree
from tampering.events import parse
from tampering.export import Export
from tampering.notes import text64


def inclusion_proof(hashes, index):
    """The siblings from the leaf up, by RFC 9162's recursive definition."""
    if len(hashes) == 1:
        return []
    half = 1 << (len(hashes) - 1).bit_length() - 1
    near, far = (hashes[:half], hashes[half:]) if index < half else (hashes[half:], hashes[:half])
    return inclusion_proof(near, index % half if index < half else index - half) + [tree.root(far)]


def entry_path(position):
    return f"disclosed/{position:09d}.entry"


def proof_path(position):
    return f"disclosed/{position:09d}.tlog-proof"


def disclose(export, positions):
    """The export of these entries alone, of the founding one, and of the blobs that they name."""
    entries, made = export.entries(), Export({})
    for path, data in export.files.items():
        if path.split("/")[0] in ("README.txt", "checkpoint", "tlog-policy", "schemas"):
            made.files[path] = data
    hashes, ledger = [tree.leaf(one) for one in entries], parse(0, entries[0], b"").id
    for position in sorted({0, *positions}):
        proof = "".join(f"{text64(one)}\n" for one in inclusion_proof(hashes, position))
        head = f"c2sp.org/tlog-proof@v1\nindex {position}\n{proof}\n"
        made.files[entry_path(position)] = entries[position]
        made.files[proof_path(position)] = head.encode() + export.files["checkpoint"]
        raw = parse(position, entries[position], ledger if position else b"").raw
        made.files.update({path: export.files[path] for path in export.blobs()
                           if bytes.fromhex(path.split("/")[-1]) in raw})
    made.vouch()
    return made
