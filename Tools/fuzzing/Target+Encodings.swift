internal import Bytes
internal import Events
internal import State

extension Target {
    /// What the ledger's own events and states are made of.
    static let encodings = [
        Target("cbor") { input in
            var reader = CBORReader(input.span)
            guard let value = try? reader.value() else { return }
            demand(value.encoded == Array(input[..<reader.offset]), "an item has one encoding")
        },
        // The two ledgers tell a founding event, whose signature covers no id, from all others.
        Target("event", bytesMax: 8_192) { input in
            for ledger in [nil, Digest32.zero] {
                guard let event = try? SignedEvent(decoding: input, ledger: ledger) else {
                    continue
                }
                demand(event.bytes == input, "an event is its bytes")
            }
        },
        Target("payload", bytesMax: 8_192) { input in
            guard let event = try? Event(decoding: input.span) else { return }
            demand(event.encoded == input, "a payload has one encoding")
        },
        Target("entry", bytesMax: 8_192) { input in
            guard let entry = try? Entry(decoding: input.span) else { return }
            demand(entry.encoded == input, "an entry has one encoding")
        },
        Target("snapshot", bytesMax: 16_384) { input in
            guard let state = try? LedgerState(decoding: input) else { return }
            demand(state.encoded == input, "a state has one encoding")
        },
        Target("outcome", bytesMax: 1_024) { input in
            guard let outcome = try? RequestOutcome(decoding: input.span) else { return }
            demand(outcome.encoded == input, "an outcome has one encoding")
        },
        Target("quorum", bytesMax: 512) { input in
            guard let text = String(validating: input, as: UTF8.self),
                let quorum = try? Quorum(parsing: text)
            else { return }
            demand((try? Quorum(parsing: "\(quorum)")) == quorum, "a rule reads as it is written")
        },
    ]
}
