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
                let derivations =
                    isTaproot ? PSBTInputField.taprootBIP32Derivation : .bip32Derivation
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
