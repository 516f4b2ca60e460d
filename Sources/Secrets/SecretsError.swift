public import Bytes
public import Files
public import Keys

/// Why a secret could not be made, used, sealed, opened or stored.
public enum SecretsError: Error, Equatable {
    // MARK: Keys

    /// The system refused to lock memory for a secret.
    case lockedMemory(bytes: Int, reason: String)
    /// A secret has another length than its kind demands.
    case secretLength(accepted: ClosedRange<Int>, found: Int)
    /// A key or tweak is zero, or not below the group order.
    case scalarOutOfRange
    /// A signature or key just computed does not check: the machine is at fault.
    case faultySignature
    /// An extended key can not be read or derived.
    case extendedKey(KeyError)
    /// An extended public key stands where a private one is read.
    case publicKey
    /// The byte before the key of an extended private key is not zero.
    case keyPadding(found: UInt8)
    /// A derivation path has no step.
    case emptyPath

    // MARK: Passphrases

    /// A passphrase is too short or too long, in bytes.
    case passphraseLength(accepted: ClosedRange<Int>, found: Int)
    /// The two passphrases typed for a new key differ.
    case passphrasesDiffer
    /// No passphrase could be read from `source`.
    case passphraseSource(source: String, reason: String)
    /// A signal ended the prompt.
    case interrupted(signal: Int32)

    // MARK: Key files

    /// The text is no key name.
    case name(String)
    /// A line of a key file is not what stands there in this version of the format.
    case keyFile(line: Int, expected: String)
    /// A parameter of scrypt is undefined, or beyond what a file may demand.
    case scryptCost(field: String, found: Int, accepted: String)
    /// The passphrase does not open the file, or the file was changed.
    case wrongPassphrase(name: String)
    /// The secret is not the one of the public part in the file.
    case publicPartDiffers(name: String)
    /// A key is for another purpose than the one it is opened for.
    case purpose(name: String, expected: String, found: String)
    /// A file's name and the name inside it differ.
    case nameDiffers(path: String, found: String)
    /// The cipher or the key derivation failed on valid input: memory ran out.
    case cipher

    // MARK: Files

    /// A file or folder is not as it must be, or the system refused to read or write it.
    case file(FileError)
    /// No key of that name is in the folder, but these are.
    case noSuchKey(name: String, folder: String, others: [String])

    // MARK: The memory beside a key

    /// Another process has the memory open.
    case inUse(path: String)
    /// The file is no memory in this version of the format.
    case memoryFile(path: String, CBORError)
    /// The memory belongs to another key.
    case memoryOfOtherKey(path: String, expected: String, found: String)
    /// The memory would hold more than its limit.
    case memoryLimit(field: String, found: Int, maximum: Int)
    /// The head is smaller than the newest one that this key has seen.
    case headOlder(remembered: ReplayedHead, offered: ReplayedHead)
    /// The head has the size of the newest one seen, but another root or state.
    case headDiffers(remembered: ReplayedHead, offered: ReplayedHead)
    /// The ledger holds fewer events of this key than are known to be recorded.
    case ownEventsMissing(remembered: UInt64, found: UInt64)
    /// The head is smaller than the newest one that this log's key has signed.
    case signedHeadOlder(remembered: SignedHead, offered: SignedHead)
    /// The head has the size of the newest one signed, but another root.
    case signedHeadDiffers(remembered: SignedHead, offered: SignedHead)
    /// An event is still held, and must be recorded or refused before the next one.
    case eventHeld(sequence: UInt64)
    /// No event with this number is held.
    case eventNotHeld(sequence: UInt64)
    /// The event has another number than the key's next one.
    case sequence(expected: UInt64, found: UInt64)
}

extension SecretsError {
    /// Whether the device failed to make a file durable: what is on it is unknown, and the process
    /// must end instead of trying again.
    public var isFailedSync: Bool {
        if case .file(let error) = self { error.isFailedSync } else { false }
    }
}

extension SecretsError: FileFailure {
    public init(file error: FileError) { self = .file(error) }
}

/// Runs `body`, wrapping its file's error.
func filed<Result: ~Copyable>(
    _ body: () throws(FileError) -> Result
) throws(SecretsError) -> Result {
    do { return try body() } catch { throw .file(error) }
}
