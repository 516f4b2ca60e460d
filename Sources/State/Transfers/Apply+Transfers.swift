internal import Bitcoin
internal import Bytes
internal import Events

extension LedgerState {
    mutating func applySignatures(
        _ fact: Signed, _ admission: Admission, in context: Context
    ) {
        guard case .signatures(let signatures, _, let authorised) = admission.finding
        else { return }
        requests[fact.request]?.signatures.append(contentsOf: signatures)
        requests[fact.request]?.isReleased = true
        guard !authorised else { return }
        let what =
            requests[fact.request].map { "request \($0.number) (\($0.status.rawValue))" }
            ?? "the ended request \(fact.request.hex.prefix(16))…"
        record(
            .unauthorisedSignature, at: context.position,
            "\(signatures.count) valid signature\(signatures.count == 1 ? "" : "s") exist for "
                + "\(what), which was not authorised to be signed")
    }

    mutating func applyBroadcast(_ fact: Broadcast, in context: Context) {
        guard let authorisedAt = requests[fact.request]?.authorisedAt else { return }
        requests[fact.request]?.phase = .broadcast(
            authorisedAt: authorisedAt, at: context.position, nil)
    }

    mutating func applyRelay(_ fact: Relayed) {
        guard case .broadcast(let authorisedAt, let position, _)? = requests[fact.request]?.phase
        else { return }
        requests[fact.request]?.phase = .broadcast(
            authorisedAt: authorisedAt, at: position,
            OpenRequest.Relay(isAccepted: fact.accepted, message: fact.message))
    }
}
