internal import Bitcoin
public import Chain
internal import Events
public import Secrets
internal import State

/// Follows a node for as long as it is let: records what the chain shows of the wallets, and which
/// broadcast transfers have reached the node's mempool.
///
/// Every event goes through an ``AuthorDesk`` of its own, since others append meanwhile.
public struct WatchLoop: ~Copyable {
    private let ledger: OpenLedger
    private let node: NodeClient
    private let name: KeyName
    private let keystore: Keystore
    private let key: SecretKey
    private let clock: WallClock
    private var watcher: Watcher

    /// What is told while it goes on.
    public enum News {
        /// An event was recorded: what it was, in a line.
        case recorded(String)
        /// Everything of one look is recorded, and no checkpoint covers it yet.
        case uncheckpointed
        /// A look has shown nothing new.
        case nothingNew
        /// What people should know and no event tells.
        case notice(String)
        /// A transaction of ours that no event can record; the ledger's coins are wrong by it.
        case unprovable(UnprovableTransaction)
        /// A look has failed, and another may succeed.
        case failed(any Error)
    }

    /// Prepares to watch with a watcher's event key, which is open for as long as this lives.
    public init(
        _ ledger: OpenLedger, _ node: NodeClient, as name: KeyName, in keystore: Keystore,
        _ key: consuming SecretKey, clock: @escaping WallClock
    ) {
        self.ledger = ledger
        self.node = node
        self.name = name
        self.keystore = keystore
        self.key = key
        self.clock = clock
        watcher = Watcher(node)
    }

    /// Looks, and waits, until it is cancelled or fails in a way that another look does not mend.
    ///
    /// - Parameter wait: comes back when it is time for the next look.
    public mutating func run(
        waiting wait: () async throws -> Void, tell: (News) -> Void
    ) async throws {
        while true {
            do { _ = try await look(tell: tell) } catch {
                guard Self.isPassing(error) else { throw error }
                tell(.failed(error))
            }
            try await wait()
        }
    }

    /// Records all that the node shows now; returns whether events can record all of it.
    public mutating func look(tell: (News) -> Void) async throws -> Bool {
        try await node.check(try ledger.state().founding.network)
        try await catchUp(tell)
        let unprovable = watcher.unprovable(in: try ledger.state())
        for transaction in unprovable { tell(.unprovable(transaction)) }
        return unprovable.isEmpty
    }

    private mutating func catchUp(_ tell: (News) -> Void) async throws {
        defer { for notice in watcher.takeNotices() { tell(.notice(notice)) } }
        var recorded = 0
        while let observation = try await watcher.next(try ledger.state()) {
            try record(Intention(.observed(observation.fact), blobs: observation.blobs))
            recorded += 1
            tell(.recorded(observation.summary))
        }
        for request in try ledger.state().requests.values.sorted(by: { $0.number < $1.number })
        where request.status == .broadcast && request.relay == nil {
            guard let txid = request.transfer?.txid, try await node.isInMempool(txid) else {
                continue
            }
            try record(
                Intention(
                    .relayed(
                        Relayed(request: request.id, txid: txid, accepted: true, message: ""))))
            recorded += 1
            tell(.recorded("Request \(request.number): in the node's mempool"))
        }
        tell(recorded > 0 ? .uncheckpointed : .nothingNew)
    }

    private func record(_ intention: Intention) throws {
        var desk = try AuthorDesk(name, in: keystore, at: .ledger(ledger), clock: clock)
        _ = try desk.author(try desk.prepare(intention), with: key)
    }

    /// Whether another look may do what this one could not: the node, the key that its owner uses
    /// at the same time, what others have recorded since the blocks were read, and limits, change.
    public static func isPassing(_ error: any Error) -> Bool {
        switch error {
        case is ChainError, SecretsError.inUse: true
        case let refusal as Refusal: passing.contains(refusal.rule)
        case SubmissionError.refused(let refusal): passing.contains(refusal.rule)
        default: false
        }
    }

    private static let passing: Set<Refusal.Rule> = [
        .watchedScripts, .header, .branch, .hourlyLimit, .blobLimit, .requestEnded, .unknownRequest,
    ]
}
