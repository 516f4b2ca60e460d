internal import Files

/// A file that a person wants written; what is there already is never replaced.
public enum OutputFile {
    /// Demands that ``write(_:to:)`` can write to `path`: for what must not be begun in vain.
    public static func require(_ path: String) throws(OutputFileError) {
        guard path != "-" else { return }
        do throws(FileError) { try requireOutput(path) } catch {
            throw OutputFileError(path, error)
        }
    }

    /// Writes a new file, whole and durable or not at all; `-` is standard output, and a pipe takes
    /// the bytes as they are.
    public static func write(_ bytes: [UInt8], to path: String) throws(OutputFileError) {
        guard path != "-" else {
            return print(String(decoding: bytes, as: UTF8.self), terminator: "")
        }
        do throws(FileError) { try writeOutput(bytes, to: path) } catch {
            throw OutputFileError(path, error)
        }
    }
}

/// Why a file that a person wants written is not.
public struct OutputFileError: Error, Equatable, CustomStringConvertible {
    public let description: String

    init(_ path: String, _ error: FileError) {
        description =
            if case .exists = error { "\(error)".plain } else {
                "\(path.plain) can not be written: \("\(error)".plain)"
            }
    }
}
