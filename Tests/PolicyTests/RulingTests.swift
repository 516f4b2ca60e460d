import Bitcoin
import Events
import Policy
import Testing

@Suite struct `Rulings` {
    private static func rule(ceilings: FeeCeilings?) throws -> PolicyRule {
        let quorum = try #require(Quorum(needed: 1, of: [.member(try label("a"))]))
        return PolicyRule(scope: .wallet(try label("main")), quorum: quorum, ceilings: ceilings)
    }

    private static func proposal(fee: UInt64?, vsize: Int = 100) throws -> Proposal {
        let payment = try fee.map {
            Proposal.Payment(
                sent: try `Fee ceilings`.amount(1_000_000), payees: [],
                fee: try `Fee ceilings`.amount($0), vsize: vsize)
        }
        return Proposal(
            kind: .transfer, wallet: try label("main"), payment: payment, initiator: try label("a"),
            time: 0)
    }

    @Test func `within the ceilings the rule's quorum decides, over them nobody`() throws {
        let ceilings = FeeCeilings(
            fee: try `Fee ceilings`.amount(1_000), satoshisPerVirtualByte: 10)
        let rule = try Self.rule(ceilings: ceilings)
        let within = rule.ruling(on: try Self.proposal(fee: 1_000))
        #expect(within.rule == rule)
        #expect(within.verdict == .approvals(rule.quorum))
        #expect(within.quorum == rule.quorum && within.refusal == nil)
        let over = rule.ruling(on: try Self.proposal(fee: 1_001))
        #expect(over.rule == rule)
        #expect(over.quorum == nil)
        #expect(
            over.refusal
                == .fee(try `Fee ceilings`.amount(1_001), ceiling: try `Fee ceilings`.amount(1_000))
        )
        let dear = rule.ruling(on: try Self.proposal(fee: 1_000, vsize: 99))
        #expect(dear.refusal == .rate(11, ceiling: 10))
    }

    @Test func `what pays nothing, and what has no ceilings, is decided by the quorum alone`()
        throws
    {
        let low = FeeCeilings(fee: .zero, satoshisPerVirtualByte: 0, percentOfAmount: 0)
        let bounded = try Self.rule(ceilings: low)
        #expect(bounded.ruling(on: try Self.proposal(fee: nil)).quorum == bounded.quorum)
        #expect(bounded.ruling(on: try Self.proposal(fee: 1)).quorum == nil)
        let free = try Self.rule(ceilings: nil)
        #expect(free.ruling(on: try Self.proposal(fee: 1_000_000)).quorum == free.quorum)
    }
}
