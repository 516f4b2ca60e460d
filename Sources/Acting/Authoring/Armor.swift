internal import Bytes
internal import Files
internal import Foundation

/// Bytes as text between two marked lines, in lines of 76 characters: what survives mail.
package enum Armor {
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
    package static func decode(
        _ text: [UInt8], _ kind: String, from name: String
    ) throws -> [UInt8] {
        let begin = "-----BEGIN STRONGROOM \(kind)-----"
        guard let start = range(of: begin, in: text[...])?.upperBound,
            let stop = range(of: "-----END STRONGROOM \(kind)-----", in: text[start...])?.lowerBound
        else {
            throw ActingError.file(name, .notArmored(begin: begin))
        }
        let body = text[start..<stop].filter { $0 != 0x20 && !(0x09...0x0d).contains($0) }
        guard let bytes = decodeBase64(body) else {
            throw ActingError.file(name, .damaged(reason: "its text is not base64"))
        }
        return bytes
    }

    /// Where a marked line stands; base64 has no hyphen, so that few places are looked at.
    private static func range(of line: String, in text: ArraySlice<UInt8>) -> Range<Int>? {
        var rest = text
        while let start = rest.firstIndex(of: UInt8(ascii: "-")) {
            if rest[start...].starts(with: line.utf8) { return start..<start + line.utf8.count }
            rest = rest[(start + 1)...]
        }
        return nil
    }

    /// Reads and unwraps bytes of `kind` from an armored text of at most `limit` bytes, or from
    /// standard input for `-`; a longer one is refused before it is held.
    static func read(_ path: String, _ kind: String, limit: Int) throws -> [UInt8] {
        let text: [UInt8]
        do throws(FileError) { text = try readInput(path, maximumBytes: limit) } catch {
            switch error {
            case .notFound: throw ActingError.file(path, .absent)
            case .tooLarge: throw ActingError.file(path, .tooLarge(limit: limit))
            default: throw ActingError.file(path, .unreadable(reason: "\(error)"))
            }
        }
        return try decode(text, kind, from: path)
    }

    /// Writes a new text file, whole or not at all. `-` is standard output.
    static func write(_ text: String, to path: String) throws {
        if path == "-" {
            print(text, terminator: "")
            return
        }
        do throws(FileError) { try writeOutput(Array(text.utf8), to: path) } catch {
            throw ActingError.file(path, .unwritable(reason: "\(error)"))
        }
    }
}
