/// Why a ledger is not shown from an export.
public enum ExportFault: Error, Equatable, Sendable {
    /// It is a delta, which holds the entries after others.
    case isDelta
    /// It is a disclosure, which holds some events.
    case isDisclosure
    /// Its replay has findings that are no part of the history.
    case unsound(findings: Int, rule: String)
    /// Its replay did not come to the end.
    case notReplayed

    func sentence(_ path: String) -> String {
        switch self {
        case .isDelta:
            "\(path) is a delta: what it shows follows from all entries before it; apply it to a "
                + "replica, and name the replica"
        case .isDisclosure:
            "\(path) is a disclosure of some events: verify it, or name an export of the whole log"
        case .unsound(let findings, let rule):
            "\(path) has \(findings) findings, one of the rule \(rule), and is not shown"
        case .notReplayed: "\(path) could not be replayed to its end"
        }
    }
}
