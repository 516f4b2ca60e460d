public import ArgumentParser
internal import Audit
internal import Copies
internal import Export
internal import Foundation
internal import Merkle
internal import Terminal

/// The command `compare`, which `strongroom` and the auditor's `strongroom-verify` share.
public struct CompareCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Say whether two copies of a ledger are the same, one behind, or a fork.",
        discussion: """
            Each is whatever verify reads: a ledger's folder; an export, a delta, a disclosure or \
            a replica, as a folder, a .tar, a .tar.zst or the URL of one; and a signed \
            checkpoint's file. A delta or a disclosure is compared as far as its checkpoint and \
            its proofs reach. The entries of both are hashed, and a copy whose entries are not \
            those of its own head is not comparable; of a URL the tree alone is read, and the \
            answer says so.

            A fork whose heads are both signed is written as a proof that anybody can check with \
            check-proof (Schemas/proofs.md). Such a proof can be compared too: it is checked \
            again, and the other copy is told which of its two heads it has.

            Exit status: 0 the same or one behind the other, 1 a fork, 2 not comparable, also \
            when a larger checkpoint alone only claims to go on from the other.

            Examples:
              strongroom compare /srv/treasury /backup/treasury
              strongroom compare /srv/treasury kept.checkpoint --proof fork.proof
              strongroom compare 2026-q1.tar.zst https://log.example/treasury
              strongroom compare fork.proof /srv/treasury
            """)
    @Argument(
        help: "A ledger's folder, an export in any form, a checkpoint or a fork's proof.",
        completion: .file())
    var one: String
    @Argument(
        help: "Another one; for a fork's proof it may be left out.", completion: .file())
    var two: String?
    @Option(
        help: """
            The new file for the proof of a fork. Default: fork.proof, or fork-2.proof and so on \
            when that holds another one.
            """,
        completion: .file())
    var proof: String?
    @Option(help: "The log's verifier key; needed where no founding event is at hand.")
    var logKey: String?
    @OptionGroup var output: OutputOptions

    /// Creates a command without values, for the parser.
    public init() {}

    /// Compares, prints, and throws the exit status of a fork or of what can not be compared.
    public func run() async throws {
        let answer: ComparisonAnswer
        do { answer = try await compared() } catch let error as ValidationError {
            throw error
        } catch {
            complain("\(error)".plain)
            throw ExitCode(2)
        }
        if output.isJSON { try printJSON(answer) } else { for line in answer.lines { print(line) } }
        if let complaint = answer.complaint { complain(complaint.plain) }
        guard answer.verdict != .fork else { throw ExitCode(1) }
    }

    private func compared() async throws -> ComparisonAnswer {
        let interruption = Interruption()
        let key = try logKey.map { try NoteVerifierKey(parsing: $0) }
        let first = try await ComparedEvidence(one, interruption)
        var second: ComparedEvidence?
        if let two {
            // A database is opened once in a process.
            let isSame = Self.resolved(one) == Self.resolved(two)
            second = isSame ? first : try await ComparedEvidence(two, interruption)
        }
        switch (first, second) {
        case (.log(let one), .log(let two)?):
            return try await onOwnThread { [proof] () throws(any Error) in
                try ComparisonAnswer(try Comparison(one, two, logKey: key), one, two, proof: proof)
            }
        case (.fork(let fork), .log(let log)?):
            return try await again(fork, from: one, log, key)
        case (.log(let log), .fork(let fork)?):
            return try await again(fork, from: two ?? one, log, key)
        case (.fork(let fork), nil): return try await again(fork, from: one, nil, key)
        case (.fork, .fork?):
            throw ValidationError(
                "Both are proofs of forks; check each with check-proof, or name a copy beside one.")
        case (.log, nil):
            throw ValidationError("Name two copies; only the proof of a fork says something alone.")
        }
    }

    private static func resolved(_ path: String) -> String {
        EvidenceForm(of: path) == .url ? path : URL(filePath: path).resolvingSymlinksInPath().path
    }

    /// Checks the proof of a fork again, and asks which of its heads a copy has.
    private func again(
        _ fork: ForkProof, from path: String, _ log: ComparedLog?, _ key: NoteVerifierKey?
    ) async throws -> ComparisonAnswer {
        try await onOwnThread { () throws(any Error) in
            ComparisonAnswer(
                try ProvenFork(fork, from: path, against: log, logKey: key), of: path, log?.path)
        }
    }
}

/// What a person names to be compared.
private enum ComparedEvidence {
    case log(ComparedLog)
    case fork(ForkProof)

    /// Reads what stands at `path`, by the rules that `verify` reads it by.
    init(_ path: String, _ interruption: Interruption) async throws {
        let form = EvidenceForm(of: path)
        switch form {
        case .ledger: self = .log(try ComparedLog(ledger: path))
        case .text:
            let bytes = try InputFile.read(path, maximumBytes: LogProof.maximumBytes)
            if bytes.starts(with: Array("\(ForkProof.header)\n".utf8)) {
                do throws(MerkleError) { self = .fork(try ForkProof(parsing: bytes)) } catch {
                    throw InputFileError.other(
                        path: path, wanted: "proof of a fork", reason: "\(error)")
                }
                return
            }
            self = .log(ComparedLog(try InputFile.checkpoint(bytes, from: path), from: path))
        case .folder, .archive, .url:
            let export: OpenedExport
            do throws(AuditError) {
                export = try await OpenedExport.named(path, form, from: nil, interruption)
            } catch { throw ComparisonError.unreadable(path: path, reason: "\(error)") }
            self = .log(
                try await onOwnThread { () throws(ComparisonError) in try ComparedLog(export) })
        }
    }
}
