public import ArgumentParser
internal import Bytes
internal import Foundation
internal import Merkle
internal import Terminal

/// The command `check-proof`, which `strongroom` and the auditor's `strongroom-verify` share.
public struct CheckProofCommand: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "check-proof",
        abstract: "Check proof files: of an entry, of consistency, of a fork.",
        discussion: """
            Needs neither the ledger nor a network. What is trusted is what you give: the \
            ledger's id, the log's key, or a policy of logs and witnesses. It says who said \
            what, when, at which position, and what the file does not prove.

            Exit status: 0 all hold, 1 one does not, 2 not checkable.

            Examples:
              strongroom check-proof approval.tlog-proof --ledger-id 5c1f…
              strongroom check-proof request-3/ --policy tlog-policy
              strongroom check-proof fork.proof --log-key treasury/5c1f…+0a1b2c3d+AX…
            """)
    @Argument(help: "Proof files, or folders of *.tlog-proof.", completion: .file())
    var files: [String]
    @Option(help: "The entry's bytes, when the proof does not carry them.", completion: .file())
    var entry: String?
    @Option(help: "The ledger's id as you know it from elsewhere.")
    var ledgerID: String?
    @Option(help: "The log's verifier key, name+id+key.")
    var logKey: String?
    @Option(help: "Whose signatures are needed: a C2SP tlog-policy.", completion: .file())
    var policy: String?
    @OptionGroup var output: OutputOptions

    /// The most files that are checked at once.
    static let maximumFiles = 100_000

    /// Creates a command without values, for the parser.
    public init() {}

    /// Checks, prints, and throws the exit status unless all hold.
    public func run() throws {
        let terms = try terms()
        var worst: Int32 = 0
        var reports: [ProofReport] = []
        let files = try files.flatMap { try Self.proofs(at: $0) }
        guard !files.isEmpty, files.count <= Self.maximumFiles else {
            throw ValidationError("Name 1 to \(Self.maximumFiles) proof files.")
        }
        for file in files {
            let bytes = try InputFile.read(file, maximumBytes: LogProof.maximumBytes)
            let report = ProofExamination.examine(bytes, file: file, terms)
            // What is false weighs more than what could not be checked.
            if worst != 1 { worst = report.status == 1 ? 1 : max(worst, report.status) }
            if output.isJSON {
                reports.append(report)
            } else {
                for line in report.lines { print(line) }
                if files.count > 1 { print("") }
            }
        }
        if output.isJSON { try printJSON(reports) }
        guard worst == 0 else { throw ExitCode(worst) }
    }

    private func terms() throws -> ProofTerms {
        var terms = ProofTerms()
        if let ledgerID {
            guard let id = Digest32(hex: ledgerID) else {
                throw ValidationError("A ledger's id is 64 hexadecimal digits.")
            }
            terms.ledger = id
        }
        do {
            if let logKey { terms.logKey = try NoteVerifierKey(parsing: logKey) }
        } catch { throw ValidationError("\(error)") }
        if let policy { terms.policy = try InputFile.policy(policy) }
        if let entry {
            terms.entry = try InputFile.read(entry, maximumBytes: FormatLimit.entryBytes)
        }
        return terms
    }

    private static func proofs(at path: String) throws -> [String] {
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder),
            isFolder.boolValue
        else { return [path] }
        return try FileManager.default.contentsOfDirectory(atPath: path)
            .filter { $0.hasSuffix(".tlog-proof") }.sorted().map { "\(path)/\($0)" }
    }
}
