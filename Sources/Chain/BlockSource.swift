public import Bitcoin
public import Bytes

/// Where blocks come from: a node, or a test's chain.
///
/// An answer of ``ChainError/refused(method:code:message:)`` with code -8 (no such height) or -5
/// (no such block) means that the chain has changed since the question was formed.
public protocol BlockSource: Sendable {
    /// The height of the active chain.
    func blockCount() async throws(ChainError) -> Int
    /// The hash of the active chain's block at `height`.
    func blockHash(height: Int) async throws(ChainError) -> Digest32
    /// The hashes of the active chain's blocks at `heights`.
    func blockHashes(heights: Range<Int>) async throws(ChainError) -> [Digest32]
    /// The headers with these hashes.
    func headers(_ hashes: [Digest32]) async throws(ChainError) -> [BlockHeader]
    /// The block with this hash, its Merkle root checked.
    func block(_ hash: Digest32) async throws(ChainError) -> Block
}
