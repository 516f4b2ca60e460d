import Bytes
import Merkle
import Testing

@Suite struct `Signed notes` {
    /// The note, key and seed-made signature that golang.org/x/mod/sumdb/note documents.
    static let goKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    static let goNote = """
        If you think cryptography is the answer to your problem,
        then you don't know what your problem is.

        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFup\
        LLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=

        """

    @Test func `the note that Go documents verifies, and comes out as it went in`() throws {
        let key = try NoteVerifierKey(parsing: Self.goKey)
        #expect(key.encodedText == Self.goKey)
        #expect(key.id == 0xc74f_20a3)
        let note = try Note(parsing: Array(Self.goNote.utf8))
        #expect(note.encodedText == Self.goNote)
        #expect(note.signatures.map(\.name) == ["PeterNeumann"])
        let signature = try #require(note.signatures.first)
        #expect(key.isValid(signature.bytes, for: note.text))
        #expect(!key.isValid(signature.bytes, for: note.text + "\n"))
        #expect(!key.isValid(Array(signature.bytes.dropLast()), for: note.text))
    }

    @Test func `the text ends at the last empty line`() throws {
        let signature = "\u{2014} a AAAAAAE=\n"
        let note = try Note(parsing: Array("one\n\ntwo\n\n\(signature)".utf8))
        #expect(note.text == "one\n\ntwo\n")
        #expect(note.signatures == [NoteSignature(name: "a", keyID: 0, bytes: [1])])
    }

    @Test(arguments: [
        "", "\n", "text\n", "text\n\n", "\n\u{2014} a AAAAAAE=\n",
        "text\n\n\u{2014} a AAAAAAE=", "text\n\n\u{2014} a AAAAAAE=\n\n",
        "text\r\n\r\n\u{2014} a AAAAAAE=\r\n", "te\txt\n\n\u{2014} a AAAAAAE=\n",
        "text\n\n- a AAAAAAE=\n", "text\n\n\u{2014}a AAAAAAE=\n", "text\n\n\u{2014}  AAAAAAE=\n",
        "text\n\n\u{2014} a+b AAAAAAE=\n", "text\n\n\u{2014} a\u{a0}b AAAAAAE=\n",
        "text\n\n\u{2014} a AAAAAAE\n", "text\n\n\u{2014} a AAAAAAF=\n",
        "text\n\n\u{2014} a AAAAAA==\n", "text\n\n\u{2014} a AAAAAAE= \n",
        "text\n\n\u{2014} a AAAA_AE=\n", "text\n\n\u{2014} a AAAAAAE=\nmore\n",
        "text\n\u{2014} a AAAAAAE=\n",
    ])
    func `a malformed note is refused`(_ text: String) {
        #expect(throws: MerkleError.self) { try Note(parsing: Array(text.utf8)) }
    }

    @Test func `the limits hold at their edge and not one past it`() throws {
        let line = "\u{2014} a AAAAAAE=\n"
        let head = "x\n\n"
        let most = head + String(repeating: line, count: Note.maximumSignatures)
        #expect(try Note(parsing: Array(most.utf8)).signatures.count == 100)
        #expect(throws: MerkleError.self) { try Note(parsing: Array((most + line).utf8)) }
        let room = Note.maximumBytes - "\n\n\(line)".utf8.count
        let large = String(repeating: "x", count: room) + "\n\n\(line)"
        #expect(throws: Never.self) { try Note(parsing: Array(large.utf8)) }
        #expect(throws: MerkleError.self) { try Note(parsing: Array("x\(large)".utf8)) }
        #expect(throws: MerkleError.self) { try Note(parsing: [0xff] + Array(most.utf8)) }
        #expect(isKeyName(String(repeating: "n", count: 255)))
        #expect(!isKeyName(String(repeating: "n", count: 256)))
    }

    @Test(arguments: [
        "", "PeterNeumann", "PeterNeumann+c74f20a3",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWAA==",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ])
    func `a malformed verifier key is refused`(_ text: String) {
        #expect(throws: MerkleError.self) { try NoteVerifierKey(parsing: text) }
    }

    @Test(arguments: [1, 2, 3]) func `changed notes never crash and never verify`(seed: UInt64)
        throws
    {
        var random = SplitMix(seed)
        let key = try NoteVerifierKey(parsing: Self.goKey)
        let original = Array(Self.goNote.utf8)
        for _ in 0..<3000 {
            var bytes = original
            for _ in 0...random.next() % 3 {
                let place = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 3 {
                case 0: bytes[place] ^= UInt8(truncatingIfNeeded: random.next() % 255 + 1)
                case 1: bytes.remove(at: place)
                default: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
                }
            }
            guard bytes != original else { continue }
            var note: Note?
            do { note = try Note(parsing: bytes) } catch {}
            guard let note else { continue }
            #expect(Array(note.encodedText.utf8) == bytes, "seed \(seed)")
            let holds = note.signatures.contains {
                $0.name == key.name && $0.keyID == key.id && key.isValid($0.bytes, for: note.text)
            }
            #expect(!holds, "seed \(seed)")
        }
    }

    @Test func `base64 has one spelling`() {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37) }
            #expect(decodeBase64(encodeBase64(bytes)) == bytes)
        }
        #expect(encodeBase64(Array("foobar".utf8)) == "Zm9vYmFy")
        #expect(encodeBase64(Array("fooba".utf8)) == "Zm9vYmE=")
        #expect(encodeBase64(Array("foob".utf8)) == "Zm9vYg==")
        for text in [
            "Zm9vYg", "Zm9vYg=", "Zm9vYh==", "Zm9vYmF=", "====", "Zg==Zg==", "Zm9\n", "Z===",
        ] {
            #expect(decodeBase64(text) == nil)
        }
    }
}

/// Sebastiano Vigna's SplitMix64, for tests that must repeat.
struct SplitMix {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
