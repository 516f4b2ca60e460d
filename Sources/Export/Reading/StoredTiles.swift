package import Audit
package import Bytes
internal import Merkle
internal import Synchronization

/// The hash tiles of an export, for roots of older sizes. What they say is not believed: it is used
/// for proofs alone.
package struct StoredTiles: HashReader, Sendable {
    let folder: EvidenceFolder
    /// The tree's size.
    let size: UInt64

    /// Names the tiles of a folder whose tree has `size` leaves.
    package init(_ folder: EvidenceFolder, size: UInt64) {
        self.folder = folder
        self.size = size
    }

    /// Why a hash could not be had.
    package enum Failure: Error {
        /// No such tile is here, as in a delta.
        case outOfReach
        /// A tile can not be read.
        case unreadable(AuditError)
    }

    package func hash(level: Int, index: UInt64) throws(Failure) -> Digest32 {
        let place = Tile.position(ofLevel: level, index: index)
        guard let tile = Tile(level: place.level, index: place.tile, size: size),
            let hashes = try hashes(of: tile), place.first + place.count <= hashes.count
        else { throw .outOfReach }
        var range = CompactRange()
        for hash in hashes[place.first..<place.first + place.count] { range.append(hash) }
        return range.root
    }

    /// The hashes of a tile; nil when it is not here in its full length.
    func hashes(of tile: Tile) throws(Failure) -> [Digest32]? {
        let content: EvidenceFolder.Content
        do { content = try folder.read(.tile(tile)) } catch { throw .unreadable(error) }
        guard case .bytes(let bytes) = content, bytes.count == 32 * tile.width else { return nil }
        return bytes.digests
    }

    /// The root at `size` with the proof that the tree of `newSize` leaves extends it; nil when it
    /// is out of reach.
    package func provenRoot(
        at size: UInt64, in newSize: UInt64
    ) throws(AuditError) -> OlderRoots.Proven? {
        do throws(Failure) {
            return (
                root: try root(size: size, self),
                proof: try proveConsistency(from: size, to: newSize, self)
            )
        } catch {
            guard case .unreadable(let reason) = error else { return nil }
            throw reason
        }
    }
}

extension [UInt8] {
    /// The bytes in groups of 32; what is left over is not among them.
    var digests: [Digest32] {
        stride(from: 0, through: count - 32, by: 32).compactMap {
            Digest32(Array(self[$0..<$0 + 32]))
        }
    }
}
