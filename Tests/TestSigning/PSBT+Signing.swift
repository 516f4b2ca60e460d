public import Bitcoin
internal import Bytes
internal import Keys

extension PSBT {
    /// Adds a partial signature as a signer does.
    public mutating func add(_ claim: SignatureClaim, of frozen: FrozenTransaction) {
        let output = frozen.coins[claim.input].output
        let key = output.keys[claim.key].publicKey
        switch output.spending {
        case .witnessPublicKeyHash, .witnessScript:
            inputs[claim.input][[PSBTInputField.partialSignature.rawValue] + key.bytes] =
                claim.bytes
        case .taprootKey: inputs[claim.input][.taprootKeySignature] = claim.bytes
        case .taprootScript(_, let leaf, _):
            let type = PSBTInputField.taprootScriptSignature.rawValue
            inputs[claim.input][[type] + key.xOnly.bytes + leaf.hash.array] = claim.bytes
        }
    }

    /// Sets the finished witness of an input as a finalizer does.
    public mutating func finish(_ input: Int, with witness: [[UInt8]]) {
        var bytes: [UInt8] = []
        bytes.appendCompactSize(witness.count)
        for item in witness {
            bytes.appendCompactSize(item.count)
            bytes += item
        }
        inputs[input][.finalScriptWitness] = bytes
    }
}
