import Acting
import Bytes
import Events
import Export
import Foundation
import Ledger
import Merkle
import Reading
import State
import StateTestSupport
import Testing

@Suite struct ReplayedLedgerTests {
    @Test(arguments: [1, 7, 23] as [UInt64])
    func `a ledger made again from an export answers as the history does`(seed: UInt64) throws {
        var history = try RandomHistory(seed: seed)
        for _ in 0..<300 { try history.step() }
        let memory = history.ledger
        let size = UInt64(memory.entries.count)
        try SampleExport(memory, checkpoints: [1, size / 2]).withFolder { folder in
            var made = ""
            do {
                let replayed = try ReplayedLedger(OpenedExport(folder), created: { made = $0 })
                let ledger = replayed.ledger
                #expect(try ledger.state(at: size).digest == memory.state.digest)
                #expect(
                    try ledger.entries(0..<size).map(\.entry) == memory.entries.map(\.encoded))
                #expect(try ledger.checkpoint()?.checkpoint.size == size)
                var number: UInt64 = 0
                for (position, entry) in try ledger.entries(0..<size).enumerated() {
                    guard case .initiated = entry.event.event.fact else { continue }
                    number += 1
                    let id = try ledger.request(number: number)
                    #expect(id == entry.event.id)
                    #expect(try ledger.entries(ofRequest: id).first?.position == UInt64(position))
                    #expect(
                        (try ledger.outcome(number: number) == nil)
                            == (memory.state.requests[id] != nil))
                }
                #expect(number == memory.state.nextNumber - 1)
                #expect(FileManager.default.fileExists(atPath: made))
            }
            #expect(!FileManager.default.fileExists(atPath: made))
        }
    }

    @Test func `an export with a finding is not shown, and leaves nothing behind`() throws {
        var export = try SampleExport(ExportAuditTests.smallLedger())
        export.files["notes.txt"] = [1]
        try export.withFolder { folder in
            var made = ""
            #expect(throws: ActingError.self) {
                _ = try ReplayedLedger(OpenedExport(folder), created: { made = $0 })
            }
            #expect(made != "" && !FileManager.default.fileExists(atPath: made))
        }
    }
}
