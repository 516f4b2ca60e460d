public import Bitcoin
public import Bytes
public import Events
public import State

/// A coin of a watched wallet came, went, or a reorganisation took that back.
public struct CoinMovement: Sendable, Equatable {
    /// Where the event stands that showed it.
    public let position: UInt64
    /// When that event was recorded, in milliseconds since 1970.
    public let recorded: UInt64
    public let owner: ScriptOwner
    public let outPoint: OutPoint
    public let amount: Amount
    public let script: Script
    /// The transaction that made or spent the coin.
    public let txid: Digest32
    /// The block that holds the transaction, or held it until the reorganisation.
    public let block: Digest32
    public let height: UInt64
    public let cause: Cause
    /// The request whose transaction it is.
    public let request: UInt64?
    /// Whether a reorganisation has taken an earlier movement back, so that it counts the other
    /// way.
    public let isUndone: Bool

    /// Why a coin moves.
    public enum Cause: String, Sendable, CaseIterable {
        /// Somebody paid the wallet.
        case deposit
        /// A transfer of the wallet returned what it did not send.
        case change
        /// A transfer of another wallet of the ledger paid this one.
        case `internal`
        /// An authorised transfer spent the coin.
        case spend
        /// The coin was spent, and no live and authorised request explains it.
        case unexplained
    }

    /// Whether the transaction gives the wallet a coin.
    public var isIncoming: Bool {
        switch cause {
        case .deposit, .change, .internal: true
        case .spend, .unexplained: false
        }
    }

    /// What the movement adds to the wallet's balance, in satoshis.
    public var delta: Int64 {
        // No amount exceeds 2.1e15.
        let size = Int64(amount.satoshis)
        return isIncoming != isUndone ? size : -size
    }
}

/// Follows a replay and tells every movement of coins from the change of the active chain.
///
/// The sum of all movements of a wallet is what its unspent coins in blocks are worth. It must see
/// every event from the founding on; it holds the movements of blocks that can be reorganised away.
public struct CoinTrail: Sendable {
    private struct Connected {
        let hash: Digest32
        let height: UInt64
        var transactions = 0
        var movements: [CoinMovement] = []
    }

    private var active: [Connected] = []

    /// Starts before the founding event.
    public init() {}

    /// The movements that an admitted event shows; `state` is the one after it.
    public mutating func take(
        _ event: SignedEvent, at position: UInt64, _ state: LedgerState
    ) -> [CoinMovement] {
        guard case .observed(let fact) = event.event.fact, let first = state.blocks.active.first,
            let lowest = state.blocks.blocks[first].map({ UInt64($0.chain.height) })
        else { return [] }
        // What is settled can no longer move.
        active.removeFirst(active.prefix { $0.height < lowest }.count)
        var moved: [CoinMovement] = []
        while let last = active.last, !state.blocks.isActive(last.hash) {
            active.removeLast()
            for movement in last.movements.reversed() {
                moved.append(movement.undone(at: position, state.recorded))
            }
        }
        let touched = Set(fact.transactions.map(\.block))
        for index in active.indices where touched.contains(active[index].hash) {
            moved += connect(&active[index], position, state)
        }
        let next = active.last.map { $0.height + 1 } ?? lowest
        for hash in state.blocks.active.dropFirst(Int(next - lowest)) {
            guard let height = state.blocks.blocks[hash]?.chain.height else { continue }
            var block = Connected(hash: hash, height: UInt64(height))
            moved += connect(&block, position, state)
            active.append(block)
        }
        return moved
    }

    private func connect(
        _ block: inout Connected, _ position: UInt64, _ state: LedgerState
    ) -> [CoinMovement] {
        let transactions = state.blocks.blocks[block.hash]?.transactions ?? []
        var moved: [CoinMovement] = []
        for transaction in transactions.dropFirst(block.transactions) {
            let request = state.requests.values.first { $0.transfer?.txid == transaction.txid }
            func add(_ coin: Coin, _ cause: CoinMovement.Cause) {
                moved.append(
                    CoinMovement(
                        position: position, recorded: state.recorded, owner: coin.owner,
                        outPoint: coin.outPoint, amount: coin.amount, script: coin.script,
                        txid: transaction.txid, block: block.hash, height: block.height,
                        cause: cause, request: request?.number, isUndone: false))
            }
            let isExplained = request?.isAuthorised ?? false
            for outPoint in transaction.spends {
                guard let coin = state.coins[outPoint], coin.spent?.txid == transaction.txid
                else { continue }
                add(coin, isExplained ? .spend : .unexplained)
            }
            for made in transaction.makes {
                let outPoint = OutPoint(txid: transaction.txid, index: made.output)
                guard let coin = state.coins[outPoint] else { continue }
                let wallet = request?.transfer?.wallet
                add(
                    coin,
                    wallet == nil ? .deposit : wallet == coin.owner.wallet ? .change : .internal)
            }
        }
        block.transactions = transactions.count
        block.movements += moved
        return moved
    }
}

extension CoinMovement {
    fileprivate func undone(at position: UInt64, _ recorded: UInt64) -> CoinMovement {
        CoinMovement(
            position: position, recorded: recorded, owner: owner, outPoint: outPoint,
            amount: amount, script: script, txid: txid, block: block, height: height, cause: cause,
            request: request, isUndone: true)
    }
}
