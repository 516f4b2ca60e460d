internal import CLMDB

/// A named table of an ``Environment``: byte keys in `memcmp` order, each with one byte value.
///
/// It is good for the environment that opened it alone.
public struct Table: Sendable, Hashable {
    /// Its name.
    public let name: String
    let handle: MDB_dbi
}

/// LMDB's largest key.
let maximumKeyBytes = 511
