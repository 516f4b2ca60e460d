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
            case .notRegular:
                throw ActingError.refused("\(path) is no file; one document is attached at a time")
            case .tooLarge(_, let maximum):
                throw ActingError.refused(
                    "\(path) is larger; a document has at most \(maximum) bytes")
            default: throw ActingError.refused("\(path) can not be read: \(error)")
            }
        }
        guard let bytes else { throw ActingError.refused("there is no readable file \(path)") }
        guard !bytes.isEmpty else {
            throw ActingError.refused("\(path) is empty; a document has at least one byte")
        }
        return SaltedValue(bytes, salt: salt)
    }

    /// Writes a document under a new name: it appears whole and durable, or not at all, readable by
    /// its owner alone. `-` is standard output.
    public static func write(_ document: SaltedValue, to path: String) throws {
        guard path != "-" else {
            do {
                return try FileHandle.standardOutput.write(contentsOf: Data(document.value))
            } catch {
                throw ActingError.refused("standard output can not be written")
            }
        }
        do throws(FileError) {
            let file = try NewFile(path)
            try file.write(document.value.span)
            try file.commit()
        } catch { throw ActingError.refused("\(error)") }
    }
}
