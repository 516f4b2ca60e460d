import Bitcoin
import Bytes
import Keys
import TestSigning
import TestSupport
import Testing

@Suite struct `PSBTs` {
    static func create(
        _ wallet: TestWallet, spending count: Int = 2
    ) throws -> (psbt: PSBT, frozen: FrozenTransaction) {
        let (previous, frozen, change) = try wallet.payment(spending: count)
        let psbt = try PSBT(frozen, previousTransactions: previous, change: [1: change])
        return (psbt, frozen)
    }

    @Test func `what is created is read back, in bytes and in base64`() throws {
        for wallet in try TestWallet.ofEachKind() {
            let (psbt, frozen) = try Self.create(wallet)
            #expect(try PSBT.decode(psbt.encoded) == psbt)
            #expect(try PSBT.decode(base64: psbt.base64) == psbt)
            #expect(psbt.transaction == frozen.transaction)
            let isTaproot = frozen.coins[0].output.taproot != nil
            for map in psbt.inputs {
                #expect((map[.nonWitnessUTXO] == nil) == isTaproot)
                #expect(map[.witnessUTXO] != nil)
                let derivations = isTaproot ? PSBTInputField.taprootBIP32Derivation : .bip32Derivation
                #expect(map.all(derivations).count == wallet.descriptor.keys.count)
            }
            #expect(psbt.outputs[0].count == 0)
            #expect(psbt.outputs[1].count > 0)
            #expect(try psbt.signatures(of: frozen) == [])
        }
    }

    @Test func `a version 0 input needs its own previous transaction`() throws {
        for wallet in try TestWallet.ofEachKind() {
            let (previous, frozen, _) = try wallet.payment()
            let isTaproot = frozen.coins[0].output.taproot != nil
            func create(_ transactions: [Transaction]) -> PSBTError? {
                do {
                    _ = try PSBT(frozen, previousTransactions: transactions, change: [:])
                    return nil
                } catch { return error }
            }
            #expect(create(previous.reversed()) == nil)
            #expect(
                create([previous[0]]) == (isTaproot ? nil : .previousTransaction(input: 1)))
            var cheaper = frozen.coins
            cheaper[1] = WalletCoin(amount: .zero, output: cheaper[1].output)
            let other = try #require(FrozenTransaction(frozen.transaction, spending: cheaper))
            #expect(throws: PSBTError.previousTransaction(input: 1)) {
                try PSBT(other, previousTransactions: previous, change: [:])
            }
        }
    }

    @Test func `an output that is not the change is not called so`() throws {
        let wallet = try TestWallet(.taprootKey)
        let (previous, frozen, change) = try wallet.payment()
        for position in [-1, 0, 2] {
            #expect(throws: PSBTError.notChange(output: position)) {
                try PSBT(frozen, previousTransactions: previous, change: [position: change])
            }
        }
    }

    @Test func `signatures are found, partial and finished`() throws {
        for wallet in try TestWallet.ofEachKind() {
            let (psbt, frozen) = try Self.create(wallet)
            let order = frozen.coins[0].output.scriptOrder
            let signers = Array(order.suffix(wallet.descriptor.threshold))
            var claims: [SignatureClaim] = []
            for input in 0..<2 {
                claims += try signers.sorted().map {
                    try wallet.sign(frozen, input: input, key: $0)
                }
            }
            var partial = psbt
            for claim in claims { partial.add(claim, of: frozen) }
            let read = try PSBT.decode(partial.encoded)
            #expect(try read.signatures(of: frozen) == claims)

            var finished = psbt
            let verified = try claims.map { try frozen.verify($0) }
            for input in 0..<2 {
                finished.finish(input, with: try frozen.satisfy(input: input, with: verified))
            }
            // The second input's keys may stand in another order than the first one's.
            #expect(try PSBT.decode(finished.encoded).signatures(of: frozen) == claims)
            for claim in claims { finished.add(claim, of: frozen) }
            #expect(try finished.signatures(of: frozen) == claims)
        }
    }

    @Test func `a PSBT of another transaction is refused with both ids`() throws {
        let wallet = try TestWallet(.witnessPublicKeyHash)
        let (psbt, frozen) = try Self.create(wallet)
        let (other, different) = try Self.create(wallet, spending: 1)
        let error = PSBTError.otherTransaction(expected: frozen.txid, found: different.txid)
        #expect(throws: error) { try other.signatures(of: frozen) }
        #expect(throws: Never.self) { try psbt.signatures(of: frozen) }
    }

    @Test func `signatures of strangers are refused by name`() throws {
        let stranger = try TestKey(seed: [9]).publicKey.key
        for wallet in try TestWallet.ofEachKind() {
            let (psbt, frozen) = try Self.create(wallet)
            let output = frozen.coins[1].output
            let key: [UInt8]
            var foreign = psbt
            switch output.spending {
            case .taprootKey: continue
            case .witnessPublicKeyHash, .witnessScript:
                key = stranger.bytes
                foreign.inputs[1][[0x02] + key] = try wallet.sign(frozen, input: 1, key: 0).bytes
            case .taprootScript(_, let leaf, _):
                key = stranger.xOnly.bytes + leaf.hash.array
                foreign.inputs[1][[0x14] + key] = try wallet.sign(frozen, input: 1, key: 0).bytes
                var otherLeaf = psbt
                let own = output.keys[0].publicKey.xOnly.bytes + sha256([1]).array
                otherLeaf.inputs[1][[0x14] + own] = [UInt8](repeating: 1, count: 64)
                #expect(throws: PSBTError.foreignSigner(input: 1, key: own)) {
                    try otherLeaf.signatures(of: frozen)
                }
            }
            #expect(throws: PSBTError.foreignSigner(input: 1, key: key)) {
                try PSBT.decode(foreign.encoded).signatures(of: frozen)
            }
        }
    }

    @Test func `a finished witness of another form is refused`() throws {
        for wallet in try TestWallet.ofEachKind() {
            let (psbt, frozen) = try Self.create(wallet)
            let signatures = try wallet.descriptor.keys.indices.map {
                try frozen.verify(try wallet.sign(frozen, input: 0, key: $0))
            }
            let witness = try frozen.satisfy(input: 0, with: signatures)
            var wrong: [[[UInt8]]] = [[], witness + [[0x50]], [[]] + witness]
            if witness.count > 1 {
                wrong += [Array(witness.dropLast()), witness.dropLast() + [[1]]]
            }
            for items in wrong {
                var changed = psbt
                changed.finish(0, with: items)
                #expect(throws: PSBTError.satisfaction(input: 0)) {
                    try changed.signatures(of: frozen)
                }
            }
            var scripted = psbt
            scripted.inputs[0][.finalScriptSig] = [0]
            #expect(throws: PSBTError.satisfaction(input: 0)) {
                try scripted.signatures(of: frozen)
            }
            if case .witnessScript = frozen.coins[0].output.spending {
                var broken = witness
                broken[2][10] ^= 1
                var changed = psbt
                changed.finish(0, with: broken)
                #expect(throws: PSBTError.unknownSigner(input: 0, item: 2)) {
                    try changed.signatures(of: frozen)
                }
            }
        }
    }
}

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
                Self.error(Self.bytes(input: [1, type, 1, 1])) == .fieldValue(.input(0), type: type),
                "\(type)")
        }
        for type in UInt8(0)...0x07 where PSBTOutputField(rawValue: type) != nil {
            let badKey = [8, type] + [UInt8](repeating: 1, count: 7) + [0]
            #expect(
                Self.error(Self.bytes(output: badKey)) == .fieldKey(.output(0), type: type),
                "\(type)")
        }
    }

    @Test(arguments: [
        ([0, 0xc0, 0], true), ([1, 0xc0, 0, 1, 0xc0, 0], true),
        ([2, 0xc0, 0, 2, 0xc0, 0, 1, 0xc0, 0], true), ([1, 0xc0, 0, 2, 0xc0, 0, 2, 0xc0, 0], true),
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
