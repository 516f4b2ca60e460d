import Acting
import Bytes
import Dispatch
import Events
import Foundation
import Ledger
import SampleLedger
import Synchronization
import Testing

@Suite struct GroupCommitTests {
    private static let members = 6
    private let folder = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString)"

    private func founded() throws -> (SampleLedger, LedgerWriter) {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let sample = try SampleLedger(members: Self.members)
        return (sample, try sample.found(in: folder + "/ledger") { SampleLedger.epoch })
    }

    @Test func `events of one author are recorded in the order in which they were submitted`()
        async throws
    {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (sample, writer) = try founded()
        let commits = GroupCommit(writer)
        let head = try writer.log.treeHead()
        let each: UInt64 = 40
        let events = try (0..<each).flatMap { step in
            try sample.signers.map { signer in
                try signer.attest(
                    sequence: sample.firstSequence(of: signer.number) + step, seen: head,
                    ledger: sample.id)
            }
        }
        // All are submitted before the first answer is looked at.
        let (answers, pen) = AsyncThrowingStream.makeStream(of: UInt64.self)
        for event in events {
            commits.submit(Submission(event)) { result in
                switch result {
                case .success(let receipt): pen.yield(receipt.position)
                case .failure(let error): pen.finish(throwing: error)
                }
            }
        }
        var positions: [UInt64] = []
        for try await position in answers {
            positions.append(position)
            if positions.count == events.count { break }
        }
        #expect(positions == Array(head.size..<head.size + UInt64(events.count)))
    }

    @Test func `an event whose signature is wrong is refused alone`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (sample, writer) = try founded()
        let commits = GroupCommit(writer)
        let head = try writer.log.treeHead()
        let signer = sample.signers[3]
        let good = try signer.attest(sequence: 1, seen: head, ledger: sample.id)
        var bytes = good.bytes
        bytes[bytes.count - 1] ^= 1
        let damaged = Submission(try SignedEvent(decoding: bytes, ledger: sample.id))
        await #expect(throws: SubmissionError.invalidSignature) {
            try await commits.submit(damaged)
        }
        #expect(try await commits.submit(Submission(good)).position == head.size)
        // The same bytes again have their first place.
        let again = try await commits.submit(Submission(good))
        #expect(again.position == head.size && again.isRepetition)
    }

    @Test func `two events of one number are an equivocation, and both are kept`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (sample, writer) = try founded()
        let commits = GroupCommit(writer)
        let head = try writer.log.treeHead()
        let signer = sample.signers[1]
        let first = try signer.attest(sequence: 1, seen: head, ledger: sample.id)
        let second = try signer.sign(
            .attested(Attested(head: head, state: head.root, findings: 7)), sequence: 1,
            seen: head, ledger: sample.id)
        _ = try await commits.submit(Submission(first))
        await #expect(throws: SubmissionError.self) {
            try await commits.submit(Submission(second))
        }
        var kept: [[UInt8]] = []
        try writer.log.read { view throws(LedgerError) in
            try view.forEachEvidence { _, bytes throws(LedgerError) in
                kept.append([UInt8](capacity: bytes.count) { $0.append(bytes) })
                return true
            }
        }
        #expect(kept == [second.bytes])
    }

    @Test func `of the refused events of one key the first sixteen are kept`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (sample, writer) = try founded()
        let commits = GroupCommit(writer)
        let head = try writer.log.treeHead()
        func equivocations(by number: Int) throws -> [SignedEvent] {
            try (0..<20).map { findings in
                try sample.signers[number].sign(
                    .attested(Attested(head: head, state: head.root, findings: findings)),
                    sequence: 0, seen: head, ledger: sample.id)
            }
        }
        for number in 1...2 {
            for event in try equivocations(by: number) + equivocations(by: number) {
                #expect(throws: SubmissionError.self) { try commits.append(Submission(event)) }
            }
        }
        var kept = 0
        try writer.log.read { view throws(LedgerError) in
            try view.forEachEvidence { _, _ throws(LedgerError) in
                kept += 1
                return true
            }
        }
        #expect(kept == 2 * LedgerWriter.evidenceLimit)
    }

    @Test func `whoever waits for his event has the answer on his own thread`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (sample, writer) = try founded()
        let commits = GroupCommit(writer)
        let head = try writer.log.treeHead()
        let good = try sample.signers[2].attest(sequence: 1, seen: head, ledger: sample.id)
        var bytes = good.bytes
        bytes[bytes.count - 1] ^= 1
        let damaged = Submission(try SignedEvent(decoding: bytes, ledger: sample.id))
        #expect(throws: SubmissionError.invalidSignature) { try commits.append(damaged) }
        #expect(try commits.append(Submission(good)).position == head.size)
        let again = try commits.append(Submission(good))
        #expect(again.position == head.size && again.isRepetition)
        let early = try sample.signers[2].attest(sequence: 3, seen: head, ledger: sample.id)
        #expect(throws: SubmissionError.self) { try commits.append(Submission(early)) }
        let next = try sample.signers[2].attest(sequence: 2, seen: head, ledger: sample.id)
        #expect(try commits.append(Submission(next)).position == head.size + 1)
    }

    @Test func `those who wait and those who do not are all answered, each author's in order`()
        throws
    {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (sample, writer) = try founded()
        let commits = GroupCommit(writer)
        let head = try writer.log.treeHead()
        let each: UInt64 = 30
        let events = try sample.signers.map { signer in
            try (0..<each).map { step in
                try signer.attest(
                    sequence: sample.firstSequence(of: signer.number) + step, seen: head,
                    ledger: sample.id)
            }
        }
        let positions = Mutex<[Int: [UInt64]]>([:])
        let answered = DispatchGroup()
        // Half of the authors wait for each event, on threads of their own; half send all at once.
        for author in events.indices {
            for _ in 0..<each { answered.enter() }
            @Sendable func note(_ result: Result<Receipt, SubmissionError>) {
                if case .success(let receipt) = result {
                    positions.withLock { $0[author, default: []].append(receipt.position) }
                }
                answered.leave()
            }
            let submissions = events[author].map { Submission($0) }
            DispatchQueue(label: "author \(author)").async {
                for submission in submissions {
                    if author.isMultiple(of: 2) {
                        let result = Result { () throws(SubmissionError) in
                            try commits.append(submission)
                        }
                        note(result)
                    } else {
                        commits.submit(submission) { note($0) }
                    }
                }
            }
        }
        answered.wait()
        let found = positions.withLock { $0 }
        for author in events.indices {
            #expect(found[author]?.count == Int(each))
            #expect(found[author] == found[author]?.sorted())
        }
        let end = head.size + each * UInt64(events.count)
        #expect(found.values.flatMap(\.self).sorted() == Array(head.size..<end))
    }
}
