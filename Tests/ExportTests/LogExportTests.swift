import Bytes
import Files
import Foundation
import Ledger
import Merkle
import Testing

@testable import Export

struct LogExportTests {
    @Test(arguments: [1, 2, 255, 256, 257, 511, 512, 600, 65_536 + 300] as [UInt64])
    func `a folder holds exactly the files of the layout`(_ size: UInt64) throws {
        let sample = try PlainLog(size: size)
        try sample.checkpoint()
        let summary = try sample.export().write(sample.log, to: .folder(sample.path("out")))
        let found = try files(in: sample.path("out"))
        #expect(summary.files == UInt64(found.count))
        #expect(summary.bytes == UInt64(found.values.reduce(0) { $0 + $1.count }))
        for path in found.keys { #expect(ExportPath(path)?.description == path) }
        let tiles = Set(found.keys.filter { $0.hasPrefix("tile/") })
        var expected: Set<String> = []
        for level in 0...6 {
            let hashes = size >> UInt64(8 * level)
            for index in 0..<(hashes + 255) / 256 {
                let width = Int(min(hashes - index * 256, 256))
                let tile = try #require(Tile(level: level, index: index, width: width))
                expected.insert(tile.path)
                if level == 0 { expected.insert(tile.entriesPath) }
            }
        }
        #expect(tiles == expected)
    }

    @Test func `a bundle is each entry behind its length, and a tile their hashes`() throws {
        let sample = try PlainLog(size: 300)
        try sample.checkpoint()
        _ = try sample.export().write(sample.log, to: .folder(sample.path("out")))
        let found = try files(in: sample.path("out"))
        var bundle: [UInt8] = []
        var tile: [UInt8] = []
        for position in 256..<300 as Range<UInt64> {
            let entry = PlainLog.entry(position)
            bundle += [UInt8(entry.count >> 8), UInt8(entry.count & 255)] + entry
            tile += leafHash(entry).array
        }
        #expect(found["tile/entries/001.p/44"] == bundle)
        #expect(found["tile/0/001.p/44"] == tile)
    }

    @Test func `entries after the checkpoint stay at home, and their blobs with them`() throws {
        let sample = try PlainLog(size: 1)
        let old = try sample.attach("old")
        let head = try sample.checkpoint()
        _ = try sample.export().write(sample.log, to: .tar(sample.path("before.tar")))
        let new = try sample.attach("new")
        // A document that an older entry names too is not new.
        _ = try sample.attach("old")
        let summary = try sample.export().write(sample.log, to: .tar(sample.path("after.tar")))
        #expect(summary.checkpoint == head.checkpoint)
        #expect(summary.uncheckpointed == 2)
        #expect(try bytes(sample.path("before.tar")) == bytes(sample.path("after.tar")))
        _ = try sample.export().write(sample.log, to: .folder(sample.path("out")))
        let found = try files(in: sample.path("out"))
        #expect(found[ExportPath.blob(old).description]?.dropFirst(32) == Array("old".utf8)[...])
        #expect(found[ExportPath.blob(new).description] == nil)
    }

    @Test func `two exports of one head are the same bytes, and every form holds the same`() throws
    {
        let sample = try PlainLog(size: 700)
        try sample.checkpoint()
        let export = try sample.export()
        for name in ["a.tar", "b.tar"] {
            _ = try export.write(sample.log, to: .tar(sample.path(name)))
        }
        let tar = try bytes(sample.path("a.tar"))
        #expect(try bytes(sample.path("b.tar")) == tar)
        #expect(tar.count.isMultiple(of: 512))
        _ = try export.write(sample.log, to: .compressedTar(sample.path("c.tar.zst")))
        let zstd = sample.path("c.tar.zst")
        #expect(try run("/usr/bin/zstd", "-t", "-q", zstd).status == 0)
        try run("/usr/bin/zstd", "-d", "-q", zstd, "-o", sample.path("c.tar"))
        #expect(try bytes(sample.path("c.tar")) == tar)
        _ = try export.write(sample.log, to: .folder(sample.path("folder")))
        try FileManager.default.createDirectory(
            atPath: sample.path("untarred"), withIntermediateDirectories: false)
        let extracted = try run("/usr/bin/tar", "xf", "../a.tar", in: sample.path("untarred"))
        #expect(extracted.output == "" && extracted.status == 0)
        #expect(try files(in: sample.path("untarred")) == files(in: sample.path("folder")))
    }

    @Test func `another export key changes the note and the README alone`() throws {
        let sample = try PlainLog(size: 20)
        try sample.checkpoint()
        _ = try sample.export().write(sample.log, to: .folder(sample.path("a")))
        _ = try sample.export(key: "other").write(sample.log, to: .folder(sample.path("b")))
        let (a, b) = (try files(in: sample.path("a")), try files(in: sample.path("b")))
        #expect(a.keys.sorted() == b.keys.sorted())
        #expect(
            a.keys.filter { a[$0] != b[$0] }.sorted() == [
                "README.txt", "verify/SHA256SUMS", "verify/SHA256SUMS.note",
            ])
    }

    @Test func `without a signed checkpoint there is nothing to show`() throws {
        let sample = try PlainLog(size: 3)
        #expect(throws: ExportError.noCheckpoint(entries: 3)) {
            try sample.export().write(sample.log, to: .folder(sample.path("out")))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: sample.folder) == ["ledger"])
    }

    @Test(arguments: ["out", "out.tar", "out.tar.zst"])
    func `what is there already is not touched`(_ name: String) throws {
        let sample = try PlainLog(size: 3)
        try sample.checkpoint()
        let path = sample.path(name)
        try Data("precious".utf8).write(to: URL(filePath: path))
        #expect(throws: ExportError.file(.exists(path: path))) {
            try sample.export().write(sample.log, to: ExportTarget(path))
        }
        #expect(try bytes(path) == Array("precious".utf8))
    }

    @Test(arguments: ["a.zip", "a.tgz", "a.tar.gz", "a.zst", "", "/", ".", ".."])
    func `a name that says another form is refused`(_ name: String) {
        #expect(throws: ExportError.target(name)) { try ExportTarget(name) }
    }

    @Test func `a damaged entry does not leave the house`() throws {
        let sample = try PlainLog(size: 300)
        try sample.checkpoint()
        let database = sample.path("copy/ledger.mdb")
        try sample.log.backup(to: sample.path("copy"))
        var content = try Data(contentsOf: URL(filePath: database))
        let needle = try #require(content.range(of: Data("entry 123 ".utf8)))
        content[needle.lowerBound] ^= 1
        try content.write(to: URL(filePath: database))
        let damaged = try Log.open(sample.path("copy"), .readOnly)
        let target = ExportTarget.tar(sample.path("out.tar"))
        #expect(throws: ExportError.self) { try sample.export().write(damaged, to: target) }
        #expect(!FileManager.default.fileExists(atPath: target.path))
        #expect(!FileManager.default.fileExists(atPath: target.path + ".part"))
    }

    @Test func `what a killed export left behind is replaced`() throws {
        let sample = try PlainLog(size: 3)
        try sample.checkpoint()
        let leftover = sample.path("out.strongroom-part/tile/0")
        try FileManager.default.createDirectory(
            atPath: leftover, withIntermediateDirectories: true)
        try Data("half".utf8).write(to: URL(filePath: leftover + "/000"))
        try Data("half".utf8).write(to: URL(filePath: sample.path("out.tar.part")))
        _ = try sample.export().write(sample.log, to: .folder(sample.path("out")))
        _ = try sample.export().write(sample.log, to: .tar(sample.path("out.tar")))
        let names = try FileManager.default.contentsOfDirectory(atPath: sample.folder).sorted()
        #expect(names == ["ledger", "out", "out.tar"])
        #expect(try files(in: sample.path("out")).keys.allSatisfy { ExportPath($0) != nil })
    }

    private func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: path)))
    }
}
