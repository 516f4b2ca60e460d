public import Bytes

/// Which rule of its chain a header breaks, at which height.
public enum HeaderError: Error, Equatable {
    /// The header names another one as the one before (Core's `prev-blk-not-found`).
    case previousHash(height: UInt32, expected: Digest32, found: Digest32)
    /// The target is not the one that the rules give (`bad-diffbits`).
    case bits(height: UInt32, expected: UInt32, found: UInt32)
    /// The hash is above the target (`high-hash`).
    case proofOfWork(height: UInt32, hash: Digest32, target: Target)
    /// The time is not after the median of the eleven before (`time-too-old`).
    case timeTooOld(height: UInt32, time: UInt32, medianTimePast: UInt32)
    /// The first block of a period lies over ten minutes before the one before it
    /// (`time-timewarp-attack`, BIP-94).
    case timewarp(height: UInt32, time: UInt32, minimum: UInt32)
    /// The time is over two hours ahead of the clock (`time-too-new`).
    case timeTooNew(height: UInt32, time: UInt32, clockSeconds: UInt64)
    /// The version is below what is in force at the height (`bad-version`).
    case version(height: UInt32, minimum: Int32, found: Int32)
    /// Height or chain work would leave its type.
    case chainTooLong(height: UInt32)
}

extension HeaderError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .previousHash(let height, let expected, let found):
            "block \(height) follows \(found.reversedHex), not \(expected.reversedHex)"
        case .bits(let height, let expected, let found):
            "block \(height) has target \(hexadecimal(found)), and must have "
                + hexadecimal(expected)
        case .proofOfWork(let height, let hash, let target):
            "block \(height)'s hash \(hash.reversedHex) is above its target \(target)"
        case .timeTooOld(let height, let time, let median):
            "block \(height)'s time \(time) is not after the median \(median)"
        case .timewarp(let height, let time, let minimum):
            "block \(height) starts a period at \(time), earlier than \(minimum)"
        case .timeTooNew(let height, let time, let clock):
            "block \(height)'s time \(time) is over two hours after the clock's \(clock)"
        case .version(let height, let minimum, let found):
            "block \(height) has version \(found), and must have at least \(minimum)"
        case .chainTooLong(let height): "the chain can not grow past block \(height)"
        }
    }
}

private func hexadecimal(_ bits: UInt32) -> String { "0x" + String(bits, radix: 16) }
