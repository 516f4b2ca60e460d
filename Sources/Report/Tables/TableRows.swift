internal import Audit
internal import Bitcoin
internal import Bytes
internal import Events
internal import Keys
internal import State

/// The tables of an export; `Schemas/tables.md` says what each column means.
enum TableName: String, CaseIterable {
    case events, requests, movements

    /// The columns in their order, which is part of the format.
    var columns: [String] {
        switch self {
        case .events:
            [
                "position", "recorded_ms", "recorded", "signed_ms", "signed", "type", "author",
                "key", "sequence", "event_id", "seen_size", "request", "request_id", "wallet",
                "text", "bytes", "admitted",
            ]
        case .requests:
            [
                "request", "request_id", "kind", "wallet", "subject", "initiator",
                "initiated_position", "initiated_ms", "initiated", "expires_ms", "expires",
                "reference", "rule", "approvers", "authorised_position", "authorised_ms",
                "authorised", "signers", "signatures", "released_position", "broadcast_position",
                "broadcast_ms", "broadcast", "node_accepted", "node_message", "status",
                "ended_position", "ended_ms", "ended", "txid", "replaces", "sent_sat", "sent_btc",
                "fee_sat", "fee_btc", "change_sat", "change_btc", "vsize", "inputs",
            ]
        case .movements:
            [
                "position", "recorded_ms", "recorded", "wallet", "cause", "undone", "delta_sat",
                "delta_btc", "amount_sat", "amount_btc", "txid", "output_txid", "output_index",
                "address", "chain", "index", "height", "block", "request",
            ]
        }
    }
}

/// Makes the rows of the tables.
struct TableRows {
    let network: Network

    /// The row of an entry that was not admitted: what it was is for `verify` to say.
    static func refused(_ position: UInt64, _ recorded: UInt64) -> [TableValue] {
        [.number(position), .number(recorded), .word(CalendarTime.text(recorded))]
            + Array(repeating: .none, count: TableName.events.columns.count - 4) + [.flag(false)]
    }

    func event(
        _ event: SignedEvent, at position: UInt64, _ state: LedgerState, request: UInt64?
    ) -> [TableValue] {
        let fact = event.event.fact
        return [
            .number(position), .number(state.recorded), .word(CalendarTime.text(state.recorded)),
            .number(event.event.time), .word(CalendarTime.text(event.event.time)),
            .word(fact.type.rawValue), .word(state.authors[event.author]?.member.text),
            .word(event.author.hex), .number(event.event.sequence), .word(event.id.hex),
            .number(event.event.seen.size), .number(request), .word(event.request?.hex),
            .word(fact.wallet?.text), .text(fact.text), .number(UInt64(event.bytes.count)),
            .flag(true),
        ]
    }

    func request(_ record: RequestRecord) -> [TableValue] {
        let payment = record.payment
        let answer = record.answers.last
        return [
            .number(record.number), .word(record.id.hex),
            .word(record.initiated.request.kind.rawValue),
            .word(record.initiated.request.wallet?.text),
            .word(record.initiated.request.subject),
            .word(record.initiation.member.text),
        ]
            + Self.step(record.initiation)
            + [
                .number(record.initiated.expires),
                .word(CalendarTime.text(record.initiated.expires)),
                .text(record.initiated.reference), .word(record.rule?.description),
                .list(record.approvals.map(\.member.text)),
            ]
            + Self.step(record.authorised)
            + [
                .list(record.signings.map(\.member.text)), .number(UInt64(record.signatures)),
                .number(record.released?.position),
            ]
            + Self.step(record.broadcasts.last)
            + [
                answer.map { .flag($0.isAccepted) } ?? .none,
                .text(answer.flatMap { $0.message.isEmpty ? nil : $0.message }),
                .word(record.status.rawValue), .number(record.endedAt),
                .number(record.endedTime), .word(record.endedTime.map(CalendarTime.text)),
                .word(payment?.txid.reversedHex), .word(payment?.replaces?.hex),
            ]
            + Self.amount(payment?.sent) + Self.amount(payment?.fee) + Self.amount(payment?.change)
            + [
                .number(payment.map { UInt64($0.vsize) }),
                .number(payment.map { UInt64($0.inputs) }),
            ]
    }

    func movement(_ movement: CoinMovement) -> [TableValue] {
        let sign = movement.delta < 0 ? "-" : ""
        return [
            .number(movement.position), .number(movement.recorded),
            .word(CalendarTime.text(movement.recorded)), .word(movement.owner.wallet.text),
            .word(movement.cause.rawValue), .flag(movement.isUndone), .signed(movement.delta),
            .word(sign + movement.amount.bitcoin),
        ]
            + Self.amount(movement.amount)
            + [
                .word(movement.txid.reversedHex), .word(movement.outPoint.txid.reversedHex),
                .number(UInt64(movement.outPoint.index)),
                .word(Address(movement.script, network)?.text),
                .word(movement.owner.chain == .receive ? "receive" : "change"),
                .number(UInt64(movement.owner.index)), .number(movement.height),
                .word(movement.block.reversedHex), .number(movement.request),
            ]
    }

    private static func step(_ step: RequestRecord.Step?) -> [TableValue] {
        [
            .number(step?.position), .number(step?.recorded),
            .word(step.map { CalendarTime.text($0.recorded) }),
        ]
    }

    private static func amount(_ amount: Amount?) -> [TableValue] {
        [.number(amount?.satoshis), .word(amount?.bitcoin)]
    }
}

extension Fact {
    /// The wallet that a fact names, or the request that it makes.
    fileprivate var wallet: WalletName? {
        switch self {
        case .initiated(let fact): fact.request.wallet
        case .accepted(.wallet(let name, _)): name
        case .issued(let fact): fact.wallet
        default: nil
        }
    }

    /// What its author, or the node that he asked, has written in words.
    fileprivate var text: String? {
        switch self {
        case .initiated(let fact): fact.reference
        case .aborted(let fact): fact.reason
        case .relayed(let fact): fact.message.isEmpty ? nil : fact.message
        case .attached(let fact): fact.label
        default: nil
        }
    }
}

extension Request {
    /// The member that it is about, or the request that it cancels.
    fileprivate var subject: String? { member?.text ?? cancelled?.hex }
}
