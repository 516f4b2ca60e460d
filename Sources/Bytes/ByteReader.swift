/// Why bytes could not be read, and at which offset of the input.
public enum ReadError: Error, Equatable {
    /// The input ends before `needed` more bytes at `offset`.
    case truncated(offset: Int, needed: Int)
    /// Bytes are left over at `offset` where the format is over.
    case trailing(offset: Int, count: Int)
    /// A length or value at `offset` is outside its limit.
    case limit(offset: Int, field: String, value: UInt64, maximum: UInt64)
    /// A value at `offset` is not written in its only permitted form.
    case nonCanonical(offset: Int, field: String)
}

extension ReadError: CustomStringConvertible {
    /// A sentence for people, without its end mark.
    public var description: String {
        switch self {
        case .truncated(let offset, let needed):
            "at offset \(offset): \(needed) more bytes are needed, but there the input ends"
        case .trailing(let offset, let count):
            "at offset \(offset): \(count) bytes are left over"
        case .limit(let offset, let field, let value, let maximum):
            "at offset \(offset): \(field) is \(value), and at most \(maximum) is accepted"
        case .nonCanonical(let offset, let field):
            "at offset \(offset): \(field) is not written in its shortest form"
        }
    }
}

/// A cursor over borrowed bytes, for the little-endian formats of Bitcoin and our own tables.
///
/// Every read is bounds-checked and throws ``ReadError``; the cursor can not outlive the bytes.
public struct ByteReader: ~Escapable {
    private let span: Span<UInt8>
    /// How many bytes have been read.
    public private(set) var offset = 0

    /// Starts at the first byte of `span`.
    @_lifetime(copy span)
    public init(_ span: Span<UInt8>) { self.span = span }

    /// How many bytes are left.
    public var remaining: Int { span.count - offset }

    /// Reads one byte.
    public mutating func byte() throws(ReadError) -> UInt8 {
        try need(1)
        defer { offset += 1 }
        return span[offset]
    }

    /// Reads a little-endian unsigned integer of `Value`'s width, at most 64 bits.
    @inlinable
    public mutating func littleEndian<Value: FixedWidthInteger & UnsignedInteger>(
        _ type: Value.Type = Value.self
    ) throws(ReadError) -> Value {
        Value(truncatingIfNeeded: try word(bytes: Value.bitWidth / 8))
    }

    /// Reads a big-endian unsigned integer of `Value`'s width, at most 64 bits.
    @inlinable
    public mutating func bigEndian<Value: FixedWidthInteger & UnsignedInteger>(
        _ type: Value.Type = Value.self
    ) throws(ReadError) -> Value {
        try littleEndian(type).byteSwapped
    }

    /// Reads `count` bytes as a copy.
    public mutating func bytes(_ count: Int) throws(ReadError) -> [UInt8] {
        let part = try lent(count)
        return unsafe part.withUnsafeBufferPointer { unsafe [UInt8]($0) }
    }

    /// Reads 32 bytes.
    public mutating func digest() throws(ReadError) -> Digest32 {
        let part = try lent(32)
        return unsafe part.withUnsafeBytes { pointer in
            unsafe Digest32(pointer.loadUnaligned(as: [32 of UInt8].self))
        }
    }

    /// Reads `count` bytes and lends them.
    @_lifetime(copy self)
    public mutating func lent(_ count: Int) throws(ReadError) -> Span<UInt8> {
        try need(count)
        let start = offset
        offset += count
        return span.extracting(start..<start + count)
    }

    /// Reads Bitcoin's CompactSize, refusing every form but the shortest and values over `maximum`.
    public mutating func compactSize(
        _ field: String, maximum: UInt64 = 0x0200_0000
    ) throws(ReadError) -> Int {
        let start = offset
        let first = try byte()
        let value: UInt64
        let smallest: UInt64
        switch first {
        case 0xfd: (value, smallest) = (UInt64(try littleEndian(UInt16.self)), 0xfd)
        case 0xfe: (value, smallest) = (UInt64(try littleEndian(UInt32.self)), 0x1_0000)
        case 0xff: (value, smallest) = (try littleEndian(UInt64.self), 0x1_0000_0000)
        default: (value, smallest) = (UInt64(first), 0)
        }
        guard value >= smallest else { throw .nonCanonical(offset: start, field: field) }
        guard value <= maximum else {
            throw .limit(offset: start, field: field, value: value, maximum: maximum)
        }
        return Int(value)
    }

    /// Throws unless every byte has been read.
    public func end() throws(ReadError) {
        guard remaining == 0 else { throw .trailing(offset: offset, count: remaining) }
    }

    /// Reads `width` bytes, at most eight, least significant first.
    @usableFromInline
    mutating func word(bytes width: Int) throws(ReadError) -> UInt64 {
        precondition(width <= 8, "no format here has wider integers")
        try need(width)
        var value: UInt64 = 0
        for index in 0..<width { value |= UInt64(span[offset + index]) << UInt64(index * 8) }
        offset += width
        return value
    }

    private func need(_ count: Int) throws(ReadError) {
        guard count >= 0, count <= remaining else {
            throw .truncated(offset: offset, needed: count - remaining)
        }
    }
}

extension [UInt8] {
    /// Appends an unsigned integer, least significant byte first.
    @inlinable
    public mutating func appendLittleEndian<Value: FixedWidthInteger & UnsignedInteger>(
        _ value: Value
    ) {
        unsafe Swift.withUnsafeBytes(of: value.littleEndian) { unsafe append(contentsOf: $0) }
    }

    /// Appends an unsigned integer, most significant byte first.
    @inlinable
    public mutating func appendBigEndian<Value: FixedWidthInteger & UnsignedInteger>(
        _ value: Value
    ) {
        unsafe Swift.withUnsafeBytes(of: value.bigEndian) { unsafe append(contentsOf: $0) }
    }

    /// Appends Bitcoin's CompactSize in its shortest form.
    public mutating func appendCompactSize(_ count: Int) {
        precondition(count >= 0, "a count is never negative")
        switch count {
        case 0..<0xfd: append(UInt8(count))
        case 0xfd...0xffff: append(0xfd); appendLittleEndian(UInt16(count))
        case 0x1_0000...0xffff_ffff: append(0xfe); appendLittleEndian(UInt32(count))
        default: append(0xff); appendLittleEndian(UInt64(count))
        }
    }

    /// Appends the 32 bytes of a digest.
    public mutating func append(_ digest: Digest32) { append(digest.bytes.span) }

    /// Appends borrowed bytes.
    public mutating func append(_ span: Span<UInt8>) {
        unsafe span.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
