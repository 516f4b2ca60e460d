internal import Acting
internal import Events
internal import Foundation
internal import Ledger
internal import Merkle
internal import State
internal import Synchronization

/// The machine that the ledger is on: the folder, and two writers that know nothing of each other's
/// states, as two processes would. They live until the next crash.
struct Machine {
    let folder: String
    private let clock = Clock()
    private(set) var log: Log?
    private(set) var writers: [LedgerWriter] = []

    /// The time that the writers see.
    final class Clock: Sendable {
        private let time = Mutex<UInt64>(0)
        var now: UInt64 {
            get { time.withLock { $0 } }
            set { time.withLock { $0 = newValue } }
        }
    }

    init(folder: String) { self.folder = folder }

    var now: UInt64 {
        get { clock.now }
        nonmutating set { clock.now = newValue }
    }

    /// Founds the ledger on the machine.
    mutating func found(_ submission: Submission) throws {
        try OpenLedger.found(submission, in: folder, clock: { [clock] in clock.now })
        try open()
    }

    /// Starts anew from what is on the disk.
    mutating func open() throws {
        stop()
        log = try Log.open(folder, .readWrite)
        startWriters()
    }

    /// Ends every process; nothing is left but the folder.
    mutating func stop() {
        writers = []
        log = nil
    }

    private mutating func startWriters() {
        guard let log else { return }
        let clock = clock
        writers = (0..<2).map { _ in
            LedgerWriter(log, isClockConfirmed: true) { clock.now }
        }
    }

    /// The log, which is open while writers run.
    func openLog() throws -> Log {
        guard let log else { throw CocoaError(.fileNoSuchFile) }
        return log
    }

    func head() throws -> TreeHead {
        try openLog().read { view throws(LedgerError) in
            TreeHead(size: view.size, root: try view.root())
        }
    }

    /// Puts an older copy in the database's place, and keeps the head file.
    mutating func lose(for backup: String) throws {
        stop()
        for name in ["ledger.mdb", "ledger.mdb-lock"] {
            try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        }
        try Log.restore(from: backup, to: folder)
    }
}
