public import Storage

/// A file that a person wants written; what is there already is never replaced.
public enum OutputFile {
    /// Demands that ``write(_:to:)`` can write to `path`: for what must not be begun in vain.
    public static func require(_ path: String) throws(StorageError) {
        guard path != "-" else { return }
        try requireOutput(path)
    }

    /// Writes a new file, whole and durable or not at all; `-` is standard output, and a pipe takes
    /// the bytes as they are.
    public static func write(_ bytes: [UInt8], to path: String) throws(StorageError) {
        guard path != "-" else {
            return print(String(decoding: bytes, as: UTF8.self), terminator: "")
        }
        try writeOutput(bytes, to: path)
    }
}
