public import Bitcoin
internal import Bytes
public import Events
public import State
internal import TestSigning

/// How a rule is made to refuse, and what its sentence must then name: the offending value, and
/// what would be accepted.
public struct Provocation: Sendable {
    public let naming: [String]
    /// What is offered; nil for the rules that refuse before, or far beyond, a ledger of a test.
    public let offer: (@Sendable () throws -> Offer?)?
    private let judge: @Sendable () throws -> Refusal?

    /// Provokes by an event that a ledger refuses.
    init(naming: String..., offer: @escaping @Sendable () throws -> Offer?) {
        self.naming = naming
        self.offer = offer
        judge = {
            guard var made = try offer() else { return nil }
            return try made.ledger.refusal(made.event)
        }
    }

    /// Provokes in a way of its own.
    init(naming: String..., refusal: @escaping @Sendable () throws -> Refusal?) {
        self.naming = naming
        offer = nil
        judge = refusal
    }

    /// Why what is offered is refused; nil when it is not.
    public func refusal() throws -> Refusal? { try judge() }

    /// A provocation for each rule.
    public static let all: [Refusal.Rule: Provocation] =
        authors
        .merging(governance) { first, _ in first }
        .merging(requests) { first, _ in first }
        .merging(wallets) { first, _ in first }
        .merging(coins) { first, _ in first }
        .merging(execution) { first, _ in first }
}

extension Transfer {
    /// The transfer with some of its parts replaced.
    public func with(
        transaction change: (inout Transaction) -> Void = { _ in }, coins: [SpentCoin]? = nil,
        change output: ChangeOutput?? = nil, fee: Amount? = nil
    ) throws -> Transfer {
        guard let bytes = transaction.bytes(from: [:]) else {
            preconditionFailure("the transaction stands inline")
        }
        var changed = try Transaction.decode(bytes, as: .stripped)
        change(&changed)
        return Transfer(
            wallet: wallet, transaction: .inline(changed.encoded(.stripped)),
            coins: coins ?? self.coins, change: output ?? self.change, fee: fee ?? self.fee,
            replaces: replaces)
    }
}
