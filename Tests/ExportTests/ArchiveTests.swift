import Audit
import Bytes
import Export
import Foundation
import StateTestSupport
import Testing

@Suite struct ArchiveTests {
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
        _ bytes: [UInt8], maximum: UInt64 = 1 << 30
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
}
