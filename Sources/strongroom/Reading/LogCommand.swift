import Acting
import ArgumentParser
import Auditing
import Events
import Reading
import Report
import State
import Terminal

struct LogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "List the log's entries, the newest ones unless told otherwise.",
        discussion: """
            Examples:
              strongroom log
              strongroom log --from 0 --limit 100
              strongroom log --type approved
              strongroom log --request 3 --json
            """)
    @Option(help: "The first position. Default: so that the newest entries are shown.")
    var from: UInt64?
    @Option(help: "How many entries at most, 1 to 10000.")
    var limit: UInt64 = 20
    @Option(
        help: "Only entries of this type.",
        completion: .list(FactType.allCases.map(\.rawValue)))
    var type: String?
    @Option(help: "Only entries about this request, by its number.")
    var request: UInt64?
    @OptionGroup var ledger: EvidenceOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        guard (1...10_000).contains(limit) else {
            throw CommandError.usage("--limit is from 1 to 10000, not \(limit)")
        }
        let reading = try LedgerReading(ledger)
        let events = try selected(reading)
        let standing = try reading.ledger.assurance()
        if output.isJSON {
            return try printJSON(try events.map { try EventSummary($0, reading, standing) })
        }
        var table = Table(
            .number("POSITION"), .whole("RECORDED"), .whole("STANDING"), .text("AUTHOR"),
            .text("WHAT"))
        for event in events {
            table.add(
                "\(event.position)", CalendarTime.text(event.recorded),
                standing.word(at: event.position),
                reading.member(event.event.author), try reading.line(event))
        }
        table.show(orElse: "There are no such entries.")
    }

    private func selected(_ reading: LedgerReading) throws -> [RecordedEvent] {
        let wanted = try type.map { name in
            guard let type = FactType(rawValue: name) else {
                throw CommandError.usage(
                    "there is no type \(name.plain); there are "
                        + FactType.allCases.map(\.rawValue).joined(separator: ", "))
            }
            return type
        }
        func matches(_ event: RecordedEvent) -> Bool {
            wanted.map { event.event.event.fact.type == $0 } ?? true
        }
        if let request {
            let id = try reading.ledger.request(number: request)
            let events = try reading.ledger.entries(ofRequest: id)
                .filter { $0.position >= from ?? 0 && matches($0) }
            return Array(from == nil ? events.suffix(Int(limit)) : events.prefix(Int(limit)))
        }
        let size = try reading.ledger.size()
        var found: [RecordedEvent] = []
        // In chunks, so that a rare type is found without the whole log in memory.
        let chunk: UInt64 = 512
        if var next = from {
            while next < size, found.count < Int(limit) {
                let end = min(next + chunk, size)
                found += try reading.ledger.entries(next..<end).filter(matches)
                next = end
            }
            return Array(found.prefix(Int(limit)))
        }
        var end = size
        while end > 0, found.count < Int(limit) {
            let start = end - min(end, chunk)
            found = try reading.ledger.entries(start..<end).filter(matches) + found
            end = start
        }
        return Array(found.suffix(Int(limit)))
    }
}
