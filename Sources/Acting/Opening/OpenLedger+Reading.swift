public import Reading

extension OpenLedger: LedgerHistory {
    /// The time of the ledger's clock, in milliseconds since 1970.
    public func now() -> UInt64 { clock() }
}
