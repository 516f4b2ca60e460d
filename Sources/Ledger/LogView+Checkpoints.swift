public import Merkle

extension LogView {
    /// The newest signed checkpoint of at least `size` entries that `isGood`, looked for from the
    /// newest down among at most 10,000; nil when there is none.
    public func newestCheckpoint(
        covering size: UInt64 = 0, where isGood: (SignedCheckpoint) -> Bool
    ) throws(LedgerError) -> SignedCheckpoint? {
        var limit = self.size
        for _ in 0..<10_000 {
            guard let found = try lastNumber(in: tables.checkpoints, atMost: limit), found >= size,
                let checkpoint = try checkpoint(size: found)
            else { return nil }
            if isGood(checkpoint) { return checkpoint }
            guard found > 0 else { return nil }
            limit = found - 1
        }
        return nil
    }
}
