import Bitcoin
import Bytes
import Keys
import TestSupport
import Testing

@Suite struct `Signature hashes` {
    @Test func `BIP-143's examples`() throws {
        for example in BIP143.examples {
            let transaction = try Transaction.decode(
                #require(decodeHex(BIP143.transactions[example.transaction])), as: .stripped)
            let code = try #require(Script(hex: BIP143.scriptCodes[example.scriptCode]))
            let amount = try #require(Amount(satoshis: example.satoshis))
            let spent = transaction.inputs.indices.map {
                TransactionOutput(
                    amount: $0 == example.input ? amount : .zero, scriptPubKey: Script([]))
            }
            let midstate = try #require(SighashMidstate(transaction, spending: spent))
            let digest = midstate.witnessV0(
                input: example.input, scriptCode: code,
                type: SighashType(rawValue: example.type))
            #expect(digest?.hex == example.digest)
        }
    }

    @Test func `BIP-143's first example verifies under its key`() throws {
        let digest = try #require(Digest32(hex: BIP143.examples[0].digest))
        let key = try #require(
            KeyID(hex: "025476c2e83188368da1ff3e292e7acafcdb3566bb0ad253f62fc70f07aeee6357")
                .flatMap { PublicKey($0) })
        let der = try #require(
            decodeHex(
                """
                304402203609e17b84f6a7d30c80bfa610b5b4542f32a8a0d5447a12fb1366d7f01cc44a\
                0220573a954c4518331561406f90300e8f3358f51928d43c212a8caed02de67eebee
                """))
        let signature = try #require(ECDSASignature(der: der))
        #expect(key.isValid(signature, for: digest))
        let hash = hash160(key.bytes)
        #expect(Script.payToPublicKeyHash(hash).hex == BIP143.scriptCodes[0])
        #expect(Script.payToWitnessPublicKeyHash(key).kind == .witnessPublicKeyHash(hash))
    }

    @Test func `SINGLE without its output commits to zeros, and to nothing under taproot`() throws {
        let input = TransactionInput(
            previousOutput: OutPoint(txid: .zero, index: 0), sequence: 0)
        let output = TransactionOutput(amount: .zero, scriptPubKey: Script([]))
        let two = Transaction(inputs: [input, input], outputs: [output])
        let midstate = try #require(SighashMidstate(two, spending: [output, output]))
        #expect(midstate.taproot(input: 0, type: .single) != nil)
        #expect(midstate.taproot(input: 1, type: .single) == nil)
        #expect(midstate.taproot(input: 1, type: .single.anyoneCanPay) == nil)
        let none = Transaction(inputs: [input, input], outputs: [])
        let bare = try #require(SighashMidstate(none, spending: [output, output]))
        let code = Script([])
        #expect(
            midstate.witnessV0(input: 1, scriptCode: code, type: .single)
                == bare.witnessV0(input: 1, scriptCode: code, type: .single))
        #expect(
            midstate.witnessV0(input: 0, scriptCode: code, type: .single)
                != bare.witnessV0(input: 0, scriptCode: code, type: .single))
    }

    @Test func `inputs that are not there and unknown taproot types have no digest`() throws {
        let input = TransactionInput(
            previousOutput: OutPoint(txid: .zero, index: 0), sequence: 0)
        let output = TransactionOutput(amount: .zero, scriptPubKey: Script([]))
        let transaction = Transaction(inputs: [input], outputs: [output])
        #expect(SighashMidstate(transaction, spending: []) == nil)
        #expect(SighashMidstate(transaction, spending: [output, output]) == nil)
        let midstate = try #require(SighashMidstate(transaction, spending: [output]))
        for index in [-1, 1] {
            #expect(midstate.taproot(input: index) == nil)
            #expect(midstate.witnessV0(input: index, scriptCode: Script([]), type: .all) == nil)
        }
        let known: Set<UInt8> = [0, 1, 2, 3, 0x81, 0x82, 0x83]
        for type in 0...UInt8.max {
            let digest = midstate.taproot(input: 0, type: SighashType(rawValue: type))
            #expect((digest != nil) == known.contains(type))
        }
    }

    @Test func `everything that a digest covers changes it`() throws {
        let input = TransactionInput(
            previousOutput: OutPoint(txid: .zero, index: 0), sequence: 1)
        let output = TransactionOutput(amount: .zero, scriptPubKey: Script([1]))
        let transaction = Transaction(inputs: [input, input], outputs: [output, output])
        let one = try #require(Amount(satoshis: 1))
        var changes: [(Transaction, [TransactionOutput])] = []
        func change(_ body: (inout Transaction, inout [TransactionOutput]) -> Void) {
            var copy = (transaction, [output, output])
            body(&copy.0, &copy.1)
            changes.append(copy)
        }
        change { transaction, _ in transaction.version = 1 }
        change { transaction, _ in transaction.lockTime = 1 }
        change { transaction, _ in transaction.inputs[1].sequence = 2 }
        change { transaction, _ in
            transaction.inputs[1].previousOutput = OutPoint(txid: .zero, index: 1)
        }
        change { transaction, _ in transaction.outputs[1].amount = one }
        change { transaction, _ in transaction.outputs[1].scriptPubKey = Script([2]) }
        change { _, spent in spent[1].amount = one }
        change { _, spent in spent[1].scriptPubKey = Script([2]) }
        var digests: Set<Digest32> = []
        for (changed, spent) in changes + [(transaction, [output, output])] {
            let midstate = try #require(SighashMidstate(changed, spending: spent))
            digests.insert(try #require(midstate.taproot(input: 0)))
            let leaf = midstate.taproot(input: 0, leafHash: .zero)
            digests.insert(try #require(leaf))
        }
        #expect(digests.count == 2 * (changes.count + 1))
    }
}
