internal import ArgumentParser
internal import Audit
internal import Bytes
internal import Events
internal import Export
internal import Foundation
internal import Keys
internal import Merkle
internal import Terminal

/// What is to be verified, and by which terms.
struct AuditTarget {
    var terms: AuditTerms
    private let path: String
    private let form: EvidenceForm
    private let exportKey: NoteVerifierKey?
    private let maximumUnpackedBytes: UInt64?
    private let cache: String?

    init(_ path: String, _ options: VerificationOptions) throws {
        self.path = path
        form = EvidenceForm(of: path)
        terms = try Self.terms(options)
        exportKey = try options.exportKey.map { text in
            do { return try NoteVerifierKey(parsing: text) } catch {
                throw ValidationError("--export-key: \(error)")
            }
        }
        guard options.maxUnpacked ?? 0 < 1 << 30 else {
            throw ValidationError("--max-unpacked takes less than 2^30 GiB.")
        }
        maximumUnpackedBytes = options.maxUnpacked.map { $0 << 30 }
        cache = options.cache
        guard form != .ledger || exportKey == nil else {
            throw ValidationError("--export-key is for exports; \(path) is a ledger's folder.")
        }
        guard form == .url || cache == nil else {
            throw ValidationError("--cache is for URLs; \(path) is none.")
        }
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
            let bytes = try InputFile.read(path, maximumBytes: KeptResult.maximumBytes)
            if KeptResult.begins(bytes) {
                terms.kept = try KeptResult(decoding: bytes)
            } else {
                terms.since = try InputFile.checkpoint(bytes, from: path)
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
        try options.witnesses.apply(to: &terms)
        return terms
    }

    func run() async throws -> AuditOutcome {
        guard form != .ledger else { return try LedgerAudit(terms).run(path) }
        var audit = ExportAudit(terms)
        audit.exportKey = exportKey
        let interruption = Interruption()
        defer { withExtendedLifetime(interruption) {} }
        let export = try await OpenedExport.named(
            path, form, maximumUnpackedBytes: maximumUnpackedBytes, cache: cache,
            from: terms.kept?.head.size ?? 0, interruption)
        return try await audit.run(export)
    }
}

extension OpenedExport {
    /// Opens the export that a person names, and says how far the fetching of a URL is.
    ///
    /// - Parameter start: the first entry that will be replayed; nil when little of a URL will be
    ///   read, which is then fetched when it is wanted.
    static func named(
        _ path: String, _ form: EvidenceForm,
        maximumUnpackedBytes: UInt64? = nil,
        cache: String? = nil, from start: UInt64?, _ interruption: Interruption
    ) async throws(AuditError) -> OpenedExport {
        switch form {
        case .ledger:
            throw .unreadable("\(path) is a ledger's folder, or not there, and no export")
        case .text:
            throw .unreadable(
                "\(path) holds text, and no archive of an export; proofs are checked with "
                    + "`check-proof`, checkpoints with `compare`")
        case .folder, .archive:
            return try OpenedExport(path, maximumUnpackedBytes: maximumUnpackedBytes) {
                interruption.remove($0)
            }
        case .url:
            let bar = ProgressBar("Fetching ", unit: "files")
            defer { bar.finish() }
            let export = try await OpenedExport(url: path, cache: cache)
            if let folder = export.temporaryFolder { interruption.remove(folder) }
            if let start {
                try await export.fetch(from: start) { bar.update($0, of: $1) }
            }
            return export
        }
    }
}
