import Acting
import ArgumentParser
import Auditing
import Bitcoin
import Bytes
import Events
import Keys
import Ledger
import Merkle
import Reading
import Report
import State
import Terminal

struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a request with its approvals and signatures, or an event of the log.",
        discussion: """
            Examples:
              strongroom show 3
              strongroom show --event 41
              strongroom show 3 --json
              strongroom show 3 --at 2026-11-01T09:30
            """)
    @Argument(help: "A request's number.")
    var number: UInt64?
    @Option(help: "An event, by its position in the log.")
    var event: UInt64?
    @OptionGroup var ledger: EvidenceOptions
    @OptionGroup var moment: MomentOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let reading = try LedgerReading(ledger, at: moment.moment)
        switch (number, event) {
        case (let number?, nil): try show(RequestLife(number, reading), reading)
        case (nil, let position?):
            guard reading.shown == nil || position < reading.state.size else {
                throw CommandError.refused(
                    "there was no position \(position) yet; the last was "
                        + "\(reading.state.size - 1)")
            }
            try show(reading.ledger.entry(position), reading)
        default:
            throw CommandError.usage(
                "give a request's number, or --event and a position; one of the two")
        }
    }

    // MARK: A request

    private func show(_ life: RequestLife, _ reading: LedgerReading) throws {
        if output.isJSON { return try reading.answer(try JSONRequest(life, reading)) }
        reading.printMoment()
        let request = life.request
        for line in TransferScreen.lines(of: request, life.state, life: life) {
            // The screen's first line names the status of the moment; an ended request has another.
            let text =
                life.endedAt == nil
                ? line
                : line.replacing(
                    ", \(request.status.rawValue)", with: ", \(life.status.rawValue)",
                    maxReplacements: 1)
            for part in wrapped(String(text.prefix(12)), String(text.dropFirst(12))) {
                print(part)
            }
        }
        print("Id:         \(request.id.hex)")
        if let transfer = request.transfer { showInputs(transfer, request) }
        let documents = try life.documents(reading)
        if !documents.isEmpty { print("\nDocuments") }
        for document in documents { document.lines.forEach { print($0) } }
        print("\nEvents")
        let standing = try reading.ledger.assurance()
        var table = Table(
            .number("POSITION"), .whole("RECORDED"), .whole("STANDING"), .text("AUTHOR"),
            .text("WHAT"))
        for event in life.events {
            table.add(
                "\(event.position)", CalendarTime.text(event.recorded),
                standing.word(at: event.position),
                reading.member(event.event.author), try reading.summary(event))
        }
        table.show(indent: 2)
    }

    private func showInputs(_ transfer: FrozenTransfer, _ request: OpenRequest) {
        print("\nInputs, \(count(transfer.threshold, "signature")) needed for each")
        var have: [Int: Int] = [:]
        for signature in request.signatures { have[Int(signature.input), default: 0] += 1 }
        for (index, outPoint) in transfer.outPoints.enumerated() {
            print("  \(index)  \(outPoint)")
            print(
                "     \(transfer.spent[index].amount), "
                    + "\(count(have[index, default: 0], "signature"))")
        }
    }

    // MARK: An event

    private func show(_ recorded: RecordedEvent, _ reading: LedgerReading) throws {
        let then = reading.shown.map { _ in reading.state.size }
        let (size, root, proof) = try reading.ledger.log.read { (view) throws(LedgerError) in
            let size = then ?? view.size
            return (
                size, try view.root(at: size),
                try view.inclusionProof(recorded.position, size: size)
            )
        }
        if output.isJSON {
            return try reading.answer(
                JSONProvenEvent(
                    event: try JSONEvent(
                        recorded, reading, try reading.ledger.assurance(), withBody: true),
                    entry: encodeHex(recorded.entry), leaf: leafHash(recorded.entry).hex,
                    signature: encodeHex(recorded.event.signature.bytes),
                    size: size, root: root.hex, proof: proof.map(\.hex)))
        }
        reading.printMoment()
        let event = recorded.event.event
        print("Event       \(recorded.position), \(event.fact.type.rawValue)")
        for line in wrapped("What        ", try reading.summary(recorded)) { print(line) }
        print("Author      \(reading.member(recorded.event.author))")
        print("  key       \(recorded.event.author.hex)")
        print("  sequence  \(event.sequence)")
        print("Signed at   \(CalendarTime.text(event.time))")
        print("Recorded    \(CalendarTime.text(recorded.recorded))")
        print("Standing    \(try reading.ledger.assurance().word(at: recorded.position))")
        print("Id          \(recorded.event.id.hex)")
        print("Had seen    \(event.seen.size) entries, root \(event.seen.root.hex)")
        print("Leaf        \(leafHash(recorded.entry).hex)")
        print(
            "Proof       \(count(proof.count, "hash", "hashes")) up to the root of \(size) entries")
        print("  root      \(root.hex)")
        print("Body")
        let body = event.fact.cbor.description
        for line in body.split(every: terminalColumns() - 2) { print("  \(line)") }
    }
}

extension String {
    /// The text in pieces of at most `length` characters.
    fileprivate func split(every length: Int) -> [Substring] {
        var pieces: [Substring] = []
        var rest = self[...]
        while !rest.isEmpty {
            pieces.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return pieces
    }
}

private struct JSONProvenEvent: Encodable {
    let event: JSONEvent
    let entry: String
    let leaf: String
    let signature: String
    let size: UInt64
    let root: String
    let proof: [String]
}

/// A request for programs.
struct JSONRequest: Encodable {
    struct Payment: Encodable {
        let amount: JSONAmount
        let address: String?
        let script: String
    }
    struct Change: Encodable {
        let amount: JSONAmount
        let index: UInt32
        let isProvenOurs: Bool
    }
    struct Input: Encodable {
        let outPoint: String
        let amount: JSONAmount
        let signatures: Int
        let needed: Int
    }
    struct TransferItem: Encodable {
        let wallet: String
        let txid: String
        let transaction: String
        let payments: [Payment]
        let change: Change?
        let fee: JSONAmount
        let vsize: Int
        let inputs: [Input]

        init(_ transfer: FrozenTransfer, _ request: OpenRequest, _ state: LedgerState) {
            wallet = transfer.wallet.text
            txid = transfer.txid.reversedHex
            transaction = encodeHex(transfer.transaction.encoded(.stripped))
            payments = transfer.payments.map {
                Payment(
                    amount: JSONAmount($0.amount),
                    address: Address($0.scriptPubKey, state.founding.network)?.text,
                    script: $0.scriptPubKey.hex)
            }
            change = transfer.change.map { change in
                let output = transfer.transaction.outputs[Int(change.output)]
                let own = try? state.wallets[transfer.wallet]?.descriptor
                    .derive(.change, change.index)
                return Change(
                    amount: JSONAmount(output.amount), index: change.index,
                    isProvenOurs: own?.scriptPubKey == output.scriptPubKey)
            }
            fee = JSONAmount(transfer.fee)
            vsize = transfer.vsize
            inputs = transfer.outPoints.enumerated().map { index, outPoint in
                Input(
                    outPoint: outPoint.description,
                    amount: JSONAmount(transfer.spent[index].amount),
                    signatures: request.signatures.count { Int($0.input) == index },
                    needed: transfer.threshold)
            }
        }
    }

    let number: UInt64
    let id: String
    let kind: String
    let intent: String
    let status: String
    let initiator: String
    let recorded: String
    let expires: String
    let reference: String?
    let transfer: TransferItem?
    let documents: [JSONDocument]
    let explanation: Explanation
    let events: [JSONEvent]

    init(_ life: RequestLife, _ reading: LedgerReading) throws {
        let request = life.request
        number = life.number
        id = request.id.hex
        kind = request.initiated.request.kind.rawValue
        intent = try reading.intent(request.initiated.request)
        status = life.status.rawValue
        initiator = request.initiator.text
        recorded = CalendarTime.text(request.recorded)
        expires = CalendarTime.text(request.initiated.expires)
        reference = request.initiated.reference
        transfer = request.transfer.map { TransferItem($0, request, life.state) }
        documents = try life.documents(reading)
        explanation = try Explanation(life, reading)
        let standing = try reading.ledger.assurance()
        events = try life.events.map { try JSONEvent($0, reading, standing) }
    }
}
