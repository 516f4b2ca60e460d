import Bitcoin
import Bytes
import Custody
import Events
import Keys
import Policy
import State

/// A transfer as its approvers and signers read it: decoded here, from the exact bytes.
enum TransferScreen {
    static func lines(
        _ transfer: FrozenTransfer, _ state: LedgerState, request: OpenRequest? = nil
    ) -> [String] {
        let network = state.founding.network
        var lines: [String] = []
        if let request {
            lines.append(
                "Request \(request.number): \(request.initiated.request.kind.rawValue) from the "
                    + "wallet \(transfer.wallet), \(request.status.rawValue)")
            if let reference = request.initiated.reference {
                lines.append("Reference:  \(reference.escapedForDisplay)")
            }
        } else {
            lines.append("Transfer from the wallet \(transfer.wallet)")
        }
        for payment in transfer.payments {
            let address = Address(payment.scriptPubKey, network)?.text ?? payment.scriptPubKey.hex
            lines.append("Pays:       \(payment.amount)  \(address)")
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
        if let request { lines += rule(of: request, state) }
        return lines
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

    static func rule(of request: OpenRequest, _ state: LedgerState) -> [String] {
        var lines: [String] = []
        if let rule = state.rule(for: request.initiated.request) {
            lines.append("Rule:       \(rule)")
        }
        let approvers = request.approvals.map(\.member.text)
        lines.append(
            "Approved:   "
                + (approvers.isEmpty ? "by nobody yet" : approvers.joined(separator: ", ")))
        if let missing = state.progress(of: request)?.missing {
            lines.append("Missing:    \(missing)")
        } else if let transfer = request.transfer {
            let lacking = transfer.missingInputs(request.signatures).values.max() ?? 0
            lines.append(
                "Missing:    "
                    + (lacking == 0
                        ? "nothing; fully signed"
                        : "\(lacking) signature\(lacking == 1 ? "" : "s") for each input"))
        }
        return lines
    }

    /// Any request as people read it before they decide on it.
    static func lines(of request: OpenRequest, _ state: LedgerState) -> [String] {
        if let transfer = request.transfer { return lines(transfer, state, request: request) }
        var lines = [
            "Request \(request.number): \(request.initiated.request.kind.rawValue), "
                + request.status.rawValue
        ]
        if let reference = request.initiated.reference {
            lines.append("Reference:  \(reference.escapedForDisplay)")
        }
        switch request.initiated.request {
        case .transfer: break
        case .createWallet(let proposal):
            if let descriptor = try? proposal.parsedDescriptor(on: state.founding.network) {
                lines += WalletScreen.lines(proposal, descriptor, state)
            }
        case .retireWallet(let wallet): lines.append("Retires:    the wallet \(wallet)")
        case .enrolMember(let enrolment):
            lines.append(
                "Enrols:     \(enrolment.member), key \(enrolment.key.hex), roles "
                    + (enrolment.roles.isEmpty
                        ? "none" : enrolment.roles.map(\.text).joined(separator: ", ")))
        case .suspendMember(let member): lines.append("Suspends:   \(member)")
        case .rotateKey(let member, let key):
            lines.append("Replaces:   the event key of \(member) by \(key.hex)")
        case .replacePolicy(let scope, let quorum):
            if case .wallet(let wallet) = scope {
                lines.append("New rule:   \(quorum) for the wallet \(wallet)")
            } else {
                lines.append("New rule:   \(quorum) for the ledger")
            }
        case .cancel(let target):
            let number = state.requests[target].map { "\($0.number)" } ?? "an ended request"
            lines.append("Cancels:    request \(number)")
        }
        return lines + rule(of: request, state)
    }
}
