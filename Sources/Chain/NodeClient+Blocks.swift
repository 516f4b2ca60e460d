public import Bitcoin
public import Bytes

extension NodeClient {
    /// The state of the node's chain (`getblockchaininfo`).
    public func blockchainInfo() async throws(ChainError) -> BlockchainInfo {
        try await call("getblockchaininfo")
    }

    /// Throws ``ChainError/wrongChain(expected:found:)`` unless the node follows `network`.
    public func check(_ network: Network) async throws(ChainError) {
        let found = try await blockchainInfo().chain
        guard found == network.rawValue else {
            throw .wrongChain(expected: network.rawValue, found: nodeText(found))
        }
    }
}

extension NodeClient: BlockSource {
    /// The height of the node's chain (`getblockcount`).
    public func blockCount() async throws(ChainError) -> Int {
        let count = try await call("getblockcount", as: Int.self)
        guard (0...Int(Int32.max)).contains(count) else {
            throw .malformed(method: "getblockcount", reason: "no height")
        }
        return count
    }

    /// The hash of the block at `height` of the node's chain (`getblockhash`).
    public func blockHash(height: Int) async throws(ChainError) -> Digest32 {
        let method = "getblockhash"
        return try digest(try await call(method, [.integer(height)]), method)
    }

    /// The hashes of the blocks at `heights`, in one request.
    public func blockHashes(heights: Range<Int>) async throws(ChainError) -> [Digest32] {
        let method = "getblockhash"
        let texts = try await batch(method, heights.map { [.integer($0)] }, as: String.self)
        var hashes: [Digest32] = []
        for text in texts { hashes.append(try digest(text, method)) }
        return hashes
    }

    /// The headers of these blocks, in one request; each has the hash asked for.
    public func headers(_ hashes: [Digest32]) async throws(ChainError) -> [BlockHeader] {
        let method = "getblockheader"
        let calls = hashes.map { [RPCParameter.string($0.reversedHex), .boolean(false)] }
        let texts = try await batch(method, calls, as: String.self)
        var headers: [BlockHeader] = []
        for (text, hash) in zip(texts, hashes) {
            guard let bytes = decodeHex(text), let header = try? BlockHeader.decode(bytes) else {
                throw .malformed(method: method, reason: "no header of 80 bytes")
            }
            guard header.hash == hash else {
                throw .inconsistent(block: hash, reason: "the header has another hash")
            }
            headers.append(header)
        }
        return headers
    }

    /// The header of one block.
    public func header(_ hash: Digest32) async throws(ChainError) -> BlockHeader {
        guard let header = try await headers([hash]).first else {
            throw .malformed(method: "getblockheader", reason: "no answer")
        }
        return header
    }

    /// One whole block (`getblock`, its bytes); it has the hash asked for, and its transactions are
    /// those that its header commits to.
    public func block(_ hash: Digest32) async throws(ChainError) -> Block {
        let method = "getblock"
        let text = try await call(
            method, [.string(hash.reversedHex), .integer(0)], as: String.self)
        guard let bytes = decodeHex(text) else {
            throw .malformed(method: method, reason: "not hexadecimal")
        }
        let block: Block
        do throws(BitcoinError) {
            block = try Block.decode(bytes)
        } catch { throw .inconsistent(block: hash, reason: "\(error)") }
        guard block.header.hash == hash else {
            throw .inconsistent(block: hash, reason: "the block has another hash")
        }
        return block
    }

    /// Reads a hash as Core prints it: the bytes in reverse order.
    func digest(_ text: String, _ method: String) throws(ChainError) -> Digest32 {
        guard let bytes = decodeHex(text), let digest = Digest32(bytes.reversed()) else {
            throw .malformed(method: method, reason: "no hash of 64 digits")
        }
        return digest
    }
}

/// What a node says of its chain.
public struct BlockchainInfo: Sendable, Hashable, Decodable {
    /// The chain's name: `main`, `testnet4`, `signet`, `regtest` or another.
    public let chain: String
    /// The height of the validated chain.
    public let blocks: Int
    /// The height of the best header; over ``blocks`` while the node is catching up.
    public let headers: Int
    /// The hash of the validated chain's last block, as Core prints it.
    public let bestBlockHash: String
    /// The median time of the last eleven blocks, in seconds since 1970.
    public let medianTime: Int
    /// Whether the node thinks itself far behind.
    public let isInitialBlockDownload: Bool
    /// Whether old blocks are deleted, so that they can not be scanned.
    public let isPruned: Bool

    private enum CodingKeys: String, CodingKey {
        case chain, blocks, headers
        case bestBlockHash = "bestblockhash"
        case medianTime = "mediantime"
        case isInitialBlockDownload = "initialblockdownload"
        case isPruned = "pruned"
    }
}
