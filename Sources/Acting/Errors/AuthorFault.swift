public import Bytes
public import Events
public import Secrets

/// Why a key does not sign an event.
public enum AuthorFault: Error, Equatable, Sendable {
    /// It is a key of another purpose.
    case notAnEventKey(KeyName, purpose: String)
    /// It is to sign checkpoints, and is a key of another purpose.
    case notALogKey(KeyName, purpose: String)
    /// It belongs to no member of the ledger.
    case ofNobody(KeyName, key: String, ledger: String)
    /// An event that it has signed and given out is refused for now, and may yet be recorded.
    case waiting(KeyName, sequence: UInt64, type: String, reason: String?)
    /// An event that it has signed has to be submitted first.
    case pending(KeyName, sequence: UInt64, type: String)
    /// Events for several ledgers have to be submitted.
    case pendingForSeveral([Digest32])
    /// The log's key is not in this home.
    case noLogKey(Digest32)
    /// No wallet key in this folder belongs to the wallet's descriptor.
    case noWalletKey(folder: String, wallet: WalletName)
}

extension AuthorFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notAnEventKey(let name, let purpose):
            "\(name) is a \(purpose) key; events are signed by an event key"
        case .notALogKey(let name, let purpose):
            "\(name) is a \(purpose) key; checkpoints are signed by a log key"
        case .ofNobody(let name, let key, let ledger):
            "the key \(name) (\(key)) belongs to no member of the ledger \(ledger)"
        case .waiting(let name, let sequence, let type, let reason):
            "the event \(sequence) of \(name) (`\(type)`), signed before and given out, is refused "
                + "for now: \(reason ?? "it has not been sent"). A copy of it may be submitted "
                + "later, so that no other is signed with its number; it is sent again each time, "
                + "until it is recorded or never can be"
        case .pending(let name, let sequence, let type):
            "the event \(sequence) of \(name) (`\(type)`) is signed and not yet recorded. Submit "
                + "it, then ask for a newer request file"
        case .pendingForSeveral(let ledgers):
            "events for \(ledgers.count) ledgers are pending; name one of "
                + ledgers.map(\.hex).joined(separator: ", ")
        case .noLogKey(let key): "the log's key \(key.hex) is not in this home"
        case .noWalletKey(let folder, let wallet):
            "no wallet key in \(folder) belongs to the wallet \(wallet)'s descriptor"
        }
    }
}
