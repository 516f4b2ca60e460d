internal import Events
public import Merkle
public import State

extension LedgerState {
    /// The public key under which the log's checkpoints are signed.
    public var logKey: NoteVerifierKey {
        get throws(MerkleError) {
            try NoteVerifierKey(
                logOf: ledger, named: founding.name.text, publicKey: founding.logKey)
        }
    }
}
