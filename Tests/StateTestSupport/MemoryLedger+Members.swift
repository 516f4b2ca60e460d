internal import Bitcoin
public import Bytes
public import Events
internal import Keys
public import Merkle
public import TestSigning

extension MemoryLedger {
    /// A key that depends on nothing but its name.
    public static func key(_ name: String) throws -> TestKey {
        try TestKey(seed: sha256(Array("member \(name)".utf8)).array)
    }

    /// The secret of the key that the logs of these ledgers are signed with.
    public static let logSeed = sha256(Array("the log's seed".utf8))

    /// Founds a regtest ledger and has every member accept.
    ///
    /// - Parameter roles: the members, the founder first by name, with their roles.
    public init(
        _ roles: [MemberName: [RoleName]], policy: Quorum, limits: Limits = Limits(),
        clock: UInt64 = start, accepting: Bool = true
    ) throws {
        var keys: [MemberName: TestKey] = [:]
        for name in roles.keys { keys[name] = try Self.key(name.text) }
        let names = roles.keys.sorted()
        guard let founder = names.first else { preconditionFailure("somebody founds the ledger") }
        let founding = try Self.founding(roles, policy: policy, limits: limits)
        try self.init(founding, by: founder, keys: keys, clock: clock)
        guard accepting else { return }
        for name in names { try record(.accepted(.membership(name)), by: name) }
    }

    /// The founding fact of ``init(_:policy:limits:clock:accepting:)``.
    public static func founding(
        _ roles: [MemberName: [RoleName]], policy: Quorum, limits: Limits = Limits(),
        rules: UInt64 = 1
    ) throws -> Founded {
        let members = try roles.sorted { $0.key < $1.key }.map { name, roles in
            Enrolment(
                member: name, key: try key(name.text).publicKey.key.id, roles: roles, person: nil)
        }
        return Founded(
            nonce: sha256(Array("nonce".utf8)), name: "treasury", network: .regtest, rules: rules,
            limits: limits, anchor: MemoryChain.anchor,
            logKey: try CheckpointSigner(name: "any", seed: logSeed).key.publicKey,
            members: members, policy: policy)
    }

    /// What signs checkpoints of a log of this name.
    public static func checkpointSigner(name: String) throws -> CheckpointSigner {
        try CheckpointSigner(name: name, seed: logSeed)
    }

    // MARK: Requests

    /// A day, in milliseconds.
    public static let day: UInt64 = 86_400_000

    /// Makes a request that expires after a week unless told otherwise.
    @discardableResult
    public mutating func initiate(
        _ request: Request, by member: MemberName, expires: UInt64? = nil
    ) throws -> Digest32 {
        try record(
            .initiated(
                Initiated(
                    request: request, expires: expires ?? clock + 7 * Self.day, reference: nil)),
            by: member)
    }

    /// Has members approve a request, in this order.
    public mutating func approve(_ request: Digest32, by members: MemberName...) throws {
        for member in members { try record(.approved(Approved(request: request)), by: member) }
    }

    /// Makes a request by the first of the members and has all of them approve it.
    @discardableResult
    public mutating func carry(_ request: Request, by members: MemberName...) throws -> Digest32 {
        guard let first = members.first else { preconditionFailure("somebody makes the request") }
        let id = try initiate(request, by: first)
        for member in members { try record(.approved(Approved(request: id)), by: member) }
        return id
    }

    /// Enrols a member and has him accept.
    public mutating func enrol(
        _ name: MemberName, _ roles: [RoleName] = [], by members: [MemberName]
    ) throws {
        guard let first = members.first else { preconditionFailure("somebody makes the request") }
        let key = try Self.key(name.text)
        let enrolment = Enrolment(
            member: name, key: key.publicKey.key.id, roles: roles, person: nil)
        let id = try initiate(.enrolMember(enrolment), by: first)
        for member in members { try record(.approved(Approved(request: id)), by: member) }
        keys[name] = key
        try record(.accepted(.membership(name)), by: name)
    }
}
