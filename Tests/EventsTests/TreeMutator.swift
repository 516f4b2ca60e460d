import Bytes
import TestSupport

/// Makes payloads out of golden ones by changing places of their trees: well-formed CBOR whose
/// values lie around the limits.
struct TreeMutator {
    private var generator: SeededGenerator
    private let trees: [CBORValue]
    /// Every value that stands anywhere in a golden payload, to be put elsewhere.
    private let parts: [CBORValue]

    private static let integers: [UInt64] = [
        0, 1, 2, 16, 17, 23, 24, 31, 32, 33, 34, 140, 141, 255, 256, 400, 401, 500, 501, 512, 513,
        999, 1_000, 1_001, 16_384, 16_385, 32_767, 32_768, 65_535, 65_536, 1_000_000, 1_000_001,
        4_194_304, 4_194_305, 0xffff_ffff, 0x1_0000_0000, 2_100_000_000_000_000,
        2_100_000_000_000_001, (1 << 53) - 1,
    ]

    private static let texts = [
        "", "a", "alice", "transfer", "cancel", "rotate-key", "approved", "aborted", "main", "A",
        "a b", "ü", "\u{202e}", "\u{212a}", "1 of (a)", "a-1", "-a",
    ]

    init(seed: UInt64) throws {
        generator = SeededGenerator(seed: seed)
        trees = try GoldenEvents.all().map { try CBORValue(decoding: $0.payload) }
        parts = trees.flatMap(Self.parts)
    }

    private static func parts(of value: CBORValue) -> [CBORValue] {
        switch value {
        case .array(let items): [value] + items.flatMap(parts)
        case .map(let entries):
            [value] + sorted(entries).flatMap { parts(of: $0.value) }
        default: [value]
        }
    }

    /// The next payload: a golden one with one to three places changed.
    mutating func next() -> CBORValue {
        var tree = trees.randomElement(using: &generator) ?? .null
        for _ in 0...Int.random(in: 0...2, using: &generator) {
            let place = Int.random(in: 0..<Self.parts(of: tree).count, using: &generator)
            tree = changed(tree, at: place)
        }
        return tree
    }

    /// Changes the value at `place`, counted from the root in the order of ``parts(of:)``.
    private mutating func changed(_ value: CBORValue, at place: Int) -> CBORValue {
        guard place > 0 else { return changed(value) }
        var rest = place - 1
        switch value {
        case .array(var items):
            for (index, item) in items.enumerated() {
                let count = Self.parts(of: item).count
                if rest < count {
                    items[index] = changed(item, at: rest)
                    break
                }
                rest -= count
            }
            return .array(items)
        case .map(var entries):
            for (key, inner) in Self.sorted(entries) {
                let count = Self.parts(of: inner).count
                if rest < count {
                    entries[key] = changed(inner, at: rest)
                    break
                }
                rest -= count
            }
            return .map(entries)
        default: return value
        }
    }

    /// The entries in the order of their encoding, so that a seed gives the same payloads anywhere.
    private static func sorted(
        _ entries: [CBORValue: CBORValue]
    ) -> [(key: CBORValue, value: CBORValue)] {
        entries.sorted { $0.key.encoded.lexicographicallyPrecedes($1.key.encoded) }
    }

    private mutating func changed(_ value: CBORValue) -> CBORValue {
        if Int.random(in: 0..<8, using: &generator) == 0 {
            return parts.randomElement(using: &generator) ?? .null
        }
        switch value {
        case .unsigned: return .unsigned(Self.integers.randomElement(using: &generator) ?? 0)
        case .negative, .null: return parts.randomElement(using: &generator) ?? .null
        case .bool(let value): return .bool(!value)
        case .text(let text):
            guard Bool.random(using: &generator) else {
                return .text(Self.texts.randomElement(using: &generator) ?? "")
            }
            let length = [1, 31, 32, 33, 140, 141, 512, 513].randomElement(using: &generator) ?? 0
            return .text(String((text + String(repeating: "a", count: length)).prefix(length)))
        case .bytes(let bytes):
            let length =
                [0, 1, 31, 32, 33, 34, 35, 64, 73, 74, 80, 160, 16_384, 16_385]
                .randomElement(using: &generator) ?? 0
            return .bytes(Array((bytes + generator.bytes(length)).prefix(length)))
        case .array(let items):
            guard let item = items.randomElement(using: &generator) else {
                return .array([parts.randomElement(using: &generator) ?? .null])
            }
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: return .array(Array(items.dropLast()))
            case 1: return .array(items + [item])
            case 2: return .array(items.reversed())
            default: return .array([CBORValue](repeating: item, count: 33))
            }
        case .map(var entries):
            guard let key = Self.sorted(entries).randomElement(using: &generator)?.key else {
                return ["a": 1]
            }
            if Bool.random(using: &generator) {
                entries[key] = nil
            } else {
                entries["reason"] = .text("because")
            }
            return .map(entries)
        }
    }
}
