import Bitcoin
import Bytes
import Events
import State
import StateTestSupport
import Testing

@Suite struct RefusalTests {
    @Test(arguments: Refusal.Rule.allCases)
    func `each rule refuses, and says what and what instead`(_ rule: Refusal.Rule) throws {
        let provocation = try #require(
            Provocation.all[rule], "no test provokes the rule \(rule.rawValue)")
        let refusal = try #require(try provocation.refusal(), "nothing was refused")
        #expect(refusal.rule == rule, "\(refusal.reason)")
        for value in provocation.naming {
            #expect(refusal.reason.contains(value), "\"\(refusal.reason)\" names \(value)")
        }
    }
}
