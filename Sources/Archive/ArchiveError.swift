package import Files

/// Why an archive was not read or written.
package enum ArchiveError: Error, Equatable {
    /// The bytes are no archive of this kind, or larger than they may be; one sentence.
    case malformed(String)
    /// A file could not be read or written.
    case file(FileError)
    /// The compressor refused.
    case compressor(String)
}

extension ArchiveError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed(let reason): reason
        case .file(let error): "\(error)"
        case .compressor(let reason): "the compressor failed: \(reason)"
        }
    }
}

/// Runs `body`, wrapping its file's error.
func filed<Result>(_ body: () throws(FileError) -> Result) throws(ArchiveError) -> Result {
    do { return try body() } catch { throw .file(error) }
}
