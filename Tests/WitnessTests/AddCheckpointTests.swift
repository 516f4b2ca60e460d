import Bytes
import Merkle
import Testing
import Witness

@Suite struct `Requests to a witness` {
    @Test func `a request is written and read back, byte for byte`() throws {
        let log = try SampleLog()
        for old in 0...20 as ClosedRange<UInt64> {
            for new in old...20 {
                let request = try log.request(old, new)
                #expect(try AddCheckpoint(parsing: Array(request.encodedText.utf8)) == request)
            }
        }
        let text = try log.request(4, 5).encodedText
        let hash = encodeBase64(log.leaves[4].array)
        #expect(text.hasPrefix("old 4\n\(hash)\n\nlog/1\n5\n"))
        #expect(try log.request(0, 5).encodedText.hasPrefix("old 0\n\nlog/1\n5\n"))
    }

    /// Changes of a valid body, each of which makes it none.
    static let spoilings: [(String, String)] = [
        ("old 4", "old 04"), ("old 4", "old +4"), ("old 4", "old -4"), ("old 4", "old"),
        ("old 4", "old  4"), ("old 4", "Old 4"), ("old 4", "old 4 "), ("old 4", " old 4"),
        ("old 4", "old 9007199254740993"), ("old 4", "old 18446744073709551616"),
        ("old 4\n", ""), ("old 4\n", "old 4\r\n"), ("=\n\nlog", "=\nlog"),
        ("=\n\nlog", "=\n\n\nlog"), ("old 4\n", "old 4\nAAAA\n"), ("log/1\n5", "log/1\n05"),
        ("\n\n\u{2014}", "\n\u{2014}"), ("\u{2014} log/1 ", "- log/1 "),
        ("log/1\n5\n", "log/1\n5\nextra\n"),
    ]

    @Test(arguments: spoilings)
    func `a malformed request is refused`(_ spoiling: (String, String)) throws {
        let text = try SampleLog().request(4, 5).encodedText
        let spoilt = text.replacing(spoiling.0, with: spoiling.1, maxReplacements: 1)
        #expect(spoilt != text)
        #expect(throws: WitnessError.self) { try AddCheckpoint(parsing: Array(spoilt.utf8)) }
    }

    @Test func `no request that is cut short is one`() throws {
        let bytes = try SampleLog().body(4, 5)
        for count in bytes.indices {
            #expect(throws: WitnessError.self) {
                try AddCheckpoint(parsing: Array(bytes[..<count]))
            }
        }
    }

    @Test func `63 hashes and a MiB are taken, and not one more`() throws {
        let checkpoint = try SampleLog().checkpoint(5)
        let hashes = [Digest32](repeating: emptyTreeRoot, count: 63)
        let most = try AddCheckpoint(oldSize: 4, proof: hashes, checkpoint: checkpoint)
        #expect(try AddCheckpoint(parsing: Array(most.encodedText.utf8)) == most)
        #expect(throws: WitnessError.self) {
            try AddCheckpoint(oldSize: 4, proof: hashes + [emptyTreeRoot], checkpoint: checkpoint)
        }
        let line = HashLines.encode([emptyTreeRoot])
        let more = most.encodedText.replacing(line, with: line + line, maxReplacements: 1)
        #expect(throws: WitnessError.self) { try AddCheckpoint(parsing: Array(more.utf8)) }
        #expect(throws: WitnessError.self) {
            try AddCheckpoint(parsing: [UInt8](repeating: 10, count: (1 << 20) + 1))
        }
    }
}
