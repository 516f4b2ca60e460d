import Bytes
import Events
import Keys
import Testing

@Suite struct SaltedValueTests {
    private let salt = sha256(Array("salt".utf8))

    @Test func `the commitment is SHA-256 of the salt followed by the value`() throws {
        let value = Array("the contract".utf8)
        let salted = SaltedValue(value, salt: salt)
        #expect(salted.blob == salt.array + value)
        #expect(salted.digest == sha256(salt.array + value))
        #expect(BlobReference(salted.blob).digest == salted.digest)
        #expect(SaltedValue(blob: salted.blob) == salted)
        #expect(SaltedValue(value, salt: sha256([])).digest != salted.digest)
    }

    @Test func `a blob is a salt and at least one byte, and no longer than a blob may be`() {
        for count in 0...70 {
            let blob = [UInt8](repeating: 7, count: count)
            #expect(SaltedValue(blob: blob)?.blob == (count > 32 ? blob : nil), "\(count) bytes")
        }
        let longest = [UInt8](repeating: 7, count: 4_194_304)
        #expect(SaltedValue(blob: longest)?.value.count == SaltedValue.valueLimit)
        #expect(SaltedValue(blob: longest + [7]) == nil)
        #expect(SaltedValue([UInt8](longest.dropFirst(32)), salt: salt).blob.count == 4_194_304)
    }

    @Test(arguments: [
        ("x", true), ("\u{e9}\u{4e2d} \u{1f511}", true), (String(repeating: "x", count: 256), true),
        (String(repeating: "x", count: 257), false),
        (String(repeating: "\u{e4}", count: 128), true),
        (String(repeating: "\u{e4}", count: 129), false), ("", false), (" ", false),
        ("\u{a0}\u{2003}", false), ("two\nlines", false), ("tab\t", false),
        ("\u{202e}reversed", false), ("\u{200b}", false),
    ])
    func `a name is one line of 1 to 256 bytes with something to see`(
        text: String, isName: Bool
    ) {
        #expect(SaltedValue.isPersonName(text) == isName)
        #expect(SaltedValue(name: text, salt: salt)?.name == (isName ? text : nil))
        #expect(SaltedValue(blob: salt.array + Array(text.utf8))?.name == (isName ? text : nil))
    }

    @Test func `bytes that are no UTF-8 are no name`() {
        for bytes: [UInt8] in [[0xff], [0xc3], [0x61, 0x80], [0xed, 0xa0, 0x80]] {
            #expect(SaltedValue(blob: salt.array + bytes)?.name == nil)
        }
    }

    @Test func `a fact names the blobs of its names, documents and evidence`() throws {
        let person = sha256(Array("person".utf8))
        let document = BlobReference([UInt8](repeating: 1, count: 33))
        let enrolment = Enrolment(
            member: try #require(MemberName("alice")), key: try Author("alice").key, roles: [],
            person: person)
        let enrolling = Fact.initiated(
            Initiated(request: .enrolMember(enrolment), expires: 1, reference: nil))
        #expect(enrolling.persons == [person])
        #expect(enrolling.blobDigests == [person])
        #expect(enrolling.evidence == [] && enrolling.attachments == [])
        let attached = Attached(document: document, label: nil, request: nil)
        #expect(Fact.attached(attached).persons == [])
        #expect(Fact.attached(attached).blobDigests == [document.digest])
        #expect(attached.documentBytes == 1)
        let unsalted = Attached(document: BlobReference([1]), label: nil, request: nil)
        #expect(unsalted.documentBytes == 0)
    }
}
