internal import Ledger

extension Finding {
    /// What the log itself found in its tables.
    init(_ error: LedgerError, reading what: String? = nil) {
        let rule: Rule
        var position: UInt64?
        switch error {
        case .damagedEntry(let place): (rule, position) = (.tree, place)
        case .damagedTile: rule = .tree
        case .damagedBlob: rule = .blob
        case .damagedCheckpoint(let size):
            (rule, position) = (.checkpoint, size == 0 ? nil : size - 1)
        case .merkle, .foreignOrigin: rule = .checkpoint
        case .behindHead, .forkedFromHead: rule = .rollback
        case .damagedTable(let name, _) where name == "tiles" || name == "entries": rule = .tree
        default: rule = .projection
        }
        self.init(
            position: position, rule: rule,
            expected: what.map { "\($0) as they follow from the entries" }
                ?? "what follows from the entries", found: "\(error)")
    }
}
