internal import Events
internal import Keys
internal import Synchronization

/// Parsed keys of the authors seen lately, since parsing one costs a tenth of a verification.
public final class KeyCache: Sendable {
    private let keys = Mutex<[KeyID: PublicKey]>([:])
    private static let limit = 4_096

    /// Creates an empty cache.
    public init() {}

    func key(_ id: KeyID) -> PublicKey? {
        if let key = keys.withLock({ $0[id] }) { return key }
        guard let key = PublicKey(id) else { return nil }
        keys.withLock { keys in
            if keys.count >= Self.limit { keys.removeAll() }
            keys[id] = key
        }
        return key
    }
}
