public import Bitcoin
public import Bytes
public import Keys

/// The first fact: who founds which ledger, under which rules, for which network.
///
/// Its event id is the ledger's id, which is all that an auditor must trust beforehand.
public struct Founded: Sendable, Hashable {
    /// Random, so that two ledgers of one founding text differ.
    public let nonce: Digest32
    /// What the ledger is called in checkpoints.
    public let name: Label<LedgerKind>
    public let network: Network
    /// The version of the rules that `decide` applies; 1 is the only one.
    public let rules: UInt64
    public let limits: Limits
    public let anchor: Anchor
    /// The Ed25519 key, raw, that checkpoints of the log are signed with.
    public let logKey: Digest32
    /// The founding members, at least one; each counts from his own `accepted`.
    public let members: [Enrolment]
    /// Who must approve changes of members, wallets and this quorum.
    public let policy: Quorum

    /// The most founding members.
    public static let memberLimit = 128

    /// Creates the fact.
    public init(
        nonce: Digest32, name: Label<LedgerKind>, network: Network, rules: UInt64 = 1,
        limits: Limits, anchor: Anchor, logKey: Digest32, members: [Enrolment], policy: Quorum
    ) {
        self.nonce = nonce
        self.name = name
        self.network = network
        self.rules = rules
        self.limits = limits
        self.anchor = anchor
        self.logKey = logKey
        self.members = members
        self.policy = policy
    }
}

/// Marks names of ledgers.
public enum LedgerKind {}

/// A member as he is proposed: his name here, his event key, his roles.
public struct Enrolment: Sendable, Hashable {
    public let member: MemberName
    public let key: KeyID
    /// Sorted, without repetition.
    public let roles: [RoleName]
    /// SHA-256(32-byte salt ‖ UTF-8 name) when the person's name is committed to.
    public let person: Digest32?

    /// The most roles of a member.
    public static let roleLimit = 16

    /// Creates an enrolment; the roles are sorted and repetitions dropped.
    public init(member: MemberName, key: KeyID, roles: some Sequence<RoleName>, person: Digest32?) {
        self.member = member
        self.key = key
        self.roles = Set(roles).sorted()
        self.person = person
    }
}

/// The limits of each member, so that one member alone can not fill the ledger or freeze the coins.
public struct Limits: Sendable, Hashable {
    /// Open transfers that a member may have initiated.
    public let openTransfers: UInt64
    /// Events of a member in any hour of recorded time.
    public let hourlyEvents: UInt64
    /// Bytes of blobs of a member in any day of recorded time.
    public let dailyBlobBytes: UInt64

    /// What a founder may set. Rules judge by any limit; none of these freezes the ledger.
    public static let founderRange: ClosedRange<UInt64> = 1...largestCBORInteger

    /// Creates limits.
    public init(
        openTransfers: UInt64 = 8, hourlyEvents: UInt64 = 1_000, dailyBlobBytes: UInt64 = 64 << 20
    ) {
        self.openTransfers = openTransfers
        self.hourlyEvents = hourlyEvents
        self.dailyBlobBytes = dailyBlobBytes
    }
}

/// The block from which on the ledger follows the chain, trusted because the founders sign it.
public struct Anchor: Sendable, Hashable {
    public let height: UInt64
    /// The block's 80-byte header.
    public let header: [UInt8]
    /// The times of the last eleven blocks up to and with this one, oldest first; fewer below 11.
    public let times: [UInt64]
    /// The 80-byte header of the first block of this block's retargeting period.
    public let periodStart: [UInt8]
    /// The chain's work up to and with this block, big-endian.
    public let chainWork: Digest32

    /// Creates an anchor.
    public init(
        height: UInt64, header: [UInt8], times: [UInt64], periodStart: [UInt8], chainWork: Digest32
    ) {
        self.height = height
        self.header = header
        self.times = times
        self.periodStart = periodStart
        self.chainWork = chainWork
    }
}

extension Founded {
    package init(from reader: inout CBORReader) throws(CBORError) {
        var map = try reader.openMap()
        try reader.key("log", in: &map)
        logKey = try reader.digest()
        try reader.key("name", in: &map)
        name = try Label(from: &reader)
        try reader.key("nonce", in: &map)
        nonce = try reader.digest()
        try reader.key("rules", in: &map)
        rules = try reader.unsigned()
        try reader.key("anchor", in: &map)
        anchor = try Anchor(from: &reader)
        try reader.key("limits", in: &map)
        limits = try Limits(from: &reader)
        try reader.key("policy", in: &map)
        policy = try Quorum(from: &reader)
        try reader.key("members", in: &map)
        let membersOffset = reader.offset
        var members: [Enrolment] = []
        for _ in 0..<(try reader.openArray(maximum: Self.memberLimit)) {
            members.append(try Enrolment(from: &reader))
        }
        guard !members.isEmpty else {
            throw .unexpected(
                offset: membersOffset, expected: "1 to \(Self.memberLimit) members", found: "none")
        }
        self.members = members
        try reader.key("network", in: &map)
        let offset = reader.offset
        let chain = try reader.text(maximum: 16)
        guard let network = Network(rawValue: chain) else {
            throw .unexpected(
                offset: offset,
                expected: Network.allCases.map(\.rawValue).joined(separator: ", "),
                found: "\"\(chain.escapedForDisplay)\"")
        }
        self.network = network
        try reader.close(map)
    }

    package var cbor: CBORValue {
        [
            "nonce": .digest(nonce), "name": name.cbor, "network": .text(network.rawValue),
            "rules": .unsigned(rules), "limits": limits.cbor, "anchor": anchor.cbor,
            "log": .digest(logKey), "members": .array(members.map(\.cbor)),
            "policy": policy.cbor,
        ]
    }
}

extension Enrolment {
    package init(from reader: inout CBORReader) throws(CBORError) {
        var map = try reader.openMap()
        try reader.key("key", in: &map)
        key = try KeyID(from: &reader)
        try reader.key("name", in: &map)
        member = try MemberName(from: &reader)
        try reader.key("roles", in: &map)
        let offset = reader.offset
        var roles: [RoleName] = []
        for _ in 0..<(try reader.openArray(maximum: Self.roleLimit)) {
            roles.append(try RoleName(from: &reader))
        }
        guard roles == Set(roles).sorted() else {
            throw .refused(offset: offset, rule: "roles are sorted and each stands once")
        }
        self.roles = roles
        person = try reader.takeKey("person", in: &map) ? try reader.digest() : nil
        try reader.close(map)
    }

    package var cbor: CBORValue {
        var map: [CBORValue: CBORValue] = [
            "key": key.cbor, "name": member.cbor, "roles": .array(roles.map(\.cbor)),
        ]
        map["person"] = person.map { .digest($0) }
        return .map(map)
    }
}

extension Limits {
    package init(from reader: inout CBORReader) throws(CBORError) {
        var map = try reader.openMap()
        try reader.key("hourly", in: &map)
        hourlyEvents = try reader.unsigned()
        try reader.key("transfers", in: &map)
        openTransfers = try reader.unsigned()
        try reader.key("dailyblobs", in: &map)
        dailyBlobBytes = try reader.unsigned()
        try reader.close(map)
    }

    package var cbor: CBORValue {
        [
            "hourly": .unsigned(hourlyEvents), "transfers": .unsigned(openTransfers),
            "dailyblobs": .unsigned(dailyBlobBytes),
        ]
    }
}

extension Anchor {
    package init(from reader: inout CBORReader) throws(CBORError) {
        var map = try reader.openMap()
        try reader.key("work", in: &map)
        chainWork = try reader.digest()
        try reader.key("times", in: &map)
        let offset = reader.offset
        var times: [UInt64] = []
        for _ in 0..<(try reader.openArray(maximum: 11)) {
            times.append(try reader.unsigned(maximum: UInt64(UInt32.max)))
        }
        guard !times.isEmpty else {
            throw .unexpected(offset: offset, expected: "1 to 11 times", found: "none")
        }
        self.times = times
        try reader.key("header", in: &map)
        header = try reader.bytes(exactly: 80)
        try reader.key("height", in: &map)
        height = try reader.unsigned(maximum: UInt64(UInt32.max))
        try reader.key("period", in: &map)
        periodStart = try reader.bytes(exactly: 80)
        try reader.close(map)
    }

    package var cbor: CBORValue {
        [
            "work": .digest(chainWork), "times": .array(times.map { .unsigned($0) }),
            "header": .bytes(header), "height": .unsigned(height), "period": .bytes(periodStart),
        ]
    }
}
