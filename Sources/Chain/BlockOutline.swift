public import Bitcoin

/// What a block pays and spends, in four bytes each: enough to know of most blocks, without
/// fetching them again, that they hold nothing of scripts or coins that come to be watched later.
///
/// A usual block takes some 50 kB, the fullest 540 kB. The hashes are seeded anew by each process,
/// so that nobody can make a block that seems to concern others.
public struct BlockOutline: Sendable {
    /// In ascending order.
    private let hashes: [UInt32]

    /// Draws the outline of a block.
    public init(_ block: Block) {
        var hashes: Set<UInt32> = []
        for transaction in block.transactions {
            for input in transaction.inputs { hashes.insert(Self.hash(input.previousOutput)) }
            for output in transaction.outputs { hashes.insert(Self.hash(output.scriptPubKey)) }
        }
        self.hashes = hashes.sorted()
    }

    /// Whether the block may pay a script. False is certain; true is wrong of one script in some
    /// hundred thousand.
    public func mayPay(_ script: Script) -> Bool { holds(Self.hash(script)) }

    /// Whether the block may spend a coin, as sure as ``mayPay(_:)``.
    public func maySpend(_ coin: OutPoint) -> Bool { holds(Self.hash(coin)) }

    private func holds(_ hash: UInt32) -> Bool {
        var low = 0
        var high = hashes.count
        while low < high {
            let middle = (low + high) / 2
            if hashes[middle] < hash { low = middle + 1 } else { high = middle }
        }
        return low < hashes.count && hashes[low] == hash
    }

    private static func hash(_ value: some Hashable) -> UInt32 {
        var hasher = Hasher()
        hasher.combine(value)
        return UInt32(truncatingIfNeeded: hasher.finalize())
    }
}
