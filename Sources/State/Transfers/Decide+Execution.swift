package import Bitcoin
internal import Bytes
package import Events
internal import Keys
internal import Policy

extension LedgerState {
    // MARK: signed

    /// Finds for each signature its input and key. A signature for a request that is not authorised
    /// is not refused: it exists, and is recorded as an incident.
    // rules.md 11.1
    func checkSigned(
        _ fact: Signed, _ event: Event, in context: Context
    ) throws(Refusal) -> Admission.Finding {
        let transfer = try frozenTransfer(of: fact.request, event, in: context)
        guard !fact.signatures.isEmpty else {
            throw Refusal(.signatureOfInput, "the event carries no signature")
        }
        let live = requests[fact.request]
        let frozen = try frozenTransaction(of: transfer)
        var known = Set<SignaturePlace>()
        for item in live?.signatures ?? [] { known.insert(SignaturePlace(item.input, item.key)) }
        var recorded: [RecordedSignature] = []
        var checks: [SignatureCheck] = []
        for item in fact.signatures {
            let signature = try locate(item, in: frozen, of: transfer.wallet)
            guard known.insert(SignaturePlace(signature.input, signature.key)).inserted else {
                throw Refusal(
                    .signatureOfInput,
                    "input \(item.input) has a signature of key "
                        + "\(encodeHex(item.key)) already")
            }
            do {
                checks.append(try frozen.check(signature.claim))
            } catch {
                throw Refusal(
                    .signatureOfInput, sentence(of: error, in: transfer.wallet))
            }
            recorded.append(signature)
        }
        return .signatures(
            recorded, checks: checks, authorised: try isAuthorised(live, event, in: context))
    }

    /// Finds the input and the key that a signature is for.
    private func locate(
        _ item: Signed.InputSignature, in frozen: FrozenTransaction, of wallet: WalletName
    ) throws(Refusal) -> RecordedSignature {
        guard frozen.coins.indices.contains(Int(item.input)) else {
            throw Refusal(
                .signatureOfInput,
                "there is no input \(item.input); the transaction has "
                    + "\(frozen.coins.count)")
        }
        let output = frozen.coins[Int(item.input)].output
        let keys = output.keys.map {
            output.taproot == nil ? $0.publicKey.bytes : $0.publicKey.xOnly.bytes
        }
        guard let key = keys.firstIndex(of: item.key) else {
            throw Refusal(
                .signatureOfInput,
                "the key \(encodeHex(item.key)) is none of the wallet \(wallet) "
                    + "for input \(item.input); those are "
                    + keys.map { encodeHex($0) }.joined(separator: ", "))
        }
        return RecordedSignature(
            input: item.input, key: UInt32(key), signature: item.signature)
    }

    private func isAuthorised(
        _ request: OpenRequest?, _ event: Event, in context: Context
    ) throws(Refusal) -> Bool {
        guard let request, request.isAuthorised, let authorisedAt = request.authorisedAt else {
            return false
        }
        try requireSeen(
            event, covers: authorisedAt, "the approval that completed request \(request.number)")
        return true
    }

    private func frozenTransfer(
        of id: Digest32, _ event: Event, in context: Context
    ) throws(Refusal) -> FrozenTransfer {
        if let request = requests[id] {
            try requireSeen(event, covers: request.position, "request \(request.number)")
            guard let transfer = request.transfer else { throw notATransfer(id) }
            return transfer
        }
        guard let archived = archived(id, context) else { throw unknownRequest(id) }
        try requireSeen(event, covers: archived.position, "the request")
        guard case .transfer(let transfer) = archived.initiated.request else {
            throw notATransfer(id)
        }
        return try freeze(transfer, in: try requireWallet(transfer.wallet), context)
    }

    private func notATransfer(_ id: Digest32) -> Refusal {
        Refusal(
            .unknownRequest,
            "the request \(id.hex.prefix(16))… is not a transfer; there is nothing"
                + " to sign")
    }

    // MARK: exported, broadcast, relayed

    // rules.md 11.2
    private func requireAuthorised(
        _ id: Digest32, _ event: Event, in context: Context
    ) throws(Refusal) -> (OpenRequest, FrozenTransfer) {
        let request = try requireLive(id, in: context, event)
        guard let transfer = request.transfer else { throw notATransfer(id) }
        try requireOpen(request)
        guard request.authorisedAt != nil else {
            let missing = progress(of: request)?.missing ?? "its approvals"
            throw Refusal(
                .notAuthorised, "request \(request.number) is not authorised: it misses \(missing)")
        }
        return (request, transfer)
    }

    func checkExport(
        _ fact: Exported, by member: Member, _ event: Event, in context: Context
    ) throws(Refusal) {
        let (request, transfer) = try requireAuthorised(fact.request, event, in: context)
        try requireHolderOrOperator(member, of: transfer.wallet, to: "hand out its PSBT")
        if let authorisedAt = request.authorisedAt {
            try requireSeen(
                event, covers: authorisedAt,
                "the approval that completed request \(request.number)")
        }
    }

    func requireHolderOrOperator(
        _ member: Member, of wallet: WalletName, to act: String
    ) throws(Refusal) {
        let holders = wallets[wallet]?.holders ?? []
        guard holders.contains(member.name) || member.roles.contains(.operator) else {
            throw Refusal(
                .role,
                "\(member.name) may not \(act): that takes a key of the wallet \(wallet) or "
                    + "the role operator")
        }
    }

    func checkBroadcast(
        _ fact: Broadcast, by member: Member, _ event: Event, in context: Context
    ) throws(Refusal) -> Admission.Finding {
        let (request, transfer) = try requireAuthorised(fact.request, event, in: context)
        try requireHolderOrOperator(member, of: transfer.wallet, to: "broadcast it")
        guard let bytes = fact.transaction.bytes(from: context.blobs),
            let transaction = try? Transaction.decode(bytes)
        else {
            throw Refusal(.finalTransaction, "the broadcast transaction is malformed")
        }
        guard transaction.txid == transfer.txid else {
            throw Refusal(
                .finalTransaction,
                "the transaction \(transaction.txid.reversedHex) is not the one "
                    + "that was approved, \(transfer.txid.reversedHex)")
        }
        let frozen = try frozenTransaction(of: transfer)
        for (index, input) in transaction.inputs.enumerated() {
            try checkWitness(input.witness, of: index, frozen, request)
        }
        return .broadcast(transaction)
    }

    /// Requires that a witness is what the recorded signatures make, and complete.
    private func checkWitness(
        _ witness: [[UInt8]], of input: Int, _ frozen: FrozenTransaction, _ request: OpenRequest
    ) throws(Refusal) {
        let threshold = frozen.coins[input].output.threshold
        let recorded = request.signatures.filter { Int($0.input) == input }
        let used = recorded.filter { witness.contains($0.signature) }
        guard used.count == threshold else {
            throw Refusal(
                .finalTransaction,
                "input \(input) carries \(used.count) signatures that are on "
                    + "record; it needs \(threshold)")
        }
        do {
            var signatures: [VerifiedSignature] = []
            for item in used { signatures.append(try frozen.verify(item.claim)) }
            guard try frozen.satisfy(input: input, with: signatures) == witness else {
                throw Refusal(
                    .finalTransaction,
                    "the witness of input \(input) is not the one that its "
                        + "recorded signatures make")
            }
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            let reason =
                (error as? SignatureRefusal).map { sentence(of: $0, in: request.transfer?.wallet) }
            throw Refusal(
                .finalTransaction,
                "input \(input) can not be satisfied: \(reason ?? "\(error)")")
        }
    }

    /// Why a signature is refused, with the holder of its key in a wallet.
    package func sentence(of refusal: SignatureRefusal, in wallet: WalletName?) -> String {
        let holders = wallet.flatMap { wallets[$0]?.holders } ?? []
        return refusal.sentence {
            holders.indices.contains($0)
                ? "key \($0), \(holders[$0])'s" : "key \($0) of the descriptor"
        }
    }

    func checkRelay(_ fact: Relayed, by member: Member, _ event: Event) throws(Refusal) {
        try requireRole(.watcher, of: member, to: "record the node's answer")
        guard let request = requests[fact.request], let transfer = request.transfer else {
            throw Refusal(
                .unknownRequest, "no open transfer has the id \(fact.request.hex.prefix(16))…")
        }
        guard let broadcastAt = request.broadcastAt else {
            throw Refusal(.notBroadcast, "request \(request.number) has not been broadcast")
        }
        try requireSeen(event, covers: broadcastAt, "its broadcast")
        guard fact.txid == transfer.txid else {
            throw Refusal(
                .finalTransaction,
                "the node's answer is about \(fact.txid.reversedHex), but "
                    + "request \(request.number) is \(transfer.txid.reversedHex)")
        }
    }
}

/// Where in a transaction a signature belongs.
private struct SignaturePlace: Hashable {
    let input: UInt32
    let key: UInt32

    init(_ input: UInt32, _ key: UInt32) {
        self.input = input
        self.key = key
    }
}
