internal import Acting
internal import Audit
internal import Bytes
internal import Events
internal import Keys
internal import Ledger
internal import Merkle
internal import State
internal import StateTestSupport

extension Simulation {
    /// Everything that must hold in the end.
    mutating func check() throws {
        let states = try machine.writers.map { try $0.state() }
        if states[0].encoded != states[1].encoded {
            problems.append("two writers on one log have different states")
        }
        try checkEntries()
        try checkTree()
        try checkEvidence()
        try checkParties(states[0].encoded)
        problems += violations(of: states[0], returned: returned)
        // The verifier opens the folder by itself, as it must: the writers are gone by then.
        machine.stop()
        var audit = LedgerAudit()
        audit.ledgerID = ledger
        let outcome = try audit.run(machine.folder)
        for finding in outcome.report.findings {
            if case .incident = finding.rule { continue }
            problems.append("verify: \(finding)")
        }
        if outcome.state?.encoded != states[0].encoded {
            problems.append("the replayed state is not the writers'")
        }
        try machine.open()
    }

    /// Nothing acknowledged is lost; recorded times never fall; each key's numbers have no gap.
    private mutating func checkEntries() throws {
        var places: [Digest32: UInt64] = [:]
        var numbers: [KeyID: UInt64] = [:]
        var last: UInt64 = 0
        var found: [String] = []
        try machine.openLog().read { view throws(LedgerError) in
            try view.forEachEntry(0..<view.size) { position, bytes throws(LedgerError) in
                guard let entry = try? Entry(decoding: bytes),
                    let event = try? SignedEvent(
                        decoding: entry.event, ledger: position == 0 ? nil : ledger)
                else {
                    found.append("entry \(position) can not be decoded")
                    return true
                }
                if entry.recorded < last { found.append("the time falls at \(position)") }
                last = entry.recorded
                let expected = numbers[event.author, default: 0]
                if event.event.sequence != expected {
                    found.append("\(position) has number \(event.event.sequence), not \(expected)")
                }
                numbers[event.author] = event.event.sequence + 1
                places[event.id] = position
                return true
            }
        }
        for (id, position) in acknowledged where places[id] != position {
            found.append("\(id) was acknowledged at \(position) and is not there")
        }
        problems += found
        tally.count("acknowledged events found", acknowledged.count)
    }

    /// The tree is that of the entries, and every checkpoint is of it.
    private mutating func checkTree() throws {
        var range = CompactRange()
        var roots: [UInt64: Digest32] = [:]
        let sizes = Set(checkpoints.map(\.size))
        var found: [String] = []
        try machine.openLog().read { view throws(LedgerError) in
            try view.forEachEntry(0..<view.size) { position, bytes throws(LedgerError) in
                range.append(leafHash(bytes))
                if sizes.contains(position + 1) { roots[position + 1] = range.root }
                return true
            }
            if try view.root() != range.root { found.append("the tree is not the entries'") }
        }
        for head in checkpoints where roots[head.size] != head.root {
            found.append("the checkpoint \(head) is not of this log")
        }
        problems += found
    }

    /// Each refused event that proves something is kept, once.
    private mutating func checkEvidence() throws {
        var kept: [[UInt8]] = []
        try machine.openLog().read { view throws(LedgerError) in
            try view.forEachEvidence { _, bytes throws(LedgerError) in
                kept.append([UInt8](capacity: bytes.count) { $0.append(bytes) })
                return true
            }
        }
        if Set(kept) != evidence {
            problems.append("\(kept.count) events are kept as evidence, not \(evidence.count)")
        }
        if Set(kept).count != kept.count { problems.append("evidence is kept twice") }
    }
}
