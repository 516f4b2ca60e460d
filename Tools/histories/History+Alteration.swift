import Bytes
import Events
import StateTestSupport
import TestSupport

extension History {
    /// Alters the log some times, each time in another way.
    mutating func alter(using generator: inout SeededGenerator) {
        expected = nil
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            // The founding stands: without it nothing can be judged.
            let place = Int.random(in: 1..<entries.count, using: &generator)
            switch Int.random(in: 0..<12, using: &generator) {
            case 0: remove(place)
            case 1: exchange(place, using: &generator)
            case 2: `repeat`(place, using: &generator)
            case 3: postdate(place, using: &generator)
            case 4: lose(using: &generator)
            case 5: grow(place, using: &generator)
            default: flip(place, using: &generator)
            }
        }
    }

    private mutating func remove(_ place: Int) {
        entries.remove(at: place)
        recorded.remove(at: place)
        story.append("removed \(place)")
    }

    private mutating func exchange(_ place: Int, using generator: inout SeededGenerator) {
        let other = Int.random(in: 1..<entries.count, using: &generator)
        entries.swapAt(place, other)
        recorded.swapAt(place, other)
        story.append("exchanged \(place) and \(other)")
    }

    private mutating func `repeat`(_ place: Int, using generator: inout SeededGenerator) {
        let other = Int.random(in: place..<entries.count, using: &generator)
        entries.insert(entries[place], at: other + 1)
        recorded.insert(recorded[place], at: other + 1)
        story.append("repeated \(place) at \(other + 1)")
    }

    private mutating func postdate(_ place: Int, using generator: inout SeededGenerator) {
        let bytes = entries[place]
        guard let entry = try? Entry(decoding: bytes.span) else { return }
        let distance = UInt64.random(in: 0...40 * MemoryLedger.day, using: &generator)
        let time =
            Bool.random(using: &generator)
            ? recorded[place] &+ distance : recorded[place] - min(distance, recorded[place])
        entries[place] = Entry(recorded: time, event: entry.event).encoded
        recorded[place] = time
        story.append("recorded \(place) at \(time)")
    }

    private mutating func lose(using generator: inout SeededGenerator) {
        guard let digest = blobs.keys.sorted().randomElement(using: &generator) else { return }
        if Bool.random(using: &generator) {
            blobs[digest] = nil
            story.append("lost the blob \(digest.hex)")
        } else {
            blobs[digest]?.append(0)
            story.append("grew the blob \(digest.hex)")
        }
    }

    private mutating func grow(_ place: Int, using generator: inout SeededGenerator) {
        entries[place].append(UInt8.random(in: 0...255, using: &generator))
        story.append("grew \(place)")
    }

    /// Flips a bit, in the envelope's head, the signature, or anywhere.
    private mutating func flip(_ place: Int, using generator: inout SeededGenerator) {
        let count = entries[place].count
        let range: Range<Int> =
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: 0..<min(16, count)
            case 1: 12..<min(104, count)
            case 2: max(0, count - 66)..<count
            default: min(100, count - 1)..<count
            }
        let offset = Int.random(in: range, using: &generator)
        let bit = UInt8(1) << UInt8.random(in: 0..<8, using: &generator)
        entries[place][offset] ^= bit
        story.append("flipped \(bit) of byte \(offset) of \(place)")
    }
}
