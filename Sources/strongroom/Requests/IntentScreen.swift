import Events
import Keys
import Policy
import State

/// What a request changes, as people read it before they make it, and before they decide on it.
/// A transfer has ``TransferScreen``.
enum IntentScreen {
    static func lines(of request: Request, _ state: LedgerState) -> [String] {
        switch request {
        case .transfer: return []
        case .createWallet(let proposal):
            guard let descriptor = try? proposal.parsedDescriptor(on: state.founding.network) else {
                return []
            }
            return WalletScreen.lines(proposal, descriptor, state)
        case .retireWallet(let wallet):
            return ["Retires:    the wallet \(wallet)"] + HoldingsScreen.lines(of: wallet, state)
        case .enrolMember(let enrolment):
            let roles = enrolment.roles.map(\.text).joined(separator: ", ")
            return [
                "Enrols:     \(enrolment.member), key \(enrolment.key.hex), roles "
                    + (roles.isEmpty ? "none" : roles)
            ]
        case .suspendMember(let member):
            return [
                "Suspends:   \(member)",
                "            for ever: neither the handle nor its keys come back",
            ]
        case .rotateKey(let member, let key):
            return ["Replaces:   the event key of \(member) by \(key.hex)"]
        case .replacePolicy(let scope, let quorum):
            return lines(scope, quorum, state)
        case .cancel(let target):
            return ["Cancels:    " + TransferScreen.name(of: target, state)]
                + (state.requests[target]?.transfer.map {
                    ["            which sends \($0.sent) from the wallet \($0.wallet)"]
                } ?? [])
        }
    }

    private static func lines(
        _ scope: PolicyScope, _ quorum: Quorum, _ state: LedgerState
    ) -> [String] {
        let present: Quorum?
        let subject: String
        switch scope {
        case .wallet(let name):
            let wallet = state.wallets[name]
            present = wallet?.quorum
            subject = "the wallet \(name)" + (wallet?.isRetired == true ? ", which is retired" : "")
        case .ledger:
            present = state.policy
            subject = "the ledger"
        }
        return ["New rule:   \(quorum) for \(subject)"]
            + (present.map { ["Instead of: \($0)"] } ?? [])
    }
}
