import Bytes
import TestSupport
import Testing

@Suite struct `Base58` {
    @Test func `Core's values encode and decode`() throws {
        guard let vectors = try Vectors.json("core_base58_encode_decode.json") else { return }
        for vector in vectors.array ?? [] {
            let bytes = try #require(vector[0]?.string.flatMap { decodeHex($0) })
            let text = try #require(vector[1]?.string)
            #expect(encodeBase58(bytes) == text)
            #expect(decodeBase58(text) == bytes)
        }
    }

    @Test func `any bytes up to the limit come back`() {
        var generator = SeededGenerator(seed: 58)
        for count in 0...128 {
            var bytes = generator.bytes(count)
            for zeros in 0...min(3, count) {
                bytes.replaceSubrange(0..<zeros, with: repeatElement(0, count: zeros))
                #expect(decodeBase58(encodeBase58(bytes)) == bytes)
            }
        }
        let greatest = [UInt8](repeating: 0xff, count: 128)
        #expect(encodeBase58(greatest).count == 175)
        #expect(decodeBase58(encodeBase58(greatest)) == greatest)
    }

    @Test func `one byte or character past the limit is refused`() {
        #expect(decodeBase58(String(repeating: "1", count: 128))?.count == 128)
        #expect(decodeBase58(String(repeating: "1", count: 129)) == nil)
        #expect(decodeBase58(String(repeating: "z", count: 175)) == nil)
        #expect(decodeBase58(String(repeating: "1", count: 176)) == nil)
    }

    @Test(arguments: ["0", "O", "I", "l", " 2", "2 ", "2+", "é", "\0"])
    func `a character outside the alphabet is refused`(text: String) {
        #expect(decodeBase58(text) == nil)
    }

    @Test func `the checksum catches every change of one character`() throws {
        let text = "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"
        let payload = try #require(decodeBase58Check(text))
        #expect(payload.count == 21)
        #expect(encodeBase58Check(payload) == text)
        let characters = Array(text)
        for index in characters.indices {
            var changed = characters
            changed[index] = changed[index] == "z" ? "y" : "z"
            #expect(decodeBase58Check(String(changed)) == nil)
        }
        #expect(decodeBase58Check("") == nil)
        #expect(decodeBase58Check("3yQ") == nil)
    }
}
