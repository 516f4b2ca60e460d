"""What a sender can do to a disclosure, who signs its manifest."""

from tampering import disclosure
from tampering.disclosure import entry_path, proof_path

ATTACKS = {}
FIRST, LAST = 18, 40  # of the story's entries
TREE = {(20, "tree")}


def attack(name):
    """Registers an attack on the disclosure of some of the story's entries."""
    def register(function):
        def on(scene):
            scene.export = disclosure.disclose(scene.export, range(FIRST, LAST + 1))
            found = function(scene.export)
            scene.export.vouch()
            return found
        ATTACKS["disclosure: " + name] = on
        return function
    return register


def flip(export, path, at):
    data = bytearray(export.files[path])
    data[at] ^= 1
    export.files[path] = bytes(data)


@attack("a signature changed")
def signature(export):
    flip(export, entry_path(20), -1)
    return TREE


@attack("an event changed")
def event(export):
    flip(export, entry_path(20), -80)
    return TREE


@attack("the founding event changed")
def founding(export):
    flip(export, entry_path(0), -1)
    return {(0, "tree")}


@attack("no founding event")
def no_founding(export):
    del export.files[entry_path(0)], export.files[proof_path(0)]
    return {"not checkable"}


@attack("no README")
def no_readme(export):
    del export.files["README.txt"]
    return {(None, "layout")}


@attack("no tlog-policy")
def no_policy(export):
    del export.files["tlog-policy"]
    return {(None, "layout")}


@attack("no schemas")
def no_schemas(export):
    for path in [path for path in export.files if path.startswith("schemas/")]:
        del export.files[path]
    return {(None, "layout")}


@attack("an entry without proof")
def no_proof(export):
    del export.files[proof_path(20)]
    return TREE


@attack("a proof without entry")
def no_entry(export):
    del export.files[entry_path(20)]
    return {(None, "layout")}


@attack("a hash of a proof changed")
def hash_changed(export):
    lines = export.files[proof_path(20)].split(b"\n")
    lines[3] = b"A" * 43 + b"="
    export.files[proof_path(20)] = b"\n".join(lines)
    return TREE


@attack("a hash of a proof left out")
def hash_missing(export):
    lines = export.files[proof_path(20)].split(b"\n")
    export.files[proof_path(20)] = b"\n".join(lines[:3] + lines[4:])
    return TREE


@attack("a proof of another place")
def another_place(export):
    export.files[proof_path(20)] = export.files[proof_path(20)].replace(b"index 20", b"index 21")
    return TREE


@attack("two entries swapped")
def swapped(export):
    paths = entry_path(20), entry_path(21)
    first, second = (export.files[path] for path in paths)
    export.files.update(zip(paths, (second, first)))
    return TREE


@attack("a proof of another head")
def another_head(export):
    export.files[proof_path(20)] = export.files[proof_path(20)].replace(b"\n294\n", b"\n293\n")
    return TREE


@attack("the checkpoint's signature changed")
def checkpoint(export):
    flip(export, "checkpoint", -5)
    return {(None, "checkpoint")}


@attack("the checkpoint is none")
def no_checkpoint(export):
    export.files["checkpoint"] = export.files["checkpoint"][:-5] + b"[\n"
    return {(None, "checkpoint")}


@attack("a proof whose head is not signed")
def unsigned_proof(export):
    flip(export, proof_path(20), -9)
    return TREE


@attack("a blob that no disclosed event names")
def stranger(export):
    data = b"a salt of thirty-two bytes, and " + b"a document of nobody's"
    export.put_blob(disclosure.tree.sha256(data), data)
    return {(None, "layout")}


@attack("a blob of other bytes")
def other_blob(export):
    export.files[export.blobs()[0]] += b"x"
    return {(None, "blob")}


@attack("a bundle in it")
def bundle(export):
    export.files["tile/entries/000"] = b"?"
    return {(None, "layout")}


@attack("a file that does not belong there")
def foreign(export):
    export.files["disclosed/20.entry"] = b"?"
    return {(None, "layout")}
