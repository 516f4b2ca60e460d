internal import Files
public import Merkle
public import Storage

/// Why a witness does not cosign, or can not be set up.
public enum WitnessError: Error, Equatable {
    /// The request is not in the protocol's form.
    case malformed(String)
    /// The witness knows no log of this origin.
    case unknownLog(origin: String)
    /// No signature of the log's key verifies.
    case unsigned(MerkleError)
    /// The old size is above the checkpoint's.
    case shrinking(old: UInt64, new: UInt64)
    /// The newest checkpoint that was cosigned has another size than the old one named.
    case otherSize(known: UInt64)
    /// The checkpoint has the size of the newest that was cosigned, and another root: a fork.
    case otherRoot(known: Checkpoint, offered: Checkpoint)
    /// The consistency proof does not hold.
    case inconsistent(MerkleError)
    /// The database knows less than the head file: an older copy was put in its place.
    case behindHead(head: Checkpoint, database: UInt64)
    /// The database contradicts the head file.
    case contradictsHead(head: Checkpoint, database: Checkpoint)
    /// The database or a file could not be read or written.
    case storage(StorageError)
    /// The folder holds a witness already.
    case exists(folder: String)
    /// The folder holds no witness.
    case notAWitness(folder: String, reason: String)
    /// The log is known under another key.
    case knownLog(origin: String)
    /// A key, a name or a place is not usable.
    case configuration(String)
    /// The signer gave no cosignature that verifies.
    case signing(MerkleError)
}

extension WitnessError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let reason): "malformed request: \(reason)"
        case .unknownLog(let origin): "this witness does not know the log \(origin)"
        case .unsigned(let error): "\(error)"
        case .shrinking(let old, let new):
            "the old size \(old) is above the checkpoint's size \(new)"
        case .otherSize(let known): "the newest cosigned checkpoint has size \(known)"
        case .otherRoot(let known, let offered):
            "the cosigned checkpoint (\(known)) and this one (\(offered)) exclude each other"
        case .inconsistent(let error): "the consistency proof does not hold: \(error)"
        case .behindHead(let head, let database):
            "this witness's database (size \(database)) is older than what it has cosigned "
                + "(\(head)): a restored copy; recover it before it cosigns again"
        case .contradictsHead(let head, let database):
            "this witness's database (\(database)) contradicts what it has cosigned (\(head))"
        case .storage(let error): "\(error)"
        case .exists(let folder): "there is a witness in \(folder) already"
        case .notAWitness(let folder, let reason): "\(folder) holds no witness: \(reason)"
        case .knownLog(let origin): "the log \(origin) is known under another key"
        case .configuration(let reason): reason
        case .signing(let error): "\(error)"
        }
    }
}

extension WitnessError: StorageFailure {
    public init(storage error: StorageError) { self = .storage(error) }
}

/// Runs `body`, wrapping its file's error.
func filed<Result>(_ body: () throws(FileError) -> Result) throws(WitnessError) -> Result {
    do { return try body() } catch { throw .storage(.file(error)) }
}
