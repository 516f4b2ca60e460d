internal import CLMDB

/// The writer's transaction, lent to the body of ``Environment/write(_:)``: there is one at a time
/// in all processes, and all of it becomes durable or none.
@safe public struct WriteTransaction: ~Copyable {
    private let pointer: OpaquePointer
    private let path: String

    init(_ pointer: OpaquePointer, path: String) {
        unsafe self.pointer = pointer
        self.path = path
    }

    /// Makes a second handle on a transaction, for a type that is itself lent to the body and gone
    /// when the body returns.
    package init(sharing other: inout WriteTransaction) {
        unsafe pointer = other.pointer
        path = other.path
    }

    /// What can be read, with the changes of this transaction.
    public var view: TransactionView {
        @_lifetime(borrow self)
        get {
            unsafe _overrideLifetime(
                TransactionView(unlimited: pointer, path: path), borrowing: self)
        }
    }

    /// The transaction's number: one above that of the last commit, whichever process made it.
    public var number: Int { unsafe Int(mdb_txn_id(pointer)) }

    /// Stores `value` under `key`, replacing what was there.
    public mutating func put(
        _ table: Table, _ key: Span<UInt8>, _ value: Span<UInt8>
    ) throws(StorageError) {
        try put(table, key, value, flags: 0)
    }

    /// Stores `value` under `key`; throws ``StorageError/keyTaken(table:)`` when there is one.
    public mutating func insert(
        _ table: Table, _ key: Span<UInt8>, _ value: Span<UInt8>
    ) throws(StorageError) {
        try put(table, key, value, flags: UInt32(MDB_NOOVERWRITE))
    }

    /// Stores `value` under `key`, which must be above every other key of the table; throws
    /// ``StorageError/keyTaken(table:)`` otherwise. Fills pages to the brim and needs no search.
    public mutating func append(
        _ table: Table, _ key: Span<UInt8>, _ value: Span<UInt8>
    ) throws(StorageError) {
        try put(table, key, value, flags: UInt32(MDB_APPEND))
    }

    /// Removes `key` and its value; returns whether it was there.
    @discardableResult
    public mutating func delete(
        _ table: Table, _ key: Span<UInt8>
    ) throws(StorageError) -> Bool {
        let code = unsafe withValue(key) { key in
            unsafe mdb_del(pointer, table.handle, &key, nil)
        }
        if code == MDB_NOTFOUND { return false }
        try check(code, "deleting from table \(table.name)", path)
        return true
    }

    private mutating func put(
        _ table: Table, _ key: Span<UInt8>, _ value: Span<UInt8>, flags: UInt32
    ) throws(StorageError) {
        guard (1...maximumKeyBytes).contains(key.count) else {
            throw .keyLength(table: table.name, found: key.count)
        }
        let code = unsafe withValue(key) { key in
            unsafe withValue(value) { value in
                unsafe mdb_put(pointer, table.handle, &key, &value, flags)
            }
        }
        if code == MDB_KEYEXIST { throw .keyTaken(table: table.name) }
        try check(code, "writing table \(table.name)", path)
    }
}

extension WriteTransaction {
    /// Stores `value` under `key`, replacing what was there.
    public mutating func put(
        _ table: Table, _ key: [UInt8], _ value: [UInt8]
    ) throws(StorageError) {
        try put(table, key.span, value.span)
    }

    /// Stores `value` under `key`; throws ``StorageError/keyTaken(table:)`` when there is one.
    public mutating func insert(
        _ table: Table, _ key: [UInt8], _ value: [UInt8]
    ) throws(StorageError) {
        try insert(table, key.span, value.span)
    }

    /// Stores `value` under `key`, which must be above every other key of the table.
    public mutating func append(
        _ table: Table, _ key: [UInt8], _ value: [UInt8]
    ) throws(StorageError) {
        try append(table, key.span, value.span)
    }

    /// Removes `key` and its value; returns whether it was there.
    @discardableResult
    public mutating func delete(_ table: Table, _ key: [UInt8]) throws(StorageError) -> Bool {
        try delete(table, key.span)
    }
}
