/// A 32-byte value compared and hashed as a whole: a SHA-256 digest, an id, a Merkle root.
///
/// Held inline, so that a million of them cost 32 MB and not a million heap blocks.
public struct Digest32: Sendable {
    /// The 32 bytes, in the order in which they are hashed and sent.
    public let bytes: [32 of UInt8]

    /// Creates a digest from 32 bytes held inline.
    public init(_ bytes: [32 of UInt8]) { self.bytes = bytes }

    /// Creates a digest from a span, or returns nil when it does not hold exactly 32 bytes.
    public init?(_ span: Span<UInt8>) {
        guard span.count == 32 else { return nil }
        bytes = unsafe span.withUnsafeBytes { unsafe $0.loadUnaligned(as: [32 of UInt8].self) }
    }

    /// Creates a digest from an array, or returns nil when it does not hold exactly 32 bytes.
    public init?(_ array: [UInt8]) { self.init(array.span) }

    /// Creates a digest from 64 hexadecimal digits, or returns nil.
    public init?(hex: String) {
        guard let bytes = decodeHex(hex) else { return nil }
        self.init(bytes)
    }

    /// Thirty-two zero bytes.
    public static let zero = Digest32([32 of UInt8](repeating: 0))

    /// The bytes as an array, for encoders.
    public var array: [UInt8] { [UInt8](capacity: 32) { $0.append(bytes.span) } }

    /// The bytes in lower-case hexadecimal.
    public var hex: String { encodeHex(bytes.span) }

    /// The bytes in reverse order in hexadecimal, as Bitcoin Core prints txids and block hashes.
    public var reversedHex: String { encodeHex(array.reversed().span) }

    /// The bytes, lent.
    public var span: Span<UInt8> {
        @_lifetime(borrow self)
        get { bytes.span }
    }

    /// The bytes as four machine words, for comparing and hashing only.
    fileprivate var words: (UInt64, UInt64, UInt64, UInt64) {
        unsafe unsafeBitCast(bytes, to: (UInt64, UInt64, UInt64, UInt64).self)
    }
}

extension Digest32: Hashable {
    public static func == (left: Digest32, right: Digest32) -> Bool { left.words == right.words }

    public func hash(into hasher: inout Hasher) {
        let words = words
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }
}

extension Digest32: Comparable {
    /// Orders by the bytes from first to last, as `memcmp` does.
    public static func < (left: Digest32, right: Digest32) -> Bool {
        let l = left.words
        let r = right.words
        if l.0 != r.0 { return l.0.bigEndian < r.0.bigEndian }
        if l.1 != r.1 { return l.1.bigEndian < r.1.bigEndian }
        if l.2 != r.2 { return l.2.bigEndian < r.2.bigEndian }
        return l.3.bigEndian < r.3.bigEndian
    }
}

extension Digest32: CustomStringConvertible {
    public var description: String { hex }
}

extension OutputSpan<UInt8> {
    /// Appends every byte of `span`, for which there must be room.
    @_lifetime(self: copy self)
    public mutating func append(_ span: Span<UInt8>) {
        precondition(span.count <= freeCapacity, "more bytes than there is room for")
        unsafe withUnsafeMutableBufferPointer { buffer, initialized in
            unsafe span.withUnsafeBufferPointer { bytes in
                _ = unsafe buffer.suffix(from: initialized).update(fromContentsOf: bytes)
            }
            initialized += span.count
        }
    }
}
