import Bitcoin
import Bytes
import Events
import State
import StateTestSupport
import TestSigning

/// How a rule is made to refuse, and what its sentence must then name: the offending value, and
/// what would be accepted.
struct Provocation: Sendable {
    let naming: [String]
    let refusal: @Sendable () throws -> Refusal?

    init(naming: String..., refusal: @escaping @Sendable () throws -> Refusal?) {
        self.naming = naming
        self.refusal = refusal
    }

    /// A provocation for each rule.
    static let all: [Refusal.Rule: Provocation] =
        authors
        .merging(governance) { first, _ in first }
        .merging(requests) { first, _ in first }
        .merging(wallets) { first, _ in first }
        .merging(coins) { first, _ in first }
        .merging(execution) { first, _ in first }
}

extension Transfer {
    /// The transfer with some of its parts replaced.
    func with(
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

extension MemoryLedger {
    /// Why a request by alice, open for a week, is refused.
    mutating func refusal(
        of request: Request, by member: MemberName = "alice", expires: UInt64? = nil
    ) throws -> Refusal? {
        try refusal(
            .initiated(
                Initiated(
                    request: request, expires: expires ?? clock + 7 * Self.day, reference: nil)),
            by: member)
    }

    /// Why a fact with a head of its own choice is refused.
    mutating func refusal(
        _ fact: Fact, by member: MemberName, seen: TreeHead
    ) throws -> Refusal? {
        try refusal(try sign(fact, with: key(of: member), seen: seen))
    }

    /// A document of so many bytes attached to the ledger.
    static func attached(_ bytes: Int = 40, to request: Digest32? = nil) -> Fact {
        .attached(
            Attached(
                document: BlobReference([UInt8](repeating: 7, count: bytes)), label: nil,
                request: request))
    }
}
