import Bytes
import Events
import Keys
import TestSupport
import Testing

/// Events as tools see them that are not ours: cddl-verifier, cwt, cbor2 and hashlib.
@Suite struct `Events by other implementations` {
    @Test func `golden events are valid, verify, and have the ids that we say`() throws {
        let all = try GoldenEvents.all()
        var generator = SeededGenerator(seed: 1)
        let flips = (0..<24).map { _ in
            JSON.integer(Int64.random(in: 0..<1 << 20, using: &generator))
        }
        let events = all.map { golden in
            JSON.object([
                "envelope": .string(encodeHex(golden.signed.bytes)),
                "payload": .string(encodeHex(golden.payload)),
                "ledger": golden.ledger.map { .string($0.hex) } ?? .null,
                "entry": .string(encodeHex(golden.entry)),
            ])
        }
        let answers = try Judge.ask(
            "Tests/EventsTests/Judges/events.py",
            ["events": .array(events), "flips": .array(flips)])
        guard let answers else { return }
        for (index, golden) in all.enumerated() {
            let answer = try #require(answers[index])
            let comment = Comment(rawValue: golden.name)
            #expect(answer["schema"] == [], comment)
            #expect(answer["payload"]?.string == encodeHex(golden.payload), comment)
            #expect(answer["kid"]?.string == golden.author.key.hex, comment)
            #expect(answer["event_id"]?.string == golden.signed.id.hex, comment)
            let file = try golden.rendered()
            let leaf = try #require(answer["leaf_hash"]?.string)
            #expect(file.contains("\"leaf_hash\": \"\(leaf)\""), comment)
            #expect(answer["tampered"] == 0, comment)
            #expect(answer["foreign"] == false, comment)
            #expect(answer["malformed"] == false, comment)
        }
    }

    /// What the code refuses and the schema can not express; each stands in the schema's comments.
    static func isBeyondSchema(_ error: CBORError) -> Bool {
        switch error {
        case .refused(_, let rule): rule == "roles are sorted and each stands once"
        case .unexpected(_, let expected, _):
            expected == "a compressed public key of 33 bytes"
                || expected == "one line of text without control characters"
                || expected == "printable ASCII" || expected == "headers of 80 bytes each"
                || expected.hasPrefix("a quorum that needs 1 to")
        default: false
        }
    }

    @Test func `the schema and the decoder agree about random payloads`() throws {
        let seed: UInt64 = 8
        print("seed \(seed)")
        var mutator = try TreeMutator(seed: seed)
        let payloads = (0..<2_000).map { _ in mutator.next() }
        let answers = try Judge.ask(
            "Tests/EventsTests/Judges/payloads.py",
            .array(payloads.map { .string(encodeHex($0.encoded)) }))
        guard let answers else { return }
        var accepted = 0
        for (index, payload) in payloads.enumerated() {
            let encoded = payload.encoded
            let isValid = try #require(answers[index]?.bool as Bool?)
            do throws(CBORError) {
                _ = try Event(decoding: encoded.span)
                accepted += 1
                #expect(isValid, "only the decoder takes \(payload)")
            } catch {
                if isValid, !Self.isBeyondSchema(error) {
                    Issue.record("only the schema takes \(payload): \(error)")
                }
            }
        }
        #expect(accepted > 100 && accepted < 1_900)
    }
}
