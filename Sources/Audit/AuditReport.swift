internal import Bitcoin
public import Bytes
public import Events
package import State

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
    /// Documents and names that a disclosure opens, in the order of positions, at most
    /// ``findingLimit``.
    public var opened: [OpenedValue] = []
    /// What is not wrong, but an auditor has to know.
    public var notes: [String] = []
    /// SHA-256 of the state's encoding at ``head``; nil when the replay could not go to the end.
    public var stateDigest: Digest32?
    public var seconds: Double = 0
    /// Whether the entries were replayed, as far as they go; without, ``head`` is as it is stored.
    public private(set) var isReplayed = true
    /// What was taken from a kept result; nil when everything was verified from the first entry.
    public var kept: KeptStart?
    /// What was not checked, and what would check it.
    public var notChecked: [Gap] = []

    /// The most findings that a report holds.
    public static let findingLimit = 10_000

    /// Starts a report without findings.
    package init(ledger: Digest32, name: String) {
        self.ledger = ledger
        self.name = name
        head = .empty
    }

    /// Whether nothing was found.
    public var isClean: Bool { findings.isEmpty }

    /// Adds a finding; of those past ``findingLimit`` the number alone is kept.
    package mutating func add(_ finding: Finding) {
        guard findings.count < Self.findingLimit else { return omittedFindings += 1 }
        findings.append(finding)
    }

    /// Adds findings one by one.
    package mutating func add(_ findings: [Finding]) { for finding in findings { add(finding) } }

    /// Takes over what a replay found and counted; the state's digest when it came to `end`.
    package mutating func take(_ replay: Replay, end: UInt64) {
        add(replay.findings)
        omittedFindings += replay.omittedFindings
        head = replay.head
        counts = replay.counts
        signatures = replay.signatures
        guard let state = replay.state else { return }
        ledger = state.ledger
        name = state.founding.name.text
        if replay.size == end { stateDigest = state.digest }
    }

    /// Names a head whose entries were not replayed, because they do not go on from what was kept.
    package mutating func takeUnreplayed(_ head: TreeHead) {
        self.head = head
        isReplayed = false
        notChecked.append(
            .other(
                "the entries: they do not go on from the kept result; verify without --since"))
    }

    /// Sorts the findings and says what no verification of this kind checks.
    package mutating func close(_ state: LedgerState?) {
        findings.sort()
        if let network = state?.founding.network, !network.workProves {
            notes.append("work not proven: on \(network.rawValue) a block costs nothing")
        }
        notChecked.append(.chain)
    }
}
