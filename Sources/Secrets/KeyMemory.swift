public import Bytes
internal import Files

/// What a key has to remember between two uses, for each ledger: the newest head that its owner has
/// replayed, its next event's number, and the event that is on its way.
///
/// It lies beside the key, in clear, and is open in one process at a time. It keeps an owner from
/// acting on an old copy of the ledger and from signing two events with one number. It does not
/// protect against who can write to the owner's folder: that one can put back an old memory.
///
/// Every change is on the disk before its call returns; each costs two fsyncs.
public struct KeyMemory: ~Copyable {
    private let path: String
    private let key: String
    private let lock: FileLock
    private var ledgers: [Digest32: LedgerMemory]

    /// The most ledgers that one key may take part in.
    public static let maximumLedgers = 64
    /// The longest file that is read, in bytes.
    static let maximumBytes = HeldEvent.maximumBytes * 2

    /// How a ledger answered an event.
    public enum Answer: Sendable {
        /// The event is in the log, durably.
        case recorded
        /// The event will never be in the log.
        case refused
    }

    /// Opens the memory at `path` of the key with this public part; there is none before the first
    /// change. The lock is a file beside it, since the memory itself is replaced at every change.
    ///
    /// Throws ``SecretsError/inUse(path:)``, ``SecretsError/memoryFile(path:_:)``, or
    /// ``SecretsError/memoryOfOtherKey(path:expected:found:)``.
    init(path: String, lockPath: String, of publicPart: PublicPart) throws(SecretsError) {
        let key = publicPart.text
        guard let lock = try filed({ () throws(FileError) in try FileLock(lockPath) }) else {
            throw .inUse(path: lockPath)
        }
        ledgers = try Self.load(path, key)
        self.path = path
        self.key = key
        self.lock = lock
    }

    // MARK: Asking

    /// The newest head of `ledger` that was remembered.
    public func head(of ledger: Digest32) -> ReplayedHead? { ledgers[ledger]?.head }

    /// The number of the key's next event in `ledger`.
    public func nextSequence(in ledger: Digest32) -> UInt64 { ledgers[ledger]?.nextSequence ?? 0 }

    /// The event on its way to `ledger`, which must be sent again until it is answered.
    public func heldEvent(for ledger: Digest32) -> HeldEvent? { ledgers[ledger]?.held }

    /// The ledgers to which an event is on its way, in the order of their ids.
    public var ledgersWithHeldEvents: [Digest32] {
        ledgers.filter { $0.value.held != nil }.keys.sorted()
    }

    // MARK: Changing

    /// Remembers a head that was just replayed, in whose state the key has `ownEvents` events.
    ///
    /// That a larger head extends the remembered one is the caller's to have proven, by replaying
    /// or by a consistency proof; sizes and roots alone can not show it. Throws
    /// ``SecretsError/headOlder(remembered:offered:)`` for a smaller size,
    /// ``SecretsError/headDiffers(remembered:offered:)`` for another root or state at the same
    /// size, and ``SecretsError/ownEventsMissing(remembered:found:)`` when recorded events are
    /// gone. Then nothing is changed.
    public mutating func remember(
        _ head: ReplayedHead, ownEvents: UInt64, of ledger: Digest32
    ) throws(SecretsError) {
        var memory = ledgers[ledger] ?? LedgerMemory()
        if let remembered = memory.head {
            guard head.size >= remembered.size else {
                throw .headOlder(remembered: remembered, offered: head)
            }
            guard head.size > remembered.size || head == remembered else {
                throw .headDiffers(remembered: remembered, offered: head)
            }
        }
        guard ownEvents >= memory.nextSequence else {
            throw .ownEventsMissing(remembered: memory.nextSequence, found: ownEvents)
        }
        memory.head = head
        memory.nextSequence = ownEvents
        try store(memory, for: ledger)
    }

    /// Holds a signed event before it is sent.
    ///
    /// Holding the same event again changes nothing. Throws ``SecretsError/eventHeld(sequence:)``
    /// while another one is held, and ``SecretsError/sequence(expected:found:)``.
    public mutating func hold(_ event: HeldEvent, for ledger: Digest32) throws(SecretsError) {
        var memory = ledgers[ledger] ?? LedgerMemory()
        if let held = memory.held {
            guard held == event else { throw .eventHeld(sequence: held.sequence) }
            return
        }
        guard event.sequence == memory.nextSequence else {
            throw .sequence(expected: memory.nextSequence, found: event.sequence)
        }
        memory.held = event
        try store(memory, for: ledger)
    }

    /// Notes that the held event may leave this machine, before it does; nothing when none is held.
    public mutating func noteLeaving(for ledger: Digest32) throws(SecretsError) {
        guard var memory = ledgers[ledger], let held = memory.held, !held.mayHaveLeft else {
            return
        }
        memory.held = try HeldEvent(
            sequence: held.sequence, event: held.event, blobs: held.blobs)
        try store(memory, for: ledger)
    }

    /// Lets the held event go, now that the ledger has answered it; a recorded one has used up its
    /// number. Throws ``SecretsError/eventNotHeld(sequence:)``.
    public mutating func acknowledge(
        _ sequence: UInt64, _ answer: Answer, by ledger: Digest32
    ) throws(SecretsError) {
        guard var memory = ledgers[ledger], let held = memory.held, held.sequence == sequence else {
            throw .eventNotHeld(sequence: sequence)
        }
        memory.held = nil
        if answer == .recorded { memory.nextSequence = max(memory.nextSequence, sequence + 1) }
        try store(memory, for: ledger)
    }

    private mutating func store(
        _ memory: LedgerMemory, for ledger: Digest32
    ) throws(SecretsError) {
        guard ledgers[ledger] != memory else { return }
        var changed = ledgers
        changed[ledger] = memory
        guard changed.count <= Self.maximumLedgers else {
            throw .memoryLimit(
                field: "ledgers of a key", found: changed.count, maximum: Self.maximumLedgers)
        }
        let bytes = encodeMemory(changed, of: key)
        guard bytes.count <= Self.maximumBytes else {
            throw .memoryLimit(
                field: "bytes of all held events", found: bytes.count, maximum: Self.maximumBytes)
        }
        try filed { () throws(FileError) in try replaceFile(path, with: bytes) }
        ledgers = changed
    }

    private static func load(
        _ path: String, _ key: String
    ) throws(SecretsError) -> [Digest32: LedgerMemory] {
        let bytes = try filed { () throws(FileError) in
            try readPrivateFile(path, maximumBytes: maximumBytes)
        }
        guard let bytes else { return [:] }
        let found: (key: String, ledgers: [Digest32: LedgerMemory])
        do throws(CBORError) {
            found = try decodeMemory(bytes)
        } catch { throw .memoryFile(path: path, error) }
        guard found.key == key else {
            throw .memoryOfOtherKey(path: path, expected: key, found: found.key)
        }
        return found.ledgers
    }
}
