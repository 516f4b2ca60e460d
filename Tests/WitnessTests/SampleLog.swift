import Bytes
import Foundation
import Merkle
import Synchronization
import Witness

/// A log of numbered leaves that signs whatever tree it is asked for; `branch` tells two apart that
/// agree on their first `common` leaves.
struct SampleLog: HashReader, Sendable {
    let signer: CheckpointSigner
    let leaves: [Digest32]

    init(_ origin: String = "log/1", branch: UInt8 = 0, common: Int = 0, size: Int = 64) throws {
        signer = try CheckpointSigner(name: origin, seed: sha256(Array(origin.utf8)))
        leaves = (0..<size).map { leafHash([UInt8($0), $0 < common ? 0 : branch]) }
    }

    func hash(level: Int, index: UInt64) throws(Never) -> Digest32 {
        let width = UInt64(1) << UInt64(level)
        var range = CompactRange()
        for place in index * width..<(index + 1) * width { range.append(leaves[Int(place)]) }
        return range.root
    }

    func checkpoint(_ size: UInt64) throws -> SignedCheckpoint {
        let root = size == 0 ? emptyTreeRoot : root(size: size, self)
        return try signer.sign(
            Checkpoint(origin: signer.key.name, size: size, root: root)
        ).signed
    }

    func request(_ old: UInt64, _ new: UInt64) throws -> AddCheckpoint {
        try AddCheckpoint(
            oldSize: old, proof: proveConsistency(from: old, to: new, self),
            checkpoint: checkpoint(new))
    }

    func body(_ old: UInt64, _ new: UInt64) throws -> [UInt8] {
        Array(try request(old, new).encodedText.utf8)
    }
}

/// A witness in a folder of its own, whose clock goes one second with every cosignature.
final class SampleWitness: Sendable {
    static let key = Result {
        try CheckpointSigner(name: "w/1", kind: .cosignature, seed: leafHash([1]))
    }
    static let fullKey = Result {
        try CheckpointSigner(name: "w/1-full", kind: .cosignature, seed: leafHash([2]))
    }

    let folder: String
    private let time = Mutex<UInt64>(1_000)

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Lets so many seconds pass.
    func pass(_ seconds: UInt64) { time.withLock { $0 += seconds } }

    func create(_ logs: SampleLog...) throws -> WitnessStore {
        let store = try WitnessStore.create(
            folder, key: Self.key.get().key, fullKey: Self.fullKey.get().key)
        for log in logs { try store.add(.init(key: log.signer.key)) }
        return store
    }

    func witness(
        _ store: WitnessStore, full: CosigningWitness.FullReplay? = nil
    ) throws -> CosigningWitness {
        try CosigningWitness(store, signer: Self.key.get(), full: full) {
            self.time.withLock { time in
                time += 1
                return time
            }
        }
    }
}
