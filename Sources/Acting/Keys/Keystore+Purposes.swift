internal import Audit
internal import Bitcoin
public import Bytes
internal import Events
internal import Keys
internal import Ledger
public import Merkle
internal import Reading
public import Secrets
public import State

extension Keystore {
    /// The key that signs a ledger's checkpoints; nil when it is not in this home.
    public func logKey(of state: LedgerState) throws(SecretsError) -> KeyFile? {
        try noteKey(.log, state.founding.logKey)
    }

    /// The key of a purpose with this public part; nil when it is not in this home.
    public func noteKey(
        _ purpose: NotePurpose, _ wanted: Digest32
    ) throws(SecretsError) -> KeyFile? {
        for listing in try list() {
            guard case .success(let file) = listing.file,
                case .note(purpose, let key) = file.publicPart, key == wanted.array
            else { continue }
            return file
        }
        return nil
    }

    /// The key whose fingerprint stands in a wallet's descriptor.
    public func walletKey(of wallet: Wallet) throws -> KeyFile {
        let fingerprints = wallet.descriptor.keys.compactMap { $0.origin?.fingerprint }
        for listing in try list() {
            guard case .success(let file) = listing.file, case .wallet(let root) = file.publicPart,
                fingerprints.contains(root.fingerprint)
            else { continue }
            return file
        }
        throw ActingError.author(.noWalletKey(folder: folder, wallet: wallet.name))
    }
}

extension CheckpointSigner {
    /// A signer that keeps an opened key for as long as it lives.
    public init(key: NoteVerifierKey, opened secret: consuming NoteKey) {
        self.init(key: key, sign: secret.signing())
    }
}

extension NoteKey {
    /// Signs with this key, which stays open for as long as what is returned lives; nil when it can
    /// not sign.
    public consuming func signing() -> @Sendable ([UInt8]) -> [UInt8]? {
        let opened = OpenedKey(self)
        return { message in try? opened.key.sign(message) }
    }
}

/// Holds a key for a closure that outlives the call.
private final class OpenedKey: Sendable {
    let key: NoteKey
    init(_ key: consuming NoteKey) { self.key = key }
}

extension OpenLedger {
    /// Signs a checkpoint over the head with the log's key of this home, which remembers it first;
    /// nil when it is not in this home.
    ///
    /// - Parameter passphrase: asks for the one that opens the key.
    public func signCheckpoint(
        from keystore: Keystore, passphrase: (KeyFile) throws -> Passphrase
    ) throws -> VerifiedCheckpoint? {
        let state = try writer.state()
        guard let file = try keystore.logKey(of: state) else { return nil }
        let signer = CheckpointSigner(
            key: try state.logKey, opened: try file.openNoteKey(for: .log, try passphrase(file)))
        // Locked as late as can be: another process may be waiting to sign.
        var memory = try keystore.signedHeads(of: file)
        return try signCheckpoint(with: signer, &memory)
    }

    /// Refuses to append to a ledger that lacks a head which the log's key of this home has signed.
    public func requireSignedHead(from keystore: Keystore) throws {
        guard case .founded(let founded) = try entry(0).event.event.fact,
            let file = try keystore.noteKey(.log, founded.logKey),
            let head = try keystore.signedHead(of: log.ledgerID, by: file)
        else { return }
        try requireHead(head)
    }
}

/// Whether a durable write has failed, so that nobody knows what the device holds: the process must
/// end, and look at what is there when it starts again.
public func isFailedSync(_ error: any Error) -> Bool {
    switch error {
    case let error as LedgerError: error.isFailedSync
    case let error as SecretsError: error.isFailedSync
    default: false
    }
}
