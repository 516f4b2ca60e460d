import Bitcoin
import Bytes
import Events
import State
import Terminal

/// What a wallet holds, where it is about to be retired or emptied.
enum HoldingsScreen {
    /// The coins of a wallet that is to be retired, and how they leave it afterwards.
    static func lines(of name: WalletName, _ state: LedgerState) -> [String] {
        let coins = state.coins.values.filter { $0.owner.wallet == name && $0.spent == nil }
        var lines = ["Holds:      " + (coins.isEmpty ? "nothing" : sum(coins))]
        let (reserved, pending, _) = split(coins, state)
        if !reserved.isEmpty { lines.append("            \(sum(reserved)) reserved by requests") }
        if !pending.isEmpty {
            lines.append("            \(sum(pending)) not yet confirmed deep enough")
        }
        return lines + [
            "Afterwards: it hands out no address and no change returns to it; what it holds, and",
            "            what people still send there, leaves whole and under the same rule:",
            "            strongroom initiate \(name) --to ADDRESS:all",
        ]
    }

    /// What a transfer of all that is free leaves in its wallet.
    static func leftBehind(
        by transfer: FrozenTransfer, at rate: FeeRate, _ state: LedgerState
    ) -> [String] {
        let spent = Set(transfer.outPoints)
        let coins = state.coins.values.filter {
            $0.owner.wallet == transfer.wallet && $0.spent == nil && !spent.contains($0.outPoint)
        }
        let (reserved, pending, free) = split(coins, state)
        var parts: [String] = []
        if !free.isEmpty {
            let reason =
                transfer.replaces != nil
                ? "not of the request that is replaced"
                : spent.count == CoinSelection.inputsMax
                    ? "beyond the \(spent.count) that one transaction may spend: ask again"
                    : "not worth what spending costs at \(rate)"
            parts.append("\(sum(free)) \(reason)")
        }
        if !reserved.isEmpty { parts.append("\(sum(reserved)) reserved by other requests") }
        if !pending.isEmpty { parts.append("\(sum(pending)) not yet confirmed deep enough") }
        if parts.isEmpty { parts = ["nothing in the wallet"] }
        return parts.enumerated().map { ($0 == 0 ? "Leaves:     " : "            ") + $1 }
    }

    /// Coins that requests hold, those that are too young, and those that are free.
    private static func split(
        _ coins: [Coin], _ state: LedgerState
    ) -> (reserved: [Coin], pending: [Coin], free: [Coin]) {
        let (reserved, others) = (
            coins.filter { !state.holders(of: $0.outPoint).isEmpty },
            coins.filter { state.holders(of: $0.outPoint).isEmpty }
        )
        return (
            reserved, others.filter { !state.isMature($0) }, others.filter { state.isMature($0) }
        )
    }

    private static func sum(_ coins: [Coin]) -> String {
        // No sum of coins exceeds what exists.
        let amount = Amount.sum(coins.map(\.amount)) ?? .maximum
        return "\(amount) in \(counted(coins.count, "coin"))"
    }
}
