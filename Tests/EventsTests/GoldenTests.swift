import Bytes
import Events
import Foundation
import Keys
import Merkle
import TestSupport
import Testing

/// Files are rewritten, on purpose only, by running these tests with `STRONGROOM_UPDATE_GOLDEN=1`.
@Suite struct `Golden events` {
    static let isUpdating = ProcessInfo.processInfo.environment["STRONGROOM_UPDATE_GOLDEN"] == "1"

    @Test func `each comes out byte for byte as its file says`() throws {
        for golden in try GoldenEvents.all() {
            let text = try golden.rendered()
            if Self.isUpdating { try Data(text.utf8).write(to: golden.file) }
            let data = try Data(contentsOf: golden.file)
            #expect(String(decoding: data, as: UTF8.self) == text, "\(golden.name)")
        }
    }

    @Test func `each file is that of a vector`() throws {
        let names = Set(try GoldenEvents.all().map { "\($0.name).json" })
        let files = try FileManager.default.contentsOfDirectory(atPath: Golden.folder.path)
        #expect(Set(files) == names)
    }

    @Test func `there is one for each type of fact and each kind of request`() throws {
        let events = try GoldenEvents.all().map(\.signed.event)
        #expect(Set(events.map(\.fact.type)) == Set(FactType.allCases))
        let kinds = events.compactMap { event in
            if case .initiated(let fact) = event.fact { fact.request.kind } else { nil }
        }
        #expect(Set(kinds) == Set(RequestKind.allCases))
    }

    @Test func `each file decodes to the event that was signed, and its signature verifies`() throws
    {
        for golden in try GoldenEvents.all() {
            let file = try JSON.decode(try Data(contentsOf: golden.file))
            let envelope = try bytes(try #require(file["envelope"]?.string))
            let ledger = file["ledger"]?.string.flatMap { Digest32(hex: $0) }
            let decoded = try SignedEvent(decoding: envelope, ledger: ledger)
            #expect(decoded.event == golden.signed.event, "\(golden.name)")
            #expect(decoded.id.hex == file["event_id"]?.string)
            #expect(decoded.author.hex == file["kid"]?.string)
            #expect(encodeHex(decoded.event.encoded) == file["payload"]?.string)
            let key = try #require(PublicKey(decoded.author))
            #expect(key.isValid(decoded.signature, for: decoded.id))
            try decoded.event.checkEncoding()

            let leaf = try bytes(try #require(file["entry"]?.string))
            let entry = try Entry(decoding: leaf.span)
            #expect(entry.event == envelope)
            #expect(encodeHex(entry.encoded) == file["entry"]?.string)
            #expect(leafHash(entry.encoded).hex == file["leaf_hash"]?.string)
        }
    }

    @Test func `the id is the SHA-256 of RFC 9052's Sig_structure`() throws {
        for golden in try GoldenEvents.all() {
            #expect(sha256(golden.signatureStructure) == golden.signed.id, "\(golden.name)")
            let envelope: [UInt8] =
                [0xd2]
                + CBORValue.array([
                    .bytes(golden.protectedHeader), .map([:]), .bytes(golden.payload),
                    .bytes(golden.signed.signature.bytes),
                ]).encoded
            #expect(envelope == golden.signed.bytes)
        }
    }

    @Test func `the ledger's id is that of its founding event`() throws {
        let all = try GoldenEvents.all()
        let founding = try #require(all.first { $0.name == "founded" })
        #expect(all.allSatisfy { $0.ledger == nil || $0.ledger == founding.signed.id })
        // Typed in, so that files and code can not change together unnoticed.
        #expect(
            founding.signed.id.hex
                == "0ac975a35365125409e60ec52fed1f452bcb96c1ab601d6ffbf5a2322c5a294d")
    }
}
