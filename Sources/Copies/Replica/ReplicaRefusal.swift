public import Merkle

/// Why a replica was not made or not brought on; it is then as it was.
public enum ReplicaRefusal: Error, Equatable {
    /// A file of the replica or of the export can not be read or written.
    case unreadable(String)
    /// The export is of another log.
    case otherLog(expected: String, found: String)
    /// The verification found something.
    case findings(count: Int, first: String)
    /// The replica has all that the export brings.
    case older(replica: Checkpoint, export: Checkpoint)
    /// Entries are missing between the two.
    case gap(replica: Checkpoint, since: UInt64)
    /// The log's key signed another history; both heads stand in the file, when it could be
    /// written.
    case fork(replica: Checkpoint, export: Checkpoint, proof: Proof)
    /// What the export says of itself is not borne out by its parts.
    case unproven(String)

    /// What became of the proof of a fork.
    public enum Proof: Sendable, Hashable {
        /// It stands in this file.
        case written(String)
        /// It could not be written.
        case unwritten(reason: String)
    }
}

extension ReplicaRefusal: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let reason), .unproven(let reason): reason
        case .otherLog(let expected, let found):
            "the export is of the log \(found), the replica of \(expected)"
        case .findings(let count, let first):
            "the verification of the export has \(count) finding\(count == 1 ? "" : "s"): \(first)"
        case .older(let replica, let export):
            "the replica has it already: it is at size \(replica.size), the export ends at "
                + "\(export.size)"
        case .gap(let replica, let since):
            "the delta starts at size \(since), the replica is at size \(replica.size): ask for a "
                + "delta --since the replica's checkpoint"
        case .fork(let replica, let export, .written(let path)):
            "FORK: the log's key signed two histories, the replica's (\(replica)) and the export's "
                + "(\(export)); the proof is \(path): keep it, and act on neither"
        case .fork(let replica, let export, .unwritten(let reason)):
            "FORK: the log's key signed two histories, the replica's (\(replica)) and the export's "
                + "(\(export)): keep both, and act on neither; the proof could not be written: "
                + reason
        }
    }
}
