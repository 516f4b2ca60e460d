internal import Audit
internal import Bitcoin
internal import Bytes
internal import Events
internal import Keys
internal import State

/// Gathers a report's content while a replay goes by. Memory follows what is live, the limits of
/// the report and the number of wallets and keys, not the length of the log.
struct ReportFold {
    let period: LocatedPeriod
    private(set) var counts: [FactType: UInt64] = [:]
    private(set) var start: PeriodReport.Standing?
    /// The state at the period's end.
    private(set) var ending: LedgerState?
    private(set) var events = Limited<PeriodReport.Timeline.Event>(PeriodReport.Limit.events)
    private(set) var requests = Limited<PeriodReport.RequestItem>(PeriodReport.Limit.rows)
    private(set) var movements = Limited<PeriodReport.MovementItem>(PeriodReport.Limit.rows)
    private(set) var changes = Limited<PeriodReport.ChangeItem>(PeriodReport.Limit.rows)
    private(set) var exceptions = Limited<PeriodReport.ExceptionItem>(PeriodReport.Limit.rows)
    private(set) var outstanding = Limited<PeriodReport.OutstandingItem>(PeriodReport.Limit.rows)
    private(set) var buckets: TimeBuckets
    private(set) var evidence = EvidenceCounts()
    private var activity: [KeyID: PeriodReport.ActivityItem] = [:]
    private var money: [WalletName: PeriodReport.Balances.Wallet] = [:]
    private var current: [WalletName: Int64] = [:]
    private var coinTrail = CoinTrail()
    private var requestTrail = RequestTrail()

    init(_ period: LocatedPeriod) {
        self.period = period
        buckets = TimeBuckets(from: period.from, to: period.to)
    }

    // MARK: The replay

    mutating func take(
        _ event: SignedEvent?, at position: UInt64, _ state: LedgerState,
        _ effects: LedgerState.Effects
    ) {
        guard position < period.positions.upperBound else { return }
        let isInside = position >= period.positions.lowerBound
        let time = Instant(state.recorded)
        // Asked before the trail forgets what ends now.
        let id = event?.request
        let known = id.flatMap { requestTrail.record($0) }
        let ended = requestTrail.take(event, at: position, state, effects)
        let moved = event.map { coinTrail.take($0, at: position, state) } ?? []
        let record = known ?? id.flatMap { requestTrail.record($0) }
        for movement in moved { count(movement, isInside: isInside, time, state) }
        if isInside {
            if let event {
                note(event, position, record, time, state)
            } else {
                except("refused-entry", position, time, "the rules refuse the entry", nil)
            }
            for record in ended { end(record, position, time, state) }
            for incident in effects.incidents {
                except(
                    incident.kind.rawValue, incident.position, time, incident.description,
                    record?.number)
            }
            buckets.setBalances(at: time, current)
        } else {
            for movement in moved { open(movement) }
        }
        if position + 1 == period.positions.lowerBound {
            start = PeriodReport.Standing(state)
            buckets.begin(with: current)
        }
        if position + 1 == period.positions.upperBound { close(state) }
    }

    /// Ends the period at `state`: its time may be later than its last entry's.
    private mutating func close(_ last: LedgerState) {
        var state = last
        state.advance(to: period.to.milliseconds)
        let position = state.size
        for record in requestTrail.take(nil, at: position, state, state.takeEffects()) {
            end(record, position, period.to, state)
        }
        for record in requestTrail.open(in: state) {
            requests.append(PeriodReport.RequestItem(record, state.founding.network))
            if record.status == .conflicted {
                except(
                    "conflicted", record.initiation.position, period.to,
                    "another transaction spends a coin of request \(record.number)",
                    record.number)
            }
            release(record, state)
        }
        for wallet in state.wallets.values where wallet.declaresShortcut {
            except(
                "declared-shortcut", wallet.since, period.to,
                "the keys of \(wallet.name) can spend with fewer members than its rule "
                    + "\(wallet.quorum) needs, as its request has declared", nil)
        }
        ending = state
    }

    // MARK: Events

    private mutating func note(
        _ event: SignedEvent, _ position: UInt64, _ record: RequestRecord?, _ time: Instant,
        _ state: LedgerState
    ) {
        let fact = event.event.fact
        let author = state.authors[event.author]?.member.text ?? event.author.hex
        counts[fact.type, default: 0] += 1
        events.append(
            PeriodReport.Timeline.Event(
                position: position, time: time, type: fact.type.rawValue, author: author,
                what: fact.line(of: event.id) { record.name(of: $0) },
                request: record?.number))
        buckets.count(fact, isTransfer: record?.payment != nil, at: time)
        noteActivity(event, author, time)
        evidence.note(fact, at: position)
        noteClock(event, position, time, author, record)
        switch fact {
        case .founded(let founded):
            change(
                position, time, author,
                "founded the ledger \(founded.name) with "
                    + founded.members.map(\.member.text).joined(separator: ", ")
                    + ", ruled by \(founded.policy)")
        case .accepted:
            change(position, time, author, fact.line(of: event.id) { record.name(of: $0) })
        case .relayed(let answer) where !answer.accepted:
            except("refused-by-node", position, time, answer.message, record?.number)
        case .exported:
            except(
                "psbt-handed-out", position, time,
                "a PSBT left: signatures made outside are on record only when they come back",
                record?.number)
        case .attested(let attested) where attested.findings > 0:
            except(
                "attested-findings", position, time,
                "\(author) attests \(counted(attested.findings, "finding")) up to size "
                    + "\(attested.head.size)", nil)
        case .approved:
            guard let record, record.initiation.member.text == author else { break }
            except(
                "self-approved", position, time,
                "the initiator \(author) approved request \(record.number) too",
                record.number)
        default: break
        }
    }

    private mutating func noteClock(
        _ event: SignedEvent, _ position: UInt64, _ time: Instant, _ author: String,
        _ record: RequestRecord?
    ) {
        let signed = event.event.time
        if time.milliseconds > signed, time.milliseconds - signed > PeriodReport.Limit.lateness {
            let hours = (time.milliseconds - signed) / 3_600_000
            except(
                "late", position, time,
                "\(author) signed the \(event.event.fact.type.rawValue) event at "
                    + "\(CalendarTime.text(signed)), \(hours) h before it was recorded",
                record?.number)
        } else if signed > time.milliseconds,
            signed - time.milliseconds > PeriodReport.Limit.clockAhead
        {
            except(
                "clock-ahead", position, time,
                "\(author) signed at \(CalendarTime.text(signed)), after it was recorded",
                record?.number)
        }
    }

    private mutating func noteActivity(_ event: SignedEvent, _ author: String, _ time: Instant) {
        var item =
            activity[event.author]
            ?? PeriodReport.ActivityItem(member: author, key: event.author.hex, status: "")
        item.events[event.event.fact.type.rawValue, default: 0] += 1
        item.first = item.first ?? time
        item.last = time
        activity[event.author] = item
    }

    /// What each key did, and keys that did nothing too.
    func activity(in state: LedgerState) -> [PeriodReport.ActivityItem] {
        state.authors.map { key, author in
            let did = activity[key]
            let isSuspended = state.members[author.member]?.status == .suspended
            return PeriodReport.ActivityItem(
                member: author.member.text, key: key.hex,
                status: isSuspended ? "suspended" : author.status.rawValue,
                events: did?.events ?? [:], first: did?.first, last: did?.last)
        }.sorted { ($0.member, $0.key) < ($1.member, $1.key) }
    }

    private mutating func change(
        _ position: UInt64, _ time: Instant, _ author: String, _ what: String,
        _ record: RequestRecord? = nil
    ) {
        changes.append(
            PeriodReport.ChangeItem(
                position: position, time: time, what: what, author: author,
                request: record?.number, initiator: record?.initiation.member.text,
                approvers: record?.approvals.map(\.member.text) ?? [],
                rule: record?.rule?.description))
    }

    private mutating func except(
        _ kind: String, _ position: UInt64?, _ time: Instant, _ what: String, _ request: UInt64?
    ) {
        exceptions.append(
            PeriodReport.ExceptionItem(
                kind: kind, position: position, time: time, what: what, request: request))
    }

    // MARK: Requests

    private mutating func end(
        _ record: RequestRecord, _ position: UInt64, _ time: Instant, _ state: LedgerState
    ) {
        requests.append(PeriodReport.RequestItem(record, state.founding.network))
        switch record.status {
        case .executed:
            let author = record.authorised?.member.text ?? record.initiation.member.text
            change(position, time, author, record.wording, record)
            evidence.note(executed: record.initiated.request.kind, at: position)
        case .expired, .voided, .conflicted:
            except(
                record.status.rawValue, position, time,
                "request \(record.number) (\(record.wording)) ended as "
                    + record.status.rawValue, record.number)
        default: break
        }
    }

    /// Lists a transfer whose signatures are out and which no block decides.
    private mutating func release(_ record: RequestRecord, _ state: LedgerState) {
        guard let request = state.requests[record.id], request.isReleased, request.mined == nil,
            let transfer = request.transfer
        else { return }
        outstanding.append(
            PeriodReport.OutstandingItem(
                request: record.number, status: request.ending?.rawValue ?? record.status.rawValue,
                hasEnded: request.ending != nil, released: record.released.map { Step($0) },
                wallet: transfer.wallet.text, txid: transfer.txid.reversedHex,
                sent: Money(transfer.sent), signatures: request.signatures.count,
                isFullySigned: transfer.missingInputs(request.signatures).isEmpty,
                coins: transfer.outPoints.map(\.description)))
        guard request.ending != nil else { return }
        except(
            "outstanding", request.position, period.to,
            "request \(record.number) has ended (\(request.ending?.rawValue ?? "")), but "
                + "signatures or a PSBT of it are out", record.number)
    }

    // MARK: Money

    private mutating func open(_ movement: CoinMovement) {
        let wallet = movement.owner.wallet
        money[wallet] = PeriodReport.Balances.Wallet(
            wallet: wallet.text, opening: Money(satoshis: current[wallet] ?? 0))
    }

    private mutating func count(
        _ movement: CoinMovement, isInside: Bool, _ time: Instant, _ state: LedgerState
    ) {
        let wallet = movement.owner.wallet
        current[wallet, default: 0] += movement.delta
        guard isInside else { return }
        money[
            wallet,
            default: PeriodReport.Balances.Wallet(wallet: wallet.text, opening: .zero)
        ].add(movement)
        let request = movement.request.flatMap { number in
            state.requests.values.first { $0.number == number }
        }
        movements.append(
            PeriodReport.MovementItem(
                position: movement.position, time: time, wallet: wallet.text,
                cause: movement.cause.rawValue, isUndone: movement.isUndone,
                delta: Money(satoshis: movement.delta), coin: movement.outPoint.description,
                txid: movement.txid.reversedHex, height: movement.height,
                request: movement.request, initiatedAt: request?.position,
                authorisedAt: request?.authorisedAt))
        if movement.isUndone {
            except(
                "reorganised", movement.position, time,
                "a reorganisation took back \(movement.txid.reversedHex) at height "
                    + "\(movement.height)", movement.request)
        }
    }

    /// Each wallet's movements, with the closing balance that the state itself has.
    func balances(in state: LedgerState) -> [PeriodReport.Balances.Wallet] {
        var closing: [WalletName: Int64] = [:]
        for coin in state.coins.values where coin.spent == nil && coin.height != nil {
            closing[coin.owner.wallet, default: 0] += Int64(coin.amount.satoshis)
        }
        return Set(money.keys).union(state.wallets.keys).sorted().map { name in
            var wallet =
                money[name]
                ?? PeriodReport.Balances.Wallet(wallet: name.text, opening: .zero)
            wallet.closing = Money(satoshis: closing[name] ?? 0)
            return wallet
        }
    }
}

extension PeriodReport.Balances.Wallet {
    fileprivate mutating func add(_ movement: CoinMovement) {
        guard !movement.isUndone else { return undone.satoshis += movement.delta }
        switch movement.cause {
        case .deposit: deposits.satoshis += movement.delta
        case .internal: self.internal.satoshis += movement.delta
        case .change: change.satoshis += movement.delta
        case .spend: spent.satoshis += movement.delta
        case .unexplained: unexplained.satoshis += movement.delta
        }
    }
}

extension RequestRecord {
    fileprivate var wording: String {
        initiated.request.line { Optional(self).name(of: $0) }
    }
}

extension RequestRecord? {
    /// How people name the request of this record, or the one that it cancels.
    fileprivate func name(of id: Digest32) -> String {
        let number = id == self?.id ? self?.number : self?.cancels
        return "request " + (number.map { "\($0)" } ?? "\(id.hex.prefix(16))…")
    }
}

extension Step {
    init(_ step: RequestRecord.Step) {
        self.init(
            member: step.member.text, position: step.position, time: Instant(step.recorded))
    }
}

extension PeriodReport.RequestItem {
    init(_ record: RequestRecord, _ network: Network) {
        let payment = record.payment
        self.init(
            number: record.number, id: record.id.hex,
            kind: record.initiated.request.kind.rawValue, what: record.wording,
            reference: record.initiated.reference, initiated: Step(record.initiation),
            rule: record.rule?.description, approvals: record.approvals.map { Step($0) },
            authorised: record.authorised.map { Step($0) },
            signings: record.signings.map { Step($0) },
            released: record.released.map { Step($0) },
            broadcast: record.broadcasts.last.map { Step($0) }, status: record.status.rawValue,
            ended: record.endedTime.map { Instant($0) }, endedAt: record.endedAt,
            expires: Instant(record.initiated.expires), txid: payment?.txid.reversedHex,
            sent: payment.map { Money($0.sent) }, fee: payment.map { Money($0.fee) },
            recipients: (payment?.recipients ?? []).prefix(PeriodReport.Limit.recipients).map {
                Recipient(
                    address: Address($0.scriptPubKey, network)?.text ?? $0.scriptPubKey.hex,
                    amount: Money($0.amount))
            }, recipientCount: payment?.recipientCount ?? 0)
    }
}
