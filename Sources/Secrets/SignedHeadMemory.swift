public import Bytes
internal import Files

/// A tree head that a log's key has signed, or was about to sign.
public struct SignedHead: Sendable, Hashable {
    /// How many entries the tree has.
    public let size: UInt64
    /// The tree's root hash.
    public let root: Digest32

    /// Names a head.
    public init(size: UInt64, root: Digest32) {
        self.size = size
        self.root = root
    }
}

extension SignedHead: CustomStringConvertible {
    public var description: String { "\(size) (root \(root))" }
}

/// What a log's key has to remember between two uses: for each ledger, the newest head that it has
/// signed.
///
/// It lies beside the key, in clear, and is open in one process at a time; others wait. It keeps a
/// key from signing two histories of one ledger when all that the ledger knows of its own head was
/// put back with it. It does not know what a copy of the key on another machine has signed, and
/// does not protect against who can write to the owner's folder.
///
/// A head is on the disk before ``remember(_:of:)`` returns, and so before it is signed: of a crash
/// between the two nothing remains but a head that may be signed again.
public struct SignedHeadMemory: ~Copyable {
    /// Where the memory is kept.
    public let path: String
    private let key: String
    private let lock: FileLock
    private var heads: [Digest32: SignedHead]

    /// The most ledgers whose checkpoints one key may sign.
    public static let maximumLedgers = KeyMemory.maximumLedgers
    /// The longest file that is read, in bytes: twice what the most ledgers take.
    static let maximumBytes = 256 + maximumLedgers * 160

    /// Opens the memory at `path` of the key with this public part, once no other process has it
    /// open; there is none before the first change.
    ///
    /// Throws ``SecretsError/memoryFile(path:_:)`` or
    /// ``SecretsError/memoryOfOtherKey(path:expected:found:)``.
    init(path: String, lockPath: String, of publicPart: PublicPart) throws(SecretsError) {
        let lock = try filed { () throws(FileError) in try FileLock(waitingFor: lockPath) }
        heads = try Self.load(path, publicPart.text)
        self.path = path
        self.key = publicPart.text
        self.lock = lock
    }

    /// The newest head of `ledger` that the key has signed.
    public func head(of ledger: Digest32) -> SignedHead? { heads[ledger] }

    /// Remembers a head that is about to be signed.
    ///
    /// That a larger head extends the remembered one is the caller's to have proven. Throws
    /// ``SecretsError/signedHeadOlder(remembered:offered:)`` for a smaller size, and
    /// ``SecretsError/signedHeadDiffers(remembered:offered:)`` for another root at the same size.
    /// Then nothing is changed.
    public mutating func remember(_ head: SignedHead, of ledger: Digest32) throws(SecretsError) {
        if let remembered = heads[ledger] {
            guard head.size >= remembered.size else {
                throw .signedHeadOlder(remembered: remembered, offered: head)
            }
            guard head.size > remembered.size || head == remembered else {
                throw .signedHeadDiffers(remembered: remembered, offered: head)
            }
            guard head != remembered else { return }
        }
        var changed = heads
        changed[ledger] = head
        guard changed.count <= Self.maximumLedgers else {
            throw .memoryLimit(
                field: "ledgers of a key", found: changed.count, maximum: Self.maximumLedgers)
        }
        try filed { () throws(FileError) in
            try replaceFile(path, with: Self.encode(changed, of: key))
        }
        heads = changed
    }

    /// Reads the memory as it is now, without waiting for who has it open.
    static func load(
        _ path: String, _ key: String
    ) throws(SecretsError) -> [Digest32: SignedHead] {
        let bytes = try filed { () throws(FileError) in
            try readPrivateFile(path, maximumBytes: maximumBytes)
        }
        guard let bytes else { return [:] }
        let found: (key: String, heads: [Digest32: SignedHead])
        do throws(CBORError) { found = try decode(bytes) } catch {
            throw .memoryFile(path: path, error)
        }
        guard found.key == key else {
            throw .memoryOfOtherKey(path: path, expected: key, found: found.key)
        }
        return found.heads
    }

    // MARK: The file

    /// Encodes a memory file: deterministic CBOR,
    ///
    ///     { "key": text, "heads": [ [ledger, size, root] … ], "version": 1 }
    ///
    /// with the ledgers in the order of their ids.
    private static func encode(_ heads: [Digest32: SignedHead], of key: String) -> [UInt8] {
        let items = heads.sorted { $0.key < $1.key }.map { ledger, head -> CBORValue in
            [.digest(ledger), .unsigned(head.size), .digest(head.root)]
        }
        let file: CBORValue = ["key": .text(key), "heads": .array(items), "version": 1]
        return file.encoded
    }

    /// Decodes a memory file; strict in every field.
    private static func decode(
        _ bytes: [UInt8]
    ) throws(CBORError) -> (key: String, heads: [Digest32: SignedHead]) {
        var reader = CBORReader(bytes.span)
        var file = try reader.openMap()
        try reader.key("key", in: &file)
        let key = try reader.text(maximum: 128)
        try reader.key("heads", in: &file)
        var heads: [Digest32: SignedHead] = [:]
        var previous: Digest32?
        for _ in 0..<(try reader.openArray(maximum: maximumLedgers)) {
            let start = reader.offset
            try reader.openArray(exactly: 3)
            let ledger = try reader.digest()
            guard previous.map({ $0 < ledger }) ?? true else {
                throw .refused(offset: start, rule: "ledgers are not in order or repeat")
            }
            previous = ledger
            heads[ledger] = SignedHead(
                size: try reader.unsigned(), root: try reader.digest())
        }
        try reader.key("version", in: &file)
        let start = reader.offset
        let version = try reader.unsigned()
        guard version == 1 else {
            throw .unexpected(offset: start, expected: "version 1", found: "\(version)")
        }
        try reader.close(file)
        try reader.end()
        return (key, heads)
    }
}
