public import Bytes
public import Events
internal import Files
internal import Foundation

/// A document between the ledger and the files of a person.
public enum DocumentFile {
    /// Reads a file to be attached, and salts it.
    ///
    /// Its length is looked at before its content is read.
    public static func read(_ path: String, salt: Digest32) throws -> SaltedValue {
        let bytes: [UInt8]?
        do throws(FileError) {
            bytes = try readFile(path, maximumBytes: SaltedValue.valueLimit)
        } catch {
            switch error {
            case .notRegular: throw ActingError.file(path, .notAFile)
            case .tooLarge: throw ActingError.file(path, .documentTooLarge)
            default: throw ActingError.file(path, .unreadable(reason: "\(error)"))
            }
        }
        guard let bytes else { throw ActingError.file(path, .absent) }
        guard !bytes.isEmpty else { throw ActingError.file(path, .empty) }
        return SaltedValue(bytes, salt: salt)
    }

    /// Writes a document under a new name: it appears whole and durable, or not at all, readable by
    /// its owner alone. `-` is standard output.
    public static func write(_ document: SaltedValue, to path: String) throws {
        guard path != "-" else {
            do {
                return try FileHandle.standardOutput.write(contentsOf: Data(document.value))
            } catch {
                throw ActingError.file("standard output", .unwritable(reason: "\(error)"))
            }
        }
        do throws(FileError) {
            let file = try NewFile(path)
            try file.write(document.value.span)
            try file.commit()
        } catch { throw ActingError.file(path, .unwritable(reason: "\(error)")) }
    }
}
