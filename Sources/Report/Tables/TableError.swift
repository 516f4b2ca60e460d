internal import Archive
public import Files

/// Why tables were not written.
public enum TableError: Error, Equatable {
    /// The name is neither a folder's nor that of one file of JSON Lines.
    case target(String)
    /// The log can not be replayed to its end.
    case damaged(String)
    /// A file could not be written.
    case file(FileError)
    /// The compressor refused.
    case compressor(String)
}

extension TableError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .target(let path):
            "\(path) is no target: a name that ends in .jsonl or .jsonl.zst makes one file, a name "
                + "without an ending a folder"
        case .damaged(let reason): "\(reason); nothing was exported, run `strongroom verify`"
        case .file(let error): "\(error)"
        case .compressor(let reason): "the compressor failed: \(reason)"
        }
    }
}

/// Runs `body`, wrapping its file's error.
func filed<Result>(_ body: () throws(FileError) -> Result) throws(TableError) -> Result {
    do { return try body() } catch { throw .file(error) }
}

/// Runs `body`, wrapping what became of a stream of bytes.
func streamed<Result>(_ body: () throws(ArchiveError) -> Result) throws(TableError) -> Result {
    do { return try body() } catch {
        switch error {
        case .file(let error): throw .file(error)
        case .compressor(let reason), .malformed(let reason): throw .compressor(reason)
        }
    }
}
