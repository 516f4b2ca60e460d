import Events
import Policy
import Testing

@Suite struct `Quorums` {
    /// Judges `quorum` over `roster` in every way, and compares with trying everything.
    static func compare(_ quorum: Quorum, _ roster: Roster, _ subsets: [Set<MemberName>]) {
        func fail(_ what: String) { Issue.record("\(what): \(quorum) over \(roster.roles)") }
        let complete = subsets.filter { BruteForce.isComplete(quorum, by: $0, roster) }
        for members in subsets {
            let expected = complete.contains(members)
            if quorum.isComplete(approvedBy: members, in: roster) != expected {
                fail("isComplete by \(members)")
            }
            let progress = Progress(of: quorum, approvedBy: members, in: roster)
            if progress.isComplete != expected { fail("progress by \(members)") }
            if (progress.missing == nil) != expected { fail("missing for \(members)") }
        }
        if quorum.isReachable(in: roster) == complete.isEmpty { fail("isReachable") }

        let places = roster.members.union(quorum.namedMembers)
            .filter { BruteForce.places(of: $0, in: quorum, roster) > 0 }
        if quorum.approvers(in: roster) != places.intersection(roster.members) { fail("approvers") }
        let twice = places.filter { BruteForce.places(of: $0, in: quorum, roster) > 1 }
        if quorum.memberOfTwoLeaves(in: roster) != twice.min() { fail("memberOfTwoLeaves") }

        let active = complete.filter { $0.isSubset(of: roster.members) }
        let fewest = active.map(\.count).min()
        let smallest = active.filter { $0.count == fewest }.map { $0.sorted() }
        let sets = quorum.smallestSets(in: roster)
        if twice.isEmpty {
            if quorum.fewestMembers(in: roster) != fewest { fail("fewestMembers") }
            let sorted = smallest.sorted { $0.lexicographicallyPrecedes($1) }
            if sets != sorted { fail("smallestSets \(sets)") }
        } else if !sets.allSatisfy({ active.contains(Set($0)) }) {
            fail("smallestSets \(sets)")
        }
    }

    @Test func `of up to three terms are judged as trying everything says`() throws {
        let subsets = try SmallWorld.subsets()
        let rosters = try SmallWorld.rosters([nil, [], ["x"], ["x", "y"]])
        let quorums = try SmallWorld.flat()
        #expect(quorums.count == 6 + 2 * 21 + 3 * 56 && rosters.count == 64)
        for quorum in quorums {
            for roster in rosters { Self.compare(quorum, roster, subsets) }
        }
    }

    @Test func `with quorums inside are judged as trying everything says`() throws {
        let subsets = try SmallWorld.subsets()
        let quorums = try SmallWorld.nested()
        #expect(quorums.count > 2_900)
        for (index, roster) in try SmallWorld.rosters([nil, [], ["x"], ["y"]]).enumerated() {
            // Each quorum meets four of the 64 rosters, each roster a sixteenth of the quorums.
            for (number, quorum) in quorums.enumerated() where number % 16 == index % 16 {
                Self.compare(quorum, roster, subsets)
            }
        }
    }

    @Test func `each of up to three terms is written and read again`() throws {
        for quorum in try SmallWorld.flat() + SmallWorld.nested() {
            if try Quorum(parsing: quorum.description) != quorum { Issue.record("\(quorum)") }
        }
    }

    @Test func `smallest sets are the fewest members in order, up to a limit`() throws {
        let names = (0..<12).map { "m" + ($0 < 10 ? "0" : "") + "\($0)" }
        let roster = Roster(
            Dictionary(
                uniqueKeysWithValues: try names.map { (try label($0), Set<RoleName>()) }))
        let quorum = try Quorum(parsing: "5 of (\(names.joined(separator: ", ")))")
        for limit in [1, 2, 63, 64, 65, 791, 792, 793] {
            let sets = quorum.smallestSets(in: roster, limit: limit)
            #expect(sets.count == min(limit, 792))
            #expect(Set(sets).count == sets.count)
            #expect(sets.allSatisfy { $0.count == 5 && $0 == $0.sorted() })
        }
        #expect(quorum.smallestSets(in: roster).count == 64)
        // A cheap way hides the dear ones: one member where another way takes two.
        let shortcut = try Quorum(parsing: "1 of (m00, 2 of (m01, m02))")
        #expect(shortcut.smallestSets(in: roster) == [[try label("m00")]])
        #expect(shortcut.fewestMembers(in: roster) == 1)
    }

    @Test func `the largest quorum is searched within bounds`() throws {
        // 32 terms, each met by any two of its own twelve members, half of them needed: the sets
        // number more than the atoms of the earth.
        let groups = (0..<32).map { group in (0..<12).map { "m\(group)-\($0)" } }
        let roster = Roster(
            Dictionary(
                uniqueKeysWithValues: try groups.joined().map { (try label($0), Set<RoleName>()) }))
        let text = groups.map { "2 of (\($0.joined(separator: ", ")))" }.joined(separator: ", ")
        let quorum = try Quorum(parsing: "16 of (\(text))")
        let sets = quorum.smallestSets(in: roster)
        #expect(sets.count == 64)
        #expect(sets.allSatisfy { $0.count == 32 })
        #expect(
            sets.allSatisfy { quorum.isComplete(approvedBy: Set($0), in: roster) })
        #expect(quorum.fewestMembers(in: roster) == 32)
        #expect(quorum.memberOfTwoLeaves(in: roster) == nil)
    }

    @Test func `a member left out of the roster has no say`() throws {
        let roster = Roster([
            try label("alice"): [try label("executive")],
            try label("bob"): [try label("executive")],
        ])
        let quorum = try Quorum(parsing: "1 of (2 of executive)")
        #expect(quorum.isReachable(in: roster))
        #expect(roster.without(nil) == roster)
        let alone = roster.without(try label("alice"))
        #expect(alone.members == [try label("bob")])
        #expect(!quorum.isReachable(in: alone))
        #expect(quorum.approvers(in: alone) == [try label("bob")])
        #expect(roster.without(try label("nobody")) == roster)
    }
}
