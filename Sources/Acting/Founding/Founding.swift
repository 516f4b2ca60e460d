public import Bitcoin
public import Bytes
public import Chain
public import Events
internal import Keys
public import Secrets

/// A ledger that is about to be founded: its rules, its members, and the names behind them.
public struct Founding: Sendable {
    /// What the founder signs.
    public let fact: Founded
    private let names: [SaltedValue]

    /// Gathers a founding.
    ///
    /// - Parameters:
    ///   - nonce: fresh randomness, so that two ledgers of one text differ.
    ///   - logKey: the key that will sign checkpoints.
    ///   - names: the people behind members, of whom the event holds salted digests alone.
    /// - Throws: ``AuthorFault/notALogKey(_:purpose:)``.
    public init(
        nonce: Digest32, name: Label<LedgerKind>, network: Network, limits: Limits, anchor: Anchor,
        logKey: KeyFile, members: [Enrolment], names: [MemberName: SaltedValue], policy: Quorum
    ) throws(ActingError) {
        fact = Founded(
            nonce: nonce, name: name, network: network, limits: limits, anchor: anchor,
            logKey: try Self.publicPart(of: logKey),
            members: members.map {
                Enrolment(
                    member: $0.member, key: $0.key, roles: $0.roles,
                    person: names[$0.member]?.digest)
            }, policy: policy)
        self.names = Array(names.values)
    }

    /// The public part of a key that signs checkpoints.
    public static func publicPart(of logKey: KeyFile) throws(ActingError) -> Digest32 {
        guard case .note(.log, let bytes) = logKey.publicPart, let key = Digest32(bytes) else {
            throw .author(.notALogKey(logKey.name, purpose: logKey.publicPart.purpose))
        }
        return key
    }

    /// Signs the founding and makes the ledger in a folder that holds none; returns its id.
    ///
    /// Nothing but the acceptance of each founding member follows until all have accepted.
    ///
    /// - Parameter passphrase: asks for the one that opens the founder's key, once all else is
    ///   known to be in order.
    public func found(
        in folder: String, by file: KeyFile, clock: @escaping WallClock,
        passphrase: () throws -> Passphrase
    ) throws -> Digest32 {
        guard case .event(let key) = file.publicPart else {
            throw ActingError.author(.notAnEventKey(file.name, purpose: file.publicPart.purpose))
        }
        let event = Event(time: clock(), sequence: 0, seen: .empty, fact: .founded(fact))
        try event.checkEncoding()
        let secret = try file.openEventKey(try passphrase())
        let signed = try SignedEvent(event, by: key.id, ledger: nil) {
            (digest) throws(SecretsError) in try secret.sign(digest)
        }
        try OpenLedger.found(
            Submission(signed, blobs: names.map(\.blob)), in: folder, clock: clock)
        return signed.id
    }
}

extension Anchor {
    /// The first block of a network, as a trusted anchor.
    public init(genesisOf network: Network) {
        let genesis = HeaderChainState(genesisOf: network)
        self.init(
            height: 0, header: network.genesis.encoded, times: genesis.times.map(UInt64.init),
            periodStart: network.genesis.encoded, chainWork: genesis.chainWork.bigEndian)
    }

    /// A block of a node's chain as a trusted anchor, six below its tip unless a height is given.
    /// Whoever founds on it compares its hash with other sources.
    ///
    /// - Throws: ``MissingFault/block(height:tip:)``, or what the node answers.
    public init(from node: NodeClient, on network: Network, height: Int? = nil) async throws {
        try await node.check(network)
        let tip = try await node.blockCount()
        let height = height ?? max(0, tip - Self.depth)
        guard (0...tip).contains(height) else {
            throw ActingError.missing(.block(height: height, tip: tip))
        }
        let anchor = try await node.anchor(height: height)
        self.init(
            height: UInt64(height), header: anchor.header.encoded,
            times: anchor.times.map(UInt64.init), periodStart: anchor.periodStart.encoded,
            chainWork: anchor.chainWork.bigEndian)
    }

    /// How deep a block lies that is taken as an anchor, if nothing else is asked for.
    private static let depth = 6
}
