internal import Bytes

/// Takes a POSIX tar apart, as strictly as `Schemas/export.md` says.
///
/// A header that is not the one that an export has for its path and size is a fault, and the file
/// is passed over; what makes it impossible to tell where the next header is ends the reading.
/// Sizes are judged as headers announce them, before a byte of the file is read.
package struct TarReader {
    /// What is wrong with a member, or with the end when it has no name.
    package struct Fault: Sendable {
        /// The member's path, escaped.
        package let name: String?
        /// The byte of the tar.
        package let offset: UInt64
        /// What should stand there.
        package let expected: String
        /// What does.
        package let found: String
    }

    /// What speaks against taking a member.
    package struct Refusal {
        let expected: String
        let found: String

        /// Says what would be taken, and what was found.
        package init(expected: String, found: String) {
            self.expected = expected
            self.found = found
        }
    }

    private let source: any ByteSource
    /// The most bytes that the files may have together.
    private let maximumBytes: UInt64
    private var offset: UInt64 = 0
    private var files: UInt64 = 0
    private var bytes: UInt64 = 0
    private var last = ""
    private var buffer: ArraySlice<UInt8> = []
    /// What is wrong with the archive, the first ones of it.
    package private(set) var faults: [Fault] = []

    /// The most files, folders and whatever else an archive may hold.
    static let maximumMembers: UInt64 = 4_000_000
    /// The most faults that are told.
    static let maximumFaults = 1_000

    /// Reads `source`, whose files may have `maximumBytes` together.
    package init(_ source: any ByteSource, maximumBytes: UInt64) {
        self.source = source
        self.maximumBytes = maximumBytes
    }

    /// Hands over each file that is accepted: its path, and its bytes in parts, which end with an
    /// empty one.
    ///
    /// - Parameter judge: says of a path and a size why such a file is not taken; nil when it is.
    package mutating func run(
        judge: (String, UInt64) -> Refusal?, _ take: (String, [UInt8]) throws(ArchiveError) -> Void
    ) throws(ArchiveError) {
        while true {
            let start = offset
            let header = try block(TarHeader.blockBytes, "a header")
            if header.allSatisfy({ $0 == 0 }) { return try end(at: start) }
            try member(Array(header), at: start, judge, take)
        }
    }

    private mutating func member(
        _ header: [UInt8], at start: UInt64, _ judge: (String, UInt64) -> Refusal?,
        _ take: (String, [UInt8]) throws(ArchiveError) -> Void
    ) throws(ArchiveError) {
        let size = try Self.size(of: header, at: start)
        let name = String(decoding: header[..<100].prefix { $0 != 0 }, as: UTF8.self)
        files += 1
        bytes += size
        guard files <= Self.maximumMembers else {
            throw .malformed("the tar holds more than \(Self.maximumMembers) files")
        }
        guard bytes <= maximumBytes else {
            throw .malformed(
                "the tar's files would be larger than \(maximumBytes) bytes together, at "
                    + "\(name.escapedForDisplay); allow more with --max-unpacked")
        }
        let isTaken = accepts(name, header, size, at: start, judge)
        last = max(last, name)
        var left = size
        while left > 0 {
            let part = try part(left, name)
            if isTaken { try take(name, part) }
            left -= UInt64(part.count)
        }
        if isTaken { try take(name, []) }
        let padding = TarHeader.padding(after: size)
        if padding > 0, try block(padding, "zeros after a file").contains(where: { $0 != 0 }) {
            add(name, offset - UInt64(padding), "zeros up to the next block", "other bytes")
        }
    }

    /// Whether the file that a header announces is to be taken; if not, there is a fault.
    private mutating func accepts(
        _ name: String, _ header: [UInt8], _ size: UInt64, at start: UInt64,
        _ judge: (String, UInt64) -> Refusal?
    ) -> Bool {
        if let refusal = judge(name, size) {
            add(name, start, refusal.expected, refusal.found)
            return false
        }
        guard size <= TarHeader.maximumFileBytes else {
            add(name, start, "at most \(TarHeader.maximumFileBytes) bytes", "\(size)")
            return false
        }
        let expected = TarHeader.encoded(name, bytes: size)
        if let place = zip(header, expected).enumerated().first(where: { $1.0 != $1.1 })?.offset {
            add(
                name, start + UInt64(place),
                "the header of a file of mode 0644, without owner, time or link",
                "the byte \(header[place]) in the place of \(expected[place])")
            return false
        }
        guard last.isEmpty || last.utf8.lexicographicallyPrecedes(name.utf8) else {
            add(name, start, "a path after \(last.escapedForDisplay)", name)
            return false
        }
        return true
    }

    /// The size that a header says; throws when the header is none.
    private static func size(of header: [UInt8], at start: UInt64) throws(ArchiveError) -> UInt64 {
        func octal(_ range: Range<Int>) -> UInt64? {
            let digits = header[range].prefix { $0 != 0 && $0 != 0x20 }
            guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x37).contains($0) }) else {
                return nil
            }
            return digits.reduce(0) { $0 << 3 | UInt64($1 - 0x30) }
        }
        guard Array(header[257..<265]) == Array("ustar".utf8) + [0] + Array("00".utf8) else {
            throw .malformed("no header of a ustar at byte \(start) of the tar")
        }
        let sum = header.enumerated().reduce(UInt64(0)) { sum, item in
            sum + UInt64((148..<156).contains(item.offset) ? 0x20 : item.element)
        }
        guard octal(148..<156) == sum else {
            throw .malformed("a wrong checksum in the header at byte \(start) of the tar")
        }
        guard let size = octal(124..<136) else {
            throw .malformed("no size in octal digits in the header at byte \(start) of the tar")
        }
        return size
    }

    /// The second block of zeros, and then nothing.
    private mutating func end(at start: UInt64) throws(ArchiveError) {
        let second = try part(UInt64(TarHeader.blockBytes), "the end", mayEnd: true)
        var count = second.count
        var isZero = second.allSatisfy { $0 == 0 }
        while count <= TarHeader.blockBytes {
            let more = try part(UInt64(TarHeader.blockBytes), "the end", mayEnd: true)
            guard !more.isEmpty else { break }
            count += more.count
            isZero = isZero && more.allSatisfy { $0 == 0 }
        }
        guard count == TarHeader.blockBytes, isZero else {
            return faults.append(
                Fault(
                    name: nil, offset: start, expected: "two blocks of zeros at the tar's end",
                    found: "from byte \(start) on, \(isZero ? "another number" : "other bytes")"))
        }
    }

    // MARK: Bytes

    private mutating func block(
        _ count: Int, _ what: String
    ) throws(ArchiveError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count { bytes += try part(UInt64(count - bytes.count), what) }
        return bytes
    }

    private mutating func part(
        _ maximum: UInt64, _ what: String, mayEnd: Bool = false
    ) throws(ArchiveError) -> [UInt8] {
        if buffer.isEmpty { buffer = try source.read(1 << 17)[...] }
        guard !buffer.isEmpty || mayEnd else {
            throw .malformed(
                "the tar ends at byte \(offset), within \(what.escapedForDisplay)")
        }
        let part = buffer.prefix(Int(min(maximum, 1 << 17)))
        buffer = buffer.dropFirst(part.count)
        offset += UInt64(part.count)
        return Array(part)
    }

    private mutating func add(
        _ name: String, _ place: UInt64, _ expected: String, _ found: String
    ) {
        guard faults.count < Self.maximumFaults else { return }
        faults.append(
            Fault(
                name: name.escapedForDisplay, offset: place, expected: expected,
                found: "\(found), at byte \(place) of the tar"))
    }
}
