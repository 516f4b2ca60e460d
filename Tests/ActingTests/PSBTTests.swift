import Acting
import Bitcoin
import Bytes
import Events
import Ledger
import Signing
import State
import StateTestSupport
import TestSigning
import Testing

/// What is handed out to a signer outside, and what is taken from one.
@Suite struct PSBTTests {
    private var memory: MemoryLedger
    private let coins: [OutPoint]
    private let request: Digest32

    init() throws {
        memory = try Treasury.staged()
        coins = try memory.fund([100_000, 50_000])
        request = try memory.sendAuthorised(coins, paying: 120_000)
    }

    private func brief() throws -> Brief { try TreasuryFolder(memory).brief() }

    private func claims(_ key: Int, of brief: Brief) throws -> [SignatureClaim] {
        let frozen = try frozen(brief)
        let wallet = try #require(memory.wallets["main"])
        return try frozen.coins.indices.map { try wallet.sign(frozen, input: $0, key: key) }
    }

    private func frozen(_ brief: Brief) throws -> FrozenTransaction {
        try brief.state.frozenTransaction(
            of: try #require(brief.state.requests[request]?.transfer))
    }

    private func taken(_ psbt: PSBT, _ brief: Brief) throws -> [Signed.InputSignature] {
        try brief.signatures(
            for: try brief.request(2), inPSBT: psbt.encoded, from: "r.psbt")
    }

    @Test func `what is handed out is on record by its digest, and is whole`() throws {
        let brief = try brief()
        let (intention, psbt) = try brief.psbt(of: try brief.request(2))
        guard case .exported(let exported) = intention.fact else {
            Issue.record("another fact")
            return
        }
        #expect(exported.psbt == sha256(psbt.encoded) && exported.request == request)
        #expect(psbt.transaction == (try frozen(brief)).transaction)
        for input in psbt.inputs.indices {
            #expect(psbt.inputs[input][.nonWitnessUTXO] != nil, "hardware signers ask for it")
        }
    }

    @Test func `nothing is handed out before the quorum is complete`() throws {
        var memory = try Treasury.staged()
        let coins = try memory.fund([100_000])
        _ = try memory.send(coins, paying: 20_000)
        let brief = try TreasuryFolder(memory).brief()
        #expect(throws: SigningError.self) { _ = try brief.psbt(of: try brief.request(2)) }
    }

    @Test mutating func `partial signatures are taken, once, as bytes or as text`() throws {
        let brief = try brief()
        var psbt = try brief.psbt(of: try brief.request(2)).psbt
        for claim in try claims(0, of: brief) { psbt.add(claim, of: try frozen(brief)) }
        let signatures = try taken(psbt, brief)
        #expect(signatures.map(\.input) == [0, 1])
        let text = Array(" \n\(psbt.base64)\r\n\t".utf8)
        #expect(
            try brief.signatures(for: try brief.request(2), inPSBT: text, from: "r.psbt")
                == signatures)
        try memory.record(.signed(Signed(request: request, signatures: signatures)), by: "alice")
        let later = try self.brief()
        #expect(throws: ActingError.file("r.psbt", .nothingNewInPSBT)) {
            _ = try taken(psbt, later)
        }
        for claim in try claims(1, of: later) { psbt.add(claim, of: try frozen(later)) }
        #expect(try taken(psbt, later).count == 2, "the second key's alone are new")
    }

    @Test func `finalised signatures are taken`() throws {
        let brief = try brief()
        let frozen = try frozen(brief)
        var psbt = try brief.psbt(of: try brief.request(2)).psbt
        var verified: [VerifiedSignature] = []
        for claim in try claims(0, of: brief) + claims(1, of: brief) {
            verified.append(try frozen.verify(claim))
        }
        let final = try frozen.finalized(with: verified)
        for (index, input) in final.inputs.enumerated() { psbt.finish(index, with: input.witness) }
        #expect(try taken(psbt, brief).count == 4)
    }

    @Test func `signatures of another transaction, type or key are refused`() throws {
        let brief = try brief()
        let clean = try brief.psbt(of: try brief.request(2)).psbt
        let frozen = try frozen(brief)
        let claims = try claims(0, of: brief)
        func refused(_ change: (inout PSBT) throws -> Void) throws -> Bool {
            var psbt = clean
            try change(&psbt)
            guard case .file("r.psbt", .refusedPSBT) = actingError({ _ = try taken(psbt, brief) })
            else { return false }
            return true
        }
        // Each signature at the other input.
        #expect(
            try refused { psbt in
                for claim in claims {
                    psbt.add(
                        SignatureClaim(input: 1 - claim.input, key: 0, bytes: claim.bytes),
                        of: frozen)
                }
            })
        // SIGHASH_NONE, which fits other transactions too.
        #expect(
            try refused { psbt in
                psbt.add(
                    SignatureClaim(
                        input: 0, key: 0, bytes: Array(claims[0].bytes.dropLast()) + [2]),
                    of: frozen)
            })
        // The signature of another key.
        #expect(
            try refused { psbt in
                psbt.add(SignatureClaim(input: 0, key: 1, bytes: claims[0].bytes), of: frozen)
            })
        // A PSBT of another transaction.
        var other = memory
        let replaced = try other.sendAuthorised(
            coins, paying: 100_000, fee: 30_000, replaces: request)
        let foreign = try other.state.frozenTransaction(of: other.transfer(of: replaced))
        let previous = try coins.map { try #require(memory.chain.transactions[$0.txid]) }
        let made = try PSBT(foreign, previousTransactions: previous, change: [:])
        guard case .file("r.psbt", .refusedPSBT) = actingError({ _ = try taken(made, brief) })
        else {
            Issue.record("a foreign PSBT was taken")
            return
        }
    }

    @Test func `what is no PSBT is named so`() throws {
        let brief = try brief()
        let request = try brief.request(2)
        let inputs: [[UInt8]] = [
            [], Array("psbt".utf8), Array("psbt".utf8) + [0xff], Array("nonsense".utf8),
            Array("cHNidP8=".utf8),
        ]
        for bytes in inputs {
            guard
                case .file("x", .notAPSBT) = actingError({
                    _ = try brief.signatures(for: request, inPSBT: bytes, from: "x")
                })
            else {
                Issue.record("\(bytes) was taken")
                continue
            }
        }
        #expect(throws: ActingError.file("r.psbt", .nothingNewInPSBT)) {
            _ = try taken(try brief.psbt(of: request).psbt, brief)
        }
    }
}
