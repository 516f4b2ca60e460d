import Bitcoin
import Events
import State
import StateTestSupport

extension Treasury {
    /// The ledger without a wallet; its snapshots are checked.
    static func founded(limits: Limits = Limits()) throws -> MemoryLedger {
        var ledger = try staged(limits: limits)
        ledger.observe = checkSnapshot
        return ledger
    }

    /// The ledger with its wallet `main`, in which each amount is a coin of one confirmation.
    static func funded(
        _ amounts: Amount..., kind: Descriptor.Kind = .witnessMultisig(.sorted),
        limits: Limits = Limits(), minimumDepth: UInt32 = 1
    ) throws -> (MemoryLedger, [OutPoint]) {
        var ledger = try founded(limits: limits)
        let coins = try ledger.fund(amounts, kind: kind, minimumDepth: minimumDepth)
        return (ledger, coins)
    }
}
