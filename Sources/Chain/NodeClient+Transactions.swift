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

    /// Asks whether the mempool would take a transaction (`testmempoolaccept`).
    public func testMempoolAccept(
        _ transaction: Transaction, feeRateMax: FeeRate? = nil
    ) async throws(ChainError) -> MempoolVerdict {
        let method = "testmempoolaccept"
        var parameters = [
            RPCParameter.array([.string(encodeHex(transaction.encoded()))])
        ]
        if let feeRateMax { parameters.append(Self.parameter(feeRateMax)) }
        let answers = try await call(method, parameters, as: [MempoolAnswer].self)
        guard answers.count == 1, let answer = answers.first,
            try digest(answer.txid, method) == transaction.txid
        else { throw .malformed(method: method, reason: "an answer to another transaction") }
        guard answer.allowed == true else {
            let reason = answer.rejectDetails ?? answer.rejectReason ?? "no reason given"
            return .refused(reason: nodeText(reason))
        }
        guard let vsize = answer.vsize, let base = answer.fees?.base,
            let fee = Amount(bitcoin: "\(base)")
        else { throw .malformed(method: method, reason: "neither size and fee nor a refusal") }
        return .accepted(vsize: vsize, fee: fee)
    }

    /// The ids of the transactions that wait in the node's mempool (`getrawmempool`).
    public func mempoolTransactionIDs() async throws(ChainError) -> [Digest32] {
        let method = "getrawmempool"
        var txids: [Digest32] = []
        for text in try await call(method, as: [String].self) {
            txids.append(try digest(text, method))
        }
        return txids
    }

    /// A transaction that waits in the node's mempool, or nil when none has this id
    /// (`getrawtransaction`).
    public func mempoolTransaction(_ txid: Digest32) async throws(ChainError) -> Transaction? {
        let method = "getrawtransaction"
        let text: String
        do throws(ChainError) {
            text = try await call(method, [.string(txid.reversedHex), .boolean(false)])
        } catch {
            if case .refused(_, -5, _) = error { return nil }
            throw error
        }
        guard let bytes = decodeHex(text), let transaction = try? Transaction.decode(bytes),
            transaction.txid == txid
        else { throw .malformed(method: method, reason: "not the transaction asked for") }
        return transaction
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

/// Whether a node's mempool would take a transaction.
public enum MempoolVerdict: Sendable, Hashable {
    /// It would: the virtual size and the fee as the node sees them.
    case accepted(vsize: Int, fee: Amount)
    /// It would not, for Core's reason.
    case refused(reason: String)
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

private struct MempoolAnswer: Decodable, Sendable {
    let txid: String
    let allowed: Bool?
    let rejectReason: String?
    let rejectDetails: String?
    let vsize: Int?
    let fees: Fees?

    struct Fees: Decodable, Sendable { let base: Decimal }

    enum CodingKeys: String, CodingKey {
        case txid, allowed, vsize, fees
        case rejectReason = "reject-reason"
        case rejectDetails = "reject-details"
    }
}

private struct FeeAnswer: Decodable, Sendable {
    let feerate: Decimal?
    let errors: [String]?
    let blocks: Int
}
