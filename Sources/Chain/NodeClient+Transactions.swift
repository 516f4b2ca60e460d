public import Bitcoin
public import Bytes

internal import struct Foundation.Decimal

extension NodeClient {
    /// Offers a transaction to the node (`sendrawtransaction`), once: it is not tried again.
    ///
    /// A refusal of the transaction itself is an outcome, not an error; an error says that the
    /// node was not asked or did not answer, so that the transaction may have been taken all the
    /// same. Without `feeRateMax` the node's own limit holds (Core: 0.10 BTC per 1,000 vbytes).
    public func sendRawTransaction(
        _ transaction: Transaction, feeRateMax: FeeRate? = nil
    ) async throws(ChainError) -> BroadcastOutcome {
        let method = "sendrawtransaction"
        var parameters = [RPCParameter.string(encodeHex(transaction.encoded()))]
        if let feeRateMax { parameters.append(Self.parameter(feeRateMax)) }
        let txid = transaction.txid
        do throws(ChainError) {
            let text = try await call(method, parameters, as: String.self, repetition: .forbidden)
            guard try digest(text, method) == txid else {
                throw .malformed(method: method, reason: "the id of another transaction")
            }
            return .accepted(txid: txid)
        } catch {
            guard case .refused(_, let code, let message) = error else { throw error }
            switch code {
            case -27: return .alreadyKnown(txid: txid, message: message)
            case -26 where message.hasPrefix("txn-already-"):
                return .alreadyKnown(txid: txid, message: message)
            case -22, -25, -26: return .refused(code: code, message: message)
            default: throw error
            }
        }
    }

    /// Whether a transaction waits in the node's mempool (`getmempoolentry`).
    public func isInMempool(_ txid: Digest32) async throws(ChainError) -> Bool {
        do throws(ChainError) {
            _ = try await call(
                "getmempoolentry", [.string(txid.reversedHex)], as: MempoolEntry.self)
            return true
        } catch {
            // Core's RPC_INVALID_ADDRESS_OR_KEY: the transaction is not there, which is an answer.
            if case .refused(_, -5, _) = error { return false }
            throw error
        }
    }

    /// What the node thinks a transaction has to pay to be confirmed within `blocks`, 1 to 1,008
    /// (`estimatesmartfee`), and on what grounds.
    public func estimateSmartFee(blocks: Int) async throws(ChainError) -> FeeEstimate {
        let method = "estimatesmartfee"
        let answer = try await call(method, [.integer(blocks)], as: FeeAnswer.self)
        let doubts = answer.errors.map { nodeText($0.joined(separator: "; ")) }
        guard let decimal = answer.feerate else {
            return FeeEstimate(
                rate: nil, blocks: answer.blocks, source: .none(reason: doubts ?? ""))
        }
        guard let perKilovbyte = Amount(bitcoin: "\(decimal)"),
            let rate = FeeRate(satoshisPerKilovbyte: perKilovbyte.satoshis)
        else { throw .malformed(method: method, reason: "no fee rate") }
        return FeeEstimate(
            rate: rate, blocks: answer.blocks,
            source: doubts.map { .fallback(reason: $0) } ?? .estimator)
    }

    private static func parameter(_ rate: FeeRate) -> RPCParameter {
        // Core takes its amounts as strings too, which no floating point number spoils.
        .string((Amount(satoshis: rate.satoshisPerKilovbyte) ?? .maximum).bitcoin)
    }
}

/// What became of a transaction that was offered to a node.
public enum BroadcastOutcome: Sendable, Hashable {
    /// It is in the node's mempool now, or was already.
    case accepted(txid: Digest32)
    /// The node's chain has it, or its mempool has one of the same id.
    case alreadyKnown(txid: Digest32, message: String)
    /// The node refuses it: Core's code (-22, -25, -26) and reason.
    case refused(code: Int, message: String)
}

/// A fee rate and where it comes from, so that people see what it is worth.
public struct FeeEstimate: Sendable, Hashable {
    /// The rate, or nil when the node has none.
    public let rate: FeeRate?
    /// The number of blocks that the rate is meant for; the node may raise it.
    public let blocks: Int
    /// The grounds.
    public let source: Source

    /// On what grounds a node names a rate.
    public enum Source: Sendable, Hashable {
        /// The node's estimator, from the blocks it has seen.
        case estimator
        /// A default, because the estimator has none for this reason.
        case fallback(reason: String)
        /// No rate, for this reason.
        case none(reason: String)
    }
}

private struct MempoolEntry: Decodable, Sendable {
    let vsize: Int
}

private struct FeeAnswer: Decodable, Sendable {
    let feerate: Decimal?
    let errors: [String]?
    let blocks: Int
}
