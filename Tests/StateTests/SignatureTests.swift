import Bitcoin
import Bytes
import Events
import Keys
import State
import StateTestSupport
import TestSigning
import Testing

@Suite struct SignatureTests {
    @Test func `a signature for a request that is not authorised is recorded as an incident`()
        throws
    {
        var (ledger, coins) = try Treasury.funded(100_000)
        let id = try ledger.send(coins, paying: 50_000)
        try ledger.sign(id, key: 0, by: "alice")
        #expect(ledger.effects.incidents.map(\.kind) == [.unauthorisedSignature])
        #expect(ledger.status(id) == .initiated)
        // It counts once the request is authorised, and keeps the coins when it is not.
        var aborted = ledger
        try aborted.record(.aborted(Aborted(request: id, reason: nil)), by: "bob")
        #expect(aborted.status(id) == .outstanding)
        #expect(aborted.state.holders(of: coins[0]) == [id])
        try ledger.approve(id, by: "alice", "bob")
        try ledger.sign(id, key: 1, by: "bob")
        #expect(ledger.status(id) == .signed)
    }

    @Test func `a signature for an ended request is recorded as an incident`() throws {
        var (ledger, coins) = try Treasury.funded(100_000)
        let id = try ledger.send(coins, paying: 50_000)
        let signatures = try ledger.signatures(of: ledger.transfer(of: id), key: 0)
        try ledger.record(.aborted(Aborted(request: id, reason: nil)), by: "alice")
        try ledger.record(.signed(Signed(request: id, signatures: signatures)), by: "alice")
        #expect(ledger.effects.incidents.map(\.kind) == [.unauthorisedSignature])
        #expect(ledger.effects.incidents.first?.description.contains(id.hex.prefix(16)) == true)
        #expect(try ledger.replayed().encoded == ledger.state.encoded)
    }

    @Test func `who signs has seen the approval that completed the quorum`() throws {
        var (ledger, coins) = try Treasury.funded(100_000)
        let id = try ledger.send(coins, paying: 50_000)
        try ledger.approve(id, by: "alice")
        let before = ledger.head
        try ledger.approve(id, by: "bob")
        let signatures = try ledger.signatures(of: ledger.transfer(of: id), key: 2)
        let signed = Fact.signed(Signed(request: id, signatures: signatures))
        let refusal = try ledger.refusal(signed, by: "carol", seen: before)
        #expect(refusal?.rule == .seenDoesNotCover)
        let exported = Fact.exported(Exported(request: id, psbt: .zero))
        #expect(
            try ledger.refusal(exported, by: "carol", seen: before)?.rule == .seenDoesNotCover)
        try ledger.record(signed, by: "carol")
    }

    @Test func `a signature is one of the frozen transaction, by a key of the wallet, once`() throws
    {
        var (ledger, coins) = try Treasury.funded(100_000)
        let id = try ledger.sendAuthorised(coins, paying: 50_000)
        let good = try ledger.signatures(of: ledger.transfer(of: id), key: 0)[0]
        func refusal(
            input: UInt32 = 0, key: [UInt8]? = nil, signature: [UInt8]? = nil
        ) throws -> Refusal? {
            var ledger = ledger
            let item = Signed.InputSignature(
                input: input, key: key ?? good.key, signature: signature ?? good.signature)
            return try ledger.refusal(
                .signed(Signed(request: id, signatures: [item])), by: "alice")
        }
        #expect(try refusal(input: 1)?.rule == .signatureOfInput)
        #expect(try refusal(key: Array(good.key.dropFirst()))?.rule == .signatureOfInput)
        let stranger = try MemoryLedger.key("stranger").publicKey.key.bytes
        #expect(try refusal(key: stranger)?.rule == .signatureOfInput)
        // SIGHASH_SINGLE, another order, and no DER.
        #expect(
            try refusal(signature: good.signature.dropLast() + [3])?.rule == .signatureOfInput)
        #expect(try refusal(signature: good.signature.reversed())?.rule == .signatureOfInput)
        #expect(try refusal(signature: [])?.rule == .signatureOfInput)
        var empty = ledger
        #expect(
            try empty.refusal(.signed(Signed(request: id, signatures: [])), by: "alice")?.rule
                == .signatureOfInput)
        let twice = Fact.signed(Signed(request: id, signatures: [good, good]))
        #expect(try ledger.refusal(twice, by: "alice")?.rule == .signatureOfInput)
        try ledger.record(.signed(Signed(request: id, signatures: [good])), by: "alice")
        let again = Fact.signed(Signed(request: id, signatures: [good]))
        #expect(try ledger.refusal(again, by: "bob")?.rule == .signatureOfInput)
    }

    @Test func `governance has nothing to sign`() throws {
        var ledger = try Treasury.founded()
        let id = try ledger.initiate(.suspendMember("carol"), by: "alice")
        let item = Signed.InputSignature(input: 0, key: [], signature: [])
        let refusal = try ledger.refusal(
            .signed(Signed(request: id, signatures: [item])), by: "alice")
        #expect(refusal?.rule == .unknownRequest)
    }

    @Test func `the broadcast transaction is the one that its signatures make`() throws {
        var (ledger, coins) = try Treasury.funded(100_000)
        let id = try ledger.sendAuthorised(coins, paying: 50_000)
        for (key, member) in Treasury.holders.enumerated() {
            try ledger.sign(id, key: key, by: member)
        }
        let final = try ledger.finalTransaction(of: id)
        func refusal(_ change: (inout Transaction) -> Void) throws -> Refusal? {
            var ledger = ledger
            var transaction = final
            change(&transaction)
            return try ledger.refusal(
                .broadcast(
                    Broadcast(request: id, transaction: .inline(transaction.encoded()))),
                by: "olga")
        }
        #expect(try refusal { _ in } == nil)
        #expect(try refusal { $0.outputs[0].amount = 50_001 }?.rule == .finalTransaction)
        #expect(try refusal { $0.inputs[0].witness = [] }?.rule == .finalTransaction)
        #expect(try refusal { $0.inputs[0].witness.swapAt(1, 2) }?.rule == .finalTransaction)
        #expect(try refusal { $0.inputs[0].witness.append([1]) }?.rule == .finalTransaction)
        var malformed = ledger
        #expect(
            try malformed.refusal(
                .broadcast(Broadcast(request: id, transaction: .inline([1, 2]))), by: "olga")?.rule
                == .finalTransaction)
        let broadcast = Fact.broadcast(
            Broadcast(request: id, transaction: .inline(final.encoded())))
        #expect(try ledger.refusal(broadcast, by: "audrey")?.rule == .role)
        try ledger.record(broadcast, by: "olga")
        try ledger.relay(id, accepted: false, message: "min relay fee not met", by: "walt")
        #expect(ledger.state.requests[id]?.relay?.isAccepted == false)
        try ledger.record(broadcast, by: "olga")
        #expect(ledger.state.requests[id]?.relay == nil)
        let other = Relayed(request: id, txid: .zero, accepted: true, message: "")
        #expect(try ledger.refusal(.relayed(other), by: "walt")?.rule == .finalTransaction)
        try ledger.mine([final], watchedBy: "walt")
        #expect(try ledger.refusal(broadcast, by: "olga")?.rule == .requestEnded)
    }
}
