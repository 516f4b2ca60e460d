public import Bytes
public import State

/// Where a replay reads entries and blobs from: a ledger's folder, or a file that carries them.
///
/// Nothing that it answers is trusted: entries are hashed into the tree, blobs against their
/// digests, and the place of a request against the event that stands there. Called from several
/// threads at once.
public protocol EventSource: Evidence, Sendable where Failure == AuditError {
    /// How many entries there are.
    var size: UInt64 { get }

    /// The entries at `positions`, in order; fewer when some are missing.
    func entries(_ positions: Range<UInt64>) throws(AuditError) -> [[UInt8]]

    /// Lends the entries at `positions`, in order; fewer when some are missing.
    func forEachEntry(
        _ positions: Range<UInt64>, _ body: (Span<UInt8>) -> Void
    ) throws(AuditError)

    /// Whether attached documents are to be here, so that a missing one is a finding. A source that
    /// was made for judging decisions has none, since no decision reads them.
    var holdsDocuments: Bool { get }

    /// The bytes of a blob, or nil.
    func blob(_ digest: Digest32) throws(AuditError) -> [UInt8]?

    /// Where the event that initiated a request is said to stand.
    func position(ofRequest id: Digest32) throws(AuditError) -> UInt64?

    /// Hears of every event in the log that initiates a request, admitted or not, in order: for
    /// sources without an index.
    func note(request id: Digest32, at position: UInt64)
}

extension EventSource {
    /// Lends what ``entries(_:)`` gives.
    public func forEachEntry(
        _ positions: Range<UInt64>, _ body: (Span<UInt8>) -> Void
    ) throws(AuditError) {
        for entry in try entries(positions) { body(entry.span) }
    }

    /// They are to be here.
    public var holdsDocuments: Bool { true }

    /// What ``blob(_:)`` gives.
    public func bytes(behind digest: Digest32) throws(AuditError) -> [UInt8]? { try blob(digest) }

    /// The entry where ``position(ofRequest:)`` points; a place that is not there has none.
    public func initiation(
        of request: Digest32
    ) throws(AuditError) -> (position: UInt64, entry: [UInt8])? {
        guard let place = try position(ofRequest: request), place < size,
            let entry = try entries(place..<place + 1).first
        else { return nil }
        return (place, entry)
    }

    /// Forgets it: sources have indexes of their own.
    public func note(request id: Digest32, at position: UInt64) {}
}

/// Why a ledger could not be checked at all; what is wrong *in* a ledger is a ``Finding``.
public enum AuditError: Error, Equatable {
    /// The evidence could not be read.
    case unreadable(String)
    /// The ledger is not the one that was asked for.
    case otherLedger(expected: Digest32, found: Digest32)
    /// The ledger obeys rules, or holds types of events, that this program does not know.
    case unknownRules(String)
    /// The founding event is unusable, so that nothing after it can be judged.
    case unfounded(String)
    /// Nobody whom the auditor trusts vouches for the kept result.
    case unvouched(String)
}

extension AuditError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let reason): "the evidence can not be read: \(reason)"
        case .otherLedger(let expected, let found):
            "this is the ledger \(found.hex), not \(expected.hex)"
        case .unknownRules(let reason): reason
        case .unvouched(let reason): reason
        case .unfounded(let reason): "the founding event is unusable: \(reason)"
        }
    }
}
