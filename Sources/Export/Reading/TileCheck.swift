package import Audit
package import Bytes
internal import Dispatch
internal import Events
package import Merkle
internal import Synchronization

/// Hashes every entry of an export, on all cores, and compares every hash tile with what follows.
package struct TileCheck {
    private let folder: EvidenceFolder
    private let size: UInt64
    /// The tree over the full bundles so far.
    private var tree: CompactRange
    /// The hashes of each level's unfinished tile, from level 1 on; nil when they can not be known.
    private var levels: [[Digest32]?] = []
    private var nextBundle: UInt64
    /// The end of the last bundle of the tree before, whose entries must be the same.
    private let before: CompactRange
    /// What is wrong.
    package private(set) var findings: [Finding] = []
    /// The places of wrong hashes, by level.
    private var wrong: [Int: Set<UInt64>] = [:]
    /// The root over all entries; nil when a bundle is missing or damaged.
    package private(set) var root: Digest32?

    /// How many bundles are hashed at a time.
    private static let batch: UInt64 = 128

    /// Starts at the first entry, or at a frontier that is known to be right.
    package init(
        _ folder: EvidenceFolder, size: UInt64, from frontier: CompactRange = CompactRange()
    )
        throws(AuditError)
    {
        self.folder = folder
        self.size = size
        before = frontier
        nextBundle = frontier.size / 256
        let rest = Int(frontier.size % 256)
        let whole = frontier.hashes.dropLast(rest.nonzeroBitCount)
        guard let tree = try? CompactRange(size: frontier.size - UInt64(rest), hashes: Array(whole))
        else { preconditionFailure("as many hashes as the size has one bits") }
        self.tree = tree
        try resume(Array(whole))
    }

    /// Takes the beginnings of unfinished tiles from the export, once they are seen to lead to the
    /// frontier.
    private mutating func resume(_ frontier: [Digest32]) throws(AuditError) {
        let tiles = StoredTiles(folder, size: size)
        var level = 1
        var rest = frontier[...]
        while before.size >> UInt64(8 * level) > 0 {
            let count = Int(before.size >> UInt64(8 * level) & 255)
            let mine = Array(rest.suffix(count.nonzeroBitCount))
            rest = rest.dropLast(count.nonzeroBitCount)
            defer { level += 1 }
            guard count > 0 else {
                levels.append([])
                continue
            }
            guard
                let tile = Tile(
                    level: level, index: before.size >> UInt64(8 * level + 8), size: size)
            else { preconditionFailure("an older tree's tiles are in the newer one") }
            let stored: [Digest32]?
            do { stored = try tiles.hashes(of: tile) } catch {
                guard case .unreadable(let reason) = error else { preconditionFailure("\(error)") }
                throw reason
            }
            var range = CompactRange()
            for hash in stored?.prefix(count) ?? [] { range.append(hash) }
            if range.hashes == mine {
                levels.append(Array((stored ?? []).prefix(count)))
            } else {
                levels.append(nil)
                add(
                    tile.path, 0, "\(count) hashes that lead to the head which was kept",
                    stored == nil ? "no tile of \(tile.width) hashes" : "others")
            }
        }
    }

    /// Hashes and compares everything; `progress` is called with how many entries are done.
    package mutating func run(progress: (UInt64) -> Void) throws(AuditError) {
        let bundles = (size + 255) / 256
        var isWhole = true
        while nextBundle < bundles {
            let range = nextBundle..<min(nextBundle + Self.batch, bundles)
            for bundle in try hashed(range) {
                take(bundle.findings, bundle.wrong, level: 0)
                guard let leaves = bundle.leaves else {
                    isWhole = false
                    break
                }
                compareOverlap(leaves, bundle.tile)
                try append(leaves)
            }
            guard isWhole else { return }
            nextBundle = range.upperBound
            progress(min(nextBundle * 256, size))
        }
        for level in levels.indices {
            guard let hashes = levels[level], !hashes.isEmpty,
                let tile = Tile(
                    level: level + 1, index: size >> UInt64(8 * level + 16), width: hashes.count)
            else { continue }
            try compareUpper(hashes, tile)
        }
        root = tree.root
    }

    // MARK: Bundles

    private struct Bundle: Sendable {
        let tile: Tile
        var leaves: [Digest32]?
        var findings: [Finding] = []
        /// The places of wrong hashes in the level's row.
        var wrong: Set<UInt64> = []
    }

    private func hashed(_ range: Range<UInt64>) throws(AuditError) -> [Bundle] {
        let results = Mutex<[Int: Result<Bundle, AuditError>]>([:])
        DispatchQueue.concurrentPerform(iterations: range.count) { offset in
            let result: Result<Bundle, AuditError>
            do throws(AuditError) {
                result = .success(try hashed(range.lowerBound + UInt64(offset)))
            } catch { result = .failure(error) }
            results.withLock { $0[offset] = result }
        }
        let found = results.withLock { $0 }
        var bundles: [Bundle] = []
        for offset in 0..<range.count {
            if let bundle = try found[offset]?.get() { bundles.append(bundle) }
        }
        return bundles
    }

    /// Reads a bundle and compares the tile of its leaves' hashes.
    private func hashed(_ index: UInt64) throws(AuditError) -> Bundle {
        guard let tile = Tile(level: 0, index: index, size: size) else {
            preconditionFailure("the bundle is within the tree")
        }
        var bundle = Bundle(tile: tile)
        let path = tile.entriesPath
        switch try folder.read(.entries(tile)) {
        case .missing: bundle.findings.append(Self.layout(path, tile.width, "no such file"))
        case .refused(let reason): bundle.findings.append(Self.layout(path, tile.width, reason))
        case .bytes(let bytes):
            let parsed = EntryBundle(bytes, width: tile.width)
            if let problem = parsed.problem {
                let place = EvidencePlace(path, offset: UInt64(problem.offset))
                bundle.findings.append(
                    Finding(
                        position: nil, rule: .layout, place: place, expected: problem.expected,
                        found: problem.found))
                break
            }
            let leaves = parsed.entries.map { leafHash($0) }
            (bundle.findings, bundle.wrong) = try compare(leaves, tile, except: [])
            bundle.leaves = leaves
        }
        return bundle
    }

    private static func layout(_ path: String, _ width: Int, _ found: String) -> Finding {
        Finding(
            position: nil, rule: .layout, place: EvidencePlace(path),
            expected: "a bundle of \(width) entries", found: found)
    }

    /// The entries that were in the tree before must be the same still.
    private mutating func compareOverlap(_ leaves: [Digest32], _ tile: Tile) {
        let count = Int(before.size % 256)
        guard count > 0, tile.index == before.size / 256 else { return }
        var range = CompactRange()
        for leaf in leaves.prefix(count) { range.append(leaf) }
        guard range.hashes != Array(before.hashes.suffix(count.nonzeroBitCount)) else { return }
        findings.append(
            Finding(
                position: before.size - 1, rule: .rollback, place: EvidencePlace(tile.entriesPath),
                expected: "the entries up to \(before.size) that the kept head covers",
                found: "others: there are two histories, keep both as evidence"))
    }

    // MARK: The levels above

    private mutating func append(_ leaves: [Digest32]) throws(AuditError) {
        guard leaves.count == Tile.maximumWidth else {
            for leaf in leaves { tree.append(leaf) }
            return
        }
        var carried = Self.root(of: leaves)
        tree.append(carried, level: 8)
        var level = 0
        while true {
            if level == levels.count { levels.append([]) }
            levels[level]?.append(carried)
            let count = levels[level]?.count ?? 0
            let hashes = tree.size >> UInt64(8 * level + 8)
            guard hashes & 255 == 0 else { return }
            guard let full = levels[level], count == Tile.maximumWidth,
                let tile = Tile(level: level + 1, index: hashes / 256 - 1)
            else {
                // Its beginning is not known, and so neither is its root, above.
                levels[level] = []
                if level + 1 < levels.count { levels[level + 1] = nil }
                return
            }
            try compareUpper(full, tile)
            carried = Self.root(of: full)
            levels[level] = []
            level += 1
        }
    }

    private static func root(of hashes: [Digest32]) -> Digest32 {
        var range = CompactRange()
        for hash in hashes { range.append(hash) }
        return range.root
    }

    private mutating func compareUpper(_ hashes: [Digest32], _ tile: Tile) throws(AuditError) {
        let below = Set(wrong[tile.level - 1, default: []].map { $0 >> 8 })
        let (findings, wrong) = try compare(hashes, tile, except: below)
        take(findings, wrong.union(below), level: tile.level)
    }

    private mutating func take(_ found: [Finding], _ places: Set<UInt64>, level: Int) {
        guard !found.isEmpty || !places.isEmpty else { return }
        // Of a tree that is another altogether, the first findings say enough.
        guard findings.count < AuditReport.findingLimit else { return }
        findings += found
        wrong[level, default: []].formUnion(places)
    }

    /// Compares a stored tile, hash by hash; hashes at the places of `known` may be wrong, because
    /// what is below them is.
    private func compare(
        _ hashes: [Digest32], _ tile: Tile, except known: Set<UInt64>
    ) throws(AuditError) -> ([Finding], Set<UInt64>) {
        let stored: [UInt8]
        switch try folder.read(.tile(tile)) {
        case .missing: return ([Self.layout(tile, nil, "no such file")], [])
        case .refused(let reason): return ([Self.layout(tile, nil, reason)], [])
        case .bytes(let found): stored = found
        }
        guard stored.count == 32 * hashes.count else {
            let end = UInt64(min(stored.count, 32 * hashes.count))
            return ([Self.layout(tile, end, "\(stored.count) bytes")], [])
        }
        var findings: [Finding] = []
        var wrong: Set<UInt64> = []
        for (place, (expected, found)) in zip(hashes, stored.digests).enumerated()
        where expected != found {
            let index = tile.index * 256 + UInt64(place)
            wrong.insert(index)
            guard !known.contains(index) else { continue }
            let differing = zip(expected.array, found.array).enumerated().first { $1.0 != $1.1 }
            findings.append(
                Finding(
                    position: tile.level == 0 ? index : nil, rule: .tree,
                    place: EvidencePlace(
                        tile.path, offset: UInt64(32 * place + (differing?.offset ?? 0))),
                    expected: "the hash \(expected.hex)", found: found.hex))
        }
        return (findings, wrong)
    }

    private static func layout(_ tile: Tile, _ offset: UInt64?, _ found: String) -> Finding {
        Finding(
            position: nil, rule: .layout, place: EvidencePlace(tile.path, offset: offset),
            expected: "a tile of \(tile.width) hashes, \(32 * tile.width) bytes", found: found)
    }

    private mutating func add(
        _ path: String, _ offset: UInt64, _ expected: String, _ found: String
    ) {
        findings.append(
            Finding(
                position: nil, rule: .tree, place: EvidencePlace(path, offset: offset),
                expected: expected, found: found))
    }
}
