import Bytes
import Foundation
import Testing

@testable import Archive

struct TarHeaderTests {
    /// The digest is that of Python's `tarfile` for the same fields, with device numbers in digits.
    @Test func `a header is these 512 bytes`() throws {
        let header = TarHeader.encoded("checkpoint", bytes: 0o1234)
        #expect(header.count == 512)
        #expect(Array(header.prefix(10)) == Array("checkpoint".utf8))
        #expect(header[10..<100].allSatisfy { $0 == 0 })
        let fields = String(decoding: header[100..<157], as: UTF8.self)
        #expect(
            fields == "0000644\u{0}0000000\u{0}0000000\u{0}00000001234\u{0}00000000000\u{0}"
                + "011257\u{0} 0")
        #expect(header[157..<257].allSatisfy { $0 == 0 })
        #expect(Array(header[257..<265]) == Array("ustar\u{0}00".utf8))
        #expect(header[265..<329].allSatisfy { $0 == 0 })
        #expect(
            String(decoding: header[329..<345], as: UTF8.self) == "0000000\u{0}0000000\u{0}")
        #expect(header[345...].allSatisfy { $0 == 0 })
        #expect(
            sha256(header).hex
                == "71b9714248d2f837a143b230e1fcd098c9b37f3331d8865bd3a0492a0cbcb2c0")
    }

    @Test func `the largest size has eleven digits`() {
        let header = TarHeader.encoded("checkpoint", bytes: TarHeader.maximumFileBytes)
        #expect(String(decoding: header[124..<136], as: UTF8.self) == "77777777777\u{0}")
    }

    @Test(arguments: [(0, 0), (1, 511), (511, 1), (512, 0), (513, 511)])
    func `a file ends with its block`(_ bytes: UInt64, _ padding: Int) {
        #expect(TarHeader.padding(after: bytes) == padding)
    }
}
