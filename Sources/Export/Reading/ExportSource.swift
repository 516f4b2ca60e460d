public import Audit
public import Bytes
internal import Events
internal import Merkle
internal import Synchronization

/// An export as a source of entries: bundles are read when they are wanted, and nothing of them is
/// kept but where requests were initiated.
public final class ExportSource: EventSource {
    let folder: EvidenceFolder
    /// How many entries the log has.
    public let size: UInt64
    /// The first entry that is in reach; beyond 0 for a delta.
    let start: UInt64
    private let requests = Mutex(RequestIndex())
    /// The entries that stood in the log before the replay began, and so are not in the index.
    private let unindexed: Mutex<UInt64>

    /// Names the entries of a folder: `size` of them, from `start` on.
    package init(_ folder: EvidenceFolder, size: UInt64, start: UInt64) {
        self.folder = folder
        self.size = size
        self.start = start
        unindexed = Mutex(0)
    }

    public func entries(_ positions: Range<UInt64>) throws(AuditError) -> [[UInt8]] {
        var entries: [[UInt8]] = []
        entries.reserveCapacity(positions.count)
        var next = positions.lowerBound
        while next < positions.upperBound {
            guard let tile = Tile(level: 0, index: next / 256, size: size) else { break }
            guard case .bytes(let bytes) = try folder.read(.entries(tile)) else { break }
            let bundle = EntryBundle(bytes, width: tile.width)
            // What stands in a file that can not be read is not judged.
            guard bundle.problem == nil else { break }
            let found = bundle.entries
            let first = Int(next % 256)
            let end = min(positions.upperBound, tile.index * 256 + UInt64(tile.width))
            entries += found[first..<first + Int(end - next)]
            next = end
        }
        return entries
    }

    public func blob(_ digest: Digest32) throws(AuditError) -> [UInt8]? {
        guard case .bytes(let bytes) = try folder.read(.blob(digest)) else { return nil }
        return bytes
    }

    public func position(ofRequest id: Digest32) throws(AuditError) -> UInt64? {
        try index(upTo: unindexed.withLock { $0 }, for: id)
        for place in requests.withLock({ $0.places(of: id) }) {
            guard let bytes = try entries(place..<place + 1).first,
                let entry = try? Entry(decoding: bytes.span),
                let ledger = try ledger(),
                let event = try? SignedEvent(decoding: entry.event, ledger: ledger),
                event.id == id
            else { continue }
            return place
        }
        return nil
    }

    // MARK: The index

    private let knownLedger = Mutex<Digest32?>(nil)

    /// The ledger's id, which event ids depend on: the founding event's.
    private func ledger() throws(AuditError) -> Digest32? {
        if let known = knownLedger.withLock({ $0 }) { return known }
        guard let bytes = try entries(0..<1).first,
            let entry = try? Entry(decoding: bytes.span),
            let founding = try? SignedEvent(decoding: entry.event, ledger: nil)
        else { return nil }
        knownLedger.withLock { $0 = founding.id }
        return founding.id
    }

    /// Says whose log it is, and how many entries the replay passes over.
    package func begin(_ ledger: Digest32, at size: UInt64) {
        knownLedger.withLock { $0 = ledger }
        unindexed.withLock { $0 = size }
    }

    /// Notes where an event stands that initiates a request.
    public func note(request: Digest32, at position: UInt64) {
        requests.withLock { $0.add(request, at: position) }
    }

    /// Looks through the entries that the replay has passed over, once, when an event names a
    /// request of theirs that is over.
    private func index(upTo end: UInt64, for id: Digest32) throws(AuditError) {
        guard end > 0, let ledger = try ledger(), requests.withLock({ $0.places(of: id) }).isEmpty
        else { return }
        guard start == 0 else {
            throw .unreadable(
                "an event names the request \(id.hex), which is not among the entries from "
                    + "\(start) on; verify the whole export")
        }
        for first in stride(from: 0, to: end, by: 512) {
            for (offset, bytes) in try entries(first..<min(first + 512, end)).enumerated() {
                guard let entry = try? Entry(decoding: bytes.span),
                    let event = try? SignedEvent(decoding: entry.event, ledger: ledger),
                    case .initiated = event.event.fact
                else { continue }
                note(request: event.id, at: first + UInt64(offset))
            }
        }
        unindexed.withLock { $0 = 0 }
    }
}
