import Acting
import ActingTestSupport
import Events
import Reading
import Report
import StateTestSupport
import TestSupport

/// A ledger in a real folder with the entries of one in memory, to be read.
final class ReadFolder {
    let ledger: OpenLedger
    private let folder: TemporaryFolder

    init(_ memory: MemoryLedger) throws {
        folder = try TemporaryFolder()
        ledger = try memory.write(
            to: folder.file("ledger"), TestClock(memory.entries[0].recorded))
    }

    func reading(at moment: String? = nil) throws -> LedgerReading {
        try LedgerReading(ledger, at: try moment.map { try Moment(parsing: $0) })
    }
}
