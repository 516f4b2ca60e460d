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
                throw ActingError.refused("\(path) is no file; one document is attached at a time")
            }
            try checkSize(values.fileSize ?? 0, path)
            handle = try FileHandle(forReadingFrom: URL(filePath: path))
        } catch let error as ActingError {
            throw error
        } catch { throw ActingError.refused("there is no readable file \(path)") }
        defer { try? handle.close() }
        let bytes: [UInt8]
        do {
            // One byte more than allowed, so that a file that grows meanwhile is noticed.
            bytes = Array(try handle.read(upToCount: SaltedValue.valueLimit + 1) ?? Data())
        } catch { throw ActingError.refused("\(path) can not be read") }
        try checkSize(bytes.count, path)
        return SaltedValue(bytes, salt: salt)
    }

    private static func checkSize(_ size: Int, _ path: String) throws {
        guard size > 0 else {
            throw ActingError.refused("\(path) is empty; a document has at least one byte")
        }
        guard size <= SaltedValue.valueLimit else {
            throw ActingError.refused(
                "\(path) has \(size) bytes; a document has at most \(SaltedValue.valueLimit)")
        }
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
        do throws(StorageError) {
            let file = try NewFile(path)
            try file.write(document.value.span)
            try file.commit()
        } catch { throw ActingError.refused("\(error)") }
    }
}
