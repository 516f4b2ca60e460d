import Acting
import ActingTestSupport
import Bitcoin
import Bytes
import Events
import Foundation
import Keys
import Ledger
import Merkle
import Secrets
import State
import StateTestSupport
import TestSigning
import TestSupport
import Testing

/// A treasury in a real folder, written by the real writer, with the key files of its people, and a
/// clock that stands until a test moves it.
final class TreasuryFolder {
    let memory: MemoryLedger
    let keystore: Keystore
    private let folder: TemporaryFolder
    private let time: TestClock
    /// A process opens a database once.
    private var opened: [String: OpenLedger] = [:]

    /// What tells the time here.
    var clock: WallClock { time.clock }
    /// The ledger's folder.
    var path: String { folder.file("ledger") }

    /// Writes a treasury; each of its people has an event key, and the holders a wallet key.
    init(_ memory: MemoryLedger) throws {
        self.memory = memory
        folder = try TemporaryFolder()
        keystore = try Keystore(folder: folder.file("keys"))
        time = TestClock(memory.entries[0].recorded)
        opened["ledger"] = try memory.write(to: path, time)
        for name in memory.keys.keys { try addEventKey(name.text) }
        for (index, name) in Treasury.holders.enumerated() {
            try add(
                "\(name.text)-wallet", .wallet(.test), sha256(Array("main\(index)".utf8)).array)
        }
        try add("log", .note(.log), MemoryLedger.logSeed.array)
    }

    /// The treasury with its wallet `main`, each amount a coin of one confirmation.
    convenience init(_ amounts: Amount...) throws {
        var memory = try Treasury.staged()
        _ = try memory.fund(amounts)
        try self.init(memory)
    }

    func advance(by milliseconds: UInt64) { time.set(clock() + milliseconds) }

    /// Opens the ledger; the operator vouches for the clock, as campaigns jump.
    func open(_ name: String = "ledger") throws -> OpenLedger {
        if let open = opened[name] { return open }
        let open = try OpenLedger(
            folder.file(name), .readWrite, isClockConfirmed: true, clock: clock)
        opened[name] = open
        return open
    }

    /// A path beside the ledger.
    func file(_ name: String) -> String { folder.file(name) }

    /// Copies the ledger's folder as it is.
    func copy(to name: String) throws {
        try FileManager.default.copyItem(atPath: path, toPath: folder.file(name))
    }

    // MARK: Keys

    /// Stores a key of these 32 bytes, cheaply sealed.
    func add(_ name: String, _ kind: KeyKind, _ secret: [UInt8]) throws {
        var generator = SystemRandomNumberGenerator()
        let file = try KeyFile(
            sealing: SecretBytes(copying: secret.span), of: kind, name: try KeyName(name),
            under: try Self.passphrase(),
            cost: try ScryptCost(rounds: 16, blockSize: 8, parallelism: 1), using: &generator)
        try keystore.add(file)
    }

    func addEventKey(_ name: String) throws {
        let text = try MemoryLedger.key(name).text
        let bytes = try #require(decodeBase58Check(text))
        try add(name, .event, Array(bytes[46...]))
    }

    static func passphrase() throws -> Passphrase {
        try Passphrase(SecretBytes(copying: Array("correct horse".utf8).span))
    }

    func keyFile(_ name: String) throws -> KeyFile { try keystore.find(try KeyName(name)) }

    func eventKey(_ name: String) throws -> SecretKey {
        try keyFile(name).openEventKey(try Self.passphrase())
    }

    // MARK: Acting

    func desk(_ name: String, at place: Workplace? = nil) throws -> AuthorDesk {
        try AuthorDesk(
            try KeyName(name), in: keystore, at: try place ?? .ledger(open()), clock: clock)
    }

    /// Has somebody say something at the ledger, or over a file.
    @discardableResult
    func act(
        _ name: String, at place: Workplace? = nil,
        _ intend: (Brief) throws -> Intention
    ) throws -> Delivery {
        var desk = try desk(name, at: place)
        let prepared = try desk.prepare(try intend(desk.brief))
        return try desk.author(prepared, with: try eventKey(name))
    }

    /// What an author of this name acts upon.
    func brief() throws -> Brief {
        try Brief(try open(), since: nil, clock: clock)
    }

    /// Signs a checkpoint over the head.
    @discardableResult
    func checkpoint() throws -> Checkpoint {
        let signed = try open().signCheckpoint(from: keystore) { _ in try Self.passphrase() }
        return try #require(signed).checkpoint
    }

    /// A request file as somebody on another machine reads it.
    func requestFile(_ request: Digest32? = nil, since: UInt64 = 0) throws -> RequestFile {
        try checkpoint()
        let file = try RequestFile(from: try open(), request: request, start: since)
        return try RequestFile(decoding: file.encoded, named: "r.request")
    }
}

extension AuthorDesk {
    /// Prepares and signs one intention.
    mutating func author(
        _ intention: Intention, with key: borrowing SecretKey
    ) throws -> Delivery {
        try author(try prepare(intention), with: key)
    }
}

/// The ``ActingError`` that a body throws; anything else is recorded as a failure.
func actingError(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) -> ActingError? {
    do {
        try body()
        Issue.record("nothing was refused", sourceLocation: sourceLocation)
    } catch let error as ActingError {
        return error
    } catch { Issue.record(error, sourceLocation: sourceLocation) }
    return nil
}
