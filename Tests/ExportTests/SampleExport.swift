import Audit
import Bytes
import Crypto
import Events
import Export
import Foundation
import Merkle
import State
import StateTestSupport

/// An export of a ledger in memory, built from `Schemas/export.md` and not by the exporter, so that
/// a test can change anything in it.
struct SampleExport {
    /// The files by their paths.
    var files: [String: [UInt8]]
    let origin: String

    /// Signs the manifest.
    static let exportSeed = sha256(Array("export".utf8))

    /// The export at a ledger's head, with checkpoints at the given sizes before it.
    init(_ ledger: MemoryLedger, checkpoints: [UInt64] = []) throws {
        origin = "\(ledger.state.founding.name)/\(ledger.state.ledger.hex)"
        let entries = ledger.entries.map(\.encoded)
        files = [
            "README.txt": Array("read me\n".utf8),
            "schemas/event.cddl": Array("event = any\n".utf8),
        ]
        for (digest, blob) in ledger.blobs {
            files["blobs/\(digest.hex.prefix(2))/\(digest.hex)"] = blob
        }
        let log = try CheckpointSigner(name: origin, seed: MemoryLedger.logSeed)
        var history = ""
        for size in checkpoints + [UInt64(entries.count)] {
            var tree = CompactRange()
            for entry in entries.prefix(Int(size)) { tree.append(leafHash(entry)) }
            let note = try log.sign(Checkpoint(origin: origin, size: size, root: tree.root))
                .signed.note.encodedText
            history += note + "\n"
            files["checkpoint"] = Array(note.utf8)
        }
        files["checkpoints"] = Array(history.utf8)
        files["tlog-policy"] = Array("log \(log.key.encodedText)\nquorum none\n".utf8)
        addTree(entries)
        try sign()
    }

    private mutating func addTree(_ entries: [[UInt8]]) {
        var row = entries.map { leafHash($0) }
        var level = 0
        while !row.isEmpty {
            var next: [Digest32] = []
            for start in stride(from: 0, to: row.count, by: 256) {
                let hashes = Array(row[start..<min(start + 256, row.count)])
                guard let tile = Tile(level: level, index: UInt64(start / 256), width: hashes.count)
                else { preconditionFailure("a tile of 1 to 256 hashes") }
                files[tile.path] = hashes.flatMap(\.array)
                if level == 0 {
                    files[tile.entriesPath] = entries[start..<start + hashes.count].flatMap {
                        [UInt8($0.count >> 8), UInt8($0.count & 255)] + $0
                    }
                }
                guard hashes.count == 256 else { continue }
                var range = CompactRange()
                for hash in hashes { range.append(hash) }
                next.append(range.root)
            }
            row = next
            level += 1
        }
    }

    /// Writes the manifest anew and signs it.
    mutating func sign() throws {
        let paths = files.keys.filter { !$0.hasPrefix("verify/") }.sorted {
            $0.utf8.lexicographicallyPrecedes($1.utf8)
        }
        let sums = paths.map { "\(sha256(files[$0] ?? []).hex)  \($0)\n" }.joined()
        files["verify/SHA256SUMS"] = Array(sums.utf8)
        let checkpoint = try SignedCheckpoint(parsing: files["checkpoint"] ?? []).checkpoint
        let signer = ExportSampleSigner()
        files["verify/SHA256SUMS.note"] = try signer.note(
            ExportManifest(checkpoint: checkpoint, sums: sha256(Array(sums.utf8))).text, origin)
    }

    /// The key that the manifest is signed with.
    func exportKey() throws -> NoteVerifierKey {
        try ExportSampleSigner().key(origin)
    }

    // MARK: On the disk

    /// Writes the files into a folder and hands it over.
    func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.path + "/export-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (path, bytes) in files {
            let url = URL(filePath: "\(folder)/\(path)")
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: url)
        }
        return try body(folder)
    }

    /// What a verification says; the export's key is pinned.
    func verified(_ terms: AuditTerms = AuditTerms()) throws -> AuditOutcome {
        try withFolder { folder in
            var audit = ExportAudit(terms)
            audit.exportKey = try exportKey()
            return try audit.run(folder)
        }
    }

    /// What is found, as `rule file position`, sorted.
    func findings() throws -> [String] {
        try verified().report.findings.map { finding in
            [
                finding.rule.name, finding.place?.file ?? "",
                finding.position.map { "\($0)" } ?? "",
            ].filter { !$0.isEmpty }.joined(separator: " ")
        }.sorted()
    }
}

/// Signs manifests in tests.
struct ExportSampleSigner {
    func key(_ origin: String) throws -> NoteVerifierKey {
        try CheckpointSigner(name: "\(origin)/export", seed: SampleExport.exportSeed).key
    }

    /// The signed note with this text.
    func note(_ text: String, _ origin: String) throws -> [UInt8] {
        let key = try key(origin)
        let secret = try Curve25519.Signing.PrivateKey(
            rawRepresentation: SampleExport.exportSeed.array)
        let line = Array(try secret.signature(for: Array(text.utf8)))
        guard let signature = NoteSignature(name: key.name, keyID: key.id, bytes: line) else {
            preconditionFailure("the origin makes a key's name")
        }
        return Array(try Note(text: text, signatures: [signature]).encodedText.utf8)
    }
}
