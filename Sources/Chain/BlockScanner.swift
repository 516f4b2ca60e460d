public import Bitcoin
internal import Bytes

/// Reads a node's chain from the last known block on and gathers what concerns watched scripts.
///
/// Trusts the source in nothing that can be checked: each header has the hash asked for and links
/// to the one before, each block has that header and its Merkle root. What it can not check is
/// whether the source shows the chain with most work; that is for the fold of the headers.
public struct BlockScanner: Sendable {
    private let source: any BlockSource
    private let limits: BatchLimits
    /// Newest first.
    private var known: [KnownBlock]
    private var search: BlockSearch
    /// What the last block had more than its batch could hold.
    private var surplus: [ProvenTransaction] = []

    /// How many known blocks are kept while scanning, four weeks of them; more are not needed, as
    /// no reorganisation is deeper.
    public static let knownMax = 4_032
    /// How often a batch is read anew because the chain changed meanwhile.
    public static let readingsMax = 5

    /// Creates a scanner.
    ///
    /// - Parameters:
    ///   - known: At least one known block, newest first; gaps are allowed, and a reorganisation
    ///     is followed down to the newest one that the source still has.
    ///   - scripts: The watched scripts.
    ///   - outPoints: The watched coins that earlier blocks created.
    public init(
        source: any BlockSource, known: [KnownBlock], scripts: Set<Script>,
        outPoints: Set<OutPoint>, limits: BatchLimits = BatchLimits()
    ) {
        precondition(
            !known.isEmpty && zip(known, known.dropFirst()).allSatisfy { $0.height > $1.height },
            "known blocks are given, newest first")
        self.source = source
        self.limits = limits
        self.known = Array(known.prefix(Self.knownMax))
        search = BlockSearch(scripts: scripts, outPoints: outPoints)
    }

    /// Reads the next batch; nil when the source has nothing after what is known.
    ///
    /// A source whose chain is shorter than what is known has nothing either: it is catching up. A
    /// batch that was returned counts as known from then on, and coins that it creates for watched
    /// scripts are watched. Costs one request for each block and a few for each batch.
    public mutating func next() async throws(ChainError) -> ScannedBlocks? {
        for _ in 0..<Self.readingsMax {
            do throws(ChainError) {
                switch try await read() {
                case .batch(let batch): return batch
                case .nothing: return nil
                case .changed: continue
                }
            } catch {
                // Heights and blocks that were there a moment ago: the chain was reorganised.
                guard case .refused(_, let code, _) = error, code == -8 || code == -5 else {
                    throw error
                }
            }
        }
        throw .unsteady(attempts: Self.readingsMax)
    }

    private enum Reading {
        case batch(ScannedBlocks)
        case nothing
        case changed
    }

    private mutating func read() async throws(ChainError) -> Reading {
        let nodeHeight = try await source.blockCount()
        guard nodeHeight >= known[0].height else { return .nothing }
        let forkIndex = try await newestShared()
        let fork = known[forkIndex]
        surplus.removeAll { $0.height > fork.height }
        guard surplus.isEmpty else { return .batch(takeSurplus(fork, nodeHeight)) }
        guard nodeHeight > fork.height else { return .nothing }
        let heights = fork.height + 1..<min(nodeHeight, fork.height + limits.headersMax) + 1
        let hashes = try await source.blockHashes(heights: heights)
        let headers = try await source.headers(hashes)
        guard hashes.count == heights.count, headers.count == heights.count else {
            throw .malformed(method: "getblockheader", reason: "not as many as asked for")
        }
        var previous = fork.hash
        for (hash, header) in zip(hashes, headers) {
            guard header.hash == hash else {
                throw .inconsistent(block: hash, reason: "the header has another hash")
            }
            guard header.previousHash == previous else { return .changed }
            previous = hash
        }
        return .batch(
            try await gather(
                headers, hashes: hashes, forkIndex: forkIndex, nodeHeight: nodeHeight))
    }

    /// Fetches the blocks of `headers` as far as the batch holds them.
    private mutating func gather(
        _ headers: [BlockHeader], hashes: [Digest32], forkIndex: Int, nodeHeight: Int
    ) async throws(ChainError) -> ScannedBlocks {
        let fork = known[forkIndex]
        var watched = search
        var gathered = BlockSearch.Found()
        var outlines: [Digest32: BlockOutline] = [:]
        var taken = 0
        var bytes = 0
        var rest: [ProvenTransaction] = []
        for (offset, header) in headers.enumerated() {
            let hash = hashes[offset]
            let block = try await source.block(hash)
            guard block.header == header else {
                throw .inconsistent(block: hash, reason: "the block has another header")
            }
            var extended = watched
            let found = try extended.find(
                in: block, at: KnownBlock(height: fork.height + 1 + offset, hash: hash))
            let added = found.proven.reduce(BatchLimits.headerBytes) { $0 + $1.eventBytes }
            guard bytes + added <= limits.bytesMax || taken == 0 else { break }
            bytes += added
            taken += 1
            watched = extended
            gathered.unprovable += found.unprovable
            if bytes > limits.bytesMax {
                let count = fitting(found.proven, into: limits.bytesMax - BatchLimits.headerBytes)
                gathered.proven += found.proven.prefix(count)
                rest = Array(found.proven.dropFirst(count))
                break
            }
            gathered.proven += found.proven
            outlines[hash] = BlockOutline(block)
        }
        // Only a batch that was read whole changes what is known.
        search = watched
        surplus = rest
        let news = zip(fork.height + 1..<fork.height + 1 + taken, hashes)
            .map { KnownBlock(height: $0, hash: $1) }
        known = Array((news.reversed() + known.dropFirst(forkIndex)).prefix(Self.knownMax))
        return ScannedBlocks(
            forkHeight: fork.height, headers: Array(headers.prefix(taken)),
            transactions: gathered.proven, unprovable: gathered.unprovable, outlines: outlines,
            nodeHeight: nodeHeight)
    }

    private mutating func takeSurplus(_ tip: KnownBlock, _ nodeHeight: Int) -> ScannedBlocks {
        let count = fitting(surplus, into: limits.bytesMax)
        let part = Array(surplus.prefix(count))
        surplus.removeFirst(count)
        return ScannedBlocks(
            forkHeight: tip.height, headers: [], transactions: part, unprovable: [], outlines: [:],
            nodeHeight: nodeHeight)
    }

    private func fitting(_ transactions: [ProvenTransaction], into bytesMax: Int) -> Int {
        var room = bytesMax
        return transactions.prefix { $0.take(from: &room) }.count
    }

    /// The index of the newest known block that is in the source's chain.
    private func newestShared() async throws(ChainError) -> Int {
        if try await isShared(0) { return 0 }
        // What is shared at one height is shared below it too.
        var low = 1
        var high = known.count
        while low < high {
            let middle = (low + high) / 2
            if try await isShared(middle) { high = middle } else { low = middle + 1 }
        }
        guard low < known.count else {
            throw .noCommonBlock(oldestHeight: known[known.count - 1].height)
        }
        return low
    }

    private func isShared(_ index: Int) async throws(ChainError) -> Bool {
        try await source.blockHash(height: known[index].height) == known[index].hash
    }
}
