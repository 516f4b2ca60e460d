public import Bytes
internal import Ledger
public import Merkle
internal import Reading
public import Secrets

extension OpenLedger {
    /// Signs a checkpoint over the head with the log's key, which remembers it first.
    ///
    /// Refused when the ledger lacks the newest head that the key has signed: then an older copy of
    /// the ledger, or another history, stands in its place, whatever its own files say.
    public func signCheckpoint(
        with signer: CheckpointSigner, _ memory: inout SignedHeadMemory
    ) throws -> VerifiedCheckpoint {
        let ledger = log.ledgerID
        let known = memory.head(of: ledger)
        do throws(CheckpointFailure) {
            return try log.signCheckpoint(
                with: signer, after: try known.map(checkpoint(of:))
            ) { (checkpoint) throws(CheckpointFailure) in
                do throws(SecretsError) {
                    try memory.remember(
                        SignedHead(size: checkpoint.size, root: checkpoint.root), of: ledger)
                } catch { throw .secrets(error) }
            }
        } catch {
            switch error {
            case .secrets(let error): throw error
            case .ledger(let error):
                throw known.flatMap { Self.refusal(of: $0, error) } ?? error
            }
        }
    }

    /// How many entries the newest checkpoint covers; 0 when none was signed yet.
    public func checkpointedSize() throws -> UInt64 { try checkpoint()?.checkpoint.size ?? 0 }

    /// The smallest size whose checkpoint covers what a file about a request is for: the entries
    /// about it, or, without a request, all of them.
    public func sizeCovering(request id: Digest32?) throws -> UInt64 {
        guard let id else { return try size() }
        return try entries(ofRequest: id).last.map { $0.position + 1 } ?? 0
    }

    /// Refuses a ledger that lacks a head which its log's key has signed.
    public func requireHead(_ known: SignedHead) throws {
        let (size, root) = try log.read { (view) throws(LedgerError) in
            let size = min(known.size, view.size)
            return (size, try view.root(at: size))
        }
        guard size < known.size || root != known.root else { return }
        throw Self.lacks(known, size: size, root: root)
    }

    private func checkpoint(of head: SignedHead) throws(CheckpointFailure) -> Checkpoint {
        do throws(MerkleError) {
            return try Checkpoint(origin: log.origin, size: head.size, root: head.root)
        } catch { throw .ledger(.merkle(error)) }
    }

    private static func refusal(of known: SignedHead, _ error: LedgerError) -> ActingError? {
        switch error {
        case .behindHead(let head, let database), .forkedFromHead(let head, let database):
            head.size == known.size && head.root == known.root
                ? lacks(known, size: database.size, root: database.root) : nil
        default: nil
        }
    }

    private static func lacks(
        _ known: SignedHead, size: UInt64, root: Digest32
    ) -> ActingError {
        .history(.lacksSignedHead(known, size: size, root: root))
    }
}

/// Why no checkpoint was signed: the log or the key's memory.
private enum CheckpointFailure: LedgerFailure {
    case ledger(LedgerError)
    case secrets(SecretsError)

    init(ledger error: LedgerError) { self = .ledger(error) }
}
