import Acting
import Bytes
import Foundation
import Testing

@Suite struct `Armored files` {
    @Test func `bytes come back, whatever a mail program put around and between them`() throws {
        let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0) }
        let text = Armor.encode(bytes, "EVENT")
        let mailed =
            "-- \nSee -----BEGIN below:\n\n"
            + text.split(separator: "\n").joined(separator: " \r\n\t ") + "\r\n-- \nbye"
        for text in [text, mailed] {
            #expect(try Armor.decode(Array(text.utf8), "EVENT", from: "a file") == bytes)
        }
        for broken in [
            text.replacingOccurrences(of: "EVENT", with: "REQUEST"),
            text.replacingOccurrences(of: "-----END", with: "----END"),
            text.replacingOccurrences(of: "AAEC", with: "AA*C"), "", "-----",
        ] {
            #expect(throws: ActingError.self) {
                try Armor.decode(Array(broken.utf8), "EVENT", from: "a file")
            }
        }
    }

    @Test func `a file longer than any event is refused before it is read`() throws {
        let path = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try #require(FileManager.default.createFile(atPath: path, contents: nil))
        // Holes cost nothing: what is refused is the announced length.
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.truncate(atOffset: 8 << 30)
        let error = #expect(throws: ActingError.self) { try EventFile(reading: path) }
        #expect("\(String(describing: error))".contains("longer than any file of this kind"))
    }
}
