import Events
import Policy
import Testing

@Suite struct `Progress of a quorum` {
    /// alice and bob are executives, carol audits, dan has no role; erin is not active.
    static func roster() throws -> Roster {
        Roster([
            try label("alice"): [try label("executive")],
            try label("bob"): [try label("executive")],
            try label("carol"): [.auditor], try label("dan"): [],
        ])
    }

    @Test(arguments: [
        ("2 of (alice, bob, dan)", "", "2 more of alice, bob, dan"),
        ("2 of (alice, bob, dan)", "bob", "1 more of alice, dan"),
        ("3 of (alice, bob, dan)", "bob", "alice and dan"),
        ("1 of (alice)", "bob", "alice"),
        ("2 of (alice, erin)", "alice", "erin (not active)"),
        ("2 of (alice, erin)", "erin", "alice and erin (not active)"),
        ("1 of (2 of executive)", "", "2 executive (alice, bob)"),
        ("1 of (2 of executive)", "alice", "1 executive (bob)"),
        ("1 of (2 of executive)", "dan", "2 executive (alice, bob)"),
        ("1 of (3 of executive)", "alice, bob", "1 executive (none is left)"),
        ("1 of (1 of nobody)", "", "1 nobody (none is left)"),
        ("2 of (carol, 2 of (alice, bob, dan))", "", "carol and (2 more of alice, bob, dan)"),
        ("2 of (carol, 2 of (alice, bob, dan))", "carol, dan", "(1 more of alice, bob)"),
        ("2 of (carol, 2 of (alice, bob))", "carol, alice", "(bob)"),
        ("1 of (carol, 2 of (alice, bob))", "alice", "1 more of carol, (bob)"),
        (
            "2 of (1 of auditor, 1 of executive, dan)", "dan",
            "1 more of 1 auditor (carol), 1 executive (alice, bob)"
        ),
    ]) func `says what is missing`(quorum: String, approved: String, missing: String) throws {
        let members = try approved.split(separator: ", ").map { try label("\($0)") as MemberName }
        let progress = Progress(
            of: try Quorum(parsing: quorum), approvedBy: Set(members), in: try Self.roster())
        #expect(progress.missing == missing)
        #expect(!progress.isComplete)
    }

    @Test(arguments: [
        ("2 of (alice, bob, dan)", "alice, dan"), ("1 of (2 of executive)", "alice, bob"),
        ("1 of (carol, 2 of (alice, bob))", "carol"), ("2 of (alice, bob)", "alice, bob, carol"),
    ]) func `misses nothing when complete`(quorum: String, approved: String) throws {
        let members = try approved.split(separator: ", ").map { try label("\($0)") as MemberName }
        let progress = Progress(
            of: try Quorum(parsing: quorum), approvedBy: Set(members), in: try Self.roster())
        #expect(progress.missing == nil && progress.isComplete)
    }

    @Test func `the subject of a request has no say, by name or by role`() throws {
        let named = Progress(
            of: try Quorum(parsing: "2 of (alice, dan, erin)"), approvedBy: [try label("dan")],
            in: try Self.roster(), subject: try label("dan"))
        #expect(
            named.missing
                == "2 more of alice, dan (no say: the request is about him), erin (not active)")
        let role = Progress(
            of: try Quorum(parsing: "1 of (2 of executive)"), approvedBy: [],
            in: try Self.roster(), subject: try label("bob"))
        #expect(role.missing == "2 executive (alice)")
    }

    @Test func `shows each part`() throws {
        let quorum = try Quorum(parsing: "2 of (dan, erin, 2 of executive, 1 of (carol))")
        let approved: Set<MemberName> = [
            try label("bob"), try label("dan"), try label("erin"), try label("carol"),
        ]
        let progress = Progress(of: quorum, approvedBy: approved, in: try Self.roster())
        let inner = Progress(
            of: try Quorum(parsing: "1 of (carol)"), approvedBy: approved, in: try Self.roster())
        #expect(
            progress.parts == [
                .member(try label("dan"), approved: true, .active),
                // Who is not active can not approve, whatever stands in the log.
                .member(try label("erin"), approved: false, .inactive),
                .role(
                    try label("executive"), needed: 2, approved: [try label("bob")],
                    open: [try label("alice")]),
                .quorum(inner),
            ])
        #expect(progress.parts.map(\.isMet) == [true, false, false, true])
        #expect(progress.met == 2 && progress.needed == 2 && progress.isComplete)
    }
}
