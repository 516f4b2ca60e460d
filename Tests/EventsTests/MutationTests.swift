import Bytes
import Events
import Foundation
import TestSupport
import Testing

/// Changes golden events at random, in their bytes and in their trees, and makes random bytes.
///
/// Whatever comes in, a decoder refuses it or gives an event that encodes to the very same bytes.
/// `STRONGROOM_FUZZ_ROUNDS` sets how many inputs each seed makes.
@Suite struct `Random events` {
    static let rounds =
        ProcessInfo.processInfo.environment["STRONGROOM_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 4_000

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `bytes at random are refused or have one encoding`(seed: UInt64) throws {
        print("seed \(seed), \(Self.rounds) rounds")
        var generator = SeededGenerator(seed: seed)
        let all = try GoldenEvents.all()
        var accepted = 0
        for round in 0..<Self.rounds {
            let golden = try #require(all.randomElement(using: &generator))
            let other = try #require(all.randomElement(using: &generator))
            var bytes = golden.signed.bytes
            for _ in 0...Int.random(in: 0...2, using: &generator) {
                Self.change(&bytes, with: other.signed.bytes, using: &generator)
            }
            if round.isMultiple(of: 16) {
                bytes = generator.bytes(Int.random(in: 0...600, using: &generator))
            }
            guard let event = try? SignedEvent(decoding: bytes, ledger: golden.ledger) else {
                continue
            }
            accepted += 1
            let again = SignedEvent(event.event, by: event.author, ledger: golden.ledger) { _ in
                event.signature
            }
            if again.bytes != bytes { Issue.record("seed \(seed), round \(round): \(bytes)") }
            if again.id != event.id { Issue.record("seed \(seed), round \(round): another id") }
            let entry = Entry(recorded: UInt64(round), event: bytes).encoded
            #expect(try Entry(decoding: entry.span).encoded == entry)
        }
        print("seed \(seed): \(accepted) accepted")
        #expect(accepted > 0 && accepted < Self.rounds)
    }

    @Test(arguments: [4, 5, 6] as [UInt64])
    func `trees at random are refused or have one encoding`(seed: UInt64) throws {
        print("seed \(seed), \(Self.rounds) rounds")
        var mutator = try TreeMutator(seed: seed)
        var accepted = 0
        for round in 0..<Self.rounds {
            let payload = mutator.next().encoded
            guard let event = try? Event(decoding: payload.span) else { continue }
            accepted += 1
            if event.encoded != payload { Issue.record("seed \(seed), round \(round): \(payload)") }
        }
        print("seed \(seed): \(accepted) accepted")
        // Both verdicts must be common, or the mutations explore nothing.
        #expect(accepted > Self.rounds / 20 && accepted < Self.rounds * 19 / 20)
    }

    @Test(arguments: [7] as [UInt64])
    func `random bytes after a valid start are refused or have one encoding`(seed: UInt64) throws {
        print("seed \(seed), \(Self.rounds) rounds")
        var generator = SeededGenerator(seed: seed)
        for golden in try GoldenEvents.all() {
            for _ in 0..<Self.rounds / 100 {
                let kept = Int.random(in: 0...golden.payload.count, using: &generator)
                let payload =
                    golden.payload[..<kept]
                    + generator.bytes(Int.random(in: 0...64, using: &generator))
                let event = try? Event(decoding: Array(payload).span)
                if let event, event.encoded != Array(payload) { Issue.record("\(payload)") }
            }
        }
    }

    private static func change(
        _ bytes: inout [UInt8], with other: [UInt8], using generator: inout SeededGenerator
    ) {
        guard !bytes.isEmpty else { return }
        let index = Int.random(in: bytes.indices, using: &generator)
        let end = min(bytes.count, index + Int.random(in: 1...40, using: &generator))
        switch Int.random(in: 0..<9, using: &generator) {
        case 0, 1, 2: bytes[index] ^= 1 << UInt8.random(in: 0...7, using: &generator)
        case 3:
            let edges: [UInt8] = [
                0, 0x17, 0x18, 0x1b, 0x1f, 0x40, 0x5f, 0x80, 0xa0, 0xbf, 0xf6, 0xff,
            ]
            bytes[index] = edges.randomElement(using: &generator) ?? 0
        case 4: bytes.insert(generator.bytes(1)[0], at: index)
        case 5: bytes.removeSubrange(index..<end)
        case 6: bytes.insert(contentsOf: bytes[index..<end], at: index)
        case 7: bytes.removeLast(bytes.count - index)
        default:
            let start = min(index, other.count)
            let part = other[start..<min(end, other.count)]
            bytes.replaceSubrange(index..<min(bytes.count, index + part.count), with: part)
        }
    }
}
