import Bytes
import Foundation
import Glibc
import Keys
import Secrets
import TestSupport
import Testing

@Suite struct `What a log's key remembers` {
    let folder: Folder
    let keystore: Keystore
    let file: KeyFile
    let ledger = Digest32(repeating: 0xaa)

    init() throws {
        folder = try Folder()
        keystore = try Keystore(folder: folder.path)
        var generator = SystemRandomNumberGenerator()
        file = try keystore.create(
            try KeyName("log"), .note(.log), under: try passphrase("correct horse"),
            cost: try .light, using: &generator)
    }

    private func head(_ size: UInt64, _ root: UInt8) -> SignedHead {
        SignedHead(size: size, root: Digest32(repeating: root))
    }

    private func refused(
        _ head: SignedHead, of ledger: Digest32, by memory: inout SignedHeadMemory
    ) -> SecretsError? {
        do throws(SecretsError) {
            try memory.remember(head, of: ledger)
            return nil
        } catch { return error }
    }

    @Test func `one root for each size, and sizes never shrink`() throws {
        do {
            var memory = try keystore.signedHeads(of: file)
            let none = memory.head(of: ledger)
            #expect(none == nil)
            try memory.remember(head(5, 0x05), of: ledger)
        }
        var memory = try keystore.signedHeads(of: file)
        #expect(memory.head(of: ledger) == head(5, 0x05))
        let older = refused(head(4, 0x04), of: ledger, by: &memory)
        #expect(older == .signedHeadOlder(remembered: head(5, 0x05), offered: head(4, 0x04)))
        let fork = refused(head(5, 0x06), of: ledger, by: &memory)
        #expect(fork == .signedHeadDiffers(remembered: head(5, 0x05), offered: head(5, 0x06)))
        let same = refused(head(5, 0x05), of: ledger, by: &memory)
        #expect(same == nil)
        let larger = refused(head(6, 0x06), of: ledger, by: &memory)
        #expect(larger == nil)
        #expect(memory.head(of: ledger) == head(6, 0x06))
        // Who has it open does not keep others from reading it.
        #expect(try keystore.signedHead(of: ledger, by: file) == head(6, 0x06))
        #expect(try keystore.signedHead(of: .zero, by: file) == nil)
        let mode = try FileManager.default.attributesOfItem(
            atPath: folder.path + "/log.memory")[.posixPermissions]
        #expect(mode as? Int == 0o600)
    }

    @Test func `ledgers are remembered apart, sixty-four of them`() throws {
        var memory = try keystore.signedHeads(of: file)
        for index in 0..<64 {
            try memory.remember(
                head(.max >> 11, 0x01), of: Digest32(repeating: UInt8(index)))
        }
        let one = refused(head(1, 1), of: ledger, by: &memory)
        #expect(one == .memoryLimit(field: "ledgers of a key", found: 65, maximum: 64))
        #expect(try keystore.signedHead(of: .zero, by: file) == head(.max >> 11, 0x01))
    }

    @Test func `a second opening waits for the first to end`() throws {
        let lock = folder.path + "/log.lock"
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["flock", "--nonblock", lock, "true"]
        do {
            let memory = try keystore.signedHeads(of: file)
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationStatus == 1)
            let none = memory.head(of: ledger)
            #expect(none == nil)
        }
        // As many threads as there are heads: each finds what those before it have left.
        let keystore = keystore
        let file = file
        let ledger = ledger
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            do {
                var memory = try keystore.signedHeads(of: file)
                let size = (memory.head(of: ledger)?.size ?? 0) + 1
                try memory.remember(SignedHead(size: size, root: .zero), of: ledger)
            } catch { Issue.record(error) }
        }
        #expect(try keystore.signedHead(of: ledger, by: file)?.size == 8)
    }

    @Test func `only a log's key has such a memory`() throws {
        let event = try `Key files`.sample(.event)
        try keystore.add(event)
        let found = error { () throws(SecretsError) in _ = try keystore.signedHeads(of: event) }
        #expect(found == .purpose(name: "alice", expected: "log", found: "event"))
        let asked = error { () throws(SecretsError) in
            _ = try keystore.signedHead(of: ledger, by: event)
        }
        #expect(asked == found)
        #expect(try keystore.list().map(\.name.text) == ["alice", "log"])
    }

    @Test func `the bytes are as they have always been, and strictly read`() throws {
        do {
            var memory = try keystore.signedHeads(of: file)
            try memory.remember(head(5, 0x05), of: ledger)
            try memory.remember(head(24, 0x01), of: .zero)
        }
        let path = folder.path + "/log.memory"
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        func digest(_ byte: UInt8) -> String {
            "5820" + encodeHex([UInt8](repeating: byte, count: 32))
        }
        #expect(
            encodeHex(bytes)
                == "a3" + "636b6579" + "7840" + encodeHex(Array(file.publicPart.text.utf8))
                + "656865616473" + "82"
                + "83" + digest(0) + "1818" + digest(1)
                + "83" + digest(0xaa) + "05" + digest(5)
                + "6776657273696f6e" + "01")
        func read(_ bytes: [UInt8]) throws -> SecretsError? {
            try Data(bytes).write(to: URL(filePath: path))
            unsafe chmod(path, 0o600)
            return error { () throws(SecretsError) in _ = try keystore.signedHeads(of: file) }
        }
        try expectWholeAndOwn(bytes, read)
        #expect(
            try read(bytes.dropLast() + [2])
                == .memoryFile(
                    path: path,
                    .unexpected(
                        offset: bytes.count - 1, expected: "version 1", found: "2")))
    }
}
