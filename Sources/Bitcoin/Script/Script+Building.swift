internal import Bytes
public import Keys

extension [UInt8] {
    /// Appends the shortest push of `data` to a script (BIP-62 rule 3): small numbers as their
    /// opcodes, else the shortest length form. `data` is at most 4 GiB.
    public mutating func appendPush(_ data: [UInt8]) {
        switch data.count {
        case 0: append(Opcode.zero)
        case 1 where (1...16).contains(data[0]): append(Opcode.one + data[0] - 1)
        case 1 where data[0] == 0x81: append(Opcode.oneNegate)
        case ..<Int(Opcode.pushData1): append(UInt8(data.count)); append(contentsOf: data)
        case ...0xff:
            append(Opcode.pushData1)
            append(UInt8(data.count))
            append(contentsOf: data)
        case ...0xffff:
            append(Opcode.pushData2)
            appendLittleEndian(UInt16(data.count))
            append(contentsOf: data)
        default:
            append(Opcode.pushData4)
            appendLittleEndian(UInt32(data.count))
            append(contentsOf: data)
        }
    }

    /// Appends the shortest push of a number that is not negative, as `OP_1` … `OP_16` or as a
    /// little-endian script number.
    public mutating func appendPush(number: UInt32) {
        var bytes: [UInt8] = []
        var rest = number
        while rest > 0 {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
        // The top bit of a script number is its sign.
        if let last = bytes.last, last >= 0x80 { bytes.append(0) }
        appendPush(bytes)
    }
}

extension Script {
    /// Pay to the hash of a public key.
    public static func payToPublicKeyHash(_ hash: [UInt8]) -> Script {
        precondition(hash.count == 20, "hash160 has 20 bytes")
        return Script(
            [Opcode.dup, Opcode.hash160, 20] + hash + [Opcode.equalVerify, Opcode.checkSig])
    }

    /// Pay to the hash of a public key (P2PKH).
    public static func payToPublicKeyHash(_ key: PublicKey) -> Script {
        payToPublicKeyHash(hash160(key.bytes))
    }

    /// Pay to the hash of `redeemScript` (P2SH, BIP-16).
    public static func payToScriptHash(_ redeemScript: Script) -> Script {
        payToScriptHash(hash: hash160(redeemScript.bytes))
    }

    /// Pay to a script hash of 20 bytes (P2SH, BIP-16).
    public static func payToScriptHash(hash: [UInt8]) -> Script {
        precondition(hash.count == 20, "hash160 has 20 bytes")
        return Script([Opcode.hash160, 20] + hash + [Opcode.equal])
    }

    /// Pay to the witness hash of a public key (P2WPKH, BIP-141).
    public static func payToWitnessPublicKeyHash(_ key: PublicKey) -> Script {
        witnessProgram(version: 0, hash160(key.bytes))
    }

    /// Pay to the witness hash of `witnessScript` (P2WSH, BIP-141).
    public static func payToWitnessScriptHash(_ witnessScript: Script) -> Script {
        witnessProgram(version: 0, sha256(witnessScript.bytes).array)
    }

    /// Pay to a taproot output key (P2TR, BIP-341).
    public static func payToTaproot(outputKey: XOnlyPublicKey) -> Script {
        witnessProgram(version: 1, outputKey.bytes)
    }

    /// Pay to a witness program: `version` is 0 to 16, the program 2 to 40 bytes (BIP-141).
    public static func witnessProgram(version: UInt8, _ program: [UInt8]) -> Script {
        precondition(version <= 16 && (2...40).contains(program.count), "BIP-141's limits")
        let opcode = version == 0 ? Opcode.zero : Opcode.one + version - 1
        return Script([opcode, UInt8(program.count)] + program)
    }
}
