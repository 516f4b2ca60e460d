import Bitcoin
import Bytes
import TestSigning
import TestSupport
import Testing

@Suite struct `Reading PSBTs` {
    /// A PSBT with one input, one output and the given global and input fields.
    static func bytes(globals: [UInt8] = [], input: [UInt8] = [], output: [UInt8] = []) -> [UInt8] {
        let transaction = Transaction(
            inputs: [TransactionInput(previousOutput: .null, sequence: 0)],
            outputs: [TransactionOutput(amount: .zero, scriptPubKey: Script([]))])
        let encoded = transaction.encoded(.stripped)
        return Array("psbt".utf8) + [0xff, 1, 0, UInt8(encoded.count)] + encoded + globals + [0]
            + input + [0] + output + [0]
    }

    static func error(_ bytes: [UInt8]) -> PSBTError? {
        do {
            _ = try PSBT.decode(bytes)
            return nil
        } catch { return error }
    }

    @Test func `unknown fields are kept and duplicates refused`() throws {
        let field: [UInt8] = [2, 0xf0, 1, 1, 7]
        let bytes = Self.bytes(globals: field, input: field, output: field)
        let psbt = try PSBT.decode(bytes)
        #expect(psbt.encoded == bytes)
        #expect(psbt.inputs[0][[0xf0, 1]] == [7])
        let key: [UInt8] = [0xf0, 1]
        let twice = field + field
        #expect(Self.error(Self.bytes(globals: twice)) == .duplicate(.global, key: key))
        #expect(Self.error(Self.bytes(input: twice)) == .duplicate(.input(0), key: key))
        #expect(Self.error(Self.bytes(output: twice)) == .duplicate(.output(0), key: key))
    }

    @Test func `fields of version 2 and other versions are refused`() {
        for (type, length) in [(UInt8(0x02), 4), (0x03, 4), (0x04, 1), (0x05, 1), (0x06, 1)] {
            let field = [1, type, UInt8(length)] + [UInt8](repeating: 0, count: length)
            #expect(
                Self.error(Self.bytes(globals: field)) == .versionTwoField(.global, type: type))
        }
        for type in UInt8(0x0e)...0x12 {
            #expect(
                Self.error(Self.bytes(input: [1, type, 0]))
                    == .versionTwoField(.input(0), type: type))
        }
        for type in UInt8(0x03)...0x04 {
            #expect(
                Self.error(Self.bytes(output: [1, type, 0]))
                    == .versionTwoField(.output(0), type: type))
        }
        #expect(Self.error(Self.bytes(globals: [1, 0xfb, 4, 0, 0, 0, 0])) == nil)
        #expect(Self.error(Self.bytes(globals: [1, 0xfb, 4, 2, 0, 0, 0])) == .version(2))
        #expect(
            Self.error(Self.bytes(globals: [1, 0xfb, 3, 0, 0, 0]))
                == .fieldValue(.global, type: 0xfb))
    }

    @Test func `every known field refuses key data or a value of another form`() {
        for type in UInt8(0)...0x18 where PSBTInputField(rawValue: type) != nil {
            let badKey = [8, type] + [UInt8](repeating: 1, count: 7) + [0]
            #expect(
                Self.error(Self.bytes(input: badKey)) == .fieldKey(.input(0), type: type),
                "\(type)")
        }
        for type in [UInt8(0x00), 0x01, 0x03, 0x08, 0x13, 0x17, 0x18] {
            #expect(
                Self.error(Self.bytes(input: [1, type, 1, 1]))
                    == .fieldValue(.input(0), type: type),
                "\(type)")
        }
        for type in UInt8(0)...0x07 where PSBTOutputField(rawValue: type) != nil {
            let badKey = [8, type] + [UInt8](repeating: 1, count: 7) + [0]
            #expect(
                Self.error(Self.bytes(output: badKey)) == .fieldKey(.output(0), type: type),
                "\(type)")
        }
    }

    @Test(
        arguments: [
            ([0, 0xc0, 0], true), ([1, 0xc0, 0, 1, 0xc0, 0], true),
            ([2, 0xc0, 0, 2, 0xc0, 0, 1, 0xc0, 0], true),
            ([1, 0xc0, 0, 2, 0xc0, 0, 2, 0xc0, 0], true),
            ([0, 0xc0, 1, 0x51], true),
            ([], false), ([1, 0xc0, 0], false), ([0, 0xc1, 0], false), ([0, 0xc0, 1], false),
            ([0, 0xc0, 0, 0, 0xc0, 0], false), ([2, 0xc0, 0, 1, 0xc0, 0, 2, 0xc0, 0], false),
            ([129, 0xc0, 0], false), ([1, 0xc0, 0, 1, 0xc0, 0, 1, 0xc0, 0], false),
        ] as [([UInt8], Bool)])
    func `a taproot tree is read when its leaves fill it`(tree: [UInt8], isTree: Bool) {
        let error = Self.error(Self.bytes(output: [1, 6, UInt8(tree.count)] + tree))
        #expect(error == (isTree ? nil : .fieldValue(.output(0), type: 6)))
    }

    @Test func `a previous transaction that the input does not name is refused`() throws {
        let (psbt, _) = try PSBTs.create(TestWallet(.witnessPublicKeyHash))
        var swapped = psbt
        swapped.inputs[0][.nonWitnessUTXO] = psbt.inputs[1][.nonWitnessUTXO]
        #expect(Self.error(swapped.encoded) == .previousTransaction(input: 0))
        var cheaper = psbt
        cheaper.inputs[1][.witnessUTXO]?[0] ^= 1
        #expect(Self.error(cheaper.encoded) == .previousTransaction(input: 1))
    }

    @Test func `every truncation and every trailing byte is refused`() throws {
        let (psbt, _) = try PSBTs.create(TestWallet(.taprootKey))
        let bytes = psbt.encoded
        for count in bytes.indices { #expect(Self.error(Array(bytes[..<count])) != nil) }
        #expect(
            Self.error(bytes + [0]) == .malformed(.trailing(offset: bytes.count, count: 1)))
    }

    @Test func `limits hold at their edge and not one past it`() {
        let room = PSBT.entriesMax - 1
        let fields = (0..<room).flatMap { number -> [UInt8] in
            [4, 0xf0, UInt8(number >> 16), UInt8(number >> 8 & 255), UInt8(number & 255), 0]
        }
        #expect(Self.error(Self.bytes(input: fields)) == nil)
        #expect(Self.error(Self.bytes(input: fields, output: [1, 0xf0, 0])) == .tooManyFields)
        let long = [UInt8](repeating: 0, count: PSBT.bytesMax + 1)
        #expect(Self.error(long) == .tooLong(count: long.count))
        #expect(Self.error(Array(long.dropLast())) == .magic)
        #expect(throws: PSBTError.base64) { try PSBT.decode(base64: "cHNidP8=\n") }
    }

    @Test func `no change of a valid PSBT crashes, and what is read is written the same`() throws {
        var generator = SeededGenerator(seed: 174)
        for wallet in try TestWallet.ofEachKind() {
            let bytes = try PSBTs.create(wallet, spending: 1).psbt.encoded
            for _ in 0..<300 {
                var changed = bytes
                for _ in 0..<Int.random(in: 1...3, using: &generator) {
                    let position = Int.random(in: 0..<changed.count, using: &generator)
                    changed[position] = UInt8.random(in: 0...255, using: &generator)
                }
                guard let psbt = try? PSBT.decode(changed) else { continue }
                #expect(try PSBT.decode(psbt.encoded) == psbt)
            }
        }
    }
}
