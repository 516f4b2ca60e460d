/// The 512 bytes before a file in a POSIX ustar archive, as every export writes them: a regular
/// file of mode 0644, owner, group and time 0 (`Schemas/export.md`).
package enum TarHeader {
    /// Headers and files fill whole blocks of so many bytes.
    package static let blockBytes = 512
    /// The largest file that a header can announce: eleven octal digits.
    package static let maximumFileBytes: UInt64 = 1 << 33 - 1
    /// Two blocks of zeros end an archive.
    package static let trailer = [UInt8](repeating: 0, count: 2 * blockBytes)

    /// The longest path, in bytes: what a header's name holds.
    package static let maximumPathBytes = 100

    /// Encodes the header of a file; path and size are within their limits.
    package static func encoded(_ path: String, bytes: UInt64) -> [UInt8] {
        precondition(bytes <= maximumFileBytes, "a size of eleven octal digits")
        var header = Array(path.utf8)
        precondition(header.count <= maximumPathBytes, "a path that fits the name")
        header.append(zeros: maximumPathBytes - header.count)
        header.append(octal: 0o644, digits: 7)
        header.append(octal: 0, digits: 7)
        header.append(octal: 0, digits: 7)
        header.append(octal: bytes, digits: 11)
        header.append(octal: 0, digits: 11)
        // The checksum counts its own field as spaces.
        header.append(contentsOf: Array("        ".utf8))
        header.append(UInt8(ascii: "0"))
        header.append(zeros: 100)
        header.append(contentsOf: Array("ustar".utf8) + [0] + Array("00".utf8))
        header.append(zeros: 64)
        header.append(octal: 0, digits: 7)
        header.append(octal: 0, digits: 7)
        header.append(zeros: blockBytes - header.count)
        var checksum: [UInt8] = []
        checksum.append(octal: header.reduce(0) { $0 + UInt64($1) }, digits: 6)
        header.replaceSubrange(148..<156, with: checksum + [UInt8(ascii: " ")])
        return header
    }

    /// How many zeros fill the last block of a file.
    package static func padding(after bytes: UInt64) -> Int {
        (blockBytes - Int(bytes % UInt64(blockBytes))) % blockBytes
    }
}

extension [UInt8] {
    fileprivate mutating func append(zeros count: Int) {
        append(contentsOf: repeatElement(0, count: count))
    }

    /// Appends a number in octal digits and a zero byte.
    fileprivate mutating func append(octal value: UInt64, digits: Int) {
        let text = String(value, radix: 8)
        append(contentsOf: repeatElement(UInt8(ascii: "0"), count: digits - text.utf8.count))
        append(contentsOf: text.utf8)
        append(0)
    }
}
