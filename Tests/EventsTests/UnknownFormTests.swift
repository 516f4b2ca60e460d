import Bytes
import Events
import Testing

/// What `rules.md` calls not checkable; `Tools/tests/test_audit.py` has the same table.
@Suite struct `Forms that these rules do not name` {
    private static let quorum: CBORValue = ["of": ["alice"], "need": 1]

    /// What is said of an event with this body; nil when it is read.
    private static func answer(
        to body: CBORValue, type: CBORValue = "initiated", seq: CBORValue = 0
    ) throws -> EventError? {
        let payload: CBORValue = [
            "seq": seq, "body": body, "seen": [0, .bytes([UInt8](repeating: 0, count: 32))],
            "time": 0, "type": type,
        ]
        let golden = try Envelopes.golden("approved")
        let bytes = try Envelopes.envelope(payload: .bytes(payload.encoded))
        do throws(EventError) {
            _ = try SignedEvent(decoding: bytes, ledger: golden.ledger)
            return nil
        } catch { return error }
    }

    private static func asking(_ request: CBORValue) -> CBORValue {
        ["expires": 1, "request": request]
    }

    @Test func `a type, a kind and a quorum of other keys need a newer program`() throws {
        func policy(_ quorum: CBORValue) -> CBORValue {
            Self.asking(["kind": "replace-policy", "quorum": quorum])
        }
        let long = CBORValue.text(String(repeating: "x", count: 32))
        let cases: [(CBORValue, CBORValue, UnknownForm)] = [
            ("frozen", [:], .type("frozen")),
            ("frozen", .null, .type("frozen")),
            (long, [:], .type(String(repeating: "x", count: 32))),
            ("initiated", Self.asking(["kind": "raise-rules"]), .requestKind("raise-rules")),
            (
                "initiated", ["request": ["kind": "raise-rules", "to": 2]],
                .requestKind("raise-rules")
            ),
            (
                "initiated", Self.asking(["kind": long]),
                .requestKind(String(repeating: "x", count: 32))
            ),
            ("initiated", policy([:]), .quorum(keys: [])),
            ("initiated", policy(["any": ["alice"]]), .quorum(keys: ["any"])),
            (
                "initiated", policy(["of": ["alice"], "need": 1, "after": 3]),
                .quorum(keys: ["after", "need", "of"])
            ),
            (
                "initiated",
                policy(["of": ["alice", ["of": [["any": []]], "need": 1]], "need": 9]),
                .quorum(keys: ["any"])
            ),
            (
                "initiated", Self.asking(["kind": "create-wallet", "quorum": ["all": []]]),
                .quorum(keys: ["all"])
            ),
        ]
        for (type, body, form) in cases {
            #expect(try Self.answer(to: body, type: type) == .unknown(form))
        }
    }

    @Test func `what is merely malformed is a finding`() throws {
        let long = CBORValue.text(String(repeating: "x", count: 33))
        let cases: [(type: CBORValue, body: CBORValue, seq: CBORValue)] = [
            ("frozen", [:], "0"), ("frozen", [1: 2], 0), (long, [:], 0), (1, [:], 0),
            ("initiated", Self.asking(["kind": long]), 0),
            ("initiated", Self.asking(["kind": 1]), 0),
            ("initiated", Self.asking([:]), 0),
            ("initiated", Self.asking("raise-rules"), 0),
            ("initiated", ["kind": "raise-rules"], 0),
            ("approved", Self.asking(["kind": "raise-rules"]), 0),
            ("initiated", Self.asking(["kind": "cancel", "quorum": ["any": []]]), 0),
            ("initiated", Self.asking(["kind": "replace-policy", "quorum": ["alice"]]), 0),
            (
                "initiated",
                Self.asking([
                    "kind": "replace-policy", "quorum": ["of": [["alice", "bob"]], "need": 1],
                ]),
                0
            ),
        ]
        for (type, body, seq) in cases {
            guard case .payload = try Self.answer(to: body, type: type, seq: seq) else {
                Issue.record("\(type) \(body)")
                continue
            }
        }
        #expect(
            try Self.answer(to: Self.asking(["kind": "replace-policy", "quorum": Self.quorum]))
                == nil)
    }
}
