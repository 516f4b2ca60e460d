internal import Bytes
internal import Events
internal import State

extension Brief {
    /// Why an event that its author holds can never be recorded any more; nil while it may be.
    ///
    /// Judged by what the log alone says: no clock, and nothing that a later entry or another
    /// branch of the chain could take back. So the number can be used again, and never twice in the
    /// log.
    func lastingRefusal(of event: SignedEvent) -> String? {
        let fact = event.event.fact
        let recorded = atHead.recorded
        guard event.event.time + LedgerState.oldestAge >= recorded else {
            return "it is older than 30 days"
        }
        switch fact {
        case .approved(let approved):
            return ended(approved.request) ?? complete(approved.request)
        case .aborted(let aborted): return ended(aborted.request) ?? complete(aborted.request)
        case .exported(let exported): return ended(exported.request)
        case .broadcast(let broadcast): return ended(broadcast.request)
        case .initiated(let initiated):
            guard initiated.expires > recorded else { return "its expiry has passed" }
            guard case .transfer(let transfer) = initiated.request, let change = transfer.change,
                let wallet = atHead.wallets[transfer.wallet]
            else { return nil }
            return change.index < wallet.nextChange ? "its change address has been used" : nil
        case .issued(let issued):
            guard let wallet = atHead.wallets[issued.wallet] else { return nil }
            return issued.index < wallet.nextReceive ? "its address has been handed out" : nil
        case .founded, .accepted, .signed, .relayed, .observed, .attested, .attached: return nil
        }
    }

    /// A request that an event names was in the log when it was signed, and none comes back.
    private func ended(_ request: Digest32) -> String? {
        atHead.requests[request].map { $0.ending == nil } ?? false
            ? nil : "the request \(request.hex.prefix(16))… has ended"
    }

    private func complete(_ request: Digest32) -> String? {
        atHead.requests[request]?.authorisedAt.map { _ in "the quorum of its request is complete" }
    }
}
