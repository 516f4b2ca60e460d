public import Acting
internal import Bitcoin
public import Bytes
public import Events
internal import Keys
public import Ledger
public import Merkle
public import Secrets

/// A ledger of members who sign as many events as one likes: what benchmarks and kill tests fill.
///
/// The members' keys follow from their numbers, so that several processes can sign for one ledger.
public struct SampleLedger: Sendable {
    /// The members' signers, by number.
    public let signers: [Signer]
    /// The founding event.
    public let founding: SignedEvent

    /// The time of the founding, in milliseconds since 1970.
    public static let epoch: UInt64 = 1_790_000_000_000

    /// The members of a ledger and its founding event.
    public init(members: Int) throws {
        signers = try (0..<members).map { try Signer(number: $0) }
        let genesis = HeaderChainState(genesisOf: .regtest)
        let header = Network.regtest.genesis.encoded
        guard let name = Label<LedgerKind>("sample"),
            let policy = Quorum(needed: 1, of: [.member(signers[0].name)])
        else { preconditionFailure("typed-in names are names") }
        let founded = Founded(
            nonce: sha256(Array("sample".utf8)), name: name, network: .regtest,
            limits: Limits(hourlyEvents: 1 << 40),
            anchor: Anchor(
                height: 0, header: header, times: genesis.times.map { UInt64($0) },
                periodStart: header, chainWork: genesis.chainWork.bigEndian),
            logKey: try Self.checkpointKey(name: "sample").key.publicKey,
            members: signers.map {
                Enrolment(
                    member: $0.name, key: $0.key.publicKey.id, roles: [.auditor], person: nil)
            }, policy: policy)
        let event = Event(time: Self.epoch, sequence: 0, seen: .empty, fact: .founded(founded))
        let founder = signers[0]
        founding = try SignedEvent(event, by: founder.key.publicKey.id, ledger: nil) {
            digest throws(SecretsError) in try founder.key.sign(digest)
        }
    }

    /// The ledger's id.
    public var id: Digest32 { founding.id }

    /// What signs checkpoints of the log called `name`.
    public static func checkpointKey(name: String) throws(MerkleError) -> CheckpointSigner {
        try CheckpointSigner(name: name, seed: sha256(Array("sample log".utf8)))
    }

    /// Founds the ledger in `folder`; every member has then accepted.
    public func found(
        in folder: String, clock: @escaping @Sendable () -> UInt64
    ) throws -> LedgerWriter {
        try OpenLedger.found(Submission(founding), in: folder, clock: clock)
        let log = try Log.open(folder, .readWrite)
        let writer = LedgerWriter(log, isClockConfirmed: true, clock: clock)
        let head = try log.treeHead()
        for signer in signers {
            let accepted = try signer.sign(
                .accepted(.membership(signer.name)), sequence: signer.number == 0 ? 1 : 0,
                seen: head, ledger: id)
            guard let checked = CheckedSubmission(Submission(accepted), keys: writer.keys) else {
                preconditionFailure("a signature that was just made verifies")
            }
            for answer in try writer.append([checked]) { _ = try answer.get() }
        }
        return writer
    }

    /// The sequence number of a member's first event after the acceptances.
    public func firstSequence(of member: Int) -> UInt64 { member == 0 ? 2 : 1 }
}

/// A member with the key in this process's memory.
public final class Signer: Sendable {
    public let number: Int
    public let name: MemberName
    public let key: SecretKey

    init(number: Int) throws {
        guard let name = MemberName("member-\(number)") else {
            preconditionFailure("a number makes a name")
        }
        self.number = number
        self.name = name
        let seed = sha256(Array("sample key \(number)".utf8))
        key = try SecretKey(SecretBytes(copying: seed.span))
    }

    /// Signs an event.
    public func sign(
        _ fact: Fact, sequence: UInt64, seen: TreeHead, time: UInt64 = SampleLedger.epoch,
        ledger: Digest32
    ) throws(SecretsError) -> SignedEvent {
        try SignedEvent(
            Event(time: time, sequence: sequence, seen: seen, fact: fact),
            by: key.publicKey.id, ledger: ledger
        ) { digest throws(SecretsError) in try key.sign(digest) }
    }

    /// Signs the result of an audit of the log up to `seen`.
    public func attest(
        sequence: UInt64, seen: TreeHead, ledger: Digest32
    ) throws(SecretsError) -> SignedEvent {
        try sign(
            .attested(Attested(head: seen, state: seen.root, findings: 0)), sequence: sequence,
            seen: seen, ledger: ledger)
    }
}

extension Log {
    /// The newest tree head.
    public func treeHead() throws(LedgerError) -> TreeHead {
        try read { view throws(LedgerError) in
            TreeHead(size: view.size, root: try view.root())
        }
    }
}
