public import Bytes

/// The expected number of hashes behind a chain: of two valid chains, the one with more is
/// followed.
public struct ChainWork: Sendable, Hashable {
    let value: UInt256

    init(_ value: UInt256) { self.value = value }

    /// No work.
    public static let zero = ChainWork(.zero)

    /// Decodes 32 big-endian bytes, the form in which Core prints it.
    public init(bigEndian digest: Digest32) {
        let bytes = digest.bytes
        value = UInt256(littleEndian: Digest32([32 of UInt8] { bytes[31 - $0] }))
    }

    /// The 32 bytes, most significant first.
    public var bigEndian: Digest32 {
        let bytes = value.littleEndian.bytes
        return Digest32([32 of UInt8] { bytes[31 - $0] })
    }

    /// The sum, or nil when it does not fit 256 bits.
    public func adding(_ other: ChainWork) -> ChainWork? {
        let (sum, overflow) = value.addingReportingOverflow(other.value)
        return overflow ? nil : ChainWork(sum)
    }
}

extension ChainWork: Comparable {
    public static func < (left: ChainWork, right: ChainWork) -> Bool { left.value < right.value }
}

extension ChainWork: CustomStringConvertible {
    /// The number as 64 hexadecimal digits, as Core's `chainwork`.
    public var description: String { value.littleEndian.reversedHex }
}
