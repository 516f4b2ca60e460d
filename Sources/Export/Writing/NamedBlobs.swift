internal import Bytes
internal import Events
internal import Ledger
internal import State

/// Which blobs the entries in some places name.
struct NamedBlobs {
    let ledger: Digest32
    let positions: Range<UInt64>

    /// How many digests are held at a time.
    static let batch = 1 << 16

    /// Hands over every digest that the entries name, in ascending order, each once.
    ///
    /// Memory does not grow with their number: the entries are read again for each 65,536.
    func forEach(
        _ view: borrowing LogView, _ body: (Digest32) throws(ExportError) -> Void
    ) throws(ExportError) {
        var last: Digest32?
        while true {
            let digests = try smallest(above: last, view)
            for digest in digests { try body(digest) }
            guard digests.count == Self.batch else { return }
            last = digests.last
        }
    }

    private func smallest(
        above last: Digest32?, _ view: borrowing LogView
    ) throws(ExportError) -> [Digest32] {
        var found: Set<Digest32> = []
        try forEachName(view) { digest in
            if let last, digest <= last { return }
            found.insert(digest)
            guard found.count >= 2 * Self.batch else { return }
            found = Set(found.sorted().prefix(Self.batch))
        }
        return Array(found.sorted().prefix(Self.batch))
    }

    /// Hands over the digests in the order of the entries.
    func forEachName(
        _ view: borrowing LogView, _ body: (Digest32) -> Void
    ) throws(ExportError) {
        try view.forEachEntry(positions) { (position, bytes) throws(ExportError) in
            do {
                let entry = try Entry(decoding: bytes)
                let event = try SignedEvent(
                    decoding: entry.event, ledger: position == 0 ? nil : ledger)
                for digest in event.event.fact.blobDigests { body(digest) }
            } catch {
                throw .damaged("the entry at position \(position) can not be read: \(error)")
            }
            return true
        }
    }
}
