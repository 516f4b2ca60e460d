public import Bitcoin
public import Events

/// What a request would do, as far as a policy may ask.
public struct Proposal: Sendable, Equatable {
    /// The kind of the request.
    public let kind: RequestKind
    /// The wallet that the request is about.
    public let wallet: WalletName?
    /// What it would pay; nil of what is no transfer, and of a transfer that is not worked out yet.
    public let payment: Payment?
    /// Who makes the request.
    public let initiator: MemberName
    /// When it is made, in recorded time, in milliseconds since 1970.
    public let time: UInt64

    /// What a transfer would pay.
    public struct Payment: Sendable, Equatable {
        /// What goes to others.
        public let sent: Amount
        /// The outputs that go to others, in the order of the transaction.
        public let payees: [TransactionOutput]
        /// What goes to the miners.
        public let fee: Amount
        /// The largest virtual size that the signed transaction can have, so that a signature
        /// shorter by a byte does not make the same fee too high.
        public let vsize: Int

        /// Creates a payment.
        public init(sent: Amount, payees: [TransactionOutput], fee: Amount, vsize: Int) {
            self.sent = sent
            self.payees = payees
            self.fee = fee
            self.vsize = vsize
        }
    }

    /// Creates a proposal.
    public init(
        kind: RequestKind, wallet: WalletName?, payment: Payment?, initiator: MemberName,
        time: UInt64
    ) {
        self.kind = kind
        self.wallet = wallet
        self.payment = payment
        self.initiator = initiator
        self.time = time
    }
}
