import Acting
import Bytes
import Events
import Foundation
import Ledger
import SampleLedger
import State
import Testing

/// Blobs on their way into the log: documents must come, names may, and nothing else does.
@Suite struct BlobTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString)"
    private let salt = sha256(Array("salt".utf8))

    /// Submits a fact of the first member with these blobs to a new ledger.
    private func submit(
        _ fact: Fact, _ blobs: [[UInt8]]
    ) throws -> (answer: Result<Receipt, SubmissionError>, stored: Set<Digest32>) {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let sample = try SampleLedger(members: 1)
        let writer = try sample.found(in: folder + "/ledger") { SampleLedger.epoch }
        let event = try sample.signers[0].sign(
            fact, sequence: sample.firstSequence(of: 0), seen: try writer.log.treeHead(),
            ledger: sample.id)
        let checked = try #require(
            CheckedSubmission(Submission(event, blobs: blobs), keys: writer.keys))
        let answer = try writer.append([checked])[0]
        var stored: Set<Digest32> = []
        try writer.log.read { view throws(LedgerError) in
            try view.forEachBlob { digest, _ throws(LedgerError) in
                stored.insert(digest)
                return true
            }
        }
        return (answer, stored)
    }

    private func attaching(_ blob: [UInt8]) -> Fact {
        .attached(Attached(document: BlobReference(blob), label: "a document", request: nil))
    }

    private func enrolling(_ blob: [UInt8]) throws -> Fact {
        let sample = try SampleLedger(members: 2)
        let stranger = try sample.signers[1].sign(
            attaching(blob), sequence: 0, seen: .empty, ledger: sample.id)
        return .initiated(
            Initiated(
                request: .enrolMember(
                    Enrolment(
                        member: try #require(MemberName(String("newcomer"))),
                        key: stranger.author, roles: [], person: sha256(blob))),
                expires: SampleLedger.epoch + 3_600_000, reference: nil))
    }

    @Test func `a document is stored with its event, and a stowaway is not`() throws {
        let document = SaltedValue(Array("the contract".utf8), salt: salt)
        let (answer, stored) = try submit(
            attaching(document.blob), [Array("stowaway".utf8), document.blob, document.blob])
        #expect(try answer.get().position == 2)
        #expect(stored == [document.digest])
    }

    @Test func `an event is refused whose document does not come with it`() throws {
        let document = SaltedValue(Array("the contract".utf8), salt: salt).blob
        for blobs in [[], [Array(document.dropLast())], [document + [0]]] {
            let (answer, stored) = try submit(attaching(document), blobs)
            guard case .failure(.refused(let refusal)) = answer else {
                Issue.record("\(answer)")
                continue
            }
            #expect(refusal.rule == .blobMissing)
            #expect(stored == [])
        }
    }

    @Test func `a name is stored when it comes and not missed when it does not`() throws {
        let name = try #require(SaltedValue(name: "A name", salt: salt))
        for blobs in [[name.blob], []] {
            let (answer, stored) = try submit(try enrolling(name.blob), blobs)
            #expect(try answer.get().position == 2)
            #expect(stored == Set(blobs.map { sha256($0) }))
        }
    }

    @Test func `what comes as a name and is none is refused`() throws {
        let names = [
            [], [0xff], Array("two\nlines".utf8), [UInt8](repeating: 0x78, count: 257),
            [UInt8](repeating: 0x78, count: SaltedValue.valueLimit),
        ]
        for name in names {
            let blob = salt.array + name
            let (answer, stored) = try submit(try enrolling(blob), [blob])
            guard case .failure(.refused(let refusal)) = answer else {
                Issue.record("\(name.count) bytes: \(answer)")
                continue
            }
            #expect(refusal.reason.contains("are no name"))
            #expect(stored == [])
        }
    }
}
