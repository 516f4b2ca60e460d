internal import Bytes

extension Transaction {
    /// With or without witnesses.
    public enum Encoding: Sendable {
        /// BIP-144: marker, flag and witnesses where an input has one.
        case full
        /// The format from before segwit, which the txid hashes and PSBT holds.
        case stripped
    }

    /// Encodes the transaction. A full encoding without any witness equals the stripped one.
    public func encoded(_ encoding: Encoding = .full) -> [UInt8] {
        let witnesses = encoding == .full && hasWitness
        var bytes: [UInt8] = []
        bytes.reserveCapacity(witnesses ? size : strippedSize)
        bytes.appendLittleEndian(version)
        if witnesses { bytes += [0, 1] }
        bytes.appendCompactSize(inputs.count)
        for input in inputs {
            bytes.append(input.previousOutput)
            bytes.append(lengthPrefixed: input.scriptSig.bytes)
            bytes.appendLittleEndian(input.sequence)
        }
        bytes.appendCompactSize(outputs.count)
        for output in outputs { bytes.append(output) }
        if witnesses {
            for input in inputs {
                bytes.appendCompactSize(input.witness.count)
                for item in input.witness { bytes.append(lengthPrefixed: item) }
            }
        }
        bytes.appendLittleEndian(lockTime)
        return bytes
    }

    /// Decodes exactly one transaction, at most ``weightMax`` in weight, in the only form that
    /// ``encoded(_:)`` writes it.
    ///
    /// A full encoding needs an input, as without one it can not be told from a witness marker; a
    /// stripped one may have none, as PSBT's unsigned transactions do. Each amount is checked,
    /// their sum is not. Costs one pass; nothing is allocated before its length is known to fit.
    public static func decode(
        _ bytes: Span<UInt8>, as encoding: Encoding = .full
    ) throws(BitcoinError) -> Transaction {
        var reader = ByteReader(bytes)
        do throws(ReadError) {
            guard bytes.count <= weightMax else { throw .overweight(bytes.count) }
            let transaction = try Transaction(from: &reader, as: encoding)
            try reader.end()
            return transaction
        } catch { throw .malformed(error) }
    }

    /// Decodes exactly one transaction from an array.
    public static func decode(
        _ bytes: [UInt8], as encoding: Encoding = .full
    ) throws(BitcoinError) -> Transaction {
        try decode(bytes.span, as: encoding)
    }

    /// Reads the next transaction.
    init(from reader: inout ByteReader, as encoding: Encoding) throws(ReadError) {
        let start = reader.offset
        let version: UInt32 = try reader.littleEndian()
        var inputs = try Self.readInputs(&reader)
        var isMarked = false
        if inputs.isEmpty, encoding == .full {
            let flags = try reader.byte()
            // Core reads a zero here as the count of no outputs, and refuses such a transaction
            // only later.
            guard flags != 0 else { throw .nonCanonical(offset: start + 4, field: "inputs") }
            guard flags == 1 else {
                throw .limit(
                    offset: start + 5, field: "witness flags", value: UInt64(flags), maximum: 1)
            }
            isMarked = true
            inputs = try Self.readInputs(&reader)
        }
        let outputs = try Self.readOutputs(&reader)
        var witnessBytes = 0
        if isMarked {
            let witnessStart = reader.offset
            for index in inputs.indices { inputs[index].witness = try Self.readWitness(&reader) }
            guard inputs.contains(where: { !$0.witness.isEmpty }) else {
                throw .nonCanonical(offset: witnessStart, field: "witness")
            }
            witnessBytes = 2 + reader.offset - witnessStart
        }
        let lockTime: UInt32 = try reader.littleEndian()
        let weight = (reader.offset - start) * 4 - witnessBytes * 3
        guard weight <= Self.weightMax else { throw .overweight(weight) }
        self.init(version: version, inputs: inputs, outputs: outputs, lockTime: lockTime)
    }

    private static func readInputs(
        _ reader: inout ByteReader
    ) throws(ReadError) -> [TransactionInput] {
        let count = try reader.count("inputs", bytesEach: 41)
        var inputs: [TransactionInput] = []
        inputs.reserveCapacity(count)
        for _ in 0..<count {
            inputs.append(
                TransactionInput(
                    previousOutput: try OutPoint(from: &reader),
                    scriptSig: Script(try reader.lengthPrefixed("scriptSig")),
                    sequence: try reader.littleEndian()))
        }
        return inputs
    }

    private static func readOutputs(
        _ reader: inout ByteReader
    ) throws(ReadError) -> [TransactionOutput] {
        let count = try reader.count("outputs", bytesEach: 9)
        var outputs: [TransactionOutput] = []
        outputs.reserveCapacity(count)
        for _ in 0..<count { outputs.append(try TransactionOutput(from: &reader)) }
        return outputs
    }

    private static func readWitness(_ reader: inout ByteReader) throws(ReadError) -> [[UInt8]] {
        let count = try reader.count("witness items", bytesEach: 1)
        var items: [[UInt8]] = []
        items.reserveCapacity(count)
        for _ in 0..<count { items.append(try reader.lengthPrefixed("witness item")) }
        return items
    }
}

extension ByteReader {
    /// Reads how many things of at least `bytesEach` bytes follow; no more than the input can hold,
    /// so that room may be reserved for them.
    mutating func count(_ field: String, bytesEach: Int) throws(ReadError) -> Int {
        try compactSize(field, maximum: UInt64(remaining / bytesEach))
    }

    /// Reads a length and as many bytes.
    mutating func lengthPrefixed(_ field: String) throws(ReadError) -> [UInt8] {
        try bytes(try count(field, bytesEach: 1))
    }
}

extension ReadError {
    static func overweight(_ weight: Int) -> ReadError {
        .limit(
            offset: 0, field: "weight", value: UInt64(weight),
            maximum: UInt64(Transaction.weightMax))
    }
}
