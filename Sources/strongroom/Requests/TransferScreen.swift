import Acting
import Bitcoin
import Bytes
import Events
import Keys
import Policy
import Reading
import Report
import State

/// A transfer as its approvers and signers read it: decoded here, from the exact bytes.
enum TransferScreen {
    static func lines(
        _ transfer: FrozenTransfer, _ state: LedgerState, request: OpenRequest? = nil,
        life: RequestLife? = nil
    ) -> [String] {
        let network = state.founding.network
        var lines: [String] = []
        if let request {
            lines.append(
                "Request \(request.number): \(request.initiated.request.kind.rawValue) from the "
                    + "wallet \(transfer.wallet), \(request.status.rawValue)")
            lines += origin(of: request)
        } else {
            lines.append("Transfer from the wallet \(transfer.wallet)")
        }
        if let replaced = transfer.replaces {
            lines.append("Replaces:   " + name(of: replaced, state))
        }
        for payment in transfer.payments {
            let address = Address(payment.scriptPubKey, network)?.text ?? payment.scriptPubKey.hex
            let own = state.scripts[payment.scriptPubKey].map { ", of our wallet \($0.wallet)" }
            lines.append("Pays:       \(payment.amount)  \(address)\(own ?? "")")
        }
        if transfer.payments.count > 1 {
            lines.append(
                "Total:      \(transfer.sent) to \(transfer.payments.count) recipients")
        }
        let rate = rate(of: transfer)
        lines.append(
            "Fee:        \(transfer.fee) (\(rate) sat/vB over \(transfer.vsize) vB, "
                + "\(transfer.outPoints.count) input"
                + "\(transfer.outPoints.count == 1 ? "" : "s"))")
        if let change = transfer.change, let amount = transfer.changeAmount {
            lines.append(
                "Change:     \(amount)  " + changeLine(change, transfer, state))
        } else {
            lines.append("Change:     none")
        }
        lines.append("Txid:       \(transfer.txid.reversedHex)")
        if let request { lines += rule(of: request, state, life) }
        return lines
    }

    /// Who made a request, until when it waits, and what it is called elsewhere.
    private static func origin(of request: OpenRequest) -> [String] {
        let expiry = CalendarTime.text(request.initiated.expires)
        return ["Initiated:  by \(request.initiator), expires \(expiry)"]
            + (request.initiated.reference.map(reference) ?? [])
    }

    /// Words of the initiator, in rows that are indented: a long line that the terminal breaks
    /// could look like a line of ours.
    private static func reference(_ text: String) -> [String] {
        let text = text.escapedForDisplay
        // A character that is not ASCII may take two columns.
        let width = text.utf8.allSatisfy { $0 < 0x80 } ? 66 : 33
        var rest = text[...]
        var rows: [Substring] = []
        while !rest.isEmpty {
            rows.append(rest.prefix(width))
            rest = rest.dropFirst(width)
        }
        return rows.enumerated().map { ($0 == 0 ? "Reference:  " : "            ") + $1 }
    }

    /// What people call a request that another one names.
    static func name(of request: Digest32, _ state: LedgerState) -> String {
        state.requests[request].map { "request \($0.number) (\($0.status.rawValue))" }
            ?? "a request that has ended"
    }

    /// Derived anew from the descriptor: the screen claims nothing that it has not worked out.
    private static func changeLine(
        _ change: ChangeOutput, _ transfer: FrozenTransfer, _ state: LedgerState
    ) -> String {
        let script = transfer.transaction.outputs[Int(change.output)].scriptPubKey
        let own = try? state.wallets[transfer.wallet]?.descriptor.derive(.change, change.index)
        return own?.scriptPubKey == script
            ? "to change address \(change.index) of the wallet, proven ours"
            : "NOT an address of the wallet"
    }

    private static func rate(of transfer: FrozenTransfer) -> String {
        let tenths = transfer.fee.satoshis * 10 / UInt64(max(transfer.vsize, 1))
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// The rule, who has approved and what is missing; by the request's `life`, where it may have
    /// ended with the last approval.
    static func rule(
        of request: OpenRequest, _ state: LedgerState, _ life: RequestLife? = nil
    ) -> [String] {
        var lines: [String] = []
        if let rule = life?.rule ?? state.ruling(on: request)?.quorum {
            lines.append("Rule:       \(rule)")
        }
        let approvers =
            life?.approvals.map(\.member.text) ?? request.approvals.map(\.member.text)
        lines.append(
            "Approved:   "
                + (approvers.isEmpty ? "by nobody yet" : approvers.joined(separator: ", ")))
        if let missing = state.missing(
            of: request, isAuthorised: life?.authorisedAt != nil)
        {
            lines.append("Missing:    \(missing)")
        } else if request.transfer != nil {
            lines.append("Missing:    nothing; fully signed")
        }
        return lines
    }

    /// Any request as people read it before they decide on it.
    static func lines(
        of request: OpenRequest, _ state: LedgerState, life: RequestLife? = nil
    ) -> [String] {
        if let transfer = request.transfer {
            return lines(transfer, state, request: request, life: life)
        }
        var lines = [
            "Request \(request.number): \(request.initiated.request.kind.rawValue), "
                + request.status.rawValue
        ]
        lines += origin(of: request)
        lines += IntentScreen.lines(of: request.initiated.request, state)
        return lines + rule(of: request, state, life)
    }
}
