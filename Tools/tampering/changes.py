"""Random changes of an export's files, by seed, and of what a verifier is told besides."""

import random

from tampering import disclosure, notes, tree
from tampering.export import EXPORT_SEED
from tampering.scene import Scene

# Paths for files that were not there: of the layout and not, of this log and not.
NAMES = (
    "kept", "README", "schemas/a/b", "schemas/.x", "schemas/a/b/c", "verify/x",
    "blobs/00/" + "0" * 64, "blobs/01/" + "0" * 64, "tile/0/002", "tile/0/001.p/37",
    "tile/1/000.p/2", "tile/2/000.p/1", "tile/64/000", "tile/entries/002.p/1",
    "tile/entries/000.p/0", "tile/entries/x000/001", "tile/0/000.p/256",
    "disclosed/000000018.entry", "disclosed/19.entry", "disclosed/000000021.tlog-proof",
    "disclosed/000000400.entry", "a line\nof its own", "\u00fc",
)


def remove(files, path, _):
    del files[path]


def empty(files, path, _):
    files[path] = b""


def cut(files, path, dice):
    data = files[path]
    files[path] = data[:dice.choice((-1, len(data) // 2, dice.randrange(len(data) + 1)))]


def append(files, path, dice):
    files[path] += dice.choice((b"\n", b"\x00", b" ", b"x\n", files[path][-40:], files[path]))


def flip(files, path, dice):
    data = bytearray(files[path])
    if data:
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    files[path] = bytes(data)


def exchange(files, path, dice):
    other = dice.choice(sorted(files))
    files[path], files[other] = files[other], files[path]


def add(files, path, dice):
    files[dice.choice(NAMES)] = files[path]


def lines(files, path, dice):
    """Removes, doubles or moves a line."""
    text = files[path].splitlines(keepends=True) or [b""]
    line = text.pop(dice.randrange(len(text)))
    for _ in range(dice.randrange(3)):
        text.insert(dice.randrange(len(text) + 1), line)
    files[path] = b"".join(text)


def digit(files, path, dice):
    places = [at for at, byte in enumerate(files[path][:400]) if 0x30 <= byte <= 0x39]
    if places:
        at, new = dice.choice(places), str(dice.randrange(10)).encode()
        files[path] = files[path][:at] + new + files[path][at + 1:]


CHANGES = (remove, empty, cut, append, flip, exchange, add, lines, digit)


def change(files, dice):
    """One change of one file; every kind of file is as likely as every other."""
    kind = dice.choice(sorted({path.split("/")[0] for path in files}))
    path = dice.choice(sorted(path for path in files if path.split("/")[0] == kind))
    how = dice.choice(CHANGES)
    how(files, path, dice)
    return f"{how.__name__} {path}"


def known(scene, dice):
    """A checkpoint that somebody kept: of this log, of a fork, of a later head, of another key."""
    size = dice.choice((0, 1, 150, 293, 294, 295))
    leaves = [tree.leaf(one) for one in scene.entries[:size]]
    root = dice.choice((tree.root(leaves) if leaves else tree.sha256(b""), bytes(32)))
    seed = dice.choice((None, None, None, bytes(32)))
    signer = notes.Signer(scene.signer.name, seed) if seed else scene.signer
    return signer.note(notes.checkpoint_text(scene.signer.name, size, root))


def policy(scene, dice):
    """A policy about two witnesses, of which the checkpoint has the cosignatures that it has."""
    text, written = notes.split(scene.export.checkpoint)
    policy = dice.choice((f"log {scene.signer.verifier}\n", "",
                          f"log {notes.Signer('elsewhere', bytes(32)).verifier}\n"))
    for name in ("a", "b"):
        witness = notes.Signer(f"{name}.example", name.encode() * 32, notes.COSIGNATURE)
        policy += f"witness {name} {witness.verifier}\n"
        signed = dice.choice((text, text, "", None))
        if signed is not None:
            written += witness.line(signed, 1_795_300_000)
    last = f"{text}\n{written}"
    places = dice.choice((("checkpoint",), ("checkpoints",), ("checkpoint", "checkpoints")))
    before = "".join(f"{note}\n" for note in scene.export.checkpoints[:-1])
    if "checkpoint" in places:
        scene.export.files["checkpoint"] = last.encode()
    if "checkpoints" in places and "checkpoints" in scene.export.files:
        scene.export.files["checkpoints"] = f"{before}{last}\n".encode()
    scene.export.vouch()
    return policy + dice.choice(("quorum a\n", "group g any a b\nquorum g\n", "quorum none\n",
                                 "group g all a b\nquorum g\n"))


def case(export, seed):
    """What was done, and the scene: an export, a disclosure or a replica, changed."""
    dice, scene = random.Random(seed), Scene(export)
    form = dice.choice(("export", "export", "disclosure", "replica"))
    story, choice = [form], dice.random()
    if choice < 0.25 and form != "disclosure":
        scene.arguments.append(("--policy", policy(scene, dice)))
    elif choice < 0.4:
        scene.arguments.append(("--since", known(scene, dice)))
    elif choice < 0.5:
        key = dice.choice((EXPORT_SEED, bytes(32)))
        key = notes.Signer(f"{scene.export.origin}/export", key).verifier
        scene.arguments.append(("--export-key", key))
    if form == "disclosure":
        scene.export = disclosure.disclose(scene.export, dice.sample(range(1, 294), 5))
    for _ in range(dice.choice((0, 1, 1, 1, 2, 3))):
        story.append(change(scene.export.files, dice))
    if form == "replica":
        scene.export.become_replica()
    elif dice.random() < 0.6:
        scene.export.vouch()
        story.append("vouched")
    return story, scene
