public import Bytes

/// The number that a block's hash must not exceed: 1 to 2²⁵⁶ − 1.
public struct Target: Sendable, Hashable {
    let value: UInt256

    init(_ value: UInt256) { self.value = value }

    /// Expands the compact form of a header (Core's `arith_uint256::SetCompact`); nil when it is
    /// negative, overflows or is zero, which no chain accepts.
    public init?(compact bits: UInt32) {
        let size = Int(bits >> 24)
        let word = bits & 0x007f_ffff
        let isNegative = word != 0 && bits & 0x0080_0000 != 0
        let overflows =
            word != 0
            && (size > 34 || (word > 0xff && size > 33) || (word > 0xffff && size > 32))
        guard !isNegative, !overflows else { return nil }
        value =
            size <= 3
            ? UInt256(UInt64(word >> UInt32(8 * (3 - size))))
            : UInt256(UInt64(word)) << (8 * (size - 3))
        guard value != .zero else { return nil }
    }

    /// The compact form, which keeps the first 15 to 23 bits (Core's `GetCompact`).
    public var compact: UInt32 {
        var size = (value.bitWidth + 7) / 8
        let shifted = size <= 3 ? value << (8 * (3 - size)) : value >> (8 * (size - 3))
        var word = UInt32(truncatingIfNeeded: shifted.low)
        // The top bit is the sign, so a number that would set it moves down a byte.
        if word & 0x0080_0000 != 0 {
            word >>= 8
            size += 1
        }
        return word | UInt32(size) << 24
    }

    /// Whether a block with this hash has the work that the target asks for.
    public func isMet(by hash: Digest32) -> Bool { UInt256(littleEndian: hash) <= value }

    /// How many hashes a block under this target takes on average: 2²⁵⁶ / (target + 1), rounded
    /// down (Core's `GetBlockProof`).
    public var work: ChainWork {
        // 2²⁵⁶ does not fit: it is (2²⁵⁶ − target − 1) / (target + 1) + 1.
        let (divisor, overflow) = value.addingReportingOverflow(UInt256(1))
        guard !overflow else { return ChainWork(UInt256(1)) }
        return ChainWork((~value / divisor).addingReportingOverflow(UInt256(1)).partialValue)
    }
}

extension Target: Comparable {
    public static func < (left: Target, right: Target) -> Bool { left.value < right.value }
}

extension Target: CustomStringConvertible {
    /// The number as 64 hexadecimal digits.
    public var description: String { value.littleEndian.reversedHex }
}
