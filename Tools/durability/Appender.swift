internal import Acting
internal import Bytes
internal import Events
internal import Foundation
internal import Keys
internal import Ledger
internal import SampleLedger
internal import Secrets
internal import State
internal import Synchronization

/// A process that appends until it is killed: several members, one thread each, through one
/// ``GroupCommit``. Each event is acknowledged in a file of its own only after the answer has come.
struct Appender {
    static let threads = 4

    private let folder: String
    private let number: Int

    init(folder: String, number: ArraySlice<String>) throws {
        guard let number = number.first.flatMap({ Int($0) }) else {
            throw CocoaError(.featureUnsupported)
        }
        self.folder = folder
        self.number = number
    }

    /// Where a process notes what was acknowledged: lines of position and event id.
    static func path(_ folder: String, _ process: Int) -> String {
        "\(folder)/acknowledged-\(process)"
    }

    func run() throws {
        let log = try Log.open(folder + "/ledger", .readWrite)
        let writer = LedgerWriter(log, isClockConfirmed: true) { SampleLedger.epoch }
        let commits = GroupCommit(writer)
        let sample = try SampleLedger(members: (number + 1) * Self.threads)
        let state = try writer.state()
        let path = Self.path(folder, number)
        let notes = Notes(unsafe open(path, O_WRONLY | O_APPEND | O_CREAT, 0o600))
        for signer in sample.signers.suffix(Self.threads) {
            let next = state.authors[signer.key.publicKey.id]?.nextSequence ?? 0
            Thread.detachNewThread {
                do {
                    try append(signer, from: next, ledger: state.ledger, commits, log, notes)
                } catch {
                    say("killtest: process \(number) stopped by itself: \(error)")
                    exit(70)
                }
            }
        }
        while true { sleep(60) }
    }

    private func append(
        _ signer: Signer, from first: UInt64, ledger: Digest32, _ commits: GroupCommit, _ log: Log,
        _ notes: Notes
    ) throws {
        for sequence in first... {
            let event = try signer.attest(sequence: sequence, seen: log.treeHead(), ledger: ledger)
            let answer = Mutex<Result<Receipt, SubmissionError>?>(nil)
            let done = DispatchSemaphore(value: 0)
            commits.submit(Submission(event)) { result in
                answer.withLock { $0 = result }
                done.signal()
            }
            done.wait()
            guard let receipt = try answer.withLock({ try $0?.get() }) else { return }
            notes.write("\(receipt.position) \(event.id.hex)\n")
        }
    }

    /// The file of acknowledgements; a line is on the disk when `write` returns.
    private final class Notes: Sendable {
        private let descriptor: Int32

        init(_ descriptor: Int32) { self.descriptor = descriptor }

        func write(_ line: String) {
            let bytes = Array(line.utf8)
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Foundation.write(descriptor, buffer.baseAddress, buffer.count)
            }
            precondition(count == bytes.count && fdatasync(descriptor) == 0, "the note is durable")
        }
    }
}
