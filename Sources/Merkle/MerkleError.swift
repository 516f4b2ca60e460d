public import Bytes

/// Why a proof does not hold, or why a note, checkpoint, key or tile path is not one.
public enum MerkleError: Error, Equatable {
    /// The leaf's index is not below the tree's size, or the older size is above the newer one.
    case range(value: UInt64, limit: UInt64)
    /// A proof for these positions has `expected` hashes.
    case proofLength(expected: Int, found: Int)
    /// The proof leads to another root than the one to prove.
    case root(size: UInt64, expected: Digest32, found: Digest32)
    /// A frontier of this many leaves has `expected` hashes.
    case frontierLength(size: UInt64, expected: Int, found: Int)
    /// A tree would grow past ``maximumTreeSize``.
    case treeSize(UInt64)
    /// The bytes are no signed note; `line` counts from 1, and is 0 for the note as a whole.
    case note(line: Int, reason: String)
    /// The note's text is no checkpoint of ours; `line` counts from 1.
    case checkpoint(line: Int, reason: String)
    /// The text is no verifier key.
    case verifierKey(reason: String)
    /// No line of the note is signed by the key of this name and id.
    case unsigned(name: String, id: UInt32)
    /// The line of the key of this name and id does not verify.
    case signature(name: String, id: UInt32)
    /// The signer refused, or what it returned does not verify under its own key.
    case signing(name: String)
    /// The text is no tile path.
    case tilePath(String)
    /// The text is no tlog-proof; `line` counts from 1, and is 0 for the file as a whole.
    case proof(line: Int, reason: String)
    /// The text is no tlog-policy; `line` counts from 1, and is 0 for the file as a whole.
    case policy(line: Int, reason: String)
    /// The checkpoint is of a log that the policy does not list.
    case unlistedLog(origin: String)
}

extension MerkleError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .range(let value, let limit): "\(value) is outside a tree of size \(limit)"
        case .proofLength(let expected, let found):
            "the proof has \(found) hashes, \(expected) are needed"
        case .root(let size, let expected, let found):
            "the proof leads to root \(found) at size \(size), expected was \(expected)"
        case .frontierLength(let size, let expected, let found):
            "a tree of size \(size) has a frontier of \(expected) hashes, found were \(found)"
        case .treeSize(let size): "a tree of size \(size) is over the limit \(maximumTreeSize)"
        case .note(let line, let reason): "not a signed note (line \(line)): \(reason)"
        case .checkpoint(let line, let reason): "not a checkpoint (line \(line)): \(reason)"
        case .verifierKey(let reason): "not a verifier key: \(reason)"
        case .unsigned(let name, let id):
            "the note is not signed by \(name) (key id \(hexadecimal(id)))"
        case .signature(let name, let id):
            "the signature of \(name) (key id \(hexadecimal(id))) does not verify"
        case .signing(let name): "the signer of \(name) gave no signature that verifies"
        case .tilePath(let path): "\(path) is not the path of a tile"
        case .proof(let line, let reason): "not a tlog-proof (line \(line)): \(reason)"
        case .policy(let line, let reason): "not a tlog-policy (line \(line)): \(reason)"
        case .unlistedLog(let origin):
            "the checkpoint is of \(origin), which is no log of the policy"
        }
    }
}

/// Writes a key id as the eight digits that verifier keys hold.
func hexadecimal(_ id: UInt32) -> String {
    var bytes: [UInt8] = []
    bytes.appendBigEndian(id)
    return encodeHex(bytes)
}
