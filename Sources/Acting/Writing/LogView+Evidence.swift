public import Bytes
public import Ledger
public import State

extension LogView: Evidence {
    /// A copy of the bytes that the log keeps under a digest.
    public func bytes(behind digest: Digest32) throws(LedgerError) -> [UInt8]? {
        guard let blob = try blob(digest) else { return nil }
        return [UInt8](capacity: blob.count) { $0.append(blob) }
    }

    /// A copy of the first entry that the index names for a request.
    public func initiation(
        of request: Digest32
    ) throws(LedgerError) -> (position: UInt64, entry: [UInt8])? {
        // An index that lies names places that are not there.
        guard let place = try positions(ofRequest: request).first, place < size else { return nil }
        let entry = try entry(place)
        return (place, [UInt8](capacity: entry.count) { $0.append(entry) })
    }
}
