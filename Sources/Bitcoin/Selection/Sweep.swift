/// Coins that are spent whole, without change: one recipient gets what the others and the fee
/// leave.
///
/// Coins that cost more to spend than they hold are left, and so are those of least worth when
/// there are more than one transaction may spend.
public struct Sweep: Sendable, Hashable {
    /// The coins that are spent, and the fee, which is that of the rate exactly.
    public let selection: CoinSelection
    /// What the recipient of the rest gets.
    public let rest: Amount

    /// Spends as many of `candidates` as one transaction may: `recipients` get their amounts,
    /// `script` the rest. Costs a sort.
    ///
    /// Throws ``SelectionRefusal`` as ``CoinSelection`` does; when the coins do not suffice, what
    /// is needed counts the least that nodes relay to `script`.
    public init(
        of candidates: [SelectableCoin], paying recipients: [TransactionOutput] = [],
        rest script: Script, at rate: FeeRate
    ) throws(SelectionRefusal) {
        guard let least = script.dustThreshold() else { throw .outOfRange }
        let payment = try Payment(
            recipients + [TransactionOutput(amount: least, scriptPubKey: script)],
            change: ChangeTemplate(scriptPubKey: script, inputWeight: Self.noInputWeight), at: rate)
        var picked = Array(try payment.usable(candidates).prefix(CoinSelection.inputsMax))
        var cost = payment.cost(of: picked)
        while cost.weight > CoinSelection.weightMax, !picked.isEmpty {
            picked.removeLast()
            cost = payment.cost(of: picked)
        }
        let sum = picked.reduce(0) { $0 + $1.amount.satoshis }
        let needed = payment.satoshis + cost.fee
        guard sum >= needed else {
            guard let needed = Amount(satoshis: needed), let available = Amount(satoshis: sum)
            else {
                throw .outOfRange
            }
            throw .insufficientFunds(needed: needed, available: available)
        }
        guard let fee = Amount(satoshis: cost.fee),
            let rest = Amount(satoshis: sum - needed + least.satoshis)
        else { throw .outOfRange }
        self.rest = rest
        selection = CoinSelection(picked, fee: fee, vsize: (cost.weight + 3) / 4)
    }

    /// There is no change whose spending could weigh anything: the least that a payment takes.
    private static let noInputWeight = 164
}

extension Payment {
    /// Weight and fee of a transaction that spends these coins without change.
    fileprivate func cost(of coins: [SelectableCoin]) -> (weight: Int, fee: UInt64) {
        cost(
            inputs: coins.count, inputWeight: coins.reduce(0) { $0 + $1.inputWeight },
            hasChange: false)
    }
}
