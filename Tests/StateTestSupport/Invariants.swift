internal import Bitcoin
public import Bytes
internal import Events
internal import Policy
public import State

/// What holds of every state, whatever has happened: each returned sentence is a defect.
///
/// - Parameters:
///   - returned: requests that were in conflict once. Their free coins may have been taken by
///     others before a reorganisation brought them back.
///   - chain: when given, the coins are compared with its unspent outputs.
public func violations(
    of state: LedgerState, returned: Set<Digest32> = [], chain: MemoryChain? = nil
) -> [String] {
    rosterViolations(state) + requestViolations(state) + reservationViolations(state, returned)
        + (chain.map { coinViolations(state, $0) } ?? [])
}

private func rosterViolations(_ state: LedgerState) -> [String] {
    var found: [String] = []
    let active = state.members.values.filter { $0.status == .active }
    let roster = Roster(
        Dictionary(uniqueKeysWithValues: active.map { ($0.name, Set($0.roles)) }))
    if state.roster != roster { found.append("the roster is not that of the active members") }
    for member in active where state.authors[member.key]?.status != .inForce {
        found.append("the key of \(member.name) is not in force")
    }
    let quorums = [state.policy] + state.wallets.values.map(\.quorum)
    for quorum in quorums {
        if let twice = quorum.memberOfTwoLeaves(in: roster) {
            found.append("\(twice) fills two leaves of \(quorum)")
        }
    }
    return found
}

private func requestViolations(_ state: LedgerState) -> [String] {
    var found: [String] = []
    var numbers: Set<UInt64> = []
    for request in state.requests.values {
        if !numbers.insert(request.number).inserted || request.number >= state.nextNumber {
            found.append("the number \(request.number) is not a request's own")
        }
        if request.ending != nil, !request.isReleased {
            found.append("request \(request.number) has ended and is still live")
        }
        if request.transfer == nil, request.authorisedAt != nil {
            found.append("request \(request.number) is authorised and not carried out")
        }
        // While a request is open, its approvers and its rule are those that it was approved by.
        guard request.ending == nil, request.broadcastAt == nil, request.mined == nil else {
            continue
        }
        let isComplete = state.progress(of: request)?.isComplete == true
        if isComplete != (request.authorisedAt != nil) {
            found.append(
                "request \(request.number) is \(isComplete ? "" : "in")complete and "
                    + "\(request.authorisedAt == nil ? "not " : "")authorised")
        }
    }
    return found
}

private func reservationViolations(
    _ state: LedgerState, _ returned: Set<Digest32>
) -> [String] {
    var found: [String] = []
    var expected: [OutPoint: Set<Digest32>] = [:]
    for request in state.requests.values where request.mined == nil {
        for outPoint in request.transfer?.outPoints ?? [] {
            expected[outPoint, default: []].insert(request.id)
        }
    }
    for outPoint in Set(state.coins.keys).union(expected.keys) {
        let holders = state.holders(of: outPoint)
        if Set(holders) != expected[outPoint] ?? [] || Set(holders).count != holders.count {
            found.append("\(outPoint) is not held by the live requests that spend it")
        }
        let roots = Set(
            holders.filter { !returned.contains($0) }.compactMap { state.requests[$0]?.root })
        if roots.count > 1 { found.append("\(outPoint) is held by two chains of requests") }
    }
    return found
}

private func coinViolations(_ state: LedgerState, _ chain: MemoryChain) -> [String] {
    var expected: [OutPoint: Amount] = [:]
    var branch: [MemoryChain.Block] = []
    var hash = state.blocks.tip.hash
    while hash != MemoryChain.genesis {
        let block = chain.block(hash)
        branch.append(block)
        hash = block.header.previousHash
    }
    for transaction in branch.reversed().flatMap(\.transactions) {
        for input in transaction.inputs { expected[input.previousOutput] = nil }
        let txid = transaction.txid
        for (index, output) in transaction.outputs.enumerated()
        where state.scripts[output.scriptPubKey] != nil {
            expected[OutPoint(txid: txid, index: UInt32(index))] = output.amount
        }
    }
    let unspent = state.coins.values.filter { $0.height != nil && $0.spent == nil }
    let actual = Dictionary(uniqueKeysWithValues: unspent.map { ($0.outPoint, $0.amount) })
    return actual == expected
        ? [] : ["the coins are not the chain's unspent outputs: \(actual), but \(expected)"]
}
