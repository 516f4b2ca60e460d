internal import Audit
internal import Export
internal import Ledger
public import Merkle
internal import State

/// Changes the witnesses of a ledger's `tlog-policy` in its plain form: so many of a list.
///
/// A policy with groups of its own is only replaced as a whole.
public struct WitnessPolicyEditor {
    /// The policy as it is; that of the log alone where there is no file.
    public let policy: WitnessPolicy
    private let file: PolicyFile
    private let logKey: NoteVerifierKey

    /// Reads the policy of a ledger.
    public init(_ ledger: OpenLedger) throws {
        logKey = try ledger.state().logKey
        file = PolicyFile(ledger: ledger.log.folder)
        policy = try file.read() ?? WitnessPolicy(log: logKey)
    }

    private var names: [String] { policy.witnesses.map { "\($0.name)" } }

    private var lines: [String] {
        policy.witnesses.map {
            "witness \($0.name) \($0.key.encodedText)" + ($0.url.map { " \($0)" } ?? "")
        }
    }

    private var threshold: Int { policy.quorumCounts.needed }

    /// Adds a witness; the quorum stays as it is, and is 1 for the first. Returns what is in force.
    public func add(_ name: String, _ key: String, at url: String) throws -> WitnessPolicy {
        try write(
            lines + ["witness \(name) \(key) \(url)"], names + [name], max(1, threshold))
    }

    /// Removes a witness; a quorum that needs more than are left is refused.
    public func remove(_ name: String) throws -> WitnessPolicy {
        guard let index = names.firstIndex(of: name) else {
            throw ActingError.missing(.witness(name))
        }
        var (lines, names) = (lines, names)
        lines.remove(at: index)
        names.remove(at: index)
        return try write(lines, names, names.isEmpty ? 0 : threshold)
    }

    /// Says how many of the witnesses make an entry witnessed.
    public func setQuorum(_ count: Int) throws -> WitnessPolicy { try write(lines, names, count) }

    /// Writes a policy that accepts this log.
    public func replace(by policy: WitnessPolicy) throws -> WitnessPolicy {
        guard policy.logs.isEmpty || policy.logs.contains(where: { $0.key == logKey }) else {
            throw ActingError.witnesses(.otherLogs(logKey: logKey.encodedText))
        }
        guard policy.witnesses.count < Note.maximumSignatures else {
            throw ActingError.witnesses(.tooMany(policy.witnesses.count))
        }
        try file.write(policy)
        return policy
    }

    /// Writes a policy of so many of these witnesses, in the place of one of that form.
    private func write(
        _ lines: [String], _ names: [String], _ threshold: Int
    ) throws -> WitnessPolicy {
        guard policy.groups.count <= 1,
            policy.groups.first?.members.count ?? 0 == 0
                || policy.groups[0].members.count == policy.witnesses.count
        else { throw ActingError.witnesses(.groups) }
        guard (names.isEmpty ? 0...0 : 1...names.count).contains(threshold) else {
            throw ActingError.witnesses(.quorum(threshold, of: names.count))
        }
        var text = "log \(logKey.encodedText)\n" + lines.map { $0 + "\n" }.joined()
        text +=
            names.isEmpty
            ? "quorum none\n"
            : "group witnesses \(threshold) \(names.joined(separator: " "))\nquorum witnesses\n"
        return try replace(by: try WitnessPolicy(parsing: Array(text.utf8)))
    }
}

/// Why a ledger's witnesses are not changed, or have not cosigned.
public enum WitnessFault: Error, Equatable, Sendable {
    /// The policy accepts other logs alone.
    case otherLogs(logKey: String)
    /// A checkpoint can not hold the lines of so many.
    case tooMany(Int)
    /// The policy has groups of its own.
    case groups
    /// There can not be so many of so many.
    case quorum(Int, of: Int)
    /// A checkpoint is signed, and not cosigned by enough.
    case notWitnessed(needed: Int, of: Int)
}

extension WitnessFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .otherLogs(let key): "the policy's logs are others than this one, \(key)"
        case .tooMany(let count):
            "\(count) witnesses; a checkpoint holds the lines of at most "
                + "\(Note.maximumSignatures - 1)"
        case .groups: "the policy has groups of its own, and is only replaced as a whole"
        case .quorum(let threshold, let count):
            "\(threshold) of \(count) witnesses can not be; first change the quorum"
        case .notWitnessed(let needed, let count):
            "checkpointed, not yet witnessed by \(needed) of \(count)"
        }
    }
}
