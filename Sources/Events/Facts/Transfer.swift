public import Bitcoin
public import Bytes

/// The exact transaction that a transfer asks for, with all that a signer needs to judge it.
public struct Transfer: Sendable, Hashable {
    public let wallet: WalletName
    /// The unsigned transaction: version 2, every nSequence 0xfffffffd, nLockTime 0.
    public let transaction: ByteString
    /// The coins it spends, one for each input, in the order of the inputs.
    public let coins: [SpentCoin]
    /// The output that returns to the wallet, if one does.
    public let change: ChangeOutput?
    /// Inputs minus outputs.
    public let fee: Amount
    /// The request whose transaction this one replaces (BIP-125); they share an input.
    public let replaces: Digest32?

    /// The most inputs.
    public static let coinLimit = 500

    /// Creates a transfer.
    public init(
        wallet: WalletName, transaction: ByteString, coins: [SpentCoin], change: ChangeOutput?,
        fee: Amount, replaces: Digest32?
    ) {
        self.wallet = wallet
        self.transaction = transaction
        self.coins = coins
        self.change = change
        self.fee = fee
        self.replaces = replaces
    }

    init(
        from reader: inout CBORReader, map: inout CBORReader.Map
    ) throws(CBORError) {
        try reader.key("fee", in: &map)
        fee = try Amount(from: &reader)
        try Request.kind(from: &reader, &map)
        try reader.key("coins", in: &map)
        var coins: [SpentCoin] = []
        for _ in 0..<(try reader.openArray(maximum: Self.coinLimit)) {
            coins.append(try SpentCoin(from: &reader))
        }
        self.coins = coins
        try reader.key("change", in: &map)
        change = reader.takeNull() ? nil : try ChangeOutput(from: &reader)
        try reader.key("wallet", in: &map)
        wallet = try WalletName(from: &reader)
        replaces = try reader.takeKey("replaces", in: &map) ? try reader.digest() : nil
        try reader.key("transaction", in: &map)
        transaction = try ByteString(from: &reader)
    }

    var fields: [CBORValue: CBORValue] {
        var map: [CBORValue: CBORValue] = [
            "fee": fee.cbor, "coins": .array(coins.map(\.cbor)), "wallet": wallet.cbor,
            "change": change?.cbor ?? .null, "transaction": transaction.cbor,
        ]
        map["replaces"] = replaces.map { .digest($0) }
        return map
    }
}

/// A coin as a transfer spends it: amount, script, and for version 0 scripts the whole transaction
/// that made it, since BIP-143 does not stop a liar about the amounts of other inputs.
public struct SpentCoin: Sendable, Hashable {
    public let amount: Amount
    /// The coin's scriptPubKey.
    public let script: [UInt8]
    /// The transaction that made the coin, for version 0 scripts; nil for taproot.
    public let previous: ByteString?

    /// Creates a spent coin.
    public init(amount: Amount, script: [UInt8], previous: ByteString?) {
        self.amount = amount
        self.script = script
        self.previous = previous
    }

    package init(from reader: inout CBORReader) throws(CBORError) {
        try reader.openArray(exactly: 3)
        amount = try Amount(from: &reader)
        script = try reader.bytes(maximum: 34)
        previous = reader.takeNull() ? nil : try ByteString(from: &reader)
    }

    package var cbor: CBORValue { [amount.cbor, .bytes(script), previous?.cbor ?? .null] }
}

/// Which output returns to the wallet, and which of its change addresses that is.
public struct ChangeOutput: Sendable, Hashable {
    /// The output's index in the transaction.
    public let output: UInt32
    /// The address index on the descriptor's change chain.
    public let index: UInt32

    /// Creates a change output.
    public init(output: UInt32, index: UInt32) {
        self.output = output
        self.index = index
    }

    package init(from reader: inout CBORReader) throws(CBORError) {
        try reader.openArray(exactly: 2)
        output = UInt32(try reader.unsigned(maximum: UInt64(UInt32.max)))
        index = UInt32(try reader.unsigned(maximum: UInt64(WalletProposal.indexLimit)))
    }

    package var cbor: CBORValue { [.unsigned(UInt64(output)), .unsigned(UInt64(index))] }
}

extension Amount {
    package init(from reader: inout CBORReader) throws(CBORError) {
        let offset = reader.offset
        let satoshis = try reader.unsigned()
        guard let amount = Amount(satoshis: satoshis) else {
            throw .unexpected(
                offset: offset, expected: "at most 21,000,000 BTC", found: "\(satoshis) satoshis")
        }
        self = amount
    }

    package var cbor: CBORValue { .unsigned(satoshis) }
}
