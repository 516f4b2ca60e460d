public import Bytes
public import Events
internal import Merkle

/// What a full verification came to.
public struct AuditReport: Sendable {
    /// The ledger's id.
    public var ledger: Digest32
    public var name: String
    /// The head of the tree over the entries that were replayed.
    public var head: TreeHead
    /// How many of them the newest good checkpoint of the log's key covers.
    public var checkpointed: UInt64 = 0
    /// How many admitted events of each type there are.
    public var counts: [FactType: UInt64] = [:]
    /// How many signatures were verified.
    public var signatures: UInt64 = 0
    /// What is wrong, in the order of positions, at most ``findingLimit``.
    public var findings: [Finding] = []
    /// How many findings there are beyond those.
    public var omittedFindings = 0
    /// What is not wrong, but an auditor has to know.
    public var notes: [String] = []
    /// SHA-256 of the state's encoding at ``head``; nil when the replay could not go to the end.
    public var stateDigest: Digest32?
    public var seconds: Double = 0
    /// What was not checked, and what would check it.
    public var notChecked: [String] = []

    /// The most findings that a report holds.
    public static let findingLimit = 10_000

    init(ledger: Digest32, name: String) {
        self.ledger = ledger
        self.name = name
        head = .empty
    }

    /// Whether nothing was found.
    public var isClean: Bool { findings.isEmpty }

    mutating func add(_ finding: Finding) {
        guard findings.count < Self.findingLimit else { return omittedFindings += 1 }
        findings.append(finding)
    }
}

/// A checkpoint that somebody knows of, and where from.
struct KnownHead: Sendable {
    let label: String
    let signed: SignedCheckpoint
}
