public import Bitcoin
internal import Bytes
public import Events

/// What a wallet holds, by what can be done with it.
public struct Balance: Sendable, Equatable {
    /// Confirmed deep enough and not reserved.
    public var confirmed = Amount.zero
    /// Not confirmed deep enough yet, or change that is on its way.
    public var pending = Amount.zero
    /// Held by requests.
    public var reserved = Amount.zero
}

extension LedgerState {
    /// The balance of a wallet.
    ///
    /// Of transfers that replace each other one alone can confirm, and any that was signed may: the
    /// smallest change among them is counted, if one of them was broadcast and not refused.
    public func balance(of name: WalletName) -> Balance {
        var balance = Balance()
        func add(_ amount: Amount, to path: WritableKeyPath<Balance, Amount>) {
            // No sum of coins exceeds what exists.
            balance[keyPath: path] = balance[keyPath: path].adding(amount) ?? .maximum
        }
        for coin in coins.values where coin.owner.wallet == name && coin.spent == nil {
            if !holders(of: coin.outPoint).isEmpty {
                add(coin.amount, to: \.reserved)
            } else {
                add(coin.amount, to: isMature(coin) ? \.confirmed : \.pending)
            }
        }
        for change in changeOnItsWay(to: name) { add(change, to: \.pending) }
        return balance
    }

    /// What each chain of replacements will at least return to a wallet, in no order.
    private func changeOnItsWay(to name: WalletName) -> [Amount] {
        let underWay = requests.values.filter {
            $0.transfer?.wallet == name && $0.mined == nil && $0.isReleased
                && $0.relay?.isAccepted != false
        }
        return Dictionary(grouping: underWay, by: \.root).values.compactMap { chain in
            guard chain.contains(where: { $0.status == .broadcast }) else { return nil }
            return chain.map { $0.transfer?.changeAmount ?? .zero }.min()
        }
    }
}
