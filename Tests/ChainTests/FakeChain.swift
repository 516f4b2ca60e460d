import Bitcoin
import Bytes
import Chain
import Synchronization

/// A chain in memory, for scans whose timing a test decides. Its headers have no work.
final class FakeChain: BlockSource {
    private let state = Mutex(State())

    private struct State {
        var blocks: [Digest32: Block] = [:]
        var active: [Digest32] = []
        var fetched = 0
        /// What happens to the chain before the block that is fetched as the n-th.
        var interruptions: [Int: @Sendable (FakeChain) -> Void] = [:]
    }

    /// Starts with a block at height 0.
    init() { mine([]) }

    var tip: KnownBlock {
        state.withLock {
            KnownBlock(height: $0.active.count - 1, hash: $0.active[$0.active.count - 1])
        }
    }

    /// The active chain, newest first.
    var known: [KnownBlock] {
        state.withLock { state in
            state.active.enumerated().reversed().map {
                KnownBlock(height: $0.offset, hash: $0.element)
            }
        }
    }

    /// The newest block.
    var block: Block {
        state.withLock { state in
            guard let block = state.active.last.flatMap({ state.blocks[$0] }) else {
                preconditionFailure("a chain has a block")
            }
            return block
        }
    }

    var fetched: Int { state.withLock { $0.fetched } }

    /// Adds a block with these transactions after a coinbase of its own.
    func mine(_ transactions: [Transaction], tag: UInt32 = 0) {
        state.withLock { state in
            let coinbase = Transaction(
                inputs: [
                    TransactionInput(previousOutput: .null, scriptSig: Script([1, 2]), sequence: 0)
                ],
                outputs: [
                    TransactionOutput(amount: .zero, scriptPubKey: Script([0x6a, 0x01, 0x00]))
                ],
                lockTime: UInt32(state.active.count) << 8 | tag)
            let all = [coinbase] + transactions
            var level = all.map(\.txid)
            while level.count > 1 {
                if level.count % 2 == 1, let last = level.last { level.append(last) }
                level = stride(from: 0, to: level.count, by: 2).map {
                    sha256d(level[$0].array + level[$0 + 1].array)
                }
            }
            let header = BlockHeader(
                version: 2, previousHash: state.active.last ?? .zero, merkleRoot: level[0],
                time: tag, bits: 0, nonce: 0)
            var bytes = header.encoded
            bytes.appendCompactSize(all.count)
            for transaction in all { bytes += transaction.encoded() }
            guard let block = try? Block.decode(bytes) else { preconditionFailure("a sound block") }
            state.blocks[header.hash] = block
            state.active.append(header.hash)
        }
    }

    /// Takes the newest blocks off.
    func disconnect(_ count: Int) { state.withLock { $0.active.removeLast(count) } }

    /// Runs `change` before the n-th block from now is handed out.
    func interrupt(_ number: Int, _ change: @escaping @Sendable (FakeChain) -> Void) {
        state.withLock { $0.interruptions[$0.fetched + number] = change }
    }

    func blockCount() async throws(ChainError) -> Int { state.withLock { $0.active.count - 1 } }

    func blockHash(height: Int) async throws(ChainError) -> Digest32 {
        let found = state.withLock { $0.active.indices.contains(height) ? $0.active[height] : nil }
        guard let found else { throw .refused(method: "getblockhash", code: -8, message: "height") }
        return found
    }

    func blockHashes(heights: Range<Int>) async throws(ChainError) -> [Digest32] {
        var hashes: [Digest32] = []
        for height in heights { hashes.append(try await blockHash(height: height)) }
        return hashes
    }

    func headers(_ hashes: [Digest32]) async throws(ChainError) -> [BlockHeader] {
        var headers: [BlockHeader] = []
        for hash in hashes {
            let block = state.withLock { $0.blocks[hash] }
            guard let block else { throw .refused(method: "getblockheader", code: -5, message: "") }
            headers.append(block.header)
        }
        return headers
    }

    func block(_ hash: Digest32) async throws(ChainError) -> Block {
        let change = state.withLock { state in
            state.fetched += 1
            return state.interruptions.removeValue(forKey: state.fetched)
        }
        change?(self)
        let block = state.withLock { $0.active.contains(hash) ? $0.blocks[hash] : nil }
        guard let block else { throw .refused(method: "getblock", code: -5, message: "not found") }
        return block
    }
}

/// A payment of `value` satoshis to `script` out of `coin`.
func payment(
    to script: Script, value: UInt64 = 1_000, from coin: OutPoint, padding: Int = 0
) -> Transaction {
    Transaction(
        inputs: [
            TransactionInput(
                previousOutput: coin, sequence: 0xffff_fffd,
                witness: padding > 0 ? [[UInt8](repeating: 7, count: padding)] : [])
        ],
        outputs: [
            TransactionOutput(amount: Amount(satoshis: value) ?? .zero, scriptPubKey: script)
        ])
}

/// A coin that nothing created; `number` sets it apart.
func coin(_ number: UInt32) -> OutPoint {
    OutPoint(txid: sha256d([UInt8]("coin".utf8)), index: number)
}

/// The script of a watched wallet, and one of someone else.
let watchedScript = Script([0x00, 0x14] + [UInt8](repeating: 0x11, count: 20))
let otherScript = Script([0x00, 0x14] + [UInt8](repeating: 0x22, count: 20))

/// Any transaction.
func someTransaction() -> Transaction { payment(to: otherScript, from: coin(0)) }
