internal import Audit
internal import Bytes
internal import Export
internal import Ledger
internal import Merkle

extension ComparedLog {
    /// Hashes the entries that the copy holds, which must lead to its head, and returns what of
    /// them was not at hand to be hashed; nil when nothing is left.
    ///
    /// A tree says only what its entries should be. What a delta leaves out is taken as `other` has
    /// it; of a URL no entries are fetched for it.
    public func uncheckedEntries(
        with other: ComparedLog
    ) throws(ComparisonError) -> String? {
        guard let export else {
            if let log = tree?.log { try hashEntries(of: log) }
            return nil
        }
        guard export.folder.isListed else {
            return "the entries of \(path), of which the hash tiles alone were fetched"
        }
        guard !DisclosureAudit.isDisclosure(export.folder) else {
            _ = try disclosed()
            return nil
        }
        guard let since else {
            try hashEntries(of: export, from: CompactRange())
            return nil
        }
        let unreached =
            "the entries of \(path), which lacks the hashes of the \(since.checkpoint.size) before "
            + "them"
        let frontier: CompactRange
        do throws(StoredTiles.Failure) {
            guard let tree = completed(by: other).tree else { return unreached }
            frontier = try compactRange(size: since.checkpoint.size, tree)
        } catch {
            guard case .unreadable(let reason) = error else { return unreached }
            throw .unreadable(path: path, reason: "\(reason)")
        }
        guard frontier.root == since.checkpoint.root else { return unreached }
        try hashEntries(of: export, from: frontier)
        return nil
    }

    /// Hashes the bundles and compares every tile with them, on all cores.
    private func hashEntries(
        of export: OpenedExport, from frontier: CompactRange
    ) throws(ComparisonError) {
        let root: Digest32?
        let first: Finding?
        do throws(AuditError) {
            var check = try TileCheck(export.folder, size: size, from: frontier)
            try check.run { _ in }
            (root, first) = (check.root, check.findings.first)
        } catch { throw .unreadable(path: path, reason: "\(error)") }
        if let first {
            throw .damaged(path: path, place: first.place.map { "\($0)" }, position: first.position)
        }
        guard root == self.root else { throw .damaged(path: path, place: nil, position: nil) }
    }

    private func hashEntries(of log: Log) throws(ComparisonError) {
        var range = CompactRange()
        var wrong: UInt64?
        do throws(AuditError) {
            let source = try LogSource(log)
            for start in stride(from: 0, to: size, by: 1_024) {
                for entry in try source.entries(start..<min(start + 1_024, size)) {
                    range.append(leafHash(entry))
                }
            }
            guard range.size != size || range.root != root else { return }
            for position in 0..<range.size {
                guard let entry = try source.entries(position..<position + 1).first,
                    (try? leaf(position)) == leafHash(entry)
                else {
                    wrong = position
                    break
                }
            }
        } catch { throw .unreadable(path: path, reason: "\(error)") }
        throw .damaged(path: path, place: nil, position: wrong)
    }
}
