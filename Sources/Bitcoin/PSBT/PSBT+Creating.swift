internal import Bytes
internal import Keys

extension PSBT {
    /// Creates a PSBT with all that signers need: the Creator's and Updater's part of BIP-174.
    ///
    /// Each input gets the output that it spends and its script, keys and origins. A version 0
    /// input also needs its full previous transaction among `previousTransactions`, since its
    /// signature commits to no other input's amount. `change` names the outputs that return to the
    /// wallet, by position. Throws ``PSBTError`` when a previous transaction is missing or does not
    /// create the coin, when an output is not the change that it is said to be, or over
    /// ``bytesMax``.
    public init(
        _ frozen: FrozenTransaction, previousTransactions: [Transaction],
        change: [Int: DerivedOutput]
    ) throws(PSBTError) {
        try self.init(unsigned: frozen.transaction)
        var previous: [Digest32: Transaction] = [:]
        for transaction in previousTransactions { previous[transaction.txid] = transaction }
        for (index, coin) in frozen.coins.enumerated() {
            let spent = frozen.transaction.inputs[index].previousOutput
            let map = try Self.input(
                coin, frozen.spentOutputs[index], at: spent.index, of: previous[spent.txid])
            guard let map else { throw .previousTransaction(input: index) }
            inputs[index] = map
        }
        for (index, output) in change.sorted(by: { $0.key < $1.key }) {
            guard outputs.indices.contains(index),
                transaction.outputs[index].scriptPubKey == output.scriptPubKey
            else { throw .notChange(output: index) }
            outputs[index] = Self.output(output)
        }
        let count = encoded.count
        guard count <= Self.bytesMax else { throw .tooLong(count: count) }
    }

    /// The fields of one input; nil when the previous transaction is missing or creates another
    /// coin.
    private static func input(
        _ coin: WalletCoin, _ spent: TransactionOutput, at position: UInt32,
        of previous: Transaction?
    ) throws(PSBTError) -> PSBTMap? {
        if let previous {
            guard let position = Int(exactly: position),
                previous.outputs.indices.contains(position), previous.outputs[position] == spent
            else { return nil }
        }
        var map = PSBTMap()
        var value: [UInt8] = []
        value.append(spent)
        map[.witnessUTXO] = value
        let output = coin.output
        switch output.spending {
        case .witnessPublicKeyHash, .witnessScript:
            guard let previous else { return nil }
            map[.nonWitnessUTXO] = previous.encoded()
            map[PSBTInputField.witnessScript] = output.witnessScript?.bytes
            addDerivations(of: output, PSBTInputField.bip32Derivation.rawValue, to: &map)
        case .taprootKey(let taproot):
            map[PSBTInputField.taprootInternalKey] = taproot.internalKey.bytes
            addDerivations(of: output, PSBTInputField.taprootBIP32Derivation.rawValue, to: &map)
        case .taprootScript(let taproot, let leaf, let controlBlock):
            map[PSBTInputField.taprootInternalKey] = taproot.internalKey.bytes
            map[.taprootMerkleRoot] = taproot.root?.array
            map[[PSBTInputField.taprootLeafScript.rawValue] + controlBlock.bytes] =
                leaf.script.bytes + [leaf.version]
            addDerivations(of: output, PSBTInputField.taprootBIP32Derivation.rawValue, to: &map)
        }
        return map
    }

    private static func output(_ output: DerivedOutput) -> PSBTMap {
        var map = PSBTMap()
        if let taproot = output.taproot {
            map[PSBTOutputField.taprootInternalKey] = taproot.internalKey.bytes
            if let leaf = output.leaf {
                // The only leaf of the tree, at depth 0.
                var tree: [UInt8] = [0, leaf.version]
                tree.append(lengthPrefixed: leaf.script.bytes)
                map[.taprootTree] = tree
            }
            addDerivations(of: output, PSBTOutputField.taprootBIP32Derivation.rawValue, to: &map)
        } else {
            map[PSBTOutputField.witnessScript] = output.witnessScript?.bytes
            addDerivations(of: output, PSBTOutputField.bip32Derivation.rawValue, to: &map)
        }
        return map
    }

    /// Adds where each key of the output comes from, for taproot with the leaf that it signs.
    private static func addDerivations(
        of output: DerivedOutput, _ type: UInt8, to map: inout PSBTMap
    ) {
        for key in output.keys {
            var origin = key.origin.fingerprint.bytes
            for step in key.origin.path.steps { origin.appendLittleEndian(step.rawValue) }
            guard output.taproot != nil else {
                map[[type] + key.publicKey.bytes] = origin
                continue
            }
            let leaves = output.leaf.map { [1] + $0.hash.array } ?? [0]
            map[[type] + key.publicKey.xOnly.bytes] = leaves + origin
        }
    }
}
