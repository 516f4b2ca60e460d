import Bitcoin
import Bytes
import Chain
import StateTestSupport
import Synchronization

/// A node that shows the branch of a chain's tip, counts the blocks that are fetched, and deletes
/// old ones when it is told to.
final class WatchedNode: BlockSource {
    private struct State {
        var branch: [MemoryChain.Block] = []
        var prunedBelow = 0
        var fetched: [Int] = []
    }

    private let state = Mutex(State())

    init(_ chain: MemoryChain) { show(chain) }

    /// Shows what a chain has become.
    func show(_ chain: MemoryChain) {
        let branch =
            [chain.block(MemoryChain.genesis)] + chain.branch { $0 == MemoryChain.genesis }
        state.withLock { $0.branch = branch }
    }

    /// Deletes the blocks below a height.
    func prune(below height: Int) { state.withLock { $0.prunedBelow = height } }

    /// The heights of the blocks fetched since the last time.
    func takeFetched() -> [Int] {
        state.withLock { state in
            defer { state.fetched = [] }
            return state.fetched
        }
    }

    private func shown(
        _ method: String, code: Int, _ choose: @Sendable (MemoryChain.Block) -> Bool
    ) throws(ChainError) -> MemoryChain.Block {
        guard let block = state.withLock({ $0.branch.first(where: choose) }) else {
            throw .refused(method: method, code: code, message: "not found")
        }
        return block
    }

    func blockCount() async throws(ChainError) -> Int { state.withLock { $0.branch.count - 1 } }

    func blockHash(height: Int) async throws(ChainError) -> Digest32 {
        try shown("getblockhash", code: -8) { Int($0.height) == height }.hash
    }

    func blockHashes(heights: Range<Int>) async throws(ChainError) -> [Digest32] {
        var hashes: [Digest32] = []
        for height in heights { hashes.append(try await blockHash(height: height)) }
        return hashes
    }

    func headers(_ hashes: [Digest32]) async throws(ChainError) -> [BlockHeader] {
        var headers: [BlockHeader] = []
        for hash in hashes {
            headers.append(try shown("getblockheader", code: -5) { $0.hash == hash }.header)
        }
        return headers
    }

    func block(_ hash: Digest32) async throws(ChainError) -> Block {
        let block = try shown("getblock", code: -5) { $0.hash == hash }
        let isThere = state.withLock { state in
            state.fetched.append(Int(block.height))
            return Int(block.height) >= state.prunedBelow
        }
        guard isThere else {
            throw .refused(
                method: "getblock", code: -1, message: "Block not available (pruned data)")
        }
        var bytes = block.header.encoded
        bytes.appendCompactSize(block.transactions.count)
        for transaction in block.transactions { bytes += transaction.encoded() }
        do { return try Block.decode(bytes) } catch {
            throw .inconsistent(block: hash, reason: "\(error)")
        }
    }
}
