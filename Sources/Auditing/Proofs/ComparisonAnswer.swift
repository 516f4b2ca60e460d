internal import Bytes
internal import Copies
internal import Events
internal import Export
internal import Files
internal import Foundation
internal import Keys
internal import Merkle
internal import Report
internal import Terminal

/// What `compare` says, to people and to programs.
struct ComparisonAnswer: Encodable, Sendable {
    enum Verdict: String, Encodable { case same, prefix, fork }

    /// One side's entry where two histories part.
    struct Entry: Encodable {
        let path: String
        let leaf: String
        let event: String?
        let author: String?
        let recorded: String?
    }

    /// One of the two heads of a fork that was proven before.
    struct Head: Encodable {
        let size: UInt64
        let root: String
        /// What it is to the other copy; nil when none was named.
        let relation: String?
    }

    private enum CodingKeys: CodingKey {
        case verdict, size, behind, by, common, differing, entries, proof, heads, notChecked
    }

    let verdict: Verdict
    var size: UInt64?
    var behind: String?
    var by: UInt64?
    var common: UInt64?
    var differing: UInt64?
    var entries: [Entry]?
    var proof: String?
    var heads: [Head]?
    /// What of the two copies was not hashed; nil when nothing is left.
    var notChecked: [String]?
    private(set) var lines: [String] = []
    /// Why the proof of a fork was not written.
    private(set) var complaint: String?

    /// Says what two copies are to each other, and writes the proof of a fork to the new file
    /// `proof`, or without one to `fork.proof` or the next name that is free.
    init(
        _ comparison: Comparison, _ one: ComparedLog, _ two: ComparedLog, proof path: String?
    ) throws {
        switch comparison {
        case .same(let size):
            verdict = .same
            self.size = size
            lines = ["Same: \(size) entries, one root."]
            try checkEntries(one, two)
        case .prefix(let behind, let by, let size):
            verdict = .prefix
            (self.size, self.behind, self.by) = (size, behind, by)
            lines = wrapped(
                "",
                "Prefix: \(behind.plain) has \(size) entries and is \(by) behind the other, which "
                    + "begins with them.")
            try checkEntries(one, two)
        case .fork(let fork):
            verdict = .fork
            (common, differing) = (fork.common, fork.differing)
            try tell(fork, one, two)
            keep(fork.proof, path)
        }
    }

    /// Hashes what both copies hold: trees that are alike say nothing of damaged entries.
    private mutating func checkEntries(_ one: ComparedLog, _ two: ComparedLog) throws {
        var unchecked: [String] = []
        for (log, other) in [(one, two), (two, one)] {
            guard let what = try log.uncheckedEntries(with: other), !unchecked.contains(what)
            else { continue }
            unchecked.append(what)
            lines += wrapped("", "Not checked: \(what.plain); verify it.")
        }
        if !unchecked.isEmpty { notChecked = unchecked }
    }

    private mutating func tell(
        _ fork: Comparison.Fork, _ one: ComparedLog, _ two: ComparedLog
    ) throws {
        var text = "FORK: they exclude each other"
        if let common = fork.common { text += "; they agree on the first \(common) entries alone" }
        lines = wrapped("", text + ".")
        guard let position = fork.differing else { return }
        lines.append(
            "Position \(position) is \(fork.common == nil ? "one" : "the first") that differs.")
        let found = try [one, two].compactMap { log in
            try log.entry(position).map { Entry($0, at: position, of: log) }
        }
        for entry in found {
            let what =
                entry.event.map { "`\($0)` by \(entry.author ?? "")" } ?? "no event of this log"
            let when = entry.recorded.map { ", recorded \($0)" } ?? ""
            lines.append("  in \(entry.path.plain):")
            lines += wrapped("    ", what + when)
        }
        if !found.isEmpty { entries = found }
    }

    private mutating func keep(_ fork: ForkProof?, _ named: String?) {
        guard let fork else {
            return lines.append(
                contentsOf: wrapped(
                    "",
                    "No proof for others: what is at hand does not hold two signed heads that "
                        + "contradict each other. Keep both copies as evidence."))
        }
        do throws(FileError) {
            var path = named ?? ""
            if let named {
                try fork.write(to: named)
            } else {
                path = try fork.write { $0 == 1 ? "fork.proof" : "fork-\($0).proof" }
            }
            proof = path
            lines.append("Proof: \(path.plain) holds the two signed checkpoints.")
        } catch {
            complaint = "the proof could not be written: \(error); name another file with --proof"
        }
        lines.append("Keep both copies as evidence.")
    }

    /// Says what a proof that was written before shows, and which of its heads `copy` has.
    init(_ fork: ProvenFork, of path: String, _ copy: String?) {
        verdict = .fork
        proof = path
        lines = wrapped(
            "",
            "FORK: \(path.plain) holds: the log's key signed both of these heads, and they exclude "
                + "each other.")
        var heads: [Head] = []
        for (label, head, relation) in [
            ("One head   ", fork.proof.smaller.checkpoint, fork.smaller),
            ("The other  ", fork.proof.larger.checkpoint, fork.larger),
        ] {
            heads.append(Head(size: head.size, root: head.root.hex, relation: relation?.rawValue))
            lines.append("\(label)\(head.size) entries, root \(head.root.hex)")
            guard let relation, let copy else { continue }
            lines += wrapped("           ", relation.sentence(copy.plain))
        }
        self.heads = heads
    }
}

extension ComparisonAnswer.Entry {
    fileprivate init(_ bytes: [UInt8], at position: UInt64, of log: ComparedLog) {
        path = log.path
        leaf = leafHash(bytes).hex
        let entry = try? Events.Entry(decoding: bytes.span)
        let ledger = ProofTerms.ledger(in: log.origin)
        let signed = entry.flatMap {
            try? SignedEvent(decoding: $0.event, ledger: position == 0 ? nil : ledger)
        }
        event = signed?.event.fact.type.rawValue
        author = signed?.author.hex
        recorded = entry.map { CalendarTime.text($0.recorded) }
    }
}

extension ProvenFork.Relation {
    fileprivate func sentence(_ copy: String) -> String {
        switch self {
        case .same: "\(copy) has this very head"
        case .behind: "\(copy) goes on from it"
        case .ahead: "\(copy) is its beginning"
        case .contradicts: "\(copy) contradicts it"
        case .unknown: "\(copy) does not hold what would tell whether it leads there"
        }
    }
}
