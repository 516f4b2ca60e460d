internal import Bytes
internal import Foundation
internal import Storage

/// Bytes as text between two marked lines, in lines of 76 characters: what survives mail.
package enum Armor {
    /// The largest armored file that is read, in bytes.
    static let sizeLimit = 256 << 20

    /// Wraps bytes; `kind` names them, such as `EVENT`.
    package static func encode(_ bytes: [UInt8], _ kind: String) -> String {
        let text = Array(encodeBase64(bytes).utf8)
        var lines = ["-----BEGIN STRONGROOM \(kind)-----"]
        for start in stride(from: 0, to: text.count, by: 76) {
            lines.append(String(decoding: text[start..<min(start + 76, text.count)], as: UTF8.self))
        }
        lines.append("-----END STRONGROOM \(kind)-----")
        return lines.joined(separator: "\n") + "\n"
    }

    /// Unwraps bytes of `kind`. White space around and inside, as mail programs add it, is ignored,
    /// and so is what stands before the first and behind the last line.
    package static func decode(_ text: String, _ kind: String, from name: String) throws -> [UInt8]
    {
        let begin = "-----BEGIN STRONGROOM \(kind)-----"
        let end = "-----END STRONGROOM \(kind)-----"
        guard let start = text.range(of: begin),
            let stop = text.range(of: end, range: start.upperBound..<text.endIndex)
        else {
            throw ActingError.file(name, .notArmored(begin: begin))
        }
        let body = text[start.upperBound..<stop.lowerBound].filter { !$0.isWhitespace }
        guard let bytes = decodeBase64(String(body)) else {
            throw ActingError.file(name, .damaged(reason: "its text is not base64"))
        }
        return bytes
    }

    /// Reads a text file, or standard input for `-`.
    static func read(_ path: String) throws -> String {
        if path == "-" {
            let data = try FileHandle.standardInput.read(upToCount: sizeLimit) ?? Data()
            return String(decoding: data, as: UTF8.self)
        }
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let size = attributes[.size] as? Int
        else { throw ActingError.file(path, .absent) }
        guard size <= sizeLimit else {
            throw ActingError.file(path, .tooLarge(bytes: size, limit: sizeLimit))
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ActingError.file(path, .unreadable)
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// Writes a new text file, whole or not at all. `-` is standard output.
    static func write(_ text: String, to path: String) throws {
        if path == "-" {
            print(text, terminator: "")
            return
        }
        do throws(StorageError) { try writeOutput(Array(text.utf8), to: path) } catch {
            throw ActingError.file(path, .unwritable(reason: "\(error)"))
        }
    }
}
