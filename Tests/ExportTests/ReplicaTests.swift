import Bytes
import Copies
import Events
import Export
import Foundation
import Merkle
import StateTestSupport
import TestSupport
import Testing

@Suite struct `Replicas` {
    /// A replica of a small ledger, and the delta of what came after it.
    private struct Pair {
        let folder: TemporaryFolder
        let replica: Replica
        var delta: SampleExport

        /// - Parameter changing: what is different in the delta, whose manifest is then made anew.
        init(signing: Bool = true, _ changing: (inout SampleExport) -> Void = { _ in }) throws {
            let folder = try TemporaryFolder()
            var ledger = try ExportAuditTests.smallLedger()
            let ended = try ledger.initiate(.suspendMember("bob"), by: "alice")
            try ledger.record(.aborted(Aborted(request: ended, reason: nil)), by: "alice")
            let whole = try SampleExport(ledger)
            replica = try whole.withFolder {
                try Replica.create(folder.file("replica"), from: $0)
            }
            let old = UInt64(ledger.entries.count)
            for value: UInt8 in [7, 8, 9] {
                ledger.keep([value])
                try ledger.record(
                    .attached(
                        // The delta alone does not hold what the request was.
                        Attached(document: BlobReference([value]), label: "more", request: ended)),
                    by: "bob")
            }
            var delta = try SampleExport(ledger)
            delta.files["since"] = whole.files["checkpoint"]
            let leaves = LeafHashes(ledger.entries.map { leafHash($0.encoded) })
            let proof = try proveConsistency(
                from: old, to: UInt64(ledger.entries.count), leaves)
            delta.files["consistency"] = Array(HashLines.encode(proof).utf8)
            // Checkpoints up to the start are the recipient's own.
            try delta.sign()
            changing(&delta)
            if signing { try delta.sign() }
            self.delta = delta
            self.folder = folder
        }

        func apply() throws -> Replica { try delta.withFolder { try replica.applying($0) } }
    }

    /// The hashes of a small tree, computed from its leaves.
    private struct LeafHashes: HashReader {
        let leaves: [Digest32]

        init(_ leaves: [Digest32]) { self.leaves = leaves }

        func hash(level: Int, index: UInt64) throws(MerkleError) -> Digest32 {
            var range = CompactRange()
            let width = 1 << level
            for leaf in leaves[Int(index) * width..<(Int(index) + 1) * width] {
                range.append(leaf)
            }
            return range.root
        }
    }

    @Test func `a sound delta brings a replica on`() throws {
        let pair = try Pair()
        let next = try pair.apply()
        #expect(next.checkpoint.size == pair.replica.checkpoint.size + 3)
        #expect(try Replica(pair.replica.folder).checkpoint == next.checkpoint)
    }

    @Test(arguments: ["\n\n", "\n", ""])
    func `a proof that is not written as it should be is not taken up`(_ before: String) throws {
        for signing in [true, false] {
            let pair = try Pair(signing: signing) { delta in
                let text = String(decoding: delta.files["consistency"] ?? [], as: UTF8.self)
                delta.files["consistency"] = Array((before + text.dropLast()).utf8)
            }
            #expect(throws: ReplicaRefusal.self) { try pair.apply() }
            #expect(
                try Replica(pair.replica.folder).checkpoint == pair.replica.checkpoint)
        }
    }

    @Test(arguments: ["README.txt", "schemas/event.cddl", "tlog-policy"])
    func `a delta with a file that its manifest does not list so is not taken up`(
        _ file: String
    ) throws {
        let pair = try Pair(signing: false) { $0.files[file]?.append(0x0a) }
        let error = #expect(throws: ReplicaRefusal.self) { try pair.apply() }
        #expect("\(String(describing: error))".contains("SHA256SUMS"))
        #expect(try Replica(pair.replica.folder).checkpoint == pair.replica.checkpoint)
    }
}
