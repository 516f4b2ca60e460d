internal import ArgumentParser
internal import Audit
internal import Bytes
internal import Events
internal import Export
internal import Foundation
internal import Keys
internal import Merkle

/// What is to be verified, and by which terms.
struct AuditTarget {
    var terms: AuditTerms
    private let path: String
    private let kind: Kind
    private let exportKey: NoteVerifierKey?
    private let maximumUnpackedBytes: UInt64
    private let cache: String?

    private enum Kind { case ledger, folder, archive, url }

    init(_ path: String, _ options: VerificationOptions) throws {
        self.path = path
        kind = Self.kind(of: path)
        terms = try Self.terms(options)
        exportKey = try options.exportKey.map { text in
            do { return try NoteVerifierKey(parsing: text) } catch {
                throw ValidationError("--export-key: \(error)")
            }
        }
        guard options.maxUnpacked < 1 << 30 else {
            throw ValidationError("--max-unpacked takes less than 2^30 GiB.")
        }
        maximumUnpackedBytes = options.maxUnpacked << 30
        cache = options.cache
        guard kind != .ledger || exportKey == nil else {
            throw ValidationError("--export-key is for exports; \(path) is a ledger's folder.")
        }
        guard kind == .url || cache == nil else {
            throw ValidationError("--cache is for URLs; \(path) is none.")
        }
    }

    private static func kind(of path: String) -> Kind {
        if ["http://", "https://"].contains(where: { path.lowercased().hasPrefix($0) }) {
            return .url
        }
        var isFolder: ObjCBool = false
        let files = FileManager.default
        guard unsafe files.fileExists(atPath: path, isDirectory: &isFolder) else { return .ledger }
        guard isFolder.boolValue else { return .archive }
        let isLedger = files.fileExists(atPath: path + "/ledger.mdb")
        let isExport = ["checkpoint", "tile", "verify", "checkpoints"].contains {
            files.fileExists(atPath: path + "/" + $0)
        }
        return isExport && !isLedger ? .folder : .ledger
    }

    private static func terms(_ options: VerificationOptions) throws -> AuditTerms {
        var terms = AuditTerms()
        if let text = options.ledgerID {
            guard let id = Digest32(hex: text) else {
                throw ValidationError("A ledger's id is 64 hexadecimal digits.")
            }
            terms.ledgerID = id
        }
        if let path = options.since {
            let bytes = try Self.bytes(of: path, maximum: KeptResult.maximumBytes)
            if KeptResult.begins(bytes) {
                terms.kept = try KeptResult(decoding: bytes)
            } else {
                terms.since = try SignedCheckpoint(parsing: bytes)
            }
        }
        if let text = options.attestedBy {
            guard let bytes = decodeHex(text), let key = KeyID(bytes) else {
                throw ValidationError("--attested-by takes an event key, 66 hexadecimal digits.")
            }
            guard terms.kept != nil else {
                throw ValidationError("--attested-by goes with --since and a kept result.")
            }
            terms.attestedBy = key
        }
        if let path = options.policy {
            terms.policy = try WitnessPolicy(
                parsing: try Self.bytes(of: path, maximum: WitnessPolicy.maximumBytes))
        }
        if let text = options.maxAge {
            guard let seconds = seconds(text) else {
                throw ValidationError("--max-age takes a duration such as 90s, 30m, 12h or 7d.")
            }
            terms.maximumAgeSeconds = seconds
        }
        terms.nowSeconds = UInt64(max(Date().timeIntervalSince1970, 0))
        return terms
    }

    private static func seconds(_ text: String) -> UInt64? {
        let units: [Character: UInt64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let count = UInt64(text.dropLast()),
            count < 1 << 32
        else { return nil }
        return count * unit
    }

    private static func bytes(of path: String, maximum: Int) throws -> [UInt8] {
        let handle = try FileHandle(forReadingFrom: URL(filePath: path))
        defer { try? handle.close() }
        let bytes = try handle.read(upToCount: maximum + 1) ?? Data()
        guard bytes.count <= maximum else {
            throw AuditError.unreadable("\(path) has more than \(maximum) bytes")
        }
        return Array(bytes)
    }

    func run() async throws -> AuditOutcome {
        guard kind != .ledger else { return try LedgerAudit(terms).run(path) }
        var audit = ExportAudit(terms)
        audit.exportKey = exportKey
        audit.maximumUnpackedBytes = maximumUnpackedBytes
        switch kind {
        case .archive:
            let interruption = Interruption()
            return try withExtendedLifetime(interruption) {
                try audit.run(archive: path) { interruption.remove($0) }
            }
        case .url:
            return try await audit.run(url: path, cache: cache)
        default: return try audit.run(path)
        }
    }
}
