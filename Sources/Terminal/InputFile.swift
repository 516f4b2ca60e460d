public import Files

/// A file that a person names.
public enum InputFile {
    /// Reads a file of at most `maximumBytes`; a longer one is refused before it is held.
    public static func read(_ path: String, maximumBytes: Int) throws(InputFileError) -> [UInt8] {
        do throws(FileError) { return try readInput(path, maximumBytes: maximumBytes) } catch {
            if case .tooLarge = error { throw .tooLong(path: path, maximumBytes: maximumBytes) }
            throw .unreadable(error)
        }
    }
}

/// Why a file that a person names is not used.
public enum InputFileError: UsageError, Equatable {
    /// There is none, or it can not be read.
    case unreadable(FileError)
    /// It is longer than anything of its kind.
    case tooLong(path: String, maximumBytes: Int)
    /// It is of another kind than was wanted.
    case other(path: String, wanted: String, reason: String)

    /// The command line names something else.
    public var isUsage: Bool { true }
}

extension InputFileError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let error): "\(error)".plain
        case .tooLong(let path, let maximum): "\(path.plain) is longer than \(maximum) bytes"
        case .other(let path, let wanted, let reason): "\(path.plain) holds no \(wanted): \(reason)"
        }
    }
}
