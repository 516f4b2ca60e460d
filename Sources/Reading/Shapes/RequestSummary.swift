internal import Bitcoin
internal import Bytes
internal import Events
internal import Keys
internal import Report
internal import State

/// A request with all that belongs to it.
public struct RequestSummary: Encodable {
    /// A payment to others.
    public struct Payment: Encodable {
        /// How much it is.
        public let amount: JSONAmount
        /// Its address.
        public let address: String?
        /// The script, in hexadecimal digits.
        public let script: String
    }
    /// What returns to the wallet.
    public struct Change: Encodable {
        /// How much it is.
        public let amount: JSONAmount
        /// The index among the change addresses.
        public let index: UInt32
        /// Whether it follows from the descriptor.
        public let isProvenOurs: Bool
    }
    /// A coin that is spent.
    public struct Input: Encodable {
        /// The txid and the index of the output, with a colon between.
        public let outPoint: String
        /// How much it is.
        public let amount: JSONAmount
        /// How many signatures are on record.
        public let signatures: Int
        /// How many it takes.
        public let needed: Int
    }
    /// The transaction of a transfer.
    public struct TransferItem: Encodable {
        /// The wallet's name.
        public let wallet: String
        /// The transaction's id.
        public let txid: String
        /// The unsigned transaction, in hexadecimal digits.
        public let transaction: String
        /// What is paid to others.
        public let payments: [Payment]
        /// What returns; nil for nothing.
        public let change: Change?
        /// The fee, or the most that it may be.
        public let fee: JSONAmount
        /// The size in virtual bytes.
        public let vsize: Int
        /// The coins that are spent.
        public let inputs: [Input]

        init(_ transfer: FrozenTransfer, _ request: OpenRequest, _ state: LedgerState) {
            wallet = transfer.wallet.text
            txid = transfer.txid.reversedHex
            transaction = encodeHex(transfer.transaction.encoded(.stripped))
            payments = transfer.payments.map {
                Payment(
                    amount: JSONAmount($0.amount),
                    address: Address($0.scriptPubKey, state.founding.network)?.text,
                    script: $0.scriptPubKey.hex)
            }
            change = transfer.change.map { change in
                let output = transfer.transaction.outputs[Int(change.output)]
                let own = try? state.wallets[transfer.wallet]?.descriptor
                    .derive(.change, change.index)
                return Change(
                    amount: JSONAmount(output.amount), index: change.index,
                    isProvenOurs: own?.scriptPubKey == output.scriptPubKey)
            }
            fee = JSONAmount(transfer.fee)
            vsize = transfer.vsize
            inputs = transfer.outPoints.enumerated().map { index, outPoint in
                Input(
                    outPoint: outPoint.description,
                    amount: JSONAmount(transfer.spent[index].amount),
                    signatures: request.signatures.count { Int($0.input) == index },
                    needed: transfer.threshold)
            }
        }
    }

    /// The running number.
    public let number: UInt64
    /// Its id, in hexadecimal digits.
    public let id: String
    /// The kind.
    public let kind: String
    /// What is asked for, in one line.
    public let intent: String
    /// Where it stands.
    public let status: String
    /// Who initiated it.
    public let initiator: String
    /// When it was recorded.
    public let recorded: String
    /// When it ends unless it is decided.
    public let expires: String
    /// The initiator's words.
    public let reference: String?
    /// Of a transfer, its transaction.
    public let transfer: TransferItem?
    /// The documents attached to it.
    public let documents: [DocumentSummary]
    /// Why it stands where it stands.
    public let explanation: Explanation
    /// The events.
    public let events: [EventSummary]

    /// Describes it.
    public init(_ life: RequestLife, _ reading: LedgerReading) throws {
        let request = life.request
        number = life.number
        id = request.id.hex
        kind = request.initiated.request.kind.rawValue
        intent = try reading.line(request.initiated.request)
        status = life.status.rawValue
        initiator = request.initiator.text
        recorded = CalendarTime.text(request.recorded)
        expires = CalendarTime.text(request.initiated.expires)
        reference = request.initiated.reference
        transfer = request.transfer.map { TransferItem($0, request, life.state) }
        documents = try life.documents(reading)
        explanation = try Explanation(life, reading)
        let assurance = try reading.ledger.assurance()
        events = try life.events.map { try EventSummary($0, reading, assurance) }
    }
}
