internal import Bytes

extension Network {
    /// Blocks from one change of the target to the next.
    public static let retargetBlocks: UInt32 = 2016

    /// Seconds that so many blocks are meant to take.
    static let retargetSeconds: Int64 = 14 * 24 * 60 * 60

    /// The easiest target that the network accepts (Core's `powLimit`).
    public var powLimit: Target {
        let top: UInt128 =
            switch self {
            case .main, .testnet4: UInt128.max >> 32
            case .signet: 0x0000_0377_ae << 88
            case .regtest: UInt128.max >> 1
            }
        return Target(UInt256(high: top, low: self == .signet ? 0 : .max))
    }

    /// Whether the target changes at all.
    var retargets: Bool { self != .regtest }

    /// Whether a block more than 20 minutes after the one before may have the easiest target.
    var permitsMinimumDifficulty: Bool { self == .testnet4 || self == .regtest }

    /// Whether BIP-94 holds: the first block of a period carries its true target, and its time is
    /// at most 10 minutes before that of the block before.
    var enforcesBIP94: Bool { self == .testnet4 }

    /// Whether the work in its headers costs an attacker anything worth naming. On signet blocks
    /// are valid by a signature that headers do not carry; on regtest anyone makes them.
    public var workProves: Bool { self == .main || self == .testnet4 }

    /// The least version of a block at `height` (BIP-34, BIP-66, BIP-65).
    func blockVersionMin(height: UInt32) -> Int32 {
        guard self == .main else { return height == 0 ? 1 : 4 }
        return switch height {
        case ..<227_931: .min
        case ..<363_725: 2
        case ..<388_381: 3
        default: 4
        }
    }

    /// The header that every chain of the network starts with.
    public var genesis: BlockHeader {
        switch self {
        case .main: genesis(time: 1_231_006_505, bits: 0x1d00_ffff, nonce: 2_083_236_893)
        case .testnet4:
            genesis(
                merkleRoot: "4e7b2b9128fe0291db0693af2ae418b767e657cd407e80cb1434221eaea7a07a",
                time: 1_714_777_860, bits: 0x1d00_ffff, nonce: 393_743_547)
        case .signet: genesis(time: 1_598_918_400, bits: 0x1e03_77ae, nonce: 52_613_770)
        case .regtest: genesis(time: 1_296_688_602, bits: 0x207f_ffff, nonce: 2)
        }
    }

    private func genesis(
        merkleRoot: String = "3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a",
        time: UInt32, bits: UInt32, nonce: UInt32
    ) -> BlockHeader {
        guard let root = Digest32(hex: merkleRoot) else {
            preconditionFailure("a literal of 64 digits")
        }
        return BlockHeader(
            version: 1, previousHash: .zero, merkleRoot: root, time: time, bits: bits,
            nonce: nonce)
    }
}
