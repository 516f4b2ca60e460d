import Bitcoin
import Bytes
import TestSupport
import Testing

@Suite("Transactions") struct TransactionTests {
    /// BIP-143's first example, signed: one input from before segwit, one with a witness.
    static let signed = """
        01000000000102fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f000000\
        00494830450221008b9d1dc26ba6a9cb62127b02742fa9d754cd3bebf337f7a55d114c8e5cdd30be0220\
        40529b194ba3f9281a99f2b1c0a19c0489bc22ede944ccf4ecbab4cc618ef3ed01eeffffffef51e1b804\
        cc89d182d279655c3aa89e815b1b309fe287d9b2b55d57b90ec68a0100000000ffffffff02202cb20600\
        0000001976a9148280b37df378db99f66f85c95a783a76ac7a6d5988ac9093510d000000001976a9143b\
        de42dbee7e4dbe6a21b2d50ce2f0167faa815988ac000247304402203609e17b84f6a7d30c80bfa610b5\
        b4542f32a8a0d5447a12fb1366d7f01cc44a0220573a954c4518331561406f90300e8f3358f51928d43c\
        212a8caed02de67eebee0121025476c2e83188368da1ff3e292e7acafcdb3566bb0ad253f62fc70f07ae\
        ee635711000000
        """

    /// The first payment ever made, in block 170.
    static let firstPayment = """
        0100000001c997a5e56e104102fa209c6a852dd90660a20b2d9c352423edce25857fcd37040000000048\
        47304402204e45e16932b8af514961a1d3a1a25fdf3f4f7732e9d624c6c61548ab5fb8cd410220181522\
        ec8eca07de4860a4acdd12909d831cc56cbbac4622082221a8768d1d0901ffffffff0200ca9a3b000000\
        00434104ae1a62fe09c5f51b13905f07f06b99a2f7159b2225f374cd378d71302fa28414e7aab37397f5\
        54a7df5f142c21c1b7303b8a0626f1baded5c72a704f7e6cd84cac00286bee0000000043410411db93e1\
        dcdb8a016b49840f8c53bc1eb68a382e97b1482ecad7b148a6909a5cb2e0eaddfb84ccf9744464f82e16\
        0bfa9b8b64f9d4c03f999b8643f656b412a3ac00000000
        """

    @Test func `the first payment has its id`() throws {
        let bytes = try #require(decodeHex(Self.firstPayment))
        let transaction = try Transaction.decode(bytes)
        #expect(
            transaction.txid.reversedHex
                == "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16")
        #expect(transaction.encoded() == bytes)
        #expect(transaction.outputSum?.bitcoin == "50.00000000")
        #expect(transaction.weight == 275 * 4)
        #expect(!transaction.isCoinbase)
    }

    @Test func `witnesses count a quarter and not in the id`() throws {
        let bytes = try #require(decodeHex(Self.signed))
        let transaction = try Transaction.decode(bytes)
        #expect(transaction.encoded() == bytes)
        #expect(transaction.size == bytes.count)
        let stripped = transaction.encoded(.stripped)
        #expect(transaction.strippedSize == stripped.count)
        #expect(transaction.weight == stripped.count * 3 + bytes.count)
        #expect(transaction.vsize == (transaction.weight + 3) / 4)
        #expect(transaction.txid == sha256d(stripped))
        #expect(transaction.txid != sha256d(bytes))
        #expect(try Transaction.decode(stripped).txid == transaction.txid)
    }

    @Test func `no cut and no appended byte is a transaction`() throws {
        let bytes = try #require(decodeHex(Self.signed))
        for count in bytes.indices {
            #expect(throws: BitcoinError.self) { try Transaction.decode(Array(bytes[..<count])) }
        }
        #expect(
            throws: BitcoinError.malformed(.trailing(offset: bytes.count, count: 1))
        ) { try Transaction.decode(bytes + [0]) }
    }

    @Test func `whatever decodes encodes to the same bytes, seed 3`() throws {
        let original = try #require(decodeHex(Self.signed))
        var generator = SeededGenerator(seed: 3)
        var decoded = 0
        for _ in 0..<20_000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let position = Int.random(in: bytes.indices, using: &generator)
                bytes[position] = UInt8.random(in: 0...255, using: &generator)
            }
            guard let transaction = try? Transaction.decode(bytes) else { continue }
            decoded += 1
            #expect(transaction.encoded() == bytes)
            #expect(transaction.size == bytes.count)
        }
        #expect(decoded > 1_000)
    }

    @Test func `amounts over 21 million bitcoins are refused at their offset`() throws {
        var bytes = try #require(decodeHex(Self.firstPayment))
        // The first amount follows version, count, outpoint, script and sequence.
        let offset = 4 + 1 + 36 + 1 + 72 + 4 + 1
        bytes.replaceSubrange(offset..<offset + 8, with: [1, 0x40, 7, 0x5a, 0xf0, 0x75, 7, 0])
        #expect(
            throws: BitcoinError.malformed(
                .limit(
                    offset: offset, field: "amount", value: 2_100_000_000_000_001,
                    maximum: 2_100_000_000_000_000))
        ) { try Transaction.decode(bytes) }
        bytes[offset] = 0
        #expect(try Transaction.decode(bytes).outputs[0].amount == .maximum)
    }

    @Test func `witness markers have one form`() throws {
        let bytes = try #require(decodeHex(Self.signed))
        var flagged = bytes
        flagged[5] = 3
        #expect(
            throws: BitcoinError.malformed(
                .limit(offset: 5, field: "witness flags", value: 3, maximum: 1))
        ) { try Transaction.decode(flagged) }
        let stripped = try Transaction.decode(bytes).encoded(.stripped)
        let superfluous =
            stripped.prefix(4) + [0, 1] + stripped[4..<stripped.count - 4] + [0, 0]
            + stripped.suffix(4)
        #expect(
            throws: BitcoinError.malformed(
                .nonCanonical(offset: superfluous.count - 6, field: "witness"))
        ) { try Transaction.decode(Array(superfluous)) }
    }

    @Test func `a transaction without inputs decodes only as a stripped one`() throws {
        let empty = Transaction(inputs: [], outputs: [])
        let bytes = empty.encoded()
        #expect(bytes == [2, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        #expect(
            throws: BitcoinError.malformed(.nonCanonical(offset: 4, field: "inputs"))
        ) { try Transaction.decode(bytes) }
        #expect(try Transaction.decode(bytes, as: .stripped) == empty)
        let output = TransactionOutput(amount: .zero, scriptPubKey: Script([]))
        let one = Transaction(inputs: [], outputs: [output])
        #expect(try Transaction.decode(one.encoded(), as: .stripped) == one)
        #expect(throws: BitcoinError.self) { try Transaction.decode(one.encoded()) }
    }

    @Test func `weight has a limit, at its edge and one past it`() throws {
        let input = TransactionInput(
            previousOutput: OutPoint(txid: .zero, index: 0), sequence: 0, witness: [[]])
        let plain = Transaction(inputs: [input], outputs: [])
        let room = Transaction.weightMax - plain.weight - 4
        for (extra, fits) in [(0, true), (1, false)] {
            var full = plain
            full.inputs[0].witness = [[UInt8](repeating: 0, count: room + extra)]
            #expect(full.weight == Transaction.weightMax + extra)
            #expect(((try? Transaction.decode(full.encoded())) != nil) == fits)
        }
    }

    @Test func `counts larger than the input are refused before room is made`() {
        let counts: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]
        #expect(
            throws: BitcoinError.malformed(
                .limit(
                    offset: 4, field: "inputs", value: 0x7fff_ffff_ffff_ffff, maximum: 0))
        ) { try Transaction.decode([1, 0, 0, 0] + counts) }
    }

    @Test func `coinbases spend nothing`() {
        let input = TransactionInput(previousOutput: .null, sequence: 0)
        let other = TransactionInput(
            previousOutput: OutPoint(txid: .zero, index: 0), sequence: 0)
        #expect(Transaction(inputs: [input], outputs: []).isCoinbase)
        #expect(!Transaction(inputs: [other], outputs: []).isCoinbase)
        #expect(!Transaction(inputs: [input, input], outputs: []).isCoinbase)
        #expect(!Transaction(inputs: [], outputs: []).isCoinbase)
    }
}
