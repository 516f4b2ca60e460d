/// What a locking script is a template of, with what it commits to.
public enum ScriptKind: Sendable, Hashable {
    /// P2PKH: the hash of a public key, 20 bytes.
    case publicKeyHash([UInt8])
    /// P2SH: the hash of a redeem script, 20 bytes.
    case scriptHash([UInt8])
    /// P2WPKH: the hash of a public key, 20 bytes.
    case witnessPublicKeyHash([UInt8])
    /// P2WSH: the hash of a witness script, 32 bytes.
    case witnessScriptHash([UInt8])
    /// P2TR: the output key, 32 bytes, not checked to be on the curve.
    case taproot([UInt8])
    /// A witness program that no rule of today gives a meaning.
    case witnessUnknown(version: UInt8, program: [UInt8])
    /// A data carrier: `OP_RETURN` and whatever follows.
    case nullData
    /// Anything else.
    case other
}

extension Script {
    /// The template that this locking script is of.
    public var kind: ScriptKind {
        if let (version, program) = witnessProgram {
            return switch (version, program.count) {
            case (0, 20): .witnessPublicKeyHash(program)
            case (0, 32): .witnessScriptHash(program)
            case (1, 32): .taproot(program)
            default: .witnessUnknown(version: version, program: program)
            }
        }
        if bytes.first == Opcode.return { return .nullData }
        if bytes.count == 25, bytes.starts(with: [Opcode.dup, Opcode.hash160, 20]),
            bytes[23] == Opcode.equalVerify, bytes[24] == Opcode.checkSig
        {
            return .publicKeyHash(Array(bytes[3..<23]))
        }
        if bytes.count == 23, bytes.starts(with: [Opcode.hash160, 20]), bytes[22] == Opcode.equal {
            return .scriptHash(Array(bytes[2..<22]))
        }
        return .other
    }

    /// The witness program that this script is, if it is one (BIP-141): version 0 to 16 and 2 to 40
    /// bytes.
    public var witnessProgram: (version: UInt8, program: [UInt8])? {
        guard isWitnessProgram else { return nil }
        let version = bytes[0] == Opcode.zero ? 0 : bytes[0] - Opcode.one + 1
        return (version, Array(bytes[2...]))
    }

    private var isWitnessProgram: Bool {
        (4...42).contains(bytes.count)
            && (bytes[0] == Opcode.zero || (Opcode.one...Opcode.sixteen).contains(bytes[0]))
            && Int(bytes[1]) + 2 == bytes.count
    }

    /// The least amount that an output with this script must hold so that spending it costs less
    /// than it holds, at `rate` (Core's `GetDustThreshold`); zero for unspendable scripts, and nil
    /// only where the rate makes it more than there are bitcoins.
    public func dustThreshold(at rate: FeeRate = .dust) -> Amount? {
        guard !isUnspendable else { return .zero }
        // Outpoint, script length and sequence of the input, and a satisfaction of 107 bytes, which
        // counts a quarter inside a witness.
        let spending = 32 + 4 + 1 + (isWitnessProgram ? 107 / 4 : 107) + 4
        return rate.fee(vsize: 8 + compactSizeLength(bytes.count) + bytes.count + spending)
    }
}
