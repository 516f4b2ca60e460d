import Acting
import ArgumentParser
import Bitcoin
import Bytes
import Events
import Foundation
import Keys
import Policy
import State
import Terminal

extension LedgerState {
    /// The first block whose transactions an event can still speak of; nil while that is every
    /// block since the founding anchor.
    fileprivate var lowestRecordable: UInt32? {
        let lowest = blocks.active.first.flatMap { blocks.blocks[$0]?.chain.height }
        return lowest.flatMap { UInt64($0) > founding.anchor.height ? $0 : nil }
    }
}

/// A wallet as people read it before they accept it.
enum WalletScreen {
    static func lines(_ wallet: Wallet) -> [String] {
        [
            "Wallet:      \(wallet.name)", "Descriptor:  \(wallet.descriptor.text)",
        ] + lines(wallet.descriptor.internalKeyOffset) + [
            lines(wallet.holders, wallet.descriptor), "Approval:    \(wallet.quorum)",
            lines(wallet.ceilings),
        ] + (wallet.declaresShortcut ? [shortcut] : [])
    }

    /// The keys that a holder answers for, which nobody but him can know to be his.
    static func keys(of member: Member, _ wallet: Wallet) -> [String] {
        zip(wallet.holders, wallet.descriptor.keys).filter { $0.0 == member.name }.map {
            "Your key:    \($0.1.text)"
        } + ["             compare it with `strongroom key expression`, or with your device"]
    }

    private static let shortcut =
        "Declared:    its keys can spend with fewer members than the quorum"

    private static func lines(_ holders: [MemberName], _ descriptor: Descriptor) -> String {
        "Key holders: \(holders.map(\.text).joined(separator: ", ")), "
            + "\(descriptor.threshold) of \(holders.count) keys sign"
    }

    private static func lines(_ ceilings: FeeCeilings) -> String {
        "Ceilings:    \(ceilings.fee), \(ceilings.satoshisPerVirtualByte) sat/vB, "
            + "\(ceilings.percentOfAmount) % of the amount"
    }

    static func lines(
        _ proposal: WalletProposal, _ descriptor: Descriptor, _ state: LedgerState
    ) -> [String] {
        var lines =
            [
                "Wallet:      \(proposal.wallet)", "Descriptor:  \(proposal.descriptor)",
            ] + lines(proposal.internalKeyOffset) + [
                lines(proposal.holders, descriptor), "Approval:    \(proposal.quorum)",
                lines(proposal.ceilings),
                "Coins:       \(counted(proposal.minimumDepth, "confirmation")) before one is "
                    + "spent; a gap of \(proposal.gap) addresses watched",
            ]
        if let lowest = state.lowestRecordable {
            lines.append(
                "             what it received before block \(lowest) is never seen here")
        }
        for path in descriptor.spendPaths
        where proposal.holders.count == descriptor.keys.count {
            let members = LedgerState.fewestHolders(path, proposal.holders)
            lines.append(
                "Spend path:  \(path.threshold) of \(path.keys.count) keys; at least \(members) "
                    + "member\(members == 1 ? "" : "s")")
        }
        let sets = proposal.quorum.smallestSets(in: state.roster, limit: setsShown + 1)
        lines.append(
            "Smallest sets that approve: "
                + sets.prefix(setsShown).map { $0.map(\.text).joined(separator: "+") }
                .joined(separator: ", ") + (sets.count > setsShown ? " and more" : ""))
        return lines + (proposal.declaresShortcut ? [shortcut] : [])
    }

    private static let setsShown = 8

    private static func lines(_ internalKeyOffset: Digest32?) -> [String] {
        internalKeyOffset.map { ["Key path:    closed: its key is H + rG, r \($0.hex)"] } ?? []
    }
}
