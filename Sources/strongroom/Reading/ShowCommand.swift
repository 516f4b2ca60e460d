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
        let reading = try LedgerReading(ledger, at: moment)
        switch (number, event) {
        case (let number?, nil): try show(RequestLife(number, reading), reading)
        case (nil, let position?):
            guard reading.shown == nil || position < reading.state.size else {
                throw ReadingError.notYet(position: position, last: reading.state.size - 1)
            }
            try show(reading.ledger.entry(position), reading)
        default:
            throw CommandError.usage(
                "give a request's number, or --event and a position; one of the two")
        }
    }

    // MARK: A request

    private func show(_ life: RequestLife, _ reading: LedgerReading) throws {
        if output.isJSON { return try reading.answer(try RequestSummary(life, reading)) }
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
                reading.member(event.event.author), try reading.line(event))
        }
        table.show(indent: 2)
    }

    private func showInputs(_ transfer: FrozenTransfer, _ request: OpenRequest) {
        print("\nInputs, \(counted(transfer.threshold, "signature")) needed for each")
        var have: [Int: Int] = [:]
        for signature in request.signatures { have[Int(signature.input), default: 0] += 1 }
        for (index, outPoint) in transfer.outPoints.enumerated() {
            print("  \(index)  \(outPoint)")
            print(
                "     \(transfer.spent[index].amount), "
                    + "\(counted(have[index, default: 0], "signature"))")
        }
    }

    // MARK: An event

    private func show(_ recorded: RecordedEvent, _ reading: LedgerReading) throws {
        let proven = try ProvenEvent(
            recorded, reading, size: reading.shown.map { _ in reading.state.size })
        if output.isJSON { return try reading.answer(proven) }
        reading.printMoment()
        let event = recorded.event.event
        print("Event       \(recorded.position), \(event.fact.type.rawValue)")
        for line in wrapped("What        ", try reading.line(recorded)) { print(line) }
        print("Author      \(reading.member(recorded.event.author))")
        print("  key       \(recorded.event.author.hex)")
        print("  sequence  \(event.sequence)")
        print("Signed at   \(CalendarTime.text(event.time))")
        print("Recorded    \(CalendarTime.text(recorded.recorded))")
        print("Standing    \(proven.event.assurance)")
        print("Id          \(recorded.event.id.hex)")
        print("Had seen    \(event.seen.size) entries, root \(event.seen.root.hex)")
        print("Leaf        \(proven.leaf)")
        print(
            "Proof       \(counted(proven.proof.count, "hash", "hashes")) up to the root of "
                + "\(proven.size) entries")
        print("  root      \(proven.root)")
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
