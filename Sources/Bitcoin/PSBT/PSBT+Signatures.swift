internal import Bytes
internal import Keys

extension PSBT {
    /// Collects the signatures that signers have added to a PSBT of `frozen`, whether as partial
    /// signatures or in a finished witness; ordered by input, then key, each once.
    ///
    /// They are claims: nothing is verified, except that a finished `OP_CHECKMULTISIG` witness does
    /// not say which keys signed, so that each of its signatures is tried against the keys that may
    /// stand there. Throws ``PSBTError/otherTransaction(expected:found:)`` unless the unsigned
    /// transaction is `frozen`'s own, and errors that name the input for keys, scripts and
    /// witnesses that are not those of its descriptor.
    public func signatures(of frozen: FrozenTransaction) throws(PSBTError) -> [SignatureClaim] {
        guard transaction == frozen.transaction else {
            throw .otherTransaction(expected: frozen.txid, found: transaction.txid)
        }
        var claims: Set<SignatureClaim> = []
        for index in inputs.indices {
            claims.formUnion(try partialSignatures(of: index, frozen.coins[index].output))
            guard inputs[index][.finalScriptSig].map(\.isEmpty) ?? true else {
                throw .satisfaction(input: index)
            }
            guard let bytes = inputs[index][.finalScriptWitness] else { continue }
            guard let witness = decodePSBTWitness(bytes) else {
                throw .fieldValue(
                    .input(index), type: PSBTInputField.finalScriptWitness.rawValue)
            }
            claims.formUnion(try Self.signatures(in: witness, input: index, of: frozen))
        }
        return claims.sorted {
            if ($0.input, $0.key) != ($1.input, $1.key) {
                return ($0.input, $0.key) < ($1.input, $1.key)
            }
            return $0.bytes.lexicographicallyPrecedes($1.bytes)
        }
    }

    private func partialSignatures(
        of index: Int, _ output: DerivedOutput
    ) throws(PSBTError) -> [SignatureClaim] {
        var claims: [SignatureClaim] = []
        switch output.spending {
        case .witnessPublicKeyHash, .witnessScript:
            for (key, signature) in inputs[index].all(.partialSignature) {
                guard let position = PublicKey(key).flatMap(output.position) else {
                    throw .foreignSigner(input: index, key: key)
                }
                claims.append(SignatureClaim(input: index, key: position, bytes: signature))
            }
        case .taprootKey:
            if let signature = inputs[index][.taprootKeySignature] {
                claims.append(SignatureClaim(input: index, key: 0, bytes: signature))
            }
        case .taprootScript(_, let leaf, _):
            for (key, signature) in inputs[index].all(.taprootScriptSignature) {
                let position = output.keys.firstIndex {
                    $0.publicKey.xOnly.bytes + leaf.hash.array == key
                }
                guard let position else { throw .foreignSigner(input: index, key: key) }
                claims.append(SignatureClaim(input: index, key: position, bytes: signature))
            }
        }
        return claims
    }

    /// Takes the signatures from a finished witness, which must have the form that
    /// ``FrozenTransaction/satisfy(input:with:)`` gives it.
    private static func signatures(
        in witness: [[UInt8]], input index: Int, of frozen: FrozenTransaction
    ) throws(PSBTError) -> [SignatureClaim] {
        let output = frozen.coins[index].output
        switch output.spending {
        case .witnessPublicKeyHash:
            guard witness.count == 2, witness[1] == output.keys[0].publicKey.bytes else {
                throw .satisfaction(input: index)
            }
            return [SignatureClaim(input: index, key: 0, bytes: witness[0])]
        case .taprootKey:
            guard witness.count == 1 else { throw .satisfaction(input: index) }
            return [SignatureClaim(input: index, key: 0, bytes: witness[0])]
        case .witnessScript(let script):
            guard witness.count == output.threshold + 2, witness[0].isEmpty,
                witness.last == script.bytes
            else { throw .satisfaction(input: index) }
            return try attributed(witness[1...output.threshold], input: index, of: frozen)
        case .taprootScript(_, let leaf, let controlBlock):
            let count = output.keys.count
            guard witness.count == count + 2, witness[count] == leaf.script.bytes,
                witness[count + 1] == controlBlock.bytes
            else { throw .satisfaction(input: index) }
            return zip(output.scriptOrder, witness[..<count].reversed()).compactMap { key, item in
                item.isEmpty ? nil : SignatureClaim(input: index, key: key, bytes: item)
            }
        }
    }

    /// Finds the key of each signature by trying. They stand in the order of the keys, so that each
    /// key is tried once.
    private static func attributed(
        _ signatures: ArraySlice<[UInt8]>, input index: Int, of frozen: FrozenTransaction
    ) throws(PSBTError) -> [SignatureClaim] {
        var keys = frozen.coins[index].output.scriptOrder[...]
        var claims: [SignatureClaim] = []
        for (item, signature) in zip(signatures.indices, signatures) {
            var found: SignatureClaim?
            while found == nil, let key = keys.popFirst() {
                let claim = SignatureClaim(input: index, key: key, bytes: signature)
                do { found = try frozen.verify(claim).claim } catch { continue }
            }
            guard let found else { throw .unknownSigner(input: index, item: item) }
            claims.append(found)
        }
        return claims
    }
}
