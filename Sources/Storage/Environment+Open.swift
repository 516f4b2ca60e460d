internal import CLMDB
internal import Files
internal import Glibc

/// How many readers have a slot in the lock file at a time.
private let readersMax: UInt32 = 510
/// The lock file's size with so many slots of 64 bytes and a head of 128.
private let lockFileBytes = 32_768

/// Makes the lock file with room on the disk for all of it. LMDB makes it sparse and writes it
/// through memory, where a full disk does not refuse the write but ends the process with a bus
/// error.
private func reserveLockFile(_ path: String) throws(StorageError) {
    try filed { () throws(FileError) in
        try FileDescriptor.regular(path, O_RDWR | O_CREAT).reserve(lockFileBytes)
    }
}

/// Opens the file and its lock, checks that it is whole, and frees the slots of dead readers.
@unsafe func openEnvironment(
    _ path: String, _ mode: Environment.Mode, tableCount: Int
) throws(StorageError) -> OpaquePointer? {
    var created: OpaquePointer?
    try check(unsafe mdb_env_create(&created), "opening", path)
    do {
        try check(unsafe mdb_env_set_maxdbs(created, UInt32(tableCount)), "opening", path)
        try check(unsafe mdb_env_set_maxreaders(created, readersMax), "opening", path)
        var flags = UInt32(MDB_NOSUBDIR | MDB_NOTLS)
        if mode == .audit {
            flags |= UInt32(MDB_RDONLY | MDB_NOLOCK)
        } else {
            try check(unsafe mdb_env_set_mapsize(created, 1 << 40), "opening", path)
            try reserveLockFile(path + "-lock")
        }
        try requireContent(path, mode)
        try check(unsafe mdb_env_open(created, path, flags, 0o600), "opening", path)
        try unsafe checkLength(created, path)
        var dead: Int32 = 0
        try check(unsafe mdb_reader_check(created, &dead), "opening", path)
    } catch {
        unsafe mdb_env_close(created)
        throw error
    }
    return unsafe created
}

/// An empty file is one whose making was cut short, or whose content is lost: LMDB would fill it.
private func requireContent(_ path: String, _ mode: Environment.Mode) throws(StorageError) {
    guard mode != .create else { return }
    guard try size(of: path) > 0 else {
        throw .corrupted(path: path, reason: "the file is empty")
    }
}

private func size(of path: String) throws(StorageError) -> Int {
    try filed { () throws(FileError) in try FileDescriptor.regular(path, O_RDONLY).status().size }
}

/// Reading a page past the end of a file cut short would end the process with a bus error.
@unsafe private func checkLength(
    _ environment: OpaquePointer?, _ path: String
) throws(StorageError) {
    var info = unsafe MDB_envinfo()
    var statistics = MDB_stat()
    try check(unsafe mdb_env_info(environment, &info), "opening", path)
    try check(unsafe mdb_env_stat(environment, &statistics), "opening", path)
    let size = try size(of: path)
    let pageBytes = Int(statistics.ms_psize)
    let lastPage = unsafe info.me_last_pgno
    let (needed, overflow) = (lastPage + 1).multipliedReportingOverflow(by: pageBytes)
    // A new environment has its two head pages only once something is committed.
    guard !overflow, needed <= size || size == 0 else {
        throw .corrupted(path: path, reason: "the file is cut short, \(size) of \(needed) bytes")
    }
}

/// Opens the tables, for as long as the environment lives.
@unsafe func openTables(
    _ environment: OpaquePointer, _ names: [String], creating: Bool, _ path: String
) throws(StorageError) -> [String: Table] {
    var transaction: OpaquePointer?
    let flags = creating ? 0 : UInt32(MDB_RDONLY)
    try check(
        unsafe mdb_txn_begin(environment, nil, flags, &transaction), "opening tables", path)
    var tables: [String: Table] = [:]
    for name in names {
        var handle = MDB_dbi()
        let code = unsafe mdb_dbi_open(
            transaction, name, creating ? UInt32(MDB_CREATE) : 0, &handle)
        guard code == MDB_SUCCESS else {
            unsafe mdb_txn_abort(transaction)
            if code == MDB_NOTFOUND { throw .missingTable(name: name) }
            throw StorageError(code: code, operation: "opening table \(name)", path: path)
        }
        tables[name] = Table(name: name, handle: handle)
    }
    // Handles opened in a transaction stay good only when it is committed.
    try check(unsafe mdb_txn_commit(transaction), "opening tables", path)
    return tables
}
