internal import Bytes
internal import Keys

extension FrozenTransaction {
    /// Assembles the witness of input `index` from `signatures`, of which those for other inputs
    /// are left out.
    ///
    /// Of more signatures than the threshold those that stand first in the script are used; the
    /// result does not depend on the order of `signatures` unless one key signed twice. Throws
    /// ``SignatureRefusal/tooFew(input:found:threshold:)``, or the refusal of a signature that is
    /// for another transaction.
    public func satisfy(
        input index: Int, with signatures: [VerifiedSignature]
    ) throws(SignatureRefusal) -> [[UInt8]] {
        guard let digest = digest(input: index) else { throw .noSuchInput(index) }
        let output = coins[index].output
        var byKey: [Int: [UInt8]] = [:]
        for signature in signatures where signature.claim.input == index {
            guard signature.digest == digest, output.keys.indices.contains(signature.claim.key)
            else {
                throw .otherDigest(signature.claim)
            }
            if byKey[signature.claim.key] == nil {
                byKey[signature.claim.key] = signature.claim.bytes
            }
        }
        guard byKey.count >= output.threshold else {
            throw .tooFew(input: index, found: byKey.count, threshold: output.threshold)
        }
        let signers = Set(output.scriptOrder.filter { byKey[$0] != nil }.prefix(output.threshold))
        let inOrder = output.scriptOrder.map { signers.contains($0) ? byKey[$0] ?? [] : [] }
        let used = inOrder.filter { !$0.isEmpty }
        switch output.spending {
        case .witnessPublicKeyHash: return used + [output.keys[0].publicKey.bytes]
        // OP_CHECKMULTISIG takes one item more than it uses, which has to be empty (BIP-147).
        case .witnessScript(let script): return [[]] + used + [script.bytes]
        case .taprootKey: return used
        // The script's first key takes the topmost item, so the signatures stand in reverse; who
        // did not sign gives an empty one (BIP-342).
        case .taprootScript(_, let leaf, let controlBlock):
            return inOrder.reversed() + [leaf.script.bytes, controlBlock.bytes]
        }
    }

    /// Assembles the whole signed transaction; throws as ``satisfy(input:with:)`` does.
    public func finalized(
        with signatures: [VerifiedSignature]
    ) throws(SignatureRefusal) -> Transaction {
        var signed = transaction
        for index in signed.inputs.indices {
            signed.inputs[index].witness = try satisfy(input: index, with: signatures)
        }
        return signed
    }
}

extension Descriptor {
    /// The weight of an input with the largest signatures: outpoint, empty scriptSig, sequence, and
    /// witness. An ECDSA signature counts 72 bytes, as low s makes it.
    public var maximumInputWeight: Int {
        let count = keys.count
        let witness: Int
        switch kind {
        case .witnessPublicKeyHash:
            witness = Self.ecdsaWeight + 34
        case .witnessMultisig:
            let script = 3 + 34 * count
            witness = 1 + threshold * Self.ecdsaWeight + compactSizeLength(script) + script
        case .taprootKey:
            witness = Self.schnorrWeight
        case .taprootMultisig:
            // A threshold over 16 takes a byte more, as it has no opcode of its own.
            let script = 34 * count + (threshold > 16 ? 3 : 2)
            witness =
                threshold * Self.schnorrWeight + (count - threshold) + compactSizeLength(script)
                + script + 34
        }
        return 41 * 4 + 1 + witness
    }

    /// A signature in DER, its sighash byte, and its length.
    private static let ecdsaWeight = 73

    /// A BIP-340 signature and its length.
    private static let schnorrWeight = 65
}
