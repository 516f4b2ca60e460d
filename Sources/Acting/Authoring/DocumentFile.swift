public import Bytes
public import Events
internal import Foundation
internal import Storage

/// A document between the ledger and the files of a person.
public enum DocumentFile {
    /// Reads a file to be attached, and salts it.
    ///
    /// Its length is looked at before its content is read.
    public static func read(_ path: String, salt: Digest32) throws -> SaltedValue {
        let handle: FileHandle
        do {
            let values = try URL(filePath: path).resourceValues(
                forKeys: [.isRegularFileKey, .fileSizeKey])
            guard values.isRegularFile == true else {
                throw ActingError.file(path, .notAFile)
            }
            try checkSize(values.fileSize ?? 0, path)
            handle = try FileHandle(forReadingFrom: URL(filePath: path))
        } catch let error as ActingError {
            throw error
        } catch { throw ActingError.file(path, .absent) }
        defer { try? handle.close() }
        let bytes: [UInt8]
        do {
            // One byte more than allowed, so that a file that grows meanwhile is noticed.
            bytes = Array(try handle.read(upToCount: SaltedValue.valueLimit + 1) ?? Data())
        } catch { throw ActingError.file(path, .unreadable) }
        try checkSize(bytes.count, path)
        return SaltedValue(bytes, salt: salt)
    }

    private static func checkSize(_ size: Int, _ path: String) throws {
        guard size > 0 else {
            throw ActingError.file(path, .empty)
        }
        guard size <= SaltedValue.valueLimit else {
            throw ActingError.file(path, .documentTooLarge(bytes: size))
        }
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
        do throws(StorageError) {
            let file = try NewFile(path)
            try file.write(document.value.span)
            try file.commit()
        } catch { throw ActingError.file(path, .unwritable(reason: "\(error)")) }
    }
}
