import Bitcoin
import Bytes
import Keys
import TestSigning
import TestSupport
import Testing

@Suite struct `Spending` {
    @Test func `each kind's witness stands as its standard says`() throws {
        for wallet in try TestWallet.ofEachKind() {
            let (_, frozen, _) = try wallet.payment()
            let output = frozen.coins[1].output
            let claims = try output.scriptOrder.prefix(output.threshold).map {
                try wallet.sign(frozen, input: 1, key: $0)
            }
            let signatures = claims.map(\.bytes)
            let witness = try frozen.satisfy(input: 1, with: claims.map { try frozen.verify($0) })
            switch output.spending {
            case .witnessPublicKeyHash:
                #expect(witness == signatures + [output.keys[0].publicKey.bytes])
            case .witnessScript(let script):
                #expect(witness == [[]] + signatures + [script.bytes])
            case .taprootKey:
                #expect(witness == signatures)
            case .taprootScript(_, let leaf, let controlBlock):
                let unsigned = [[UInt8]](
                    repeating: [], count: output.keys.count - output.threshold)
                #expect(
                    witness == unsigned + signatures.reversed()
                        + [leaf.script.bytes, controlBlock.bytes])
            }
        }
    }

    @Test func `of more signatures than needed the first in the script are used`() throws {
        for wallet in try TestWallet.ofEachKind() {
            let (_, frozen, _) = try wallet.payment()
            let output = frozen.coins[0].output
            let all = try output.keys.indices.map {
                try frozen.verify(try wallet.sign(frozen, input: 0, key: $0))
            }
            let first = all.filter {
                output.scriptOrder.prefix(output.threshold).contains($0.claim.key)
            }
            let witness = try frozen.satisfy(input: 0, with: all)
            #expect(try frozen.satisfy(input: 0, with: all.reversed()) == witness)
            #expect(try frozen.satisfy(input: 0, with: first) == witness)
        }
    }

    @Test func `fewer signatures than the threshold are refused`() throws {
        for wallet in try TestWallet.ofEachKind() {
            let (_, frozen, _) = try wallet.payment()
            let threshold = wallet.descriptor.threshold
            var signatures: [VerifiedSignature] = []
            for key in 0..<threshold {
                let refusal = SignatureRefusal.tooFew(input: 0, found: key, threshold: threshold)
                #expect(throws: refusal) { try frozen.satisfy(input: 0, with: signatures) }
                let signature = try frozen.verify(wallet.sign(frozen, input: 0, key: key))
                // The same signature twice is one signer.
                signatures += [signature, signature]
            }
            #expect(throws: Never.self) { try frozen.satisfy(input: 0, with: signatures) }
            #expect(throws: SignatureRefusal.tooFew(input: 1, found: 0, threshold: threshold)) {
                try frozen.finalized(with: signatures)
            }
        }
    }

    @Test func `a signature of one input is none of another, nor of another transaction`() throws {
        for wallet in try TestWallet.ofEachKind() {
            let (_, frozen, _) = try wallet.payment()
            let (_, other, _) = try wallet.payment(spending: 1)
            let claim = try wallet.sign(frozen, input: 0, key: 0)
            let moved = SignatureClaim(input: 1, key: 0, bytes: claim.bytes)
            #expect(throws: SignatureRefusal.invalid(moved)) { try frozen.verify(moved) }
            #expect(throws: SignatureRefusal.invalid(claim)) { try other.verify(claim) }
            let verified = try frozen.verify(claim)
            #expect(throws: SignatureRefusal.otherDigest(claim)) {
                try other.satisfy(input: 0, with: [verified])
            }
            #expect(throws: SignatureRefusal.noSuchInput(2)) {
                try frozen.verify(SignatureClaim(input: 2, key: 0, bytes: claim.bytes))
            }
            #expect(throws: SignatureRefusal.noSuchKey(input: 0, key: 9)) {
                try frozen.verify(SignatureClaim(input: 0, key: 9, bytes: claim.bytes))
            }
        }
    }

    @Test func `no signature survives a flipped bit`() throws {
        for wallet in try TestWallet.ofEachKind() {
            let (_, frozen, _) = try wallet.payment()
            let claim = try wallet.sign(frozen, input: 0, key: 0)
            for bit in 0..<claim.bytes.count * 8 {
                var bytes = claim.bytes
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                #expect(throws: SignatureRefusal.self) {
                    try frozen.verify(SignatureClaim(input: 0, key: 0, bytes: bytes))
                }
            }
        }
    }

    @Test func `every sighash type but one is refused by name`() throws {
        for wallet in try TestWallet.ofEachKind() {
            let (_, frozen, _) = try wallet.payment()
            let claim = try wallet.sign(frozen, input: 0, key: 0)
            let isTaproot = frozen.coins[0].output.taproot != nil
            let accepted: SighashType = isTaproot ? .default : .all
            for type in UInt8.min...UInt8.max where isTaproot || type != 1 {
                let bytes = (isTaproot ? claim.bytes : claim.bytes.dropLast()) + [type]
                let typed = SignatureClaim(input: 0, key: 0, bytes: bytes)
                let refusal = SignatureRefusal.sighashType(
                    typed, found: SighashType(rawValue: type), accepted: accepted)
                #expect(throws: refusal) { try frozen.verify(typed) }
            }
        }
    }

    @Test func `the higher twin of an ECDSA signature is refused`() throws {
        let wallet = try TestWallet(.witnessPublicKeyHash)
        let (_, frozen, _) = try wallet.payment()
        let claim = try wallet.sign(frozen, input: 0, key: 0)
        let low = try #require(ECDSASignature(der: Array(claim.bytes.dropLast())))
        let high = try #require(
            ECDSASignature(low.bytes.prefix(32) + negated(low.bytes.suffix(32))))
        let twin = SignatureClaim(input: 0, key: 0, bytes: high.der + [1])
        #expect(throws: SignatureRefusal.highS(twin)) { try frozen.verify(twin) }
    }

    @Test func `bytes that are no signature are refused by length and form`() throws {
        for wallet in try TestWallet.ofEachKind() {
            let (_, frozen, _) = try wallet.payment()
            var generator = SeededGenerator(seed: 66)
            for count in 0...80 where count != 64 {
                let claim = SignatureClaim(input: 0, key: 0, bytes: generator.bytes(count))
                #expect(throws: SignatureRefusal.self) { try frozen.verify(claim) }
            }
        }
    }

    @Test func `a check can be verified later, elsewhere`() throws {
        for wallet in try TestWallet.ofEachKind() {
            let (_, frozen, _) = try wallet.payment()
            let check = try frozen.check(wallet.sign(frozen, input: 0, key: 0))
            #expect(check.isValid())
            let other = try wallet.sign(frozen, input: 1, key: 0).bytes
            #expect(try !frozen.check(SignatureClaim(input: 0, key: 0, bytes: other)).isValid())
        }
    }

    @Test func `the greatest weight is reached and never passed`() throws {
        for wallet in try TestWallet.ofEachKind(seed: "weight") {
            let (_, frozen, _) = try wallet.payment()
            let claims = try frozen.coins.indices.flatMap { input in
                try wallet.descriptor.keys.indices.map {
                    try wallet.sign(frozen, input: input, key: $0)
                }
            }
            let signed = try frozen.finalized(with: claims.map { try frozen.verify($0) })
            let frame = frozen.transaction.weight - 2 * 41 * 4 + 2
            let greatest = frame + 2 * wallet.descriptor.maximumInputWeight
            #expect(signed.weight <= greatest)
            // Each ECDSA signature is at most one byte shorter, or two with chance 2⁻⁸.
            let slack = frozen.coins[0].output.taproot == nil ? 4 * wallet.descriptor.threshold : 0
            #expect(signed.weight >= greatest - slack)
            #expect(signed.txid == frozen.txid)
        }
    }

    @Test func `a script of the greatest number of keys weighs what is said`() throws {
        for (kind, threshold, count) in [
            (Descriptor.Kind.witnessMultisig(.sorted), 15, 15),
            (.taprootMultisig(UnspendableKey(), .given), 16, 20),
            (.taprootMultisig(UnspendableKey(), .given), 17, 20),
            (.taprootMultisig(UnspendableKey(), .given), 20, 20),
        ] {
            let wallet = try TestWallet(kind, threshold: threshold, of: count)
            let (_, frozen, _) = try wallet.payment(spending: 1)
            let signatures = try (0..<threshold).map {
                try frozen.verify(try wallet.sign(frozen, input: 0, key: $0))
            }
            let signed = try frozen.finalized(with: signatures)
            let weight = signed.weight - frozen.transaction.weight - 2 + 41 * 4
            let slack = frozen.coins[0].output.taproot == nil ? 2 * threshold : 0
            #expect(weight <= wallet.descriptor.maximumInputWeight)
            #expect(weight >= wallet.descriptor.maximumInputWeight - slack)
        }
    }

    @Test func `a transaction that is signed or has other coins can not be frozen`() throws {
        let wallet = try TestWallet(.taprootKey)
        let (_, frozen, _) = try wallet.payment()
        #expect(
            FrozenTransaction(frozen.transaction, spending: Array(frozen.coins.dropLast())) == nil)
        var signed = frozen.transaction
        signed.inputs[0].witness = [[1]]
        #expect(FrozenTransaction(signed, spending: frozen.coins) == nil)
        var scripted = frozen.transaction
        scripted.inputs[1].scriptSig = Script([0])
        #expect(FrozenTransaction(scripted, spending: frozen.coins) == nil)
        var empty = frozen.transaction
        empty.inputs = []
        #expect(FrozenTransaction(empty, spending: []) == nil)
    }
}

/// The group order minus `s`.
private func negated(_ s: ArraySlice<UInt8>) -> [UInt8] {
    let order = decodeHex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141") ?? []
    var borrow = 0
    var result = [UInt8](repeating: 0, count: 32)
    for (index, pair) in zip(order, s).enumerated().reversed() {
        let difference = Int(pair.0) - Int(pair.1) - borrow
        borrow = difference < 0 ? 1 : 0
        result[index] = UInt8(truncatingIfNeeded: difference)
    }
    return result
}
