public import Bytes

/// A transaction with the hashes that all its signatures share, so that n signatures cost O(n).
///
/// Computed once from the transaction and the outputs that it spends, all of them: BIP-341 commits
/// to every amount and script, and a BIP-143 digest without the true amount signs a wrong fee.
/// Annexes are not part of any digest here; a witness that holds one must be refused by whoever
/// reads it.
public struct SighashMidstate: Sendable {
    /// The transaction. Neither its scriptSigs nor its witnesses enter a digest.
    public let transaction: Transaction
    /// The outputs that its inputs spend, in their order.
    public let spentOutputs: [TransactionOutput]

    /// SHA-256 of all outpoints (BIP-341's `sha_prevouts`).
    let prevouts: Digest32
    /// SHA-256 of all spent amounts (`sha_amounts`).
    let amounts: Digest32
    /// SHA-256 of all spent scripts (`sha_scriptpubkeys`).
    let scripts: Digest32
    /// SHA-256 of all sequences (`sha_sequences`).
    let sequences: Digest32
    /// SHA-256 of all outputs (`sha_outputs`).
    let outputs: Digest32

    /// Hashes what the signatures share; nil when `spentOutputs` is not one for each input.
    public init?(_ transaction: Transaction, spending spentOutputs: [TransactionOutput]) {
        guard spentOutputs.count == transaction.inputs.count else { return nil }
        self.transaction = transaction
        self.spentOutputs = spentOutputs
        prevouts = sha256(
            transaction.inputs.joined(bytesEach: 36) { $0.append($1.previousOutput) })
        sequences = sha256(
            transaction.inputs.joined(bytesEach: 4) { $0.appendLittleEndian($1.sequence) })
        amounts = sha256(
            spentOutputs.joined(bytesEach: 8) { $0.appendLittleEndian($1.amount.satoshis) })
        scripts = sha256(
            spentOutputs.joined(bytesEach: 35) { $0.append(lengthPrefixed: $1.scriptPubKey.bytes) })
        outputs = sha256(transaction.outputs.joined(bytesEach: 43) { $0.append($1) })
    }

    /// Computes the digest that a signature for a version 0 witness program signs (BIP-143).
    ///
    /// `scriptCode` is the witness script of P2WSH, or the P2PKH script of P2WPKH's hash. Nil when
    /// there is no such input.
    public func witnessV0(
        input index: Int, scriptCode: Script, type: SighashType
    ) -> Digest32? {
        guard transaction.inputs.indices.contains(index) else { return nil }
        let input = transaction.inputs[index]
        let coversInputs = !type.isAnyoneCanPay
        let coversSequences = coversInputs && !type.isNone && !type.isSingle
        var message: [UInt8] = []
        message.reserveCapacity(159 + scriptCode.bytes.count)
        message.appendLittleEndian(transaction.version)
        // BIP-143 hashes each part twice, BIP-341 once: the second time is for here.
        message.append(coversInputs ? sha256(prevouts.span) : .zero)
        message.append(coversSequences ? sha256(sequences.span) : .zero)
        message.append(input.previousOutput)
        message.append(lengthPrefixed: scriptCode.bytes)
        message.appendLittleEndian(spentOutputs[index].amount.satoshis)
        message.appendLittleEndian(input.sequence)
        if type.isSingle {
            message.append(output(at: index).map(sha256d) ?? .zero)
        } else {
            message.append(type.isNone ? .zero : sha256(outputs.span))
        }
        message.appendLittleEndian(transaction.lockTime)
        message.appendLittleEndian(UInt32(type.rawValue))
        return sha256d(message)
    }

    /// Computes the digest that a signature for a taproot output signs (BIP-341): for the key path,
    /// or with `leafHash` for a tapscript without `OP_CODESEPARATOR` (BIP-342).
    ///
    /// Nil when there is no such input, BIP-341 does not define `type`, or ``SighashType/single``
    /// finds no output at the input's position.
    public func taproot(
        input index: Int, type: SighashType = .default, leafHash: Digest32? = nil
    ) -> Digest32? {
        guard transaction.inputs.indices.contains(index), type.isTaprootType else { return nil }
        let input = transaction.inputs[index]
        var message: [UInt8] = []
        message.reserveCapacity(256)
        message += [0, type.rawValue]
        message.appendLittleEndian(transaction.version)
        message.appendLittleEndian(transaction.lockTime)
        if !type.isAnyoneCanPay {
            for digest in [prevouts, amounts, scripts, sequences] { message.append(digest) }
        }
        if !type.isNone && !type.isSingle { message.append(outputs) }
        // The spend type: twice the extension flag, and no annex.
        message.append(leafHash == nil ? 0 : 2)
        if type.isAnyoneCanPay {
            message.append(input.previousOutput)
            message.append(spentOutputs[index])
            message.appendLittleEndian(input.sequence)
        } else {
            message.appendLittleEndian(UInt32(index))
        }
        if type.isSingle {
            guard let output = output(at: index) else { return nil }
            message.append(sha256(output))
        }
        if let leafHash {
            message.append(leafHash)
            message.append(0)
            message.appendLittleEndian(UInt32.max)
        }
        return taggedHash("TapSighash", message)
    }

    private func output(at index: Int) -> [UInt8]? {
        guard transaction.outputs.indices.contains(index) else { return nil }
        var bytes: [UInt8] = []
        bytes.append(transaction.outputs[index])
        return bytes
    }
}

extension Array {
    /// What `append` writes of all elements, with room for `bytesEach` of each from the start.
    fileprivate func joined(
        bytesEach: Int, _ append: (inout [UInt8], Element) -> Void
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * bytesEach)
        for element in self { append(&bytes, element) }
        return bytes
    }
}
