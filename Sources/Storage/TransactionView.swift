internal import CLMDB

/// One unchanging state of an environment, lent by a transaction.
///
/// The spans that it returns point into the file's map; the compiler keeps them, and the view, from
/// outliving the transaction or the next change.
@safe public struct TransactionView: ~Escapable {
    private let pointer: OpaquePointer
    private let path: String

    @_lifetime(immortal)
    init(unlimited pointer: OpaquePointer, path: String) {
        unsafe self.pointer = pointer
        self.path = path
    }

    /// Returns the value under `key`, or nil.
    @_lifetime(copy self)
    public func value(_ table: Table, _ key: Span<UInt8>) throws(StorageError) -> Span<UInt8>? {
        var value = unsafe MDB_val()
        let code = unsafe withValue(key) { key in
            unsafe mdb_get(pointer, table.handle, &key, &value)
        }
        if code == MDB_NOTFOUND { return nil }
        try check(code, "reading table \(table.name)", path)
        return unsafe _overrideLifetime(span(of: value), copying: self)
    }

    /// Returns the value under `key`, or nil.
    @_lifetime(copy self)
    public func value(_ table: Table, _ key: [UInt8]) throws(StorageError) -> Span<UInt8>? {
        try value(table, key.span)
    }

    /// Whether there is a value under `key`.
    public func contains(_ table: Table, _ key: [UInt8]) throws(StorageError) -> Bool {
        try value(table, key) != nil
    }

    /// How many keys the table has; costs one read.
    public func count(_ table: Table) throws(StorageError) -> Int {
        var statistics = MDB_stat()
        try check(
            unsafe mdb_stat(pointer, table.handle, &statistics), "counting table \(table.name)",
            path)
        return Int(statistics.ms_entries)
    }

    /// Returns the table's last key, or the last one that is at most `limit`; nil without any.
    public func lastKey(
        _ table: Table, atMost limit: [UInt8]? = nil
    ) throws(StorageError) -> [UInt8]? {
        var cursor = try unsafe Cursor(pointer, table, path)
        guard let limit else { return try cursor.move(MDB_LAST) ? cursor.copiedKey : nil }
        guard try cursor.move(MDB_SET_RANGE, to: limit.span) else {
            return try cursor.move(MDB_LAST) ? cursor.copiedKey : nil
        }
        if cursor.copiedKey == limit { return limit }
        return try cursor.move(MDB_PREV) ? cursor.copiedKey : nil
    }

    /// Lends each key and value in order, starting at the first key that is not below `start`,
    /// until `body` returns false.
    public func forEach<Failure: StorageFailure>(
        _ table: Table, from start: [UInt8] = [],
        _ body: (Span<UInt8>, Span<UInt8>) throws(Failure) -> Bool
    ) throws(Failure) {
        var cursor = try raising(Failure.self) { () throws(StorageError) in
            try unsafe Cursor(pointer, table, path)
        }
        var found = try raising(Failure.self) { () throws(StorageError) in
            try start.isEmpty
                ? cursor.move(MDB_FIRST) : cursor.move(MDB_SET_RANGE, to: start.span)
        }
        while found {
            guard try body(cursor.key, cursor.value) else { return }
            found = try raising(Failure.self) { () throws(StorageError) in
                try cursor.move(MDB_NEXT)
            }
        }
    }
}

/// A place in a table that the transaction's end does not outlive.
@safe private struct Cursor: ~Copyable {
    private let pointer: OpaquePointer
    private let table: Table
    private let path: String
    private var currentKey = unsafe MDB_val()
    private var currentValue = unsafe MDB_val()

    init(_ transaction: OpaquePointer, _ table: Table, _ path: String) throws(StorageError) {
        var opened: OpaquePointer?
        try check(
            unsafe mdb_cursor_open(transaction, table.handle, &opened),
            "reading table \(table.name)", path)
        guard let opened = unsafe opened else { preconditionFailure("LMDB opened no cursor") }
        unsafe pointer = opened
        self.table = table
        self.path = path
    }

    deinit { unsafe mdb_cursor_close(pointer) }

    var key: Span<UInt8> {
        @_lifetime(borrow self)
        get { unsafe _overrideLifetime(span(of: currentKey), borrowing: self) }
    }

    var value: Span<UInt8> {
        @_lifetime(borrow self)
        get { unsafe _overrideLifetime(span(of: currentValue), borrowing: self) }
    }

    var copiedKey: [UInt8] {
        let key = key
        return [UInt8](capacity: key.count) { output in
            for index in key.indices { output.append(key[index]) }
        }
    }

    mutating func move(_ operation: MDB_cursor_op) throws(StorageError) -> Bool {
        try succeeded(
            unsafe mdb_cursor_get(pointer, &currentKey, &currentValue, operation))
    }

    mutating func move(_ operation: MDB_cursor_op, to key: Span<UInt8>) throws(StorageError) -> Bool
    {
        try succeeded(
            unsafe withValue(key) { target in
                let code = unsafe mdb_cursor_get(pointer, &target, &currentValue, operation)
                unsafe currentKey = target
                return code
            })
    }

    private func succeeded(_ code: Int32) throws(StorageError) -> Bool {
        if code == MDB_NOTFOUND { return false }
        try check(code, "reading table \(table.name)", path)
        return true
    }
}

/// Runs `body` with an LMDB value that points to the bytes of `span`.
@unsafe func withValue<Result>(
    _ span: Span<UInt8>, _ body: (inout MDB_val) -> Result
) -> Result {
    unsafe span.withUnsafeBufferPointer { buffer in
        var value = unsafe MDB_val(
            mv_size: buffer.count, mv_data: UnsafeMutableRawPointer(mutating: buffer.baseAddress))
        return unsafe body(&value)
    }
}

/// The bytes that an LMDB value points to; the caller says how long they live.
@_lifetime(immortal)
@unsafe func span(of value: MDB_val) -> Span<UInt8> {
    let buffer = unsafe UnsafeRawBufferPointer(start: value.mv_data, count: value.mv_size)
    let bytes = unsafe buffer.assumingMemoryBound(to: UInt8.self)
    return unsafe _overrideLifetime(Span(_unsafeElements: bytes), copying: ())
}

/// Runs `body`, turning its storage error into `Failure`.
func raising<Result: ~Copyable, Failure: StorageFailure>(
    _ type: Failure.Type, _ body: () throws(StorageError) -> Result
) throws(Failure) -> Result {
    do { return try body() } catch { throw Failure(storage: error) }
}
