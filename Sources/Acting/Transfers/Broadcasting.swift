public import Bitcoin
internal import Bytes
public import Chain
internal import Events
internal import Policy
public import State

/// A fully signed transfer on its way to a node: on record first, then sent, once; what the node
/// says a watcher records.
public struct Broadcasting: Sendable {
    /// The final transaction, with its witnesses.
    public let transaction: Transaction
    private let request: Digest32
    private let isWatcher: Bool

    /// What a node says of a transaction.
    public struct NodeAnswer: Sendable, Equatable {
        /// Whether its mempool or its chain has the transaction.
        public let isAccepted: Bool
        /// The node's words, with Core's code where it refuses; empty where it has none.
        public let message: String

        /// Creates an answer.
        public init(isAccepted: Bool, message: String) {
            self.isAccepted = isAccepted
            self.message = message
        }
    }

    /// Assembles the final transaction from the signatures on record, each verified again.
    ///
    /// - Parameter member: who broadcasts; a watcher may record the answer as well.
    public init(_ request: OpenRequest, by member: Member, in state: LedgerState) throws {
        guard let transfer = request.transfer, request.isFullySigned else {
            throw ActingError.transfer(
                .notFullySigned(
                    number: request.number, status: request.status.rawValue,
                    missing: state.missing(of: request)))
        }
        let frozen = try state.frozenTransaction(of: transfer)
        var verified: [VerifiedSignature] = []
        for signature in request.signatures {
            verified.append(try frozen.verify(signature.claim))
        }
        transaction = try frozen.finalized(with: verified)
        self.request = request.id
        isWatcher = member.roles.contains(.watcher)
    }

    /// What is recorded before the node is called.
    public var intention: Intention {
        let (value, blob) = ByteString.holding(transaction.encoded())
        return Intention(
            .broadcast(Broadcast(request: request, transaction: value)),
            blobs: [blob].compactMap(\.self))
    }

    /// Gives the transaction to a node, once. A node that knows it already has accepted it.
    ///
    /// - Throws: where the node was not asked or did not answer, so that it may have the
    ///   transaction all the same; broadcasting it again does no harm.
    public func send(to node: NodeClient) async throws(ChainError) -> NodeAnswer {
        switch try await node.sendRawTransaction(transaction) {
        case .accepted: NodeAnswer(isAccepted: true, message: "")
        case .alreadyKnown(_, let message): NodeAnswer(isAccepted: true, message: message)
        case .refused(let code, let message):
            NodeAnswer(isAccepted: false, message: "\(message) (\(code))")
        }
    }

    /// What is recorded of a node's answer; nil for members who are no watchers, and may not.
    public func relayed(_ answer: NodeAnswer) -> Intention? {
        guard isWatcher else { return nil }
        return Intention(
            .relayed(
                Relayed(
                    request: request, txid: transaction.txid, accepted: answer.isAccepted,
                    message: answer.message)))
    }
}

extension LedgerState {
    /// Which approvals a request misses or, when it has them all, which signatures; nil for none.
    ///
    /// - Parameter isAuthorised: whether its quorum was complete, where it may have ended since.
    public func missing(of request: OpenRequest, isAuthorised: Bool = false) -> String? {
        if !isAuthorised, let missing = progress(of: request)?.missing { return missing }
        let lacking = request.missingSignatures
        guard lacking > 0 else { return nil }
        return "\(lacking) signature\(lacking == 1 ? "" : "s") for each input"
    }
}
