/// The types of a PSBT's global fields that are known here (BIP-174).
public enum PSBTGlobalField: UInt8, Sendable {
    case unsignedTransaction = 0x00
    case extendedPublicKey = 0x01
    case version = 0xfb
}

/// The types of a PSBT's input fields that are known here (BIP-174, BIP-371).
public enum PSBTInputField: UInt8, Sendable {
    case nonWitnessUTXO = 0x00
    case witnessUTXO = 0x01
    case partialSignature = 0x02
    case sighashType = 0x03
    case redeemScript = 0x04
    case witnessScript = 0x05
    case bip32Derivation = 0x06
    case finalScriptSig = 0x07
    case finalScriptWitness = 0x08
    case porCommitment = 0x09
    case ripemd160 = 0x0a
    case sha256 = 0x0b
    case hash160 = 0x0c
    case hash256 = 0x0d
    case taprootKeySignature = 0x13
    case taprootScriptSignature = 0x14
    case taprootLeafScript = 0x15
    case taprootBIP32Derivation = 0x16
    case taprootInternalKey = 0x17
    case taprootMerkleRoot = 0x18
}

/// The types of a PSBT's output fields that are known here (BIP-174, BIP-371).
public enum PSBTOutputField: UInt8, Sendable {
    case redeemScript = 0x00
    case witnessScript = 0x01
    case bip32Derivation = 0x02
    case taprootInternalKey = 0x05
    case taprootTree = 0x06
    case taprootBIP32Derivation = 0x07
}

/// What the key data after a field's type has to be.
enum PSBTKeyForm {
    case none, publicKey, xOnlyKey, xOnlyKeyAndLeaf, controlBlock, extendedKey
    case bytes(Int)
}

/// What a field's value has to be.
enum PSBTValueForm {
    case any, transaction, output, number, signature, schnorrSignature, origin, taprootOrigin
    case witness, leafScript, tree
    case bytes(Int)
}

/// The form of a field's key data and value.
typealias PSBTForm = (key: PSBTKeyForm, value: PSBTValueForm)

extension PSBTGlobalField {
    var form: PSBTForm {
        switch self {
        case .unsignedTransaction: (.none, .any)
        case .extendedPublicKey: (.extendedKey, .origin)
        case .version: (.none, .number)
        }
    }
}

extension PSBTInputField {
    var form: PSBTForm {
        switch self {
        case .nonWitnessUTXO: (.none, .transaction)
        case .witnessUTXO: (.none, .output)
        case .partialSignature: (.publicKey, .signature)
        case .sighashType: (.none, .number)
        case .redeemScript, .witnessScript, .finalScriptSig, .porCommitment: (.none, .any)
        case .bip32Derivation: (.publicKey, .origin)
        case .finalScriptWitness: (.none, .witness)
        case .ripemd160, .hash160: (.bytes(20), .any)
        case .sha256, .hash256: (.bytes(32), .any)
        case .taprootKeySignature: (.none, .schnorrSignature)
        case .taprootScriptSignature: (.xOnlyKeyAndLeaf, .schnorrSignature)
        case .taprootLeafScript: (.controlBlock, .leafScript)
        case .taprootBIP32Derivation: (.xOnlyKey, .taprootOrigin)
        case .taprootInternalKey, .taprootMerkleRoot: (.none, .bytes(32))
        }
    }
}

extension PSBTOutputField {
    var form: PSBTForm {
        switch self {
        case .redeemScript, .witnessScript: (.none, .any)
        case .bip32Derivation: (.publicKey, .origin)
        case .taprootInternalKey: (.none, .bytes(32))
        case .taprootTree: (.none, .tree)
        case .taprootBIP32Derivation: (.xOnlyKey, .taprootOrigin)
        }
    }
}
