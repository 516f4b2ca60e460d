internal import Bytes

/// An unsigned 256-bit integer with the few operations that targets and chain work need.
struct UInt256: Sendable, Hashable {
    var high: UInt128
    var low: UInt128

    init(_ low: UInt64) { self.init(high: 0, low: UInt128(low)) }

    init(high: UInt128, low: UInt128) {
        self.high = high
        self.low = low
    }

    /// Reads the bytes as a little-endian number, as proof of work does with a block hash.
    init(littleEndian digest: Digest32) {
        var halves: (low: UInt128, high: UInt128) = (0, 0)
        for index in (0..<16).reversed() {
            halves.low = halves.low << 8 | UInt128(digest.bytes[index])
            halves.high = halves.high << 8 | UInt128(digest.bytes[index + 16])
        }
        self.init(high: halves.high, low: halves.low)
    }

    /// The 32 bytes, least significant first.
    var littleEndian: Digest32 {
        Digest32(
            [32 of UInt8] { index in
                let half = index < 16 ? low : high
                return UInt8(truncatingIfNeeded: half >> UInt128(index % 16 * 8))
            })
    }

    static let zero = UInt256(0)
    static let maximum = UInt256(high: .max, low: .max)

    /// How many bits the number takes; 0 for zero.
    var bitWidth: Int {
        high == 0 ? 128 - low.leadingZeroBitCount : 256 - high.leadingZeroBitCount
    }

    static prefix func ~ (value: UInt256) -> UInt256 {
        UInt256(high: ~value.high, low: ~value.low)
    }

    static func << (value: UInt256, count: Int) -> UInt256 {
        // Smart shifts of the halves give zero, or the other direction, outside 0..<128.
        UInt256(
            high: value.high << count
                | (count < 128 ? value.low >> (128 - count) : value.low << (count - 128)),
            low: value.low << count)
    }

    static func >> (value: UInt256, count: Int) -> UInt256 {
        UInt256(
            high: value.high >> count,
            low: value.low >> count
                | (count < 128 ? value.high << (128 - count) : value.high >> (count - 128)))
    }

    func addingReportingOverflow(_ other: UInt256) -> (partialValue: UInt256, overflow: Bool) {
        let (low, carry) = low.addingReportingOverflow(other.low)
        let (sum, first) = high.addingReportingOverflow(other.high)
        let (high, second) = sum.addingReportingOverflow(carry ? 1 : 0)
        return (UInt256(high: high, low: low), first || second)
    }

    /// The difference modulo 2²⁵⁶.
    static func &- (left: UInt256, right: UInt256) -> UInt256 {
        let (low, borrow) = left.low.subtractingReportingOverflow(right.low)
        return UInt256(high: left.high &- right.high &- (borrow ? 1 : 0), low: low)
    }

    /// The product modulo 2²⁵⁶, as Core's `arith_uint256` computes it.
    static func &* (left: UInt256, right: UInt32) -> UInt256 {
        let (carry, low) = left.low.multipliedFullWidth(by: UInt128(right))
        return UInt256(high: left.high &* UInt128(right) &+ carry, low: low)
    }

    /// The quotient by a number that is not zero, rounded down; one step for each of its bits.
    static func / (dividend: UInt256, divisor: UInt256) -> UInt256 {
        precondition(divisor != .zero, "division by zero")
        var quotient = UInt256.zero
        guard dividend >= divisor else { return quotient }
        var rest = dividend
        let steps = dividend.bitWidth - divisor.bitWidth
        var shifted = divisor << steps
        for _ in 0...steps {
            quotient = quotient << 1
            if rest >= shifted {
                rest = rest &- shifted
                quotient.low |= 1
            }
            shifted = shifted >> 1
        }
        return quotient
    }
}

extension UInt256: Comparable {
    static func < (left: UInt256, right: UInt256) -> Bool {
        left.high != right.high ? left.high < right.high : left.low < right.low
    }
}
