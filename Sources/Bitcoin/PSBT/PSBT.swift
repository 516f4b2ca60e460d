internal import Bytes

/// A partially signed Bitcoin transaction of version 0 (BIP-174) with the taproot fields of
/// BIP-371.
///
/// Decoding is strict: every known field has its form, none stands twice, and the previous
/// transactions are those that the inputs name. Unknown fields are kept. Encoding orders the fields
/// of each map by key, so that equal values have equal bytes.
public struct PSBT: Sendable, Hashable {
    /// The most bytes that are read or written: 16 MiB.
    public static let bytesMax = 16 << 20
    /// The most fields of all maps together.
    public static let entriesMax = 100_000

    /// The unsigned transaction.
    public let transaction: Transaction
    /// The global fields, without the transaction.
    public var globals = PSBTMap()
    /// The fields of each input.
    public var inputs: [PSBTMap]
    /// The fields of each output.
    public var outputs: [PSBTMap]

    private static let magic: [UInt8] = [0x70, 0x73, 0x62, 0x74, 0xff]
    private static let transactionKey = [PSBTGlobalField.unsignedTransaction.rawValue]
    private static let versionKey = [PSBTGlobalField.version.rawValue]

    /// Starts a PSBT without fields; an input with a scriptSig or a witness is refused.
    init(unsigned transaction: Transaction) throws(PSBTError) {
        if let input = transaction.inputs.firstIndex(where: {
            !$0.scriptSig.bytes.isEmpty || !$0.witness.isEmpty
        }) {
            throw .signed(input: input)
        }
        self.transaction = transaction
        inputs = transaction.inputs.map { _ in PSBTMap() }
        outputs = transaction.outputs.map { _ in PSBTMap() }
    }

    /// Decodes a PSBT from bytes, in one pass; throws ``PSBTError``.
    public static func decode(_ bytes: [UInt8]) throws(PSBTError) -> PSBT {
        guard bytes.count <= bytesMax else { throw .tooLong(count: bytes.count) }
        guard bytes.starts(with: magic) else { throw .magic }
        var reader = ByteReader(bytes.span)
        do { _ = try reader.lent(magic.count) } catch { throw .malformed(error) }
        var entries = 0
        var globals = try PSBTMap(from: &reader, .global, entries: &entries)
        guard let encoded = globals[transactionKey] else { throw .noTransaction }
        globals[transactionKey] = nil
        if let version = globals[versionKey] {
            let number = version.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            guard number == 0 else { throw .version(number) }
        }
        let transaction: Transaction
        do { transaction = try Transaction.decode(encoded, as: .stripped) } catch {
            throw .transaction(error)
        }
        var psbt = try PSBT(unsigned: transaction)
        psbt.globals = globals
        for index in psbt.inputs.indices {
            psbt.inputs[index] = try PSBTMap(from: &reader, .input(index), entries: &entries)
            try psbt.checkPreviousTransaction(of: index)
        }
        for index in psbt.outputs.indices {
            psbt.outputs[index] = try PSBTMap(from: &reader, .output(index), entries: &entries)
        }
        do { try reader.end() } catch { throw .malformed(error) }
        return psbt
    }

    /// Decodes a PSBT from strict base64, without line breaks.
    public static func decode(base64 text: String) throws(PSBTError) -> PSBT {
        let count = text.utf8.count
        guard count <= (bytesMax + 2) / 3 * 4 else { throw .tooLong(count: count / 4 * 3) }
        guard let bytes = decodeBase64(text) else { throw .base64 }
        return try decode(bytes)
    }

    /// The PSBT's bytes.
    public var encoded: [UInt8] {
        var bytes = Self.magic
        var globals = globals
        globals[Self.transactionKey] = transaction.encoded(.stripped)
        globals.append(to: &bytes)
        for map in inputs + outputs { map.append(to: &bytes) }
        return bytes
    }

    /// The PSBT in base64.
    public var base64: String { encodeBase64(encoded) }

    /// Throws unless the full previous transaction, where there is one, is the one that the input
    /// names, and agrees with the output that stands beside it.
    private func checkPreviousTransaction(of index: Int) throws(PSBTError) {
        guard let bytes = inputs[index][.nonWitnessUTXO] else { return }
        let spent = transaction.inputs[index].previousOutput
        guard let previous = try? Transaction.decode(bytes), previous.txid == spent.txid,
            let position = Int(exactly: spent.index), previous.outputs.indices.contains(position)
        else { throw .previousTransaction(input: index) }
        guard let beside = inputs[index][.witnessUTXO] else { return }
        guard decodePSBTOutput(beside) == previous.outputs[position] else {
            throw .previousTransaction(input: index)
        }
    }
}
