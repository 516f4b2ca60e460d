import Archive
import Audit
import Bytes
import Files
import Foundation
import StateTestSupport
import TestSupport
import Testing

@testable import Export

@Suite struct `Unpacked exports` {
    /// A member of a tar, with every field as an attacker likes.
    struct Member {
        var name: String
        var bytes: [UInt8]
        var type: UInt8 = 0x30
        var mode = "0000644"
        var size: String?
        var link = ""
        var prefix = ""

        var encoded: [UInt8] {
            func field(_ text: String, _ width: Int) -> [UInt8] {
                Array(text.utf8.prefix(width))
                    + [UInt8](repeating: 0, count: max(0, width - text.utf8.count))
            }
            let octal = String(bytes.count, radix: 8)
            let length = String(repeating: "0", count: 11 - octal.count) + octal
            var header = field(name, 100) + field(mode, 8) + field("0000000", 8)
            header += field("0000000", 8) + field(size ?? length, 12) + field("00000000000", 12)
            header += Array("        ".utf8) + [type] + field(link, 100)
            header += Array("ustar\0".utf8) + Array("00".utf8) + field("", 64)
            header += field("0000000", 8) + field("0000000", 8) + field(prefix, 155)
            header += [UInt8](repeating: 0, count: 512 - header.count)
            let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
            let checksum = String(repeating: "0", count: 6 - sum.count) + sum
            header.replaceSubrange(148..<156, with: Array(checksum.utf8) + [0, 0x20])
            let padding = [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
            return header + bytes + padding
        }
    }

    static let trailer = [UInt8](repeating: 0, count: 1_024)

    private func members() throws -> [Member] {
        try SampleExport(ExportAuditTests.smallLedger()).files.sorted {
            $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
        }.map { Member(name: $0.key, bytes: $0.value) }
    }

    /// Verifies a file's bytes as an archive; the private folder must be gone afterwards.
    private func verify(
        _ bytes: [UInt8], maximum: UInt64? = nil
    ) throws -> AuditReport {
        let path = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString).tar"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(filePath: path))
        var audit = ExportAudit()
        audit.maximumUnpackedBytes = maximum
        var folder: String?
        defer { if let folder { #expect(!FileManager.default.fileExists(atPath: folder)) } }
        return try audit.run(archive: path) { folder = $0 }.report
    }

    private func rules(_ members: [Member], trailer: [UInt8] = Self.trailer) throws -> [String] {
        try verify(members.flatMap(\.encoded) + trailer).findings.map(\.rule.name)
    }

    @Test func `a tar as export.md says is clean`() throws {
        #expect(try rules(members()) == [])
    }

    @Test func `names that lead elsewhere are findings, and written nowhere`() throws {
        let plain = try members()
        let outside = "/tmp/strongroom-\(UUID().uuidString)"
        for name in [
            "../outside", outside, "./checkpoint", "tile/../../outside", "tile//0", "",
            "blobs/../README.txt", "CHECKPOINT", "checkpoint/", "..",
        ] {
            var evil = plain
            evil.append(Member(name: name, bytes: [1]))
            #expect(try rules(evil).contains("layout"), "\(name)")
        }
        #expect(!FileManager.default.fileExists(atPath: outside))
    }

    @Test func `links, devices, folders, sparse files and extended headers are refused`() throws {
        let plain = try members()
        for type in Array("1234567gxLKSV".utf8) + [0] {
            var evil = plain
            evil[0] = Member(name: evil[0].name, bytes: [], type: type, link: "/etc/passwd")
            #expect(try rules(evil).contains("layout"), "type \(type)")
        }
        var evil = plain
        evil[0].mode = "0004755"
        #expect(try rules(evil).contains("layout"))
        evil = plain
        evil[0].prefix = "../.."
        #expect(try rules(evil).contains("layout"))
    }

    @Test func `a file twice, or out of order, is a finding and never overwrites`() throws {
        let plain = try members()
        var twice = plain
        twice.insert(Member(name: plain[0].name, bytes: [7]), at: 1)
        #expect(try rules(twice) == ["layout"])
        #expect(try rules(plain.reversed()).contains("layout"))
    }

    @Test func `sizes that can not be are refused before anything is held`() throws {
        let plain = try members()
        for size in ["77777777777", "-0000000001", "00000000009", "", "\u{1}\u{2}"] {
            var evil = plain
            evil[0].size = size
            #expect(throws: AuditError.self) { try rules(evil) }
        }
        // A file over its own limit is passed over.
        var large = plain
        large[1] = Member(name: "README.txt", bytes: [UInt8](repeating: 0, count: 1 << 24 + 1))
        large.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        #expect(try rules(large).contains("layout"))
        let bytes = plain.flatMap(\.encoded) + Self.trailer
        let total = plain.reduce(0) { $0 + UInt64($1.bytes.count) }
        #expect(try verify(bytes, maximum: total).isClean)
        #expect(throws: AuditError.self) { try verify(bytes, maximum: total - 1) }
    }

    @Test func `an archive ends with two blocks of zeros and nothing else`() throws {
        let plain = try members()
        for count in [0, 512, 1_023, 1_025, 1_536, 10_240] {
            let trailer = [UInt8](repeating: 0, count: count)
            if count < 512 {
                #expect(throws: AuditError.self) { try rules(plain, trailer: trailer) }
            } else {
                #expect(try rules(plain, trailer: trailer) == ["layout"], "\(count)")
            }
        }
        #expect(try rules(plain, trailer: Self.trailer.dropLast() + [1]) == ["layout"])
    }

    @Test func `an archive cut anywhere is not checkable, and none crashes`() throws {
        let bytes = try members().flatMap(\.encoded)
        for count in stride(from: 0, to: bytes.count, by: 487) {
            #expect(throws: AuditError.self) { try verify(Array(bytes.prefix(count))) }
        }
    }

    @Test func `headers with any byte changed are found`() throws {
        let bytes = try members().flatMap(\.encoded) + Self.trailer
        for offset in 0..<512 {
            var changed = bytes
            changed[offset] ^= 1
            if let report = try? verify(changed) { #expect(!report.isClean, "byte \(offset)") }
        }
    }

    @Test func `what is no zstd frame, and one with a window too large, are not checkable`() throws
    {
        let magic: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd]
        // A frame header without a single segment: window descriptor 0xff is 3.75 TiB.
        for rest in [[], [0], [0, 0xff], [0, 0xff, 1, 0, 0], [0, 0x90, 1, 0, 0, 1, 0, 0]]
            as [[UInt8]]
        {
            #expect(throws: AuditError.self) { try verify(magic + rest) }
        }
    }

    /// 300 MB that an archive of a few kB announces; without a limit given they follow from its
    /// size.
    @Test func `a small archive is not unpacked to what no export of its size holds`() throws {
        let large = [UInt8](repeating: 0, count: 4 << 20)
        var members = try members().filter { !$0.name.hasPrefix("blobs/") }
        for number: UInt8 in 0..<72 {
            let name = sha256([number]).hex
            members.append(Member(name: "blobs/\(name.prefix(2))/\(name)", bytes: large))
        }
        members.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        let folder = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/bomb.tar.zst"
        let stream = try ZstdStream(try NewFile(path))
        for member in members { try stream.write(member.encoded.span) }
        try stream.write(Self.trailer.span)
        try stream.commit()
        var made: String?
        let error = #expect(throws: AuditError.self) {
            try ExportAudit().run(archive: path) { made = $0 }
        }
        #expect("\(String(describing: error))".contains("\(256 << 20) bytes together"))
        #expect(made.map { FileManager.default.fileExists(atPath: $0) } == false)
        var audit = ExportAudit()
        audit.maximumUnpackedBytes = 1 << 30
        #expect(try !audit.run(archive: path).report.isClean)
    }

    @Test func `a full disk is named, and nothing is left on it`() throws {
        let folder = try TemporaryFolder()
        guard try TestSupport.run("mount", "-t", "tmpfs", "-o", "size=64k", "none", folder.path)
        else {
            print("skipped: mounting a small disk is not permitted")
            return
        }
        defer {
            do { _ = try TestSupport.run("umount", "--lazy", folder.path) } catch {
                Issue.record(error)
            }
        }
        let archive = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString).tar"
        defer { try? FileManager.default.removeItem(atPath: archive) }
        let members = try members().map { member in
            member.name == "README.txt"
                ? Member(name: member.name, bytes: [UInt8](repeating: 0x61, count: 1 << 20))
                : member
        }
        try Data(members.flatMap(\.encoded) + Self.trailer).write(to: URL(filePath: archive))
        let error = #expect(throws: AuditError.self) {
            try UnpackedExport(
                archive, maximumBytes: nil, in: folder.path, created: { _ in })
        }
        #expect("\(String(describing: error))".contains("TMPDIR"))
        #expect(try fileNames(in: folder.path) == [])
    }
}
