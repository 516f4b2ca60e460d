import Acting
import Bitcoin
import Bytes
import Chain
import Events
import Ledger
import Reading
import Secrets
import State
import StateTestSupport
import Testing

/// What a watcher records of a node that speaks real JSON-RPC, with the clock standing still.
@Suite struct WatchLoopTests {
    private static func loop(
        _ treasury: TreasuryFolder, _ node: NodeServer
    ) throws -> WatchLoop {
        WatchLoop(
            try treasury.open(), node.client, as: try treasury.keyFile("walt").name,
            in: treasury.keystore, try treasury.eventKey("walt"), clock: treasury.clock)
    }

    /// What was told, in a word each.
    private static func word(_ news: WatchLoop.News) -> String {
        switch news {
        case .recorded(let summary): summary
        case .uncheckpointed: "uncheckpointed"
        case .nothingNew: "nothing new"
        case .notice(let notice): notice
        case .unprovable(let transaction): "unprovable \(transaction.txid.reversedHex)"
        case .failed(let error): "failed \(error)"
        }
    }

    @Test func `one look records all blocks, and the next one nothing`() async throws {
        let treasury = try TreasuryFolder(100_000)
        var chain = treasury.memory.chain
        let funding = try treasury.memory.funding("main", [70_000], from: 1)
        chain.mine([funding])
        chain.mine()
        let node = try await NodeServer(chain)
        treasury.advance(by: 5_000)
        var loop = try Self.loop(treasury, node)
        var told: [String] = []
        #expect(try await loop.look { told.append(Self.word($0)) })
        #expect(told.last == "uncheckpointed" && told.count >= 2, "\(told)")
        let state = try treasury.open().state()
        #expect(state.blocks.active.last == chain.tip)
        #expect(state.coins[OutPoint(txid: funding.txid, index: 0)]?.amount == 70_000)
        let open = try treasury.open()
        #expect(try open.entry(open.size() - 1).event.event.time == treasury.clock())

        told = []
        #expect(try await loop.look { told.append(Self.word($0)) })
        #expect(told == ["nothing new"])
    }

    @Test func `a reorganisation is followed`() async throws {
        let treasury = try TreasuryFolder(100_000)
        var chain = treasury.memory.chain
        let fork = chain.tip
        chain.mine([try treasury.memory.funding("main", [70_000], from: 1)])
        let node = try await NodeServer(chain)
        var loop = try Self.loop(treasury, node)
        _ = try await loop.look { _ in }
        chain.rewind(to: fork)
        chain.mine()
        chain.mine()
        node.show(chain)
        _ = try await loop.look { _ in }
        let state = try treasury.open().state()
        #expect(state.blocks.active.last == chain.tip)
        #expect(state.balance(of: "main").confirmed == 100_000)
    }

    @Test func `each waiting transfer is asked for alone, and recorded once`() async throws {
        var memory = try Treasury.staged()
        let coins = try memory.fund([100_000, 50_000])
        let (first, transaction) = try memory.sendBroadcast([coins[0]], paying: 20_000)
        let (second, _) = try memory.sendBroadcast([coins[1]], paying: 20_000)
        let treasury = try TreasuryFolder(memory)
        let node = try await NodeServer(memory.chain)
        node.takeUp(transaction.txid)
        var loop = try Self.loop(treasury, node)
        var told: [String] = []
        _ = try await loop.look { told.append(Self.word($0)) }
        #expect(told == ["Request 2: in the node's mempool", "uncheckpointed"], "\(told)")
        let state = try treasury.open().state()
        #expect(state.requests[first]?.relay?.isAccepted == true)
        #expect(state.requests[second]?.relay == nil)
        let asked = node.takeMethods().filter { $0.contains("mempool") }
        #expect(asked == ["getmempoolentry", "getmempoolentry"])
        _ = try await loop.look { _ in }
        #expect(node.takeMethods().filter { $0.contains("mempool") } == ["getmempoolentry"])
    }

    @Test func `a node that is down is waited for, and another network is not`() async throws {
        struct Enough: Error {}
        let treasury = try TreasuryFolder(100_000)
        var chain = treasury.memory.chain
        chain.mine()
        let node = try await NodeServer(chain)
        node.setDown(true)
        var loop = try Self.loop(treasury, node)
        var told: [String] = []
        var waits = 0
        do {
            try await loop.run(
                waiting: {
                    waits += 1
                    node.setDown(false)
                    if waits == 2 { throw Enough() }
                }, tell: { told.append(Self.word($0)) })
        } catch is Enough {}
        #expect(told.first?.contains("still starting") == true, "\(told)")
        #expect(told.last == "uncheckpointed")
        #expect(try treasury.open().state().blocks.active.last == chain.tip)

        node.follow("main")
        await #expect(throws: ChainError.wrongChain(expected: "regtest", found: "main")) {
            _ = try await node.client.check(.regtest)
        }
    }

    @Test func `what may pass is tried again, and what may not ends the loop`() {
        #expect(WatchLoop.isPassing(ChainError.timedOut(method: "getblock", seconds: 1)))
        for rule in Refusal.Rule.allCases {
            let refusal = Refusal(rule, "")
            let isPassing = WatchLoop.isPassing(refusal)
            #expect(WatchLoop.isPassing(SubmissionError.refused(refusal)) == isPassing)
        }
        #expect(WatchLoop.isPassing(Refusal(.hourlyLimit, "")))
        #expect(!WatchLoop.isPassing(Refusal(.unknownKey, "")))
        #expect(!WatchLoop.isPassing(SubmissionError.damaged("")))
        #expect(!WatchLoop.isPassing(ActingError.history(.empty)))
    }
}
