import Acting
import Bitcoin
import Bytes
import Chain
import Events
import Ledger
import State
import StateTestSupport
import Testing

/// A transfer on its way to a node: on record first, sent once, and what the node says of it.
@Suite struct BroadcastingTests {
    private let treasury: TreasuryFolder
    private let request: Digest32

    init() throws {
        var memory = try Treasury.staged()
        let coins = try memory.fund([100_000, 50_000])
        request = try memory.sendAuthorised([coins[0]], paying: 20_000)
        try memory.sign(request, key: 0, by: "alice")
        try memory.sign(request, key: 1, by: "bob")
        treasury = try TreasuryFolder(memory)
    }

    private func broadcasting(_ member: MemberName) throws -> Broadcasting {
        let state = try treasury.brief().state
        return try Broadcasting(
            try #require(state.requests[request]), by: try #require(state.members[member]),
            in: state)
    }

    @Test func `the final transaction is the one whose signatures are on record`() throws {
        let planned = try broadcasting("olga")
        #expect(planned.transaction == (try treasury.memory.finalTransaction(of: request)))
        try treasury.act("olga") { _ in planned.intention }
        let state = try treasury.open().state()
        #expect(state.requests[request]?.status == .broadcast)
    }

    @Test func `without all signatures nothing is assembled, and what is missing is named`() throws
    {
        var memory = try Treasury.staged()
        let coins = try memory.fund([100_000])
        let open = try memory.send(coins, paying: 20_000)
        func missing() -> String? {
            guard
                case .transfer(.notFullySigned(_, _, let missing)) = actingError({
                    _ = try Broadcasting(
                        try #require(memory.state.requests[open]),
                        by: try #require(memory.state.members["olga"]), in: memory.state)
                })
            else { return nil }
            return missing
        }
        #expect(missing()?.contains("2 more of") == true)
        try memory.approve(open, by: "alice", "bob")
        #expect(missing() == "2 signatures for each input")
        try memory.sign(open, key: 0, by: "alice")
        #expect(missing() == "1 signature for each input")
    }

    @Test func `a node's answers are taken for what they are, and it is asked once`() async throws {
        let node = try await NodeServer(treasury.memory.chain)
        let planned = try broadcasting("olga")
        let cases: [(NodeServer.Answer?, Broadcasting.NodeAnswer)] = [
            (nil, Broadcasting.NodeAnswer(isAccepted: true, message: "")),
            (
                .error(code: -27, "Transaction outputs already in utxo set"),
                Broadcasting.NodeAnswer(
                    isAccepted: true, message: "Transaction outputs already in utxo set")
            ),
            (
                .error(code: -26, "txn-already-in-mempool"),
                Broadcasting.NodeAnswer(isAccepted: true, message: "txn-already-in-mempool")
            ),
            (
                .error(code: -26, "min relay fee not met"),
                Broadcasting.NodeAnswer(isAccepted: false, message: "min relay fee not met (-26)")
            ),
            (
                .error(code: -25, "bad-txns-inputs-missingorspent"),
                Broadcasting.NodeAnswer(
                    isAccepted: false, message: "bad-txns-inputs-missingorspent (-25)")
            ),
        ]
        for (answer, expected) in cases {
            node.answerSent(with: answer)
            #expect(try await planned.send(to: node.client) == expected)
        }
        #expect(node.sent == cases.map { _ in encodeHex(planned.transaction.encoded()) })

        // A node that was not there to answer has refused nothing.
        node.setDown(true)
        await #expect(throws: ChainError.self) { _ = try await planned.send(to: node.client) }
    }

    @Test func `a watcher records the answer, and nobody else`() throws {
        let refusal = Broadcasting.NodeAnswer(isAccepted: false, message: "dust (-26)")
        #expect(try broadcasting("olga").relayed(refusal) == nil)
        try treasury.act("olga") { _ in try broadcasting("olga").intention }
        let relayed = try #require(broadcasting("walt").relayed(refusal))
        try treasury.act("walt") { _ in relayed }
        let state = try treasury.open().state()
        #expect(state.requests[request]?.relay?.message == "dust (-26)")
    }
}
