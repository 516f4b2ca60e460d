public import Bitcoin
internal import Bytes

/// A point of the chain that founders take as given, with all that later headers are judged by.
public struct ChainAnchor: Sendable {
    /// The height of its block.
    public let height: Int
    /// Its block's header.
    public let header: BlockHeader
    /// The times of the last blocks up to and with this one, oldest first, at most eleven.
    public let times: [UInt32]
    /// The header of the first block of this block's retargeting period.
    public let periodStart: BlockHeader
    /// The work of the chain up to and with this block.
    public let chainWork: ChainWork
}

extension NodeClient {
    /// Reads the anchor at `height`, as this node has it; whoever founds on it compares its hash
    /// with other sources.
    public func anchor(height: Int) async throws(ChainError) -> ChainAnchor {
        let first = max(0, height - HeaderChainState.medianTimes + 1)
        let headers = try await headers(try await blockHashes(heights: first..<height + 1))
        let periodHeight = height - height % Int(Network.retargetBlocks)
        let periodStart = try await header(try await blockHash(height: periodHeight))
        let hash = try await blockHash(height: height)
        let method = "getblockheader"
        let details = try await call(
            method, [.string(hash.reversedHex), .boolean(true)], as: HeaderDetails.self)
        guard let header = headers.last, header.hash == hash,
            let work = Digest32(hex: details.chainwork)
        else { throw .malformed(method: method, reason: "no header with its chain work") }
        return ChainAnchor(
            height: height, header: header, times: headers.map(\.time), periodStart: periodStart,
            chainWork: ChainWork(bigEndian: work))
    }
}

private struct HeaderDetails: Decodable, Sendable {
    let chainwork: String
}
