"""A ledger's folder: its LMDB tables, edited as somebody with access to the file could."""

import contextlib

import lmdb

TABLES = ["entries", "tiles", "authors", "requests", "numbers", "outcomes", "blobs", "state",
          "evidence", "checkpoints", "meta"]


class Database:
    """The tables of one ledger."""

    def __init__(self, folder):
        self.folder = str(folder)

    @contextlib.contextmanager
    def open(self, write=False):
        environment = lmdb.open(f"{self.folder}/ledger.mdb", subdir=False, readonly=not write,
                                max_dbs=len(TABLES), lock=write, map_size=1 << 28)
        try:
            with environment.begin(write=write) as transaction:
                tables = {name: environment.open_db(name.encode(), transaction, create=False)
                          for name in TABLES}
                yield transaction, tables
        finally:
            environment.close()

    def rows(self, table):
        with self.open() as (transaction, tables):
            return list(transaction.cursor(tables[table]))

    def value(self, table, key):
        with self.open() as (transaction, tables):
            return transaction.get(key, db=tables[table])

    def put(self, table, key, value):
        with self.open(write=True) as (transaction, tables):
            transaction.put(key, value, db=tables[table])

    def delete(self, table, key):
        with self.open(write=True) as (transaction, tables):
            assert transaction.delete(key, db=tables[table])

    @property
    def entries(self):
        return [value for _, value in self.rows("entries")]

    @property
    def blobs(self):
        return [value for _, value in self.rows("blobs")]

    @property
    def origin(self):
        name, ledger = self.value("meta", b"name"), self.value("meta", b"ledger")
        return f"{name.decode()}/{ledger.hex()}"

    @property
    def checkpoint_sizes(self):
        return [int.from_bytes(key, "big") for key, _ in self.rows("checkpoints")]


def number(value):
    return value.to_bytes(8, "big")
