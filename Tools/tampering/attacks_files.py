"""What somebody can do to the files of an export, and what its sender can who signs the manifest.

An attack whose name ends in "vouched" is by the sender: the manifest is made anew, so that only a
look at what the files say can find it.
"""

import hashlib

from tampering import notes, tree
from tampering.export import EXPORT_SEED, SUMS, SUMS_NOTE, Export
from tampering.scene import LOG_SEED

ATTACKS = {}


def attack(name, vouched=False):
    """Registers an attack; with `vouched` also as one of the sender's."""
    def register(function):
        ATTACKS[name] = function

        def as_sender(scene):
            found = function(scene)
            scene.export.vouch()
            return found
        if vouched:
            ATTACKS[name + ", vouched"] = as_sender
            # Outsiders are found by the manifest already.
            ATTACKS[name] = lambda scene: function(scene) | {(None, "manifest")}
        return function
    return register


def flip(data, offset):
    return data[:offset] + bytes([data[offset] ^ 1]) + data[offset + 1:]


def bundle(scene, index=0):
    """The path of a bundle, and its width."""
    width = dict(tree.extents(scene.export.size))[index]
    return tree.tile_path("entries", index, width), width


def tile(scene, level, index=0):
    count = scene.export.size >> 8 * level
    width = dict(tree.extents(count))[index]
    return tree.tile_path(level, index, width)


# Bundles ----------------------------------------------------------------------------------------


@attack("bundle: a bit of an entry flipped", vouched=True)
def bundle_bit(scene):
    path, _ = bundle(scene)
    event = scene.find("attested")[0]
    place = scene.export.files[path].index(event.signature) + 10
    scene.export.files[path] = flip(scene.export.files[path], place)
    return {(event.position, "tree"), (event.position, "signature")}


@attack("bundle: entry 257 in it", vouched=True)
def entry_257(scene):
    path, _ = bundle(scene)
    extra = scene.entries[256]
    scene.export.files[path] += len(extra).to_bytes(2, "big") + extra
    return {(None, "layout"), (0, "layout"), (255, "encoding"), (256, "encoding"),
            (256, "layout")}


@attack("bundle: its last entry missing", vouched=True)
def bundle_short(scene):
    path, width = bundle(scene, 1)
    scene.export.files[path] = scene.export.files[path][:-2 - len(scene.entries[-1])]
    last = len(scene.entries) - 1
    return {(last, "missing-entry"), (last, "encoding"), (None, "layout")}


@attack("bundle: bytes behind it", vouched=True)
def bundle_tail(scene):
    path, _ = bundle(scene)
    scene.export.files[path] += b"\x00"
    return {(None, "layout"), (0, "layout"), (255, "encoding"), (256, "encoding")}


@attack("bundle: cut in an entry", vouched=True)
def bundle_cut(scene):
    path, _ = bundle(scene, 1)
    scene.export.files[path] = scene.export.files[path][:-5]
    last = len(scene.entries) - 1
    return {(last, "missing-entry"), (last, "encoding"), (None, "layout")}


@attack("bundle: missing", vouched=True)
def bundle_missing(scene):
    del scene.export.files[bundle(scene, 1)[0]]
    return {(256, "missing-entry")}


# Tiles ------------------------------------------------------------------------------------------


@attack("tile: a hash changed", vouched=True)
def tile_hash(scene):
    path = tile(scene, 0)
    scene.export.files[path] = flip(scene.export.files[path], 32 * 100)
    return {(100, "tree")}


@attack("tile: an upper hash changed", vouched=True)
def tile_upper(scene):
    path = tile(scene, 1)
    scene.export.files[path] = flip(scene.export.files[path], 0)
    return {(None, "tree")}


@attack("tile: truncated", vouched=True)
def tile_truncated(scene):
    path = tile(scene, 0)
    scene.export.files[path] = scene.export.files[path][:-32]
    return {(None, "layout"), (0, "layout"), (255, "tree")}


@attack("tile: missing", vouched=True)
def tile_missing(scene):
    del scene.export.files[tile(scene, 0)]
    return {(None, "layout"), (0, "layout")}


@attack("tile: beyond the tree", vouched=True)
def tile_wide(scene):
    path = tree.tile_path(0, 2, 3)
    scene.export.files[path] = bytes(96)
    return {(None, "layout")}


# Checkpoints ------------------------------------------------------------------------------------


def sign_newest(scene, text):
    note = scene.signer.note(text)
    scene.export.put_checkpoints(scene.export.checkpoints[:-1] + [note])


@attack("checkpoint: size line edited", vouched=True)
def size_edited(scene):
    size = scene.export.size
    for path in ("checkpoint", "checkpoints"):
        scene.export.files[path] = scene.export.files[path].replace(
            f"\n{size}\n".encode(), f"\n{size - 1}\n".encode())
    return {(None, "checkpoint"), "not checkable"}


@attack("checkpoint: leading zero in size", vouched=True)
def size_zero(scene):
    origin, size, root = notes.parse_checkpoint(scene.export.checkpoint)
    sign_newest(scene, f"{origin}\n0{size}\n{notes.text64(root)}\n")
    return {(None, "checkpoint"), "not checkable"}


@attack("checkpoint: CRLF", vouched=True)
def crlf(scene):
    scene.export.files["checkpoint"] = scene.export.files["checkpoint"].replace(b"\n", b"\r\n")
    return {(None, "checkpoint"), "not checkable"}


@attack("checkpoint: another root, signed", vouched=True)
def forked_root(scene):
    origin, size, _ = notes.parse_checkpoint(scene.export.checkpoint)
    sign_newest(scene, notes.checkpoint_text(origin, size, bytes(32)))
    return {(size - 1, "rollback"), (None, "checkpoint")}


@attack("checkpoint: an older one of a fork", vouched=True)
def forked_tree(scene):
    hashes = [tree.leaf(one) for one in scene.entries]
    hashes[200] = tree.leaf(b"another entry")
    note = scene.signer.note(notes.checkpoint_text(scene.export.origin, 210,
                                                   tree.root(hashes[:210])))
    signed = scene.export.checkpoints + [note]
    signed.sort(key=lambda one: notes.parse_checkpoint(one)[1])
    scene.export.put_checkpoints(signed)
    return {(209, "rollback")}


@attack("checkpoint: an older one's key foreign", vouched=True)
def foreign_older(scene):
    signed = scene.export.checkpoints
    text, _ = notes.split(signed[0])
    signed[0] = notes.Signer(scene.export.origin, bytes(range(32))).note(text)
    scene.export.put_checkpoints(signed)
    return {(None, "checkpoint")}


@attack("checkpoint: by another key", vouched=True)
def foreign_key(scene):
    text, _ = notes.split(scene.export.checkpoint)
    note = notes.Signer(scene.export.origin, bytes(range(32))).note(text)
    scene.export.put_checkpoints(scene.export.checkpoints[:-1] + [note])
    return {(None, "checkpoint"), "not checkable"}


@attack("checkpoint: of another origin", vouched=True)
def foreign_origin(scene):
    _, size, root = notes.parse_checkpoint(scene.export.checkpoint)
    name = scene.export.origin.replace("treasury", "treasure")
    note = notes.Signer(name, LOG_SEED).note(notes.checkpoint_text(name, size, root))
    scene.export.put_checkpoints(scene.export.checkpoints[:-1] + [note])
    return {(None, "checkpoint"), "not checkable"}


@attack("checkpoint: of more entries", vouched=True)
def more_entries(scene):
    origin, size, root = notes.parse_checkpoint(scene.export.checkpoint)
    sign_newest(scene, notes.checkpoint_text(origin, size + 1, root))
    return {(size, "missing-entry"), (256, "missing-entry"), (None, "layout"), (None, "rollback")}


@attack("checkpoint: of no entry, signed", vouched=True)
def of_no_entry(scene):
    sign_newest(scene, notes.checkpoint_text(scene.export.origin, 0, tree.sha256(b"")))
    return {(None, "layout")}


@attack("checkpoint: of 2^53 entries, signed", vouched=True)
def of_too_many(scene):
    sign_newest(scene, notes.checkpoint_text(scene.export.origin, 2**53, bytes(32)))
    return {(None, "checkpoint")}


@attack("checkpoint: missing", vouched=True)
def checkpoint_missing(scene):
    del scene.export.files["checkpoint"]
    return {(None, "layout")}


@attack("checkpoints: missing", vouched=True)
def history_missing(scene):
    del scene.export.files["checkpoints"]
    return {(None, "layout")}


@attack("checkpoints: empty", vouched=True)
def history_empty(scene):
    scene.export.files["checkpoints"] = b""
    return {(None, "layout")}


@attack("checkpoints: one beyond the head", vouched=True)
def history_larger(scene):
    note = scene.signer.note(notes.checkpoint_text(
        scene.export.origin, scene.export.size + 7, bytes(32)))
    scene.export.files["checkpoints"] += f"{note}\n".encode()
    return {(None, "rollback")}


@attack("checkpoint: the kept one is newer")
def rolled_back(scene):
    hashes = [tree.leaf(one) for one in scene.entries] + [tree.leaf(b"later")]
    newer = scene.signer.note(notes.checkpoint_text(
        scene.export.origin, len(hashes), tree.root(hashes)))
    scene.arguments = [("--since", newer)]
    return {(None, "rollback")}


@attack("checkpoint: the kept one is of a fork")
def kept_fork(scene):
    older = scene.signer.note(notes.checkpoint_text(scene.export.origin, 150, bytes(32)))
    scene.arguments = [("--since", older)]
    return {(149, "rollback")}


def witnessed(scene, forge):
    """A witness whose cosignature the policy demands, and a line under its name."""
    witness = notes.Signer("witness.example", hashlib.sha256(b"witness").digest(),
                           notes.COSIGNATURE)
    policy = (f"log {scene.signer.verifier}\nwitness w {witness.verifier}\nquorum w\n")
    scene.export.files["tlog-policy"] = policy.encode()
    scene.arguments = [("--policy", policy)]
    text, lines = notes.split(scene.export.checkpoint)
    note = text + "\n" + lines + forge(witness, text)
    scene.export.put_checkpoints(scene.export.checkpoints[:-1] + [note])


@attack("checkpoint: forged cosignature", vouched=True)
def forged_cosignature(scene):
    def forge(witness, text):
        other = notes.Signer(witness.name, bytes(range(32)), notes.COSIGNATURE)
        other.id = witness.id
        return other.line(text, 1_795_300_000)
    witnessed(scene, forge)
    return {(None, "checkpoint"), (None, "witness")}


@attack("checkpoint: moved cosignature", vouched=True)
def moved_cosignature(scene):
    witnessed(scene, lambda witness, text: witness.line(
        notes.checkpoint_text(scene.export.origin, 150, bytes(32)), 1_795_300_000))
    return {(None, "checkpoint"), (None, "witness")}


@attack("checkpoint: no cosignature", vouched=True)
def no_cosignature(scene):
    witnessed(scene, lambda witness, text: "")
    return {(None, "witness")}


@attack("checkpoint: a policy that names no log")
def no_log(scene):
    witnessed(scene, lambda witness, text: witness.line(text, 1_795_300_000))
    (option, policy), = scene.arguments
    scene.arguments = [(option, policy.partition("\n")[2])]
    scene.export.vouch()
    return {(None, "witness")}


@attack("checkpoint: one of two cosignatures forged")
def one_forged(scene):
    other = notes.Signer("other.example", bytes(range(32)), notes.COSIGNATURE)

    def forge(witness, text):
        forged = notes.Signer(witness.name, bytes(32), notes.COSIGNATURE)
        forged.id = witness.id
        return forged.line(text, 1_795_300_000) + other.line(text, 1_795_300_000)
    witnessed(scene, forge)
    (option, policy), = scene.arguments
    both = f"witness o {other.verifier}\ngroup g any w o\nquorum g\n"
    scene.arguments = [(option, policy.replace("quorum w\n", both))]
    scene.export.vouch()
    return {(None, "witness")}


# Blobs ------------------------------------------------------------------------------------------


def evidence(scene):
    """The digest of a transaction that stands behind a blob, and the events that name it."""
    for event in scene.find("observed"):
        for *_, value in event.body["transactions"]:
            if not isinstance(value, bytes):
                return event.position, value[1]
    raise AssertionError("the story has a blob of evidence")


def document(scene):
    event = scene.find("attached")[0]
    return event.position, event.body["document"][1]


@attack("blob: evidence erased", vouched=True)
def evidence_erased(scene):
    position, digest = evidence(scene)
    del scene.export.files[Export.blob_path(digest)]
    return {(position, "blob-missing")}


@attack("blob: evidence replaced", vouched=True)
def evidence_replaced(scene):
    position, digest = evidence(scene)
    path = Export.blob_path(digest)
    scene.export.files[path] = flip(scene.export.files[path], 1_000)
    return {(position, "blob-missing")}


@attack("blob: document erased", vouched=True)
def document_erased(scene):
    position, digest = document(scene)
    del scene.export.files[Export.blob_path(digest)]
    return {(position, "blob")}


@attack("blob: document replaced", vouched=True)
def document_replaced(scene):
    position, digest = document(scene)
    scene.export.put_blob(digest, bytes(42))
    return {(position, "blob")}


@attack("blob: one that no event names", vouched=True)
def stranger_blob(scene):
    data = b"a salt of thirty-two bytes, and " + b"a document of nobody's"
    scene.export.put_blob(hashlib.sha256(data).digest(), data)
    return {(None, "layout")}


# The rest of the folder -------------------------------------------------------------------------


@attack("a file that does not belong there")
def foreign_file(scene):
    scene.export.files["tile/0/evil"] = b"?"
    return {(None, "layout")}


@attack("a file too deep, listed")
def deep_file(scene):
    scene.export.files["schemas/golden/more/evil.json"] = b"?"
    scene.export.vouch()
    return {(None, "layout"), (None, "manifest")}


@attack("the README missing", vouched=True)
def readme_missing(scene):
    del scene.export.files["README.txt"]
    return {(None, "layout")}


@attack("the README changed")
def readme(scene):
    scene.export.files["README.txt"] += b"Send us your keys.\n"
    return {(None, "manifest")}


@attack("the README of 16 MiB and a byte", vouched=True)
def readme_large(scene):
    scene.export.files["README.txt"] = bytes(2**24 + 1)
    return {(None, "layout")}


@attack("a schema of 16 MiB and a byte", vouched=True)
def schema_large(scene):
    scene.export.files["schemas/event.cddl"] = bytes(2**24 + 1)
    return {(None, "layout")}


@attack("the schemas missing", vouched=True)
def schemas_missing(scene):
    for path in [path for path in scene.export.files if path.startswith("schemas/")]:
        del scene.export.files[path]
    return {(None, "layout")}


@attack("the policy missing", vouched=True)
def policy_missing(scene):
    del scene.export.files["tlog-policy"]
    return {(None, "layout")}


@attack("the policy's last line cut off", vouched=True)
def policy_cut(scene):
    scene.export.files["tlog-policy"] = scene.export.files["tlog-policy"][:-1]
    return {(None, "layout")}


@attack("replica: an entry changed")
def replica_entry(scene):
    scene.export.become_replica()
    return bundle_bit(scene)


@attack("replica: for an export that must be signed")
def replica_unsigned(scene):
    scene.export.become_replica()
    key = notes.Signer(f"{scene.export.origin}/export", EXPORT_SEED)
    scene.arguments = [("--export-key", key.verifier)]
    return {(None, "manifest")}


@attack("manifest: missing")
def manifest_missing(scene):
    del scene.export.files[SUMS], scene.export.files[SUMS_NOTE]
    return {(None, "layout")}


@attack("manifest: its note missing")
def manifest_note_missing(scene):
    del scene.export.files[SUMS_NOTE]
    return {(None, "layout")}


@attack("manifest: its list missing")
def manifest_list_missing(scene):
    del scene.export.files[SUMS]
    return {(None, "layout")}


@attack("manifest: a line removed")
def manifest_line(scene):
    lines = scene.export.files[SUMS].splitlines(keepends=True)
    scene.export.files[SUMS] = b"".join(lines[1:])
    return {(None, "manifest")}


@attack("manifest: its note of another export")
def manifest_note(scene):
    scene.export.files[SUMS_NOTE] = scene.export.files[SUMS_NOTE].replace(
        f"\n{scene.export.size}\n".encode(), b"\n17\n")
    return {(None, "manifest")}
