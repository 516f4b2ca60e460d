import Acting
import Bytes
import Events
import Export
import Foundation
import Keys
import Ledger
import Merkle
import SampleLedger
import State
import Testing

/// A log behind a real founding event whose other entries are plain bytes: what exports carry
/// without looking into it.
final class PlainLog {
    let folder: String
    let log: Log
    private let sample: SampleLedger
    private static let seed = sha256(Array("sample log".utf8))

    /// Makes a log of `size` entries; of every tenth entry there is a blob.
    init(size: UInt64) throws {
        folder = FileManager.default.temporaryDirectory.path + "/export-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        sample = try SampleLedger(members: 1)
        log = try Log.create(folder + "/ledger", ledgerID: sample.id, name: "sample")
        let founding = Entry(recorded: SampleLedger.epoch, event: sample.founding.bytes).encoded
        try log.append { (batch) throws(LedgerError) in
            _ = try batch.append(
                LogRecord(
                    entry: founding, author: sample.founding.author, sequence: 0,
                    eventID: sample.id))
        }
        try extend(to: size)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// A path beside the ledger.
    func path(_ name: String) -> String { "\(folder)/\(name)" }

    /// Appends entries until there are `size`.
    func extend(to size: UInt64) throws {
        guard let author = KeyID([2] + sha256(Array("author".utf8)).array) else {
            preconditionFailure("a key id starts with 2")
        }
        try log.append { (batch) throws(LedgerError) in
            while batch.size < size {
                let position = batch.size
                let content = Array("blob of \(position)".utf8)
                _ = try batch.append(
                    LogRecord(
                        entry: Self.entry(position), author: author, sequence: position,
                        eventID: sha256(Self.entry(position)),
                        blobs: position.isMultiple(of: 10)
                            ? [LogRecord.Blob(digest: sha256(content), bytes: content)] : []))
            }
        }
    }

    static func entry(_ position: UInt64) -> [UInt8] {
        Array("entry \(position) ".utf8) + [UInt8](repeating: 7, count: Int(position % 300))
    }

    /// Appends an event that attaches a document, and returns the document's digest.
    func attach(_ text: String) throws -> Digest32 {
        let document = Self.document(text)
        try append([(Self.fact(document), document.blob)])
        return document.digest
    }

    /// Appends events that attach documents of these texts, in one commit.
    func attach(_ texts: [String]) throws {
        let documents = texts.map(Self.document)
        try append(documents.map { (Self.fact($0), $0.blob) })
    }

    private static func document(_ text: String) -> SaltedValue {
        SaltedValue(Array(text.utf8), salt: sha256(Array(text.utf8)))
    }

    private static func fact(_ document: SaltedValue) -> Fact {
        .attached(
            Attached(document: BlobReference(document.blob), label: "a document", request: nil))
    }

    /// Appends a request to enrol a member of this handle, whose name's blob is `blob`, and returns
    /// the commitment.
    func enrol(_ handle: String, named blob: [UInt8], isKept: Bool = true) throws -> Digest32 {
        let member = try #require(MemberName(handle))
        let enrolment = Enrolment(
            member: member, key: sample.founding.author, roles: [],
            person: sha256(blob))
        let initiated = Initiated(
            request: .enrolMember(enrolment), expires: SampleLedger.epoch, reference: nil)
        try append([(.initiated(initiated), isKept ? blob : nil)])
        return sha256(blob)
    }

    private func append(_ facts: [(Fact, blob: [UInt8]?)]) throws {
        let size = try log.treeHead().size
        let records = try facts.enumerated().map { index, item in
            let sequence = size + UInt64(index)
            let event = try sample.signers[0].sign(
                item.0, sequence: sequence, seen: .empty, ledger: sample.id)
            return LogRecord(
                entry: Entry(recorded: SampleLedger.epoch, event: event.bytes).encoded,
                author: event.author, sequence: sequence, eventID: event.id,
                blobs: item.blob.map { [LogRecord.Blob(digest: sha256($0), bytes: $0)] } ?? [])
        }
        try log.append { (batch) throws(LedgerError) in
            for record in records { _ = try batch.append(record) }
        }
    }

    /// Signs a checkpoint over everything.
    @discardableResult
    func checkpoint() throws -> VerifiedCheckpoint {
        try log.signCheckpoint(with: try CheckpointSigner(name: log.origin, seed: Self.seed))
    }

    /// A checkpoint that says what the log's owner wants, signed by the log's key.
    func signed(_ checkpoint: Checkpoint) throws -> SignedCheckpoint {
        try CheckpointSigner(name: checkpoint.origin, seed: Self.seed).sign(checkpoint).signed
    }

    /// An export signed by a key that follows from `name`.
    func export(key name: String = "archive") throws -> LogExport {
        try LogExport(signer: exportSigner(for: log, key: name))
    }
}

/// A signer of manifests whose key follows from its name.
func exportSigner(for log: Log, key name: String = "archive") throws -> ExportSigner {
    let seed = sha256(Array("export key \(name)".utf8))
    return try ExportSigner(origin: log.origin, seed: seed)
}

/// Every file below a folder, by its path.
func files(in folder: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder) {
        let url = URL(filePath: folder).appending(path: path)
        guard try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else {
            continue
        }
        files[path] = Array(try Data(contentsOf: url))
    }
    return files
}

/// Runs a program and returns its status and what it printed.
@discardableResult
func run(
    _ program: String, _ arguments: String..., in folder: String? = nil
) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = URL(filePath: folder) }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
}
