import Bytes
import Files
import Foundation
import Glibc
import Keys
import Secrets
import TestSupport
import Testing

/// A folder of its own for a test, gone when the test ends.
final class Folder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory
            .appending(path: "strongroom-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: url, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }
}

func mode(of path: String) throws -> Int {
    try #require(
        FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
}

@Suite struct `Keystores` {
    @Test func `a name is short, lower-case and harmless`() throws {
        for valid in ["a", "0", "alice", "a.b_c-d", "9lives", String(repeating: "a", count: 64)] {
            #expect(try KeyName(valid).text == valid)
        }
        for invalid in [
            "", ".", "..", ".a", "-a", "_a", "a/b", "A", "ä", "a b", "a\n", "a\0",
            String(repeating: "a", count: 65),
        ] {
            #expect(throws: SecretsError.name(invalid)) { try KeyName(invalid) }
        }
    }

    @Test func `keys are created, listed and found`() throws {
        let folder = try Folder()
        let path = folder.path + "/home/keys/"
        let keystore = try Keystore(folder: path)
        var generator = SeededGenerator(seed: 6)
        #expect(try keystore.list().isEmpty)
        var created: [KeyFile] = []
        for (name, kind) in [
            ("zoe", KeyKind.event), ("bank", .wallet(.main)), ("log", .note(.log)),
        ] {
            created.append(
                try keystore.create(
                    KeyName(name), kind, under: passphrase("correct horse"), cost: .light,
                    using: &generator))
        }
        #expect(try mode(of: folder.path + "/home") == 0o700)
        #expect(try mode(of: folder.path + "/home/keys") == 0o700)
        #expect(try mode(of: folder.path + "/home/keys/zoe.key") == 0o600)
        let again = try Keystore(folder: path)
        let listed = try again.list()
        #expect(listed.map(\.name.text) == ["bank", "log", "zoe"])
        #expect(
            try listed.map { listing throws in try listing.file.get() } == [
                created[1], created[2], created[0],
            ])
        #expect(try again.find(KeyName("zoe")) == created[0])
        let refusal = SecretsError.noSuchKey(
            name: "nobody", folder: folder.path + "/home/keys", others: ["bank", "log", "zoe"])
        #expect(throws: refusal) { try again.find(KeyName("nobody")) }
        #expect("\(refusal)".hasSuffix("there are: bank, log, zoe"))
        let none = SecretsError.noSuchKey(name: "nobody", folder: "keys", others: [])
        #expect("\(none)".contains("strongroom key create"))
        // Nothing but the files themselves is left behind.
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/home/keys")
        #expect(names.sorted() == ["bank.key", "log.key", "zoe.key"])
    }

    @Test func `a key is never overwritten`() throws {
        let folder = try Folder()
        let keystore = try Keystore(folder: folder.path)
        var generator = SeededGenerator(seed: 7)
        let first = try keystore.create(
            KeyName("alice"), .event, under: passphrase("correct horse"), cost: .light,
            using: &generator)
        #expect(throws: SecretsError.file(.exists(path: folder.path + "/alice.key"))) {
            try keystore.create(
                KeyName("alice"), .event, under: passphrase("correct horse"), cost: .light,
                using: &generator)
        }
        #expect(try keystore.find(KeyName("alice")) == first)
        #expect(try folder.names() == ["alice.key"])
    }

    @Test func `what others may use is refused with the command that closes it`() throws {
        let folder = try Folder()
        let keystore = try Keystore(folder: folder.path)
        let file = try `Key files`.sample(.event)
        try keystore.add(file)
        let path = folder.path + "/alice.key"
        for mode in [0o640, 0o604, 0o660, 0o620, 0o601] {
            unsafe chmod(path, mode_t(mode))
            #expect(
                throws: SecretsError.file(
                    .exposed(
                        path: path, mode: "0" + String(mode, radix: 8),
                        command: "chmod 600 \(path)"))
            ) { try keystore.find(KeyName("alice")) }
        }
        for mode in [0o600, 0o400] {
            unsafe chmod(path, mode_t(mode))
            #expect(try keystore.find(KeyName("alice")) == file)
        }
        unsafe chmod(folder.path, 0o755)
        let exposed = SecretsError.file(
            .exposed(path: folder.path, mode: "0755", command: "chmod 700 \(folder.path)"))
        #expect(throws: exposed) { try Keystore(folder: folder.path) }
        #expect(throws: exposed) { try keystore.list() }
    }

    @Test func `a broken file is listed with its reason and spoils no other`() throws {
        let folder = try Folder()
        let keystore = try Keystore(folder: folder.path)
        try keystore.add(`Key files`.sample(.event))
        func write(_ name: String, _ bytes: [UInt8]) throws {
            try Data(bytes).write(to: URL(filePath: folder.path + "/" + name))
            unsafe chmod(folder.path + "/" + name, 0o600)
        }
        try write("broken.key", [])
        try write("long.key", [UInt8](repeating: 0x61, count: KeyFile.maximumBytes + 1))
        try write("renamed.key", `Key files`.sample(.event).bytes)
        try write("Other.key", [])
        try write("notes.txt", [])
        try FileManager.default.createDirectory(
            atPath: folder.path + "/folder.key", withIntermediateDirectories: false)
        unsafe symlink("/dev/zero", folder.path + "/device.key")
        let listed = try keystore.list()
        #expect(
            listed.map(\.name.text)
                == ["alice", "broken", "device", "folder", "long", "renamed"])
        func failure(_ index: Int) -> SecretsError? {
            guard case .failure(let error) = listed[index].file else { return nil }
            return error
        }
        #expect(failure(0) == nil)
        #expect(
            failure(1)
                == .keyFile(line: 0, expected: "seven lines, each ending in a line feed"))
        #expect(failure(2) == .file(.notRegular(path: folder.path + "/device.key")))
        #expect(failure(3) == .file(.notRegular(path: folder.path + "/folder.key")))
        #expect(
            failure(4) == .file(.tooLarge(path: folder.path + "/long.key", maximumBytes: 1024)))
        #expect(
            failure(5) == .nameDiffers(path: folder.path + "/renamed.key", found: "alice"))
    }

    @Test func `what a killed process left of a key is taken over by the next one`() async throws {
        let folder = try Folder()
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = folder.path as String] in
            let file = try NewFile(path + "/alice.key")
            try file.write([UInt8](repeating: 0x61, count: 4_000).span)
            kill(getpid(), SIGKILL)
        }
        #expect(try folder.names() == ["alice.key.part"])
        let keystore = try Keystore(folder: folder.path)
        #expect(try keystore.list().isEmpty)
        try keystore.add(`Key files`.sample(.event))
        #expect(try folder.names() == ["alice.key"])
        #expect(try keystore.list().map(\.name.text) == ["alice"])
    }

    @Test func `the passphrase of a stored key is changed in place`() throws {
        let folder = try Folder()
        let keystore = try Keystore(folder: folder.path)
        let name = try KeyName("alice")
        try keystore.add(`Key files`.sample(.event))
        var generator = SeededGenerator(seed: 8)
        try keystore.changePassphrase(
            of: name, from: passphrase("correct horse"), to: passphrase("battery staple"),
            cost: .light, using: &generator)
        let opened = try keystore.find(name).openEventKey(passphrase("battery staple"))
        #expect(.event(opened.publicKey) == (try keystore.find(name).publicPart))
        #expect(try mode(of: folder.path + "/alice.key") == 0o600)
        #expect(throws: SecretsError.wrongPassphrase(name: "alice")) {
            try keystore.changePassphrase(
                of: name, from: passphrase("correct horse"), to: passphrase("12345678"),
                cost: .light, using: &generator)
        }
        #expect(throws: SecretsError.passphraseLength(accepted: 8...1024, found: 3)) {
            try keystore.changePassphrase(
                of: name, from: passphrase("battery staple"), to: passphrase("abc"),
                cost: .light, using: &generator)
        }
        _ = try keystore.find(name).open(passphrase("battery staple"))
        #expect(try folder.names() == ["alice.key"])
    }

    @Test func `a folder that can not be made is named`() throws {
        let found = error { () throws(SecretsError) in
            _ = try Keystore(folder: "/proc/strongroom/keys")
        }
        #expect(found == .file(.notFound(path: "/proc")))
    }
}
