internal import Archive
public import Files
public import Ledger
public import Merkle

/// Why an export was not written.
public enum ExportError: Error, Equatable {
    /// The log or its database could not be read.
    case ledger(LedgerError)
    /// A file could not be read or written.
    case file(FileError)
    /// A checkpoint or a key is not in order.
    case merkle(MerkleError)
    /// The log has no signed checkpoint, and so nothing that can be shown to others.
    case noCheckpoint(entries: UInt64)
    /// The log's own evidence contradicts itself: what was written would not verify.
    case damaged(String)
    /// The log, or one of its files, is larger than an export may be.
    case tooLarge(what: String, size: UInt64, maximum: UInt64)
    /// The older checkpoint is not one that the log has passed.
    case notAnAncestor(String)
    /// What is to be disclosed is not there.
    case notDisclosed(String)
    /// The target has no name that says what to write.
    case target(String)
    /// The compressor refused.
    case compressor(String)
    /// The export key gave no signature that verifies.
    case unsigned(key: String)
}

extension ExportError: LedgerFailure {
    public init(ledger error: LedgerError) { self = .ledger(error) }
    public init(file error: FileError) { self = .file(error) }
}

extension ExportError {
    init(_ error: ArchiveError) {
        self =
            switch error {
            case .file(let error): .file(error)
            case .compressor(let reason), .malformed(let reason): .compressor(reason)
            }
    }
}

extension ExportError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .ledger(let error): "\(error)"
        case .file(let error): "\(error)"
        case .merkle(let error): "\(error)"
        case .noCheckpoint(let entries):
            "none of the \(entries) entries is under a signed checkpoint; run `strongroom "
                + "checkpoint` where the log's key is"
        case .damaged(let reason):
            "\(reason); nothing was exported, run `strongroom verify`"
        case .tooLarge(let what, let size, let maximum):
            "\(what) would be \(size), an export holds at most \(maximum)"
        case .notAnAncestor(let reason), .notDisclosed(let reason): reason
        case .target(let path):
            "\(path) is no target: a name that ends in .tar or .tar.zst makes one file, a name "
                + "without an ending a folder"
        case .compressor(let reason): "the compressor failed: \(reason)"
        case .unsigned(let key): "the export key \(key) gave no signature that verifies"
        }
    }
}

/// Runs `body`, wrapping a file's error.
func filed<Result>(_ body: () throws(FileError) -> Result) throws(ExportError) -> Result {
    do { return try body() } catch { throw .file(error) }
}

/// Runs `body`, wrapping the log's error.
func logged<Result>(_ body: () throws(LedgerError) -> Result) throws(ExportError) -> Result {
    do { return try body() } catch { throw .ledger(error) }
}

/// Runs `body`, wrapping the tree's error.
func proven<Result>(_ body: () throws(MerkleError) -> Result) throws(ExportError) -> Result {
    do { return try body() } catch { throw .merkle(error) }
}
