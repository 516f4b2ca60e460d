public import Merkle

/// Why two logs can not be compared.
public enum ComparisonError: Error, Equatable {
    /// One of them can not be read.
    case unreadable(path: String, reason: String)
    /// Its entries are not those that its tree and its head are of.
    case damaged(path: String, place: String?, position: UInt64?)
    /// They are two logs.
    case otherLog(String, String)
    /// Nothing leads to the log's key.
    case noKey
    /// A checkpoint is not signed by the log's key.
    case unsigned(path: String, MerkleError)
    /// The larger one does not hold what would show that it extends the other.
    case unproven(larger: String, by: UInt64)
}

extension ComparisonError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let path, let reason): "\(path) can not be compared: \(reason)"
        case .damaged(let path, let place, let position):
            "\(path) is damaged: its entries do not hash to its head"
                + (position.map { ", from position \($0) on" } ?? "")
                + (place.map { " (\($0))" } ?? "") + "; verify it"
        case .otherLog(let one, let two): "these are two logs, \(one) and \(two)"
        case .noKey:
            "neither holds the founding event, which names the log's key; give the key with "
                + "--log-key"
        case .unsigned(let path, let error): "\(path): \(error)"
        case .unproven(let larger, let by):
            "\(larger) claims \(by) more entries, and does not show that it extends the other: "
                + "compare with the ledger or an export"
        }
    }
}
