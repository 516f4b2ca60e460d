import Acting
import Bitcoin
import Bytes
import Events
import Keys
import Report
import State
import Terminal

extension LedgerReading {
    /// What an event did, in one line.
    func summary(_ recorded: RecordedEvent) throws -> String {
        switch recorded.event.event.fact {
        case .founded(let fact):
            return "founded \(fact.name) on \(fact.network.rawValue) with "
                + count(fact.members.count, "member")
        case .accepted(.membership(let member)): return "accepted the membership of \(member)"
        case .accepted(.wallet(let wallet, _)): return "accepted the wallet \(wallet)"
        case .initiated(let fact):
            let name = try name(ofRequest: recorded.event.id)
            return try "initiated \(name): " + intent(fact.request)
        case .approved(let fact): return "approved \(try name(ofRequest: fact.request))"
        case .aborted(let fact):
            return "aborted \(try name(ofRequest: fact.request))"
                + (fact.reason.map { ": \($0.plain)" } ?? "")
        case .signed(let fact):
            return "signed \(try name(ofRequest: fact.request)): "
                + count(fact.signatures.count, "signature")
        case .exported(let fact): return "exported a PSBT of \(try name(ofRequest: fact.request))"
        case .broadcast(let fact): return "broadcast \(try name(ofRequest: fact.request))"
        case .relayed(let fact):
            return "the node \(fact.accepted ? "took" : "refused") "
                + (try name(ofRequest: fact.request))
                + (fact.message.isEmpty ? "" : ": \(fact.message.plain)")
        case .observed(let fact):
            return "observed \(count(fact.headers.count, "block")), "
                + "\(count(fact.transactions.count, "transaction")) of ours"
        case .issued(let fact): return "issued address \(fact.index) of the wallet \(fact.wallet)"
        case .attested(let fact):
            return "attested \(count(fact.head.size, "entry", "entries")) with "
                + count(fact.findings, "finding")
        case .attached(let fact):
            return "attached a document of \(count(fact.documentBytes, "byte"))"
                + (try fact.request.map { " to \(try name(ofRequest: $0))" } ?? "")
                + (fact.label.map { ": \($0.plain)" } ?? "")
        }
    }

    /// What a request asks for, in one line.
    func intent(_ request: Request) throws -> String {
        switch request {
        case .transfer(let transfer):
            let paid = paid(by: transfer).map { "\($0) " } ?? ""
            return "transfer \(paid)from \(transfer.wallet)"
        case .createWallet(let proposal):
            return "create the wallet \(proposal.wallet) under \(proposal.quorum)"
        case .retireWallet(let wallet): return "retire the wallet \(wallet)"
        case .enrolMember(let enrolment):
            let roles = enrolment.roles.map(\.text).joined(separator: ", ")
            return "enrol \(enrolment.member)" + (roles.isEmpty ? "" : " as \(roles)")
        case .suspendMember(let member): return "suspend \(member)"
        case .rotateKey(let member, let key):
            return "replace the key of \(member) by \(key.hex.prefix(16))…"
        case .replacePolicy(.ledger, let quorum): return "rule the ledger by \(quorum)"
        case .replacePolicy(.wallet(let wallet), let quorum):
            return "rule the wallet \(wallet) by \(quorum)"
        case .cancel(let target): return "cancel \(try name(ofRequest: target))"
        }
    }

    /// What a transfer pays to others; nil when its transaction is a blob.
    private func paid(by transfer: Transfer) -> Amount? {
        guard let bytes = transfer.transaction.bytes(from: [:]),
            let transaction = try? Transaction.decode(bytes)
        else { return nil }
        let change = transfer.change.map { Int($0.output) }
        return Amount.sum(
            transaction.outputs.enumerated().filter { $0.offset != change }.map(\.element.amount))
    }
}

/// A decoded payload as JSON: byte strings in hexadecimal.
struct JSONPayload: Encodable {
    let value: CBORValue

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch value {
        case .unsigned(let number): try container.encode(number)
        case .negative(let number): try container.encode(-1 - Int64(clamping: number))
        case .bytes(let bytes): try container.encode(encodeHex(bytes))
        case .text(let text): try container.encode(text)
        case .array(let items): try container.encode(items.map(JSONPayload.init))
        case .map(let entries):
            var object: [String: JSONPayload] = [:]
            for (key, item) in entries {
                guard case .text(let name) = key else { continue }
                object[name] = JSONPayload(value: item)
            }
            try container.encode(object)
        case .bool(let flag): try container.encode(flag)
        case .null: try container.encodeNil()
        }
    }
}

/// An event for programs.
struct JSONEvent: Encodable {
    let position: UInt64
    let id: String
    let type: String
    let author: String
    let key: String
    let sequence: UInt64
    let time: String
    let recorded: String
    /// How far it is secured: appended, checkpointed or witnessed.
    let standing: String
    let summary: String
    let body: JSONPayload?

    init(
        _ recorded: RecordedEvent, _ reading: LedgerReading, _ standing: Assurance,
        withBody: Bool = false
    ) throws {
        let event = recorded.event.event
        position = recorded.position
        id = recorded.event.id.hex
        type = event.fact.type.rawValue
        author = reading.member(recorded.event.author)
        key = recorded.event.author.hex
        sequence = event.sequence
        time = CalendarTime.text(event.time)
        self.recorded = CalendarTime.text(recorded.recorded)
        self.standing = standing.word(at: recorded.position)
        summary = try reading.summary(recorded)
        body = withBody ? JSONPayload(value: event.fact.cbor) : nil
    }
}
