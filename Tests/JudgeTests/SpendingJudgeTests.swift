import Bitcoin
import Bytes
import Keys
import TestSigning
import TestSupport
import Testing

/// A payment of one wallet, signed by its last keys, with the same PSBT signed and unsigned.
private struct Payment {
    let wallet: TestWallet
    let frozen: FrozenTransaction
    let unsigned: PSBT
    let signed: PSBT
    let final: Transaction
    /// The final transaction with one bit of each signature flipped, one after another.
    let flipped: [Transaction]

    init(_ wallet: TestWallet) throws {
        let (previous, frozen, change) = try wallet.payment()
        let unsigned = try PSBT(frozen, previousTransactions: previous, change: [1: change])
        var signed = unsigned
        var verified: [VerifiedSignature] = []
        for input in frozen.coins.indices {
            for key in wallet.descriptor.keys.indices.suffix(wallet.descriptor.threshold) {
                let claim = try wallet.sign(frozen, input: input, key: key)
                verified.append(try frozen.verify(claim))
                signed.add(claim, of: frozen)
            }
        }
        let final = try frozen.finalized(with: verified)
        let signatures = Set(verified.map(\.claim.bytes))
        var flipped: [Transaction] = []
        for (input, bytes) in final.inputs.enumerated() {
            for item in bytes.witness.indices where signatures.contains(bytes.witness[item]) {
                var changed = final
                changed.inputs[input].witness[item][40] ^= 1
                flipped.append(changed)
            }
        }
        self.wallet = wallet
        self.frozen = frozen
        self.unsigned = unsigned
        self.signed = signed
        self.final = final
        self.flipped = flipped
    }

    var question: JSON {
        [
            "unsigned": .string(unsigned.base64),
            "signed": .string(signed.base64),
            "roots": .array(
                wallet.roots.suffix(wallet.descriptor.threshold).map { .string($0.text) }),
            "transactions": .array(([final] + flipped).map { .string(encodeHex($0.encoded())) }),
            "spent": .array(
                frozen.spentOutputs.map {
                    [.integer(Int64($0.amount.satoshis)), .string($0.scriptPubKey.hex)]
                }),
        ]
    }

    static func ask(_ payments: [Payment]) throws -> [JSON]? {
        try Judge.ask(
            "Tests/JudgeTests/Judges/spending.py",
            ["cases": .array(payments.map(\.question))])?.array
    }
}

@Suite struct `Spending as others judge it` {
    @Test func `Core's script engine takes what we finalize and no flipped bit`() throws {
        let payments = try TestWallet.ofEachKind(seed: "kernel").map { try Payment($0) }
        guard let answers = try Payment.ask(payments) else { return }
        for (payment, answer) in zip(payments, answers) {
            let signatures = 2 * payment.wallet.descriptor.threshold
            #expect(payment.flipped.count == signatures)
            let verdicts = [true] + [Bool](repeating: false, count: signatures)
            #expect(answer["kernel"] == .array(verdicts.map { .bool($0) }))
            for changed in payment.flipped {
                var psbt = payment.unsigned
                for (input, spent) in changed.inputs.enumerated() {
                    psbt.finish(input, with: spent.witness)
                }
                #expect(throws: (any Error).self) {
                    for claim in try psbt.signatures(of: payment.frozen) {
                        _ = try payment.frozen.verify(claim)
                    }
                }
            }
        }
    }

    @Test func `bdk, embit and wally finalize our PSBT to our transaction`() throws {
        let payments = try TestWallet.ofEachKind(seed: "final").map { try Payment($0) }
        guard let answers = try Payment.ask(payments) else { return }
        for (payment, answer) in zip(payments, answers) {
            let ours = JSON.string(encodeHex(payment.final.encoded()))
            for judge in Self.finalizers(of: payment.wallet.descriptor.kind) {
                #expect(
                    answer["final"]?[judge] == ours, "\(judge): \(payment.wallet.descriptor.text)")
            }
        }
    }

    @Test func `embit signs our PSBT, and Core's script engine takes what we make of it`() throws {
        let payments = try TestWallet.ofEachKind(seed: "embit").map { try Payment($0) }
        guard let answers = try Payment.ask(payments) else { return }
        var questions: [JSON] = []
        for (payment, answer) in zip(payments, answers) {
            let psbt = try PSBT.decode(base64: #require(answer["signed"]?.string))
            let claims = try psbt.signatures(of: payment.frozen)
            #expect(claims.count == 2 * payment.wallet.descriptor.threshold)
            let verified = try claims.map { try payment.frozen.verify($0) }
            let final = try payment.frozen.finalized(with: verified)
            guard case .object(var question) = payment.question else { continue }
            question["transactions"] = [.string(encodeHex(final.encoded()))]
            questions.append(.object(question))
        }
        let verdicts = try Judge.ask(
            "Tests/JudgeTests/Judges/spending.py", ["cases": .array(questions)])
        for verdict in verdicts?.array ?? [] { #expect(verdict["kernel"] == [true]) }
    }

    /// Who can finalize each kind.
    static func finalizers(of kind: Descriptor.Kind) -> [String] {
        switch kind {
        case .witnessPublicKeyHash, .witnessMultisig: ["bdk", "embit", "wally"]
        case .taprootKey: ["bdk", "wally"]
        case .taprootMultisig: ["bdk"]
        }
    }
}
