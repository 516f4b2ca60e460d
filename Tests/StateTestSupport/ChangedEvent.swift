internal import Bytes
internal import Events
internal import Keys
internal import TestSigning
internal import TestSupport

/// An event whose body says something else than it did, signed again by the same key: what the
/// holder of a key could send instead.
struct ChangedEvent {
    /// The envelope.
    let bytes: [UInt8]
    /// The event, when the change has left one.
    let event: SignedEvent?

    /// Changes one to three places of an event's body; nil when the key that signed it is another,
    /// or when only a newer program could judge the result.
    init?(
        _ honest: SignedEvent, key: TestKey, ledger: Digest32, names: [String],
        digests: [Digest32], using generator: inout SeededGenerator
    ) throws {
        guard key.publicKey.key.id == honest.author else { return nil }
        let payload = honest.event.encoded
        var reader = CBORReader(payload.span)
        guard case .map(var fields) = try reader.value(), let body = fields["body"] else {
            return nil
        }
        var mutation = BodyMutation(names: names, digests: digests)
        var changed = body
        for _ in 0...Int.random(in: 0...2, using: &generator) {
            changed = mutation.change(changed, using: &generator)
        }
        fields["body"] = changed
        bytes = try Self.envelope(.map(fields), like: honest, key: key, ledger: ledger)
        do throws(EventError) {
            event = try SignedEvent(decoding: bytes, ledger: ledger)
        } catch {
            if case .unknown = error { return nil }
            event = nil
        }
    }

    /// Signs any payload, under the protected header of another event of the key.
    private static func envelope(
        _ payload: CBORValue, like honest: SignedEvent, key: TestKey, ledger: Digest32
    ) throws -> [UInt8] {
        let payload = payload.encoded
        let head = Array(honest.bytes.prefix(85))
        let structure: CBORValue = [
            .text("Signature1"), .bytes(Array(head[4..<84])), .digest(ledger), .bytes(payload),
        ]
        var bytes = head
        bytes += CBORValue.bytes(payload).encoded
        bytes += CBORValue.bytes(try key.ecdsa(sha256(structure.encoded)).bytes).encoded
        return bytes
    }
}

/// Changes places of a body to values that are near, or that stand elsewhere in the ledger.
private struct BodyMutation {
    let names: [String]
    let digests: [Digest32]

    mutating func change(
        _ value: CBORValue, using generator: inout SeededGenerator
    ) -> CBORValue {
        switch value {
        case .map(var entries):
            let keys = entries.keys.sorted { $0.encoded.lexicographicallyPrecedes($1.encoded) }
            guard let key = keys.randomElement(using: &generator), let inner = entries[key] else {
                return value
            }
            let isGone = Int.random(in: 0..<40, using: &generator) == 0
            entries[key] = isGone ? nil : change(inner, using: &generator)
            return .map(entries)
        case .array(var items):
            guard let index = items.indices.randomElement(using: &generator) else {
                return .array([0])
            }
            switch Int.random(in: 0..<16, using: &generator) {
            case 0: items.remove(at: index)
            case 1: items.append(items[index])
            case 2: items.reverse()
            default: items[index] = change(items[index], using: &generator)
            }
            return .array(items)
        default: return leaf(value, using: &generator)
        }
    }

    private func leaf(_ value: CBORValue, using generator: inout SeededGenerator) -> CBORValue {
        switch value {
        case .unsigned(let number):
            let near: [UInt64] = [
                number &+ 1, number > 0 ? number - 1 : 1, 0, 1, 2, 3, 20, 1_000, 1_001, 1 << 32,
                number / 2, number &* 2 & ((1 << 53) - 1),
            ]
            return .unsigned(near.randomElement(using: &generator) ?? 0)
        case .text:
            return .text(names.randomElement(using: &generator) ?? "nobody")
        case .bytes(var bytes):
            if bytes.count == 32, Bool.random(using: &generator),
                let other = digests.randomElement(using: &generator)
            {
                return .digest(other)
            }
            guard let index = bytes.indices.randomElement(using: &generator) else {
                return .bytes([0])
            }
            if Int.random(in: 0..<6, using: &generator) == 0 {
                bytes.remove(at: index)
            } else {
                bytes[index] ^= UInt8(1) << UInt8.random(in: 0..<8, using: &generator)
            }
            return .bytes(bytes)
        case .bool(let value): return .bool(!value)
        case .null: return .array([0, 0])
        default: return .null
        }
    }
}
