import Foundation
import Merkle
import Testing

@testable import Witness

@Suite struct `A witness's head file` {
    @Test func `it never shrinks, and never takes another root`() throws {
        let path = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = WitnessHeadFile(path: path)
        let log = try SampleLog()
        let fork = try SampleLog(branch: 1, common: 2)
        try file.advance(to: log.checkpoint(5))
        for refused in [try log.checkpoint(4), try fork.checkpoint(5)] {
            #expect(throws: WitnessError.self) { try file.advance(to: refused) }
            #expect(try file.read() == log.checkpoint(5))
        }
        try file.advance(to: log.checkpoint(5))
        try file.advance(to: log.checkpoint(6))
        #expect(try file.read()?.checkpoint.size == 6)
    }
}
