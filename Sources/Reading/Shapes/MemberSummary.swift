internal import Bitcoin
internal import Bytes
internal import Events
internal import Keys
internal import Policy
public import State

/// A member with all that he may do at one moment.
public struct MemberSummary: Encodable {
    /// One of his keys.
    public struct Key: Encodable {
        /// The public key, in hexadecimal digits.
        public let key: String
        /// Where it stands.
        public let status: String
        /// The events.
        public let events: UInt64
    }

    /// The name that was committed to; nil inside when its bytes are not here.
    public struct Person: Encodable {
        /// The commitment, in hexadecimal digits.
        public let commitment: String
        /// The name.
        public let name: String?

        /// Describes it.
        public init(commitment: String, name: String?) {
            self.commitment = commitment
            self.name = name
        }
    }

    /// The name.
    public let name: String
    /// Of one member who is shown, and nobody else's.
    public let person: Person?
    /// Where it stands.
    public let status: String
    /// The roles.
    public let roles: [String]
    /// The position since which it is so.
    public let since: UInt64
    /// All keys, the one in force first.
    public let keys: [Key]
    /// What the rules, roles and descriptors in force let him do.
    public let may: [String]
    /// Open requests whose rule counts his approval, and which he has not approved.
    public let awaiting: [UInt64]

    /// Describes it.
    public init(_ member: Member, _ state: LedgerState, _ person: Person? = nil) {
        name = member.name.text
        self.person = person
        status = member.status.rawValue
        roles = member.roles.map(\.text)
        since = member.since
        // The one in force first, then the others in the order of their bytes.
        keys = state.authors.filter { $0.value.member == member.name }
            .sorted {
                ($0.key != member.key ? 1 : 0, $0.key.hex) < (
                    $1.key != member.key ? 1 : 0, $1.key.hex
                )
            }
            .map {
                Key(
                    key: $0.key.hex, status: $0.value.status.rawValue, events: $0.value.nextSequence
                )
            }
        may = Self.abilities(of: member, state)
        awaiting = state.requests.values.filter { request in
            request.ending == nil && request.authorisedAt == nil
                && request.subject != member.name && !request.approvers.contains(member.name)
                && state.ruling(on: request)?.quorum?
                    .approvers(in: state.roster).contains(member.name) == true
        }.map(\.number).sorted()
    }

    private static func abilities(of member: Member, _ state: LedgerState) -> [String] {
        switch member.status {
        case .suspended: return []
        case .awaitingAcceptance: return ["accept the membership"]
        case .active: break
        }
        var list: [String] = []
        if state.policy.approvers(in: state.roster).contains(member.name) {
            list.append(
                "approve changes of members, wallets and the ledger's rule, under "
                    + state.policy.description)
        }
        for wallet in state.wallets.values.sorted(by: { $0.name < $1.name }) {
            if wallet.awaiting.contains(member.name) {
                list.append("accept the descriptor of \(wallet.name)")
            }
            if !wallet.isRetired, wallet.quorum.approvers(in: state.roster).contains(member.name) {
                list.append("approve transfers of \(wallet.name), under \(wallet.quorum)")
            }
            let held = wallet.holders.count { $0 == member.name }
            if held > 0 {
                list.append(
                    "sign for \(wallet.name) with \(counted(held, "key")) of "
                        + "\(wallet.holders.count), of which \(wallet.descriptor.threshold) sign")
            }
        }
        if member.roles.contains(.operator) {
            list.append("hand out addresses and PSBTs, initiate and broadcast, as operator")
        }
        if member.roles.contains(.watcher) {
            list.append("record blocks and the node's answers, as watcher")
        }
        if member.roles.contains(.auditor) { list.append("attest audits, as auditor") }
        return list
    }
}
