import Events
import TestSupport
import Testing

@Suite struct `Quorums as text` {
    @Test func `are printed in one form and read with any spaces`() throws {
        let printed = "2 of (regulator, 2 of (alice, bob, carol), 1 of auditor)"
        let quorum = try Quorum(parsing: printed)
        #expect(quorum.description == printed)
        for text in [
            "2 of(regulator,2 of(alice,bob,carol),1 of auditor)",
            "  2  of  (  regulator , 2 of ( alice , bob , carol ) , 1  of  auditor )  ",
            "02 of (regulator, 2 of (alice, bob, carol), 001 of auditor)",
            "2of (regulator, 2of (alice, bob, carol), 1of auditor)",
        ] {
            #expect(try Quorum(parsing: text) == quorum, "\(text)")
        }
    }

    @Test func `go four deep, whose members are names`() throws {
        let deepest = "1 of (1 of (1 of (1 of (alice, 1 of auditor))))"
        #expect(try Quorum(parsing: deepest).description == deepest)
        #expect(try Quorum(parsing: deepest).depth == 4)
        #expect(
            throws: QuorumSyntaxError(offset: 24, expected: "at most 4 levels of quorums")
        ) { try Quorum(parsing: "1 of (1 of (1 of (1 of (1 of (alice)))))") }
    }

    @Test func `have up to 32 terms and ask for up to 32 holders of a role`() throws {
        func terms(_ count: Int) -> String {
            (0..<count).map { "m\($0)" }.joined(separator: ", ")
        }
        #expect(try Quorum(parsing: "32 of (\(terms(32)))").terms.count == 32)
        let start = "1 of (\(terms(32)),".utf8.count
        #expect(throws: QuorumSyntaxError(offset: start, expected: "at most 32 terms")) {
            try Quorum(parsing: "1 of (\(terms(33)))")
        }
        #expect(try Quorum(parsing: "1 of (32 of x)").terms == [.role(try label("x"), 32)])
    }

    @Test(arguments: [
        ("", 0, "a member's name"),
        ("   ", 3, "a member's name"),
        ("alice", 0, "a quorum with parentheses"),
        ("  2 of executive", 2, "a quorum with parentheses"),
        ("2", 1, "\"of\""),
        ("2 off (alice)", 2, "\"of\""),
        ("2 OF (alice)", 2, "\"of\""),
        ("2 (alice)", 2, "\"of\""),
        ("of (alice)", 0, "a quorum with parentheses"),
        ("2 of", 4, "a role's name or ("),
        ("2 of 3", 5, "a role's name or ("),
        ("2 of [alice]", 5, "a role's name or ("),
        ("2 of (", 6, "a member's name"),
        ("2 of ()", 6, "a member's name"),
        ("1 of (Alice)", 6, "a member's name"),
        ("1 of (alice bob)", 12, ", or )"),
        ("1 of (alice, )", 13, "a member's name"),
        ("1 of (alice,, bob)", 12, "a member's name"),
        ("1 of (alice", 11, ", or )"),
        ("1 of (alice))", 12, "the end"),
        ("1 of (alice) or bob", 13, "the end"),
        ("0 of (alice)", 0, "a count from 1 to 1"),
        ("  2 of (alice)", 2, "a count from 1 to 1"),
        ("1 of (bob, 3 of (alice, carol))", 11, "a count from 1 to 2"),
        ("99999999999999999999 of (alice)", 0, "a count from 1 to 1"),
        ("1 of (0 of x)", 6, "a count from 1 to 32"),
        ("1 of (33 of x)", 6, "a count from 1 to 32"),
        ("-1 of (alice)", 0, "a member's name"),
        ("1 of (älice)", 6, "a member's name"),
        ("1 of (alice\n)", 6, "a member's name"),
    ]) func `that are none say where and what would fit`(
        text: String, offset: Int, expected: String
    ) {
        let error = QuorumSyntaxError(offset: offset, expected: expected)
        #expect(throws: error, "\(text)") { try Quorum(parsing: text) }
        #expect(error.description.hasSuffix("expected \(expected) at character \(offset + 1)"))
    }

    @Test func `at random are refused or are printed and read as the same`() throws {
        let seed: UInt64 = 1
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let tokens = [
            "1", "2", "0", " of ", "of", "(", ")", ", ", ",", " ", "alice", "bob", "x", "é",
        ]
        var accepted = 0
        for _ in 0..<20_000 {
            var text = "1 of ("
            for _ in 0..<Int.random(in: 1...9, using: &generator) {
                text += tokens.randomElement(using: &generator) ?? ""
            }
            text += ")"
            guard let quorum = try? Quorum(parsing: text) else { continue }
            accepted += 1
            if try Quorum(parsing: quorum.description) != quorum { Issue.record("\(text)") }
        }
        #expect(accepted > 100)
    }
}
