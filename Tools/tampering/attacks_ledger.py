"""What somebody with access to a ledger's folder can do to its tables, which no export has."""

from tampering.database import number

ATTACKS = {}


def attack(name):
    def register(function):
        ATTACKS[name] = function
        return function
    return register


def flip(data, offset):
    return data[:offset] + bytes([data[offset] ^ 1]) + data[offset + 1:]


def middle(database):
    return len(database.entries) // 2


@attack("table entries: a bit flipped")
def entry_bit(database):
    place = middle(database)
    database.put("entries", number(place), flip(database.entries[place], 150))
    return {(place, "tree")}


@attack("table entries: the last removed")
def entry_removed(database):
    last = len(database.entries) - 1
    database.delete("entries", number(last))
    return {(None, "rollback")}


@attack("table entries: one in the middle removed")
def entry_gap(database):
    database.delete("entries", number(middle(database)))
    return {(None, "tree"), "not checkable"}


@attack("table entries: two exchanged")
def entries_exchanged(database):
    place, entries = middle(database), database.entries
    database.put("entries", number(place), entries[place + 1])
    database.put("entries", number(place + 1), entries[place])
    return {(place, "tree")}


@attack("table tiles: a hash changed")
def tile_hash(database):
    key, value = database.rows("tiles")[0]
    database.put("tiles", key, flip(value, 32 * 7))
    return {(7, "tree")}


@attack("table tiles: an inner node changed")
def tile_node(database):
    key, value = database.rows("tiles")[0]
    database.put("tiles", key, flip(value, len(value) - 1))
    return {(None, "tree")}


@attack("table tiles: a row removed")
def tile_row(database):
    database.delete("tiles", database.rows("tiles")[0][0])
    return {(None, "tree"), "not checkable"}


@attack("table authors: a row removed")
def author_row(database):
    key, value = database.rows("authors")[5]
    database.delete("authors", key)
    return {(int.from_bytes(value[:8], "big"), "projection")}


@attack("table authors: a row of another event")
def author_id(database):
    key, value = database.rows("authors")[5]
    database.put("authors", key, flip(value, 20))
    return {(int.from_bytes(value[:8], "big"), "projection")}


@attack("table requests: a row removed")
def request_row(database):
    key = database.rows("requests")[2][0]
    database.delete("requests", key)
    return {(int.from_bytes(key[32:], "big"), "projection")}


@attack("table numbers: two exchanged")
def numbers(database):
    (first, one), (second, other) = database.rows("numbers")[:2]
    database.put("numbers", first, other)
    database.put("numbers", second, one)
    return {"projection"}


@attack("table outcomes: another ending")
def outcome(database):
    key, value = database.rows("outcomes")[0]
    database.put("outcomes", key, flip(value, len(value) - 1))
    return {"projection"}


@attack("table outcomes: a row removed")
def outcome_row(database):
    database.delete("outcomes", database.rows("outcomes")[0][0])
    return {"projection"}


@attack("table state: a snapshot changed")
def snapshot(database):
    key, value = database.rows("state")[-1]
    database.put("state", key, flip(value, len(value) // 2))
    return {"projection"}


@attack("table state: a snapshot of the future")
def later_snapshot(database):
    database.put("state", number(len(database.entries) + 7), b"\xa0")
    return {(None, "projection")}


@attack("table blobs: evidence erased")
def evidence(database):
    key = max(database.rows("blobs"), key=lambda row: len(row[1]))[0]
    database.delete("blobs", key)
    return {"blob-missing"}


@attack("table blobs: document replaced")
def document(database):
    key = min(database.rows("blobs"), key=lambda row: len(row[1]))[0]
    database.put("blobs", key, b"another document")
    return {"blob"}


@attack("table blobs: one that nobody named")
def stranger(database):
    database.put("blobs", bytes(32), b"?")
    return {(None, "projection"), (None, "blob")}


@attack("table checkpoints: an older root changed")
def checkpoint(database):
    key, value = database.rows("checkpoints")[0]
    lines = value.split(b"\n")
    lines[2] = b"A" * 43 + b"="
    database.put("checkpoints", key, b"\n".join(lines))
    return {(None, "checkpoint"), (int.from_bytes(key, "big") - 1, "checkpoint")}


@attack("table checkpoints: one moved")
def checkpoint_moved(database):
    key, value = database.rows("checkpoints")[0]
    database.delete("checkpoints", key)
    database.put("checkpoints", number(int.from_bytes(key, "big") - 1), value)
    return {(None, "checkpoint")}


@attack("table meta: another name")
def name(database):
    database.put("meta", b"name", b"treasure")
    return {(None, "projection"), (None, "checkpoint"), (None, "rollback"), "not checkable"}


@attack("table meta: another ledger id")
def ledger(database):
    database.put("meta", b"ledger", bytes(32))
    return {(None, "projection"), (None, "checkpoint"), "not checkable"}


@attack("head file: cut")
def head(database):
    path = f"{database.folder}/head"
    with open(path, "rb") as file:
        data = file.read()
    with open(path, "wb") as file:
        file.write(data[:-10])
    return {(None, "checkpoint"), (None, "rollback"), "not checkable"}


@attack("older copy of the database beside the head")
def older_copy(database):
    with database.open(write=True) as (transaction, tables):
        size = len(list(transaction.cursor(tables["entries"])))
        for place in range(size - 4, size):
            transaction.delete(number(place), db=tables["entries"])
    return {(None, "rollback")}
