internal import Bytes

/// A coin that may be spent.
public struct SelectableCoin: Sendable, Hashable {
    /// Which output it is.
    public let outPoint: OutPoint
    /// What it holds.
    public let amount: Amount
    /// The weight of the input that spends it, satisfied (``Descriptor/maximumInputWeight``).
    public let inputWeight: Int

    /// Creates a coin.
    public init(outPoint: OutPoint, amount: Amount, inputWeight: Int) {
        self.outPoint = outPoint
        self.amount = amount
        self.inputWeight = inputWeight
    }
}

/// Where change would go, and what spending it again would weigh.
public struct ChangeTemplate: Sendable, Hashable {
    /// The locking script of the change output.
    public let scriptPubKey: Script
    /// The weight of the input that will spend it.
    public let inputWeight: Int

    /// Creates a template.
    public init(scriptPubKey: Script, inputWeight: Int) {
        self.scriptPubKey = scriptPubKey
        self.inputWeight = inputWeight
    }
}

/// Which coins pay for some recipients, what is left over, and what the fee is.
///
/// The same input gives the same selection. First, at most ``triesMax`` steps of branch and bound
/// look for coins that need no change: what they leave over is at most what creating a change
/// output and spending it later would cost at this rate, and of those found the least is taken.
/// Otherwise the coins worth most are taken, which is the fewest that suffice, with change; change
/// below the dust threshold becomes fee. Coins that cost more to spend than they hold are never
/// taken.
public struct CoinSelection: Sendable, Hashable {
    /// How many coins may be offered.
    public static let candidatesMax = 10_000
    /// How many coins one transaction may spend.
    public static let inputsMax = 200
    /// The greatest weight that nodes relay (Core's `MAX_STANDARD_TX_WEIGHT`).
    public static let weightMax = 400_000
    /// How many steps branch and bound may take.
    public static let triesMax = 100_000

    /// The coins to spend, ordered by outpoint.
    public let coins: [SelectableCoin]
    /// What returns to the wallet, or nil for a transaction without change.
    public let change: Amount?
    /// What the miner gets: all that neither recipients nor change get.
    public let fee: Amount
    /// The virtual size of the satisfied transaction, at most.
    public let vsize: Int

    /// Selects coins that pay `recipients` at `rate` or a little more.
    ///
    /// Throws ``SelectionRefusal`` when the coins do not suffice or a limit is passed. Costs a sort
    /// of the candidates and at most ``triesMax`` steps.
    public init(
        from candidates: [SelectableCoin], paying recipients: [TransactionOutput],
        change template: ChangeTemplate, at rate: FeeRate
    ) throws(SelectionRefusal) {
        let payment = try Payment(recipients, change: template, at: rate)
        let usable = try payment.usable(candidates)
        if let picked = payment.withoutChange(usable) {
            try self.init(picked, payment, hasChange: false)
            return
        }
        let picked = try payment.fewest(usable)
        try self.init(picked, payment, hasChange: true)
    }

    private init(
        _ picked: [SelectableCoin], _ payment: Payment, hasChange: Bool
    ) throws(SelectionRefusal) {
        let sum = picked.reduce(0) { $0 + $1.amount.satoshis }
        let inputWeight = picked.reduce(0) { $0 + $1.inputWeight }
        let plain = payment.cost(inputs: picked.count, inputWeight: inputWeight, hasChange: false)
        let full = payment.cost(inputs: picked.count, inputWeight: inputWeight, hasChange: true)
        let rest = sum - payment.satoshis
        // Change that would be dust is left to the fee.
        let returned = hasChange && rest >= full.fee + payment.changeDust ? rest - full.fee : nil
        let weight = returned == nil ? plain.weight : full.weight
        guard weight <= Self.weightMax else {
            throw .overweight(weight: weight, maximum: Self.weightMax)
        }
        guard let fee = Amount(satoshis: returned.map { rest - $0 } ?? rest) else {
            throw .outOfRange
        }
        change = returned.flatMap { Amount(satoshis: $0) }
        self.fee = fee
        vsize = (weight + 3) / 4
        coins = picked.sorted { $0.outPoint < $1.outPoint }
    }

    /// Holds what was selected without change.
    init(_ picked: [SelectableCoin], fee: Amount, vsize: Int) {
        coins = picked.sorted { $0.outPoint < $1.outPoint }
        change = nil
        self.fee = fee
        self.vsize = vsize
    }
}

/// Why no coins were selected.
public enum SelectionRefusal: Error, Equatable {
    /// There is no one to pay.
    case noRecipients
    /// The recipient at `position` gets less than spending it would cost; no node relays that.
    case dustRecipient(position: Int, amount: Amount, threshold: Amount)
    /// The coins worth spending hold `available`; `needed` covers recipients and fee.
    case insufficientFunds(needed: Amount, available: Amount)
    /// More coins would be needed than one transaction may spend.
    case tooManyInputs(maximum: Int)
    /// More coins were offered than are looked at.
    case tooManyCandidates(found: Int, maximum: Int)
    /// One coin was offered twice.
    case duplicateCandidate(OutPoint)
    /// The transaction would be heavier than nodes relay.
    case overweight(weight: Int, maximum: Int)
    /// The weight of a coin's input is not within 164 and the greatest weight of a transaction.
    case inputWeight(OutPoint, weight: Int)
    /// The weight of the input that spends the change is not within the same limits.
    case changeInputWeight(Int)
    /// Amounts or the fee add up to more than there are bitcoins.
    case outOfRange
}

extension SelectionRefusal: CustomStringConvertible {
    /// A sentence for people, without its end mark.
    public var description: String {
        switch self {
        case .noRecipients: "there is no recipient"
        case .dustRecipient(let position, let amount, let threshold):
            "recipient \(position + 1) would get \(amount), which is dust: nodes relay \(threshold)"
                + " and more for this kind of address"
        case .insufficientFunds(let needed, let available):
            "the coins hold \(available), but \(needed) is needed with the fee"
        case .tooManyInputs(let maximum):
            "it takes more than \(maximum) coins; join coins first, or send less"
        case .tooManyCandidates(let found, let maximum):
            "\(found) coins are offered; up to \(maximum) are looked at"
        case .duplicateCandidate(let outPoint): "the coin \(outPoint) is offered twice"
        case .overweight(let weight, let maximum):
            "the transaction would have \(weight) weight units; nodes relay up to \(maximum)"
        case .inputWeight(let outPoint, let weight):
            "spending the coin \(outPoint) would take \(weight) weight units"
        case .changeInputWeight(let weight):
            "spending the change would take \(weight) weight units"
        case .outOfRange: "amounts and fee add up to more than there are bitcoins"
        }
    }
}
