public import Keys

/// One output of a wallet: its script and everything that spending it takes except signatures.
public struct DerivedOutput: Sendable, Hashable {
    /// How the output is spent.
    public enum Spending: Sendable, Hashable {
        /// P2WPKH: a signature and the key.
        case witnessPublicKeyHash
        /// P2WSH: signatures and this witness script.
        case witnessScript(Script)
        /// P2TR's key path: one signature by the output key.
        case taprootKey(TaprootOutput)
        /// P2TR's script path: signatures, this only leaf, and its control block.
        case taprootScript(TaprootOutput, TapTree.Leaf, ControlBlock)
    }

    /// The chain that the output is on.
    public let chain: AddressChain
    /// Its index on that chain.
    public let index: UInt32
    /// The locking script.
    public let scriptPubKey: Script
    /// How the output is spent.
    public let spending: Spending
    /// How many of the keys have to sign.
    public let threshold: Int
    /// The derived keys, in the order of the descriptor.
    public let keys: [DerivedKey]
    /// The positions in ``keys`` in the order in which they stand in the script.
    public let scriptOrder: [Int]

    /// The position in ``keys`` of a key or, where the output holds only x coordinates, of its x.
    public func position(of key: PublicKey) -> Int? {
        taproot == nil
            ? keys.firstIndex { $0.publicKey == key }
            : keys.firstIndex { $0.publicKey.xOnly == key.xOnly }
    }

    /// The script that a P2WSH output is the hash of.
    public var witnessScript: Script? {
        if case .witnessScript(let script) = spending { script } else { nil }
    }

    /// Internal and output key of a P2TR output.
    public var taproot: TaprootOutput? {
        switch spending {
        case .taprootKey(let output), .taprootScript(let output, _, _): output
        case .witnessPublicKeyHash, .witnessScript: nil
        }
    }

    /// The only script of a P2TR output with one.
    public var leaf: TapTree.Leaf? {
        if case .taprootScript(_, let leaf, _) = spending { leaf } else { nil }
    }

    /// What proves ``leaf`` in a witness.
    public var controlBlock: ControlBlock? {
        if case .taprootScript(_, _, let block) = spending { block } else { nil }
    }

    /// Builds the output of derived keys; nil only when a taproot tweak is not below the group
    /// order (chance 2⁻¹²⁷).
    init?(
        _ kind: Descriptor.Kind, threshold: Int, keys: [DerivedKey], chain: AddressChain,
        index: UInt32
    ) {
        self.chain = chain
        self.index = index
        self.threshold = threshold
        self.keys = keys
        var order = Array(keys.indices)
        switch kind {
        case .witnessPublicKeyHash:
            spending = .witnessPublicKeyHash
            scriptPubKey = .payToWitnessPublicKeyHash(keys[0].publicKey)
        case .witnessMultisig(let keyOrder):
            if keyOrder == .sorted {
                order.sort { keys[$0].publicKey.id < keys[$1].publicKey.id }
            }
            let script = Script.multisig(threshold, order.map { keys[$0].publicKey })
            spending = .witnessScript(script)
            scriptPubKey = .payToWitnessScriptHash(script)
        case .taprootKey:
            guard let output = TaprootOutput(internalKey: keys[0].publicKey.xOnly, root: nil) else {
                return nil
            }
            spending = .taprootKey(output)
            scriptPubKey = .payToTaproot(outputKey: output.outputKey)
        case .taprootMultisig(let internalKey, let keyOrder):
            let xOnly = keys.map { $0.publicKey.xOnly }
            if keyOrder == .sorted {
                order.sort { xOnly[$0].bytes.lexicographicallyPrecedes(xOnly[$1].bytes) }
            }
            let script = Script.tapscriptMultisig(threshold, order.map { xOnly[$0] })
            guard let leaf = TapTree.leaf(version: TapTree.tapscriptVersion, script).leaves.first,
                let output = TaprootOutput(internalKey: internalKey.key, root: leaf.hash),
                let controlBlock = ControlBlock(leaf, of: output)
            else { return nil }
            spending = .taprootScript(output, leaf, controlBlock)
            scriptPubKey = .payToTaproot(outputKey: output.outputKey)
        }
        scriptOrder = order
    }
}

extension Descriptor {
    /// Derives the output at `index` of `chain`: a derivation for each key and, for taproot, a
    /// tweak.
    ///
    /// Throws `KeyError.noSuchChild` when `index` is not below 2³¹.
    public func derive(_ chain: AddressChain, _ index: UInt32) throws(KeyError) -> DerivedOutput {
        var derived: [DerivedKey] = []
        for key in keys { derived.append(try key.derive(chain, index)) }
        guard
            let output = DerivedOutput(
                kind, threshold: threshold, keys: derived, chain: chain, index: index)
        else { throw .noSuchChild(index: index) }
        return output
    }
}

extension TapTree {
    /// The leaf version of BIP-342's tapscript.
    public static let tapscriptVersion: UInt8 = 0xc0
}

extension Script {
    /// `OP_k <key>… OP_n OP_CHECKMULTISIG` (BIP-383); at most 20 keys.
    static func multisig(_ threshold: Int, _ keys: [PublicKey]) -> Script {
        var bytes: [UInt8] = []
        bytes.appendPush(number: UInt32(threshold))
        for key in keys { bytes.appendPush(key.bytes) }
        bytes.appendPush(number: UInt32(keys.count))
        return Script(bytes + [Opcode.checkMultiSig])
    }

    /// `<key> OP_CHECKSIG <key> OP_CHECKSIGADD … OP_k OP_NUMEQUAL` (BIP-387).
    static func tapscriptMultisig(_ threshold: Int, _ keys: [XOnlyPublicKey]) -> Script {
        var bytes: [UInt8] = []
        for (position, key) in keys.enumerated() {
            bytes.appendPush(key.bytes)
            bytes.append(position == 0 ? Opcode.checkSig : Opcode.checkSigAdd)
        }
        bytes.appendPush(number: UInt32(threshold))
        return Script(bytes + [Opcode.numEqual])
    }
}
