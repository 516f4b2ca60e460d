import Bytes
import Foundation
import Glibc
import Keys
import Secrets
import TestSupport
import Testing

@Suite struct `What a key remembers` {
    let folder: Folder
    let keystore: Keystore
    let file: KeyFile
    let ledger = Digest32(repeating: 0xaa)

    init() throws {
        folder = try Folder()
        keystore = try Keystore(folder: folder.path)
        file = try `Key files`.sample(.event)
        try keystore.add(file)
    }

    private func head(_ size: UInt64, _ root: UInt8, _ state: UInt8 = 1) -> ReplayedHead {
        ReplayedHead(
            size: size, root: Digest32(repeating: root), stateDigest: Digest32(repeating: state))
    }

    private func refused(
        _ head: ReplayedHead, ownEvents: UInt64 = 0, by memory: inout KeyMemory
    ) -> SecretsError? {
        do throws(SecretsError) {
            try memory.remember(head, ownEvents: ownEvents, of: ledger)
            return nil
        } catch { return error }
    }

    @Test func `a head is kept over closing, and never shrinks`() throws {
        do {
            var memory = try keystore.memory(of: file)
            let none = memory.head(of: ledger)
            #expect(none == nil)
            try memory.remember(head(5, 0x05), ownEvents: 0, of: ledger)
        }
        var memory = try keystore.memory(of: file)
        #expect(memory.head(of: ledger) == head(5, 0x05))
        #expect(memory.head(of: .zero) == nil)
        let older = refused(head(4, 0x04), by: &memory)
        #expect(older == .headOlder(remembered: head(5, 0x05), offered: head(4, 0x04)))
        let fork = refused(head(5, 0x06), by: &memory)
        #expect(fork == .headDiffers(remembered: head(5, 0x05), offered: head(5, 0x06)))
        let state = refused(head(5, 0x05, 2), by: &memory)
        #expect(state == .headDiffers(remembered: head(5, 0x05), offered: head(5, 0x05, 2)))
        #expect(memory.head(of: ledger) == head(5, 0x05))
        let same = refused(head(5, 0x05), by: &memory)
        #expect(same == nil)
        let larger = refused(head(6, 0x06), by: &memory)
        #expect(larger == nil)
        #expect(memory.head(of: ledger) == head(6, 0x06))
        #expect(try mode(of: folder.path + "/alice.memory") == 0o600)
    }

    @Test func `one event at a time is held until it is answered`() throws {
        let first = try HeldEvent(sequence: 0, event: [1, 2, 3], blobs: [[4], []])
        do {
            var memory = try keystore.memory(of: file)
            try memory.hold(first, for: ledger)
        }
        var memory = try keystore.memory(of: file)
        #expect(memory.heldEvent(for: ledger) == first)
        #expect(memory.nextSequence(in: ledger) == 0)
        try memory.hold(first, for: ledger)
        let other = try HeldEvent(sequence: 0, event: [9], blobs: [])
        let second = hold(other, &memory)
        #expect(second == .eventHeld(sequence: 0))
        let wrong = acknowledge(1, .recorded, &memory)
        #expect(wrong == .eventNotHeld(sequence: 1))
        let recorded = acknowledge(0, .recorded, &memory)
        #expect(recorded == nil)
        #expect(memory.heldEvent(for: ledger) == nil)
        #expect(memory.nextSequence(in: ledger) == 1)
        let again = acknowledge(0, .recorded, &memory)
        #expect(again == .eventNotHeld(sequence: 0))
        let late = hold(other, &memory)
        #expect(late == .sequence(expected: 1, found: 0))
        let early = hold(try HeldEvent(sequence: 2, event: [9], blobs: []), &memory)
        #expect(early == .sequence(expected: 1, found: 2))
        try memory.hold(HeldEvent(sequence: 1, event: [9], blobs: []), for: ledger)
        let refusal = acknowledge(1, .refused, &memory)
        #expect(refusal == nil)
        #expect(memory.nextSequence(in: ledger) == 1)
    }

    @Test func `whether a held event may have left is remembered`() throws {
        let event = try HeldEvent(sequence: 0, event: [1], blobs: [], mayHaveLeft: false)
        do {
            var memory = try keystore.memory(of: file)
            try memory.noteLeaving(for: ledger)
            #expect(memory.ledgersWithHeldEvents.isEmpty)
            try memory.hold(event, for: ledger)
        }
        do {
            var memory = try keystore.memory(of: file)
            #expect(memory.heldEvent(for: ledger) == event)
            try memory.noteLeaving(for: ledger)
        }
        let memory = try keystore.memory(of: file)
        #expect(memory.heldEvent(for: ledger)?.mayHaveLeft == true)
        #expect(memory.heldEvent(for: ledger)?.event == [1])
    }

    private func hold(_ event: HeldEvent, _ memory: inout KeyMemory) -> SecretsError? {
        do throws(SecretsError) {
            try memory.hold(event, for: ledger)
            return nil
        } catch { return error }
    }

    private func acknowledge(
        _ sequence: UInt64, _ answer: KeyMemory.Answer, _ memory: inout KeyMemory
    ) -> SecretsError? {
        do throws(SecretsError) {
            try memory.acknowledge(sequence, answer, by: ledger)
            return nil
        } catch { return error }
    }

    @Test func `a replayed ledger may know more of our events, never fewer`() throws {
        var memory = try keystore.memory(of: file)
        try memory.remember(head(10, 0x10), ownEvents: 3, of: ledger)
        #expect(memory.nextSequence(in: ledger) == 3)
        let fewer = refused(head(11, 0x11), ownEvents: 2, by: &memory)
        #expect(fewer == .ownEventsMissing(remembered: 3, found: 2))
        #expect(memory.head(of: ledger) == head(10, 0x10))
        // A crash between recording and acknowledging: the replay finds the held event.
        try memory.hold(HeldEvent(sequence: 3, event: [1], blobs: []), for: ledger)
        try memory.remember(head(12, 0x12), ownEvents: 4, of: ledger)
        #expect(memory.heldEvent(for: ledger)?.sequence == 3)
        try memory.acknowledge(3, .recorded, by: ledger)
        #expect(memory.nextSequence(in: ledger) == 4)
    }

    @Test func `ledgers are remembered apart, sixty-four of them`() throws {
        var memory = try keystore.memory(of: file)
        for index in 0..<64 {
            let id = Digest32(repeating: UInt8(index))
            try memory.remember(head(UInt64(index) + 1, 0x01), ownEvents: 0, of: id)
        }
        #expect(memory.head(of: Digest32(repeating: 7)) == head(8, 0x01))
        let found = refused(head(1, 1), by: &memory)
        #expect(found == .memoryLimit(field: "ledgers of a key", found: 65, maximum: 64))
    }

    @Test func `an event beyond the limits is not taken`() throws {
        func refused(_ event: Int, _ blobs: [Int]) -> Bool {
            let blobs = blobs.map { [UInt8](repeating: 0, count: $0) }
            let event = [UInt8](repeating: 0, count: event)
            return error { () throws(SecretsError) in
                _ = try HeldEvent(sequence: 0, event: event, blobs: blobs)
            } != nil
        }
        #expect(!refused(65_535, []))
        #expect(refused(65_536, []))
        #expect(!refused(1, [4 << 20]))
        #expect(refused(1, [4 << 20 + 1]))
        #expect(!refused(1, [Int](repeating: 0, count: 1024)))
        #expect(refused(1, [Int](repeating: 0, count: 1025)))
        #expect(!refused(1, [Int](repeating: 4 << 20, count: 16)))
        #expect(refused(1, [Int](repeating: 4 << 20, count: 16) + [1]))
    }

    @Test func `a second opening is refused while the first lives`() throws {
        do {
            let memory = try keystore.memory(of: file)
            let found = error { () throws(SecretsError) in _ = try keystore.memory(of: file) }
            #expect(found == .inUse(path: folder.path + "/alice.lock"))
            #expect(memory.nextSequence(in: ledger) == 0)
        }
        _ = try keystore.memory(of: file)
    }

    @Test func `another process is kept out`() throws {
        let lock = folder.path + "/alice.lock"
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["flock", "--nonblock", lock, "true"]
        let memory = try keystore.memory(of: file)
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 1)
        #expect(memory.nextSequence(in: ledger) == 0)
    }

    @Test func `the bytes are as they have always been, and strictly read`() throws {
        do {
            var memory = try keystore.memory(of: file)
            try memory.remember(head(5, 0x05, 0x55), ownEvents: 2, of: ledger)
            try memory.hold(HeldEvent(sequence: 2, event: [1, 2], blobs: [[3]]), for: ledger)
            try memory.remember(head(1, 0x01), ownEvents: 0, of: .zero)
        }
        let path = folder.path + "/alice.memory"
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        let digests = (0...255).map { encodeHex([UInt8](repeating: UInt8($0), count: 32)) }
        #expect(
            encodeHex(bytes)
                == "a3" + "636b6579" + "7842" + encodeHex(Array(file.publicPart.text.utf8))
                + "676c656467657273" + "82"
                + "a4" + "626964" + "5820" + digests[0]
                + "6468656164" + "83" + "01" + "5820" + digests[1] + "5820" + digests[1]
                + "6468656c64" + "f6" + "646e657874" + "00"
                + "a4" + "626964" + "5820" + digests[0xaa]
                + "6468656164" + "83" + "05" + "5820" + digests[5] + "5820" + digests[0x55]
                + "6468656c64" + "84" + "02" + "420102" + "81" + "4103" + "f5"
                + "646e657874" + "02"
                + "6776657273696f6e" + "02")
        func read(_ bytes: [UInt8]) throws -> SecretsError? {
            try Data(bytes).write(to: URL(filePath: path))
            unsafe chmod(path, 0o600)
            return error { () throws(SecretsError) in _ = try keystore.memory(of: file) }
        }
        try expectWholeAndOwn(bytes, read)
        for version: UInt8 in [1, 3] {
            #expect(
                try read(bytes.dropLast() + [version])
                    == .memoryFile(
                        path: path,
                        .unexpected(
                            offset: bytes.count - 1, expected: "version 2", found: "\(version)"))
            )
        }
        // Version 1, whose held events do not say whether they have left.
        let place = try #require(
            bytes.indices.first { bytes[$0...].starts(with: [0x84, 0x02, 0x42, 1, 2]) })
        var first = bytes
        first[place] = 0x83
        first.remove(at: place + 7)
        guard case .memoryFile = try read(first) else {
            Issue.record("a held event of version 1 was read in version 2")
            return
        }
        first[first.count - 1] = 1
        #expect(try read(first) == nil)
        let memory = try keystore.memory(of: file)
        #expect(memory.heldEvent(for: ledger)?.mayHaveLeft == true)
        #expect(memory.ledgersWithHeldEvents == [ledger])
    }
}
