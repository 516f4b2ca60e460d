import Bitcoin
import Bytes
import Chain
import StateTestSupport

/// A node that shows one branch of a chain in memory, as far up as it is told.
struct MemoryNode: BlockSource {
    private struct Shown {
        let header: BlockHeader
        let transactions: [Transaction]
        var hash: Digest32 { header.hash }
    }

    private let blocks: [Shown]

    /// Shows the branch of the chain's tip, or only its blocks up to a height.
    init(_ chain: MemoryChain, upTo height: UInt32? = nil) {
        var blocks = [chain.block(MemoryChain.genesis)]
        blocks += chain.branch { $0 == MemoryChain.genesis }
        self.blocks = blocks.filter { $0.height <= height ?? .max }.map {
            Shown(header: $0.header, transactions: $0.transactions)
        }
    }

    /// Shows blocks that are nobody's.
    init(foreign header: BlockHeader) {
        blocks = [Shown(header: header, transactions: [])]
    }

    func blockCount() async throws(ChainError) -> Int { blocks.count - 1 }

    func blockHash(height: Int) async throws(ChainError) -> Digest32 {
        guard blocks.indices.contains(height) else {
            throw .refused(method: "getblockhash", code: -8, message: "no such height")
        }
        return blocks[height].hash
    }

    func blockHashes(heights: Range<Int>) async throws(ChainError) -> [Digest32] {
        var hashes: [Digest32] = []
        for height in heights { hashes.append(try await blockHash(height: height)) }
        return hashes
    }

    func headers(_ hashes: [Digest32]) async throws(ChainError) -> [BlockHeader] {
        var headers: [BlockHeader] = []
        for hash in hashes { headers.append(try known(hash).header) }
        return headers
    }

    func block(_ hash: Digest32) async throws(ChainError) -> Block {
        let block = try known(hash)
        var bytes = block.header.encoded
        bytes.appendCompactSize(block.transactions.count)
        for transaction in block.transactions { bytes += transaction.encoded() }
        do { return try Block.decode(bytes) } catch {
            throw .inconsistent(block: hash, reason: "\(error)")
        }
    }

    private func known(_ hash: Digest32) throws(ChainError) -> Shown {
        guard let block = blocks.first(where: { $0.hash == hash }) else {
            throw .refused(method: "getblock", code: -5, message: "no such block")
        }
        return block
    }
}
