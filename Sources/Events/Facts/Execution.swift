public import Bytes

/// A member released signatures for a request: the fact is durable before they leave the process.
public struct Signed: Sendable, Hashable {
    /// One signature for one input.
    public struct InputSignature: Sendable, Hashable {
        /// The input's index in the transaction.
        public let input: UInt32
        /// The public key: 33 bytes compressed for version 0 scripts, 32 bytes x-only for taproot.
        public let key: [UInt8]
        /// DER and one sighash byte for version 0 scripts, 64 bytes for taproot.
        public let signature: [UInt8]

        /// Creates a signature of an input.
        public init(input: UInt32, key: [UInt8], signature: [UInt8]) {
            self.input = input
            self.key = key
            self.signature = signature
        }
    }

    public let request: Digest32
    public let signatures: [InputSignature]

    /// The most signatures of one event.
    public static let signatureLimit = 400

    /// Creates the fact.
    public init(request: Digest32, signatures: [InputSignature]) {
        self.request = request
        self.signatures = signatures
    }

    package init(from reader: inout CBORReader) throws(CBORError) {
        var map = try reader.openMap()
        try reader.key("request", in: &map)
        request = try reader.digest()
        try reader.key("signatures", in: &map)
        var signatures: [InputSignature] = []
        for _ in 0..<(try reader.openArray(maximum: Self.signatureLimit)) {
            try reader.openArray(exactly: 3)
            signatures.append(
                InputSignature(
                    input: UInt32(try reader.unsigned(maximum: UInt64(UInt32.max))),
                    key: try reader.bytes(maximum: 33),
                    signature: try reader.bytes(maximum: 73)))
        }
        self.signatures = signatures
        try reader.close(map)
    }

    package var cbor: CBORValue {
        let list = signatures.map { item -> CBORValue in
            [.unsigned(UInt64(item.input)), .bytes(item.key), .bytes(item.signature)]
        }
        return ["request": .digest(request), "signatures": .array(list)]
    }
}

/// A PSBT of a request was handed out to a signer outside our key stores.
public struct Exported: Sendable, Hashable {
    public let request: Digest32
    /// SHA-256 of the PSBT's bytes.
    public let psbt: Digest32

    /// Creates the fact.
    public init(request: Digest32, psbt: Digest32) {
        self.request = request
        self.psbt = psbt
    }

    package init(from reader: inout CBORReader) throws(CBORError) {
        var map = try reader.openMap()
        try reader.key("psbt", in: &map)
        psbt = try reader.digest()
        try reader.key("request", in: &map)
        request = try reader.digest()
        try reader.close(map)
    }

    package var cbor: CBORValue { ["psbt": .digest(psbt), "request": .digest(request)] }
}

/// The final transaction is about to be given to a node.
public struct Broadcast: Sendable, Hashable {
    public let request: Digest32
    /// The transaction with its witnesses.
    public let transaction: ByteString

    /// Creates the fact.
    public init(request: Digest32, transaction: ByteString) {
        self.request = request
        self.transaction = transaction
    }

    package init(from reader: inout CBORReader) throws(CBORError) {
        var map = try reader.openMap()
        try reader.key("request", in: &map)
        request = try reader.digest()
        try reader.key("transaction", in: &map)
        transaction = try ByteString(from: &reader)
        try reader.close(map)
    }

    package var cbor: CBORValue { ["request": .digest(request), "transaction": transaction.cbor] }
}

/// What the node answered to a broadcast.
public struct Relayed: Sendable, Hashable {
    public let request: Digest32
    /// The id of the transaction that was sent, in internal byte order.
    public let txid: Digest32
    public let accepted: Bool
    /// The node's words when it refused.
    public let message: String

    /// The longest message in bytes.
    public static let messageLimit = 512

    /// Creates the fact.
    public init(request: Digest32, txid: Digest32, accepted: Bool, message: String) {
        self.request = request
        self.txid = txid
        self.accepted = accepted
        self.message = message
    }

    package init(from reader: inout CBORReader) throws(CBORError) {
        var map = try reader.openMap()
        try reader.key("txid", in: &map)
        txid = try reader.digest()
        try reader.key("message", in: &map)
        message = try reader.line(maximum: Self.messageLimit)
        try reader.key("request", in: &map)
        request = try reader.digest()
        try reader.key("accepted", in: &map)
        accepted = try reader.bool()
        try reader.close(map)
    }

    package var cbor: CBORValue {
        [
            "txid": .digest(txid), "message": .text(message), "request": .digest(request),
            "accepted": .bool(accepted),
        ]
    }
}
