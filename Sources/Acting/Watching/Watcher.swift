internal import Bitcoin
internal import Bytes
public import Chain
internal import Events
public import State

/// Follows a node's chain for a ledger and tells what is to be recorded.
///
/// Before it goes on from the ledger's tip it looks again through the blocks within reach, which
/// are those that an event can still speak of: for what was left out, as by a watcher that was
/// killed inside a block, and for what concerns scripts that were not watched, or coins that were
/// not known, when a block was recorded. A block is fetched again only when its outline leaves the
/// question open; the first look, which has no outlines, fetches each.
public struct Watcher: Sendable {
    private let source: any BlockSource
    /// The outlines of the blocks that are recorded with all that they hold for what was looked
    /// for.
    private var outlines: [Digest32: BlockOutline] = [:]
    /// The outlines of what was handed out last, which count once it is recorded.
    private var pending: (observation: Observation, outlines: [Digest32: BlockOutline])?
    /// What all outlined blocks were looked through for.
    private var scripts: Set<Script> = []
    private var outPoints: Set<OutPoint> = []
    private var wallets: Set<WalletName>?
    /// The blocks that the node does not have any more.
    private var pruned: Set<Digest32> = []
    private var unprovable: [Digest32: [UnprovableTransaction]] = [:]
    private var notices: [String] = []

    /// Starts to follow a node's chain.
    public init(_ source: some BlockSource) { self.source = source }

    /// What is to be recorded next; nil when the node shows nothing that the state does not know.
    ///
    /// Asked again with the state that follows, it goes on, until there is nothing more.
    public mutating func next(_ state: LedgerState) async throws(ChainError) -> Observation? {
        if let pending, pending.observation.isRecorded(in: state) {
            outlines.merge(pending.outlines) { $1 }
        }
        pending = nil
        noticeNewWallets(state)
        if let late = try await lookAgain(state) { return late }
        return try await goOn(state)
    }

    /// What people should know and no event tells; each is told once.
    public mutating func takeNotices() -> [String] {
        defer { notices = [] }
        return notices
    }

    /// The transactions of ours in the ledger's chain that no event can speak of, oldest first.
    public func unprovable(in state: LedgerState) -> [UnprovableTransaction] {
        let lowest = state.blocks.lowestActive
        return unprovable.values.joined().filter {
            state.blocks.isActive($0.blockHash) || $0.height < lowest
        }.sorted { ($0.height, $0.txid) < ($1.height, $1.txid) }
    }

    // MARK: Going on from the tip

    private mutating func goOn(_ state: LedgerState) async throws(ChainError) -> Observation? {
        let known = state.blocks.active.reversed().compactMap { hash in
            state.blocks.blocks[hash].map { KnownBlock(height: Int($0.chain.height), hash: hash) }
        }
        var scanner = BlockScanner(
            source: source, known: known, scripts: Set(state.scripts.keys),
            outPoints: state.knownOutPoints)
        while let batch = try await scanner.next() {
            for item in batch.unprovable { unprovable[item.blockHash] = nil }
            for item in batch.unprovable { unprovable[item.blockHash, default: []].append(item) }
            if let observation = Observation(batch, state) {
                pending = (observation, batch.outlines)
                return observation
            }
        }
        return nil
    }

    // MARK: Looking again

    private mutating func lookAgain(_ state: LedgerState) async throws(ChainError) -> Observation? {
        let blocks = state.blocks.withinReach(after: state.founding.anchor.height)
        let hashes = Set(blocks.map(\.hash))
        outlines = outlines.filter { hashes.contains($0.key) }
        pruned.formIntersection(hashes)
        let newScripts = Set(state.scripts.keys).subtracting(scripts)
        var newOutPoints = Set(state.coins.keys).subtracting(outPoints)
        var search = BlockSearch(
            scripts: Set(state.scripts.keys), outPoints: state.knownOutPoints)
        var late = LateTransactions()
        for place in blocks where !pruned.contains(place.hash) {
            if let outline = outlines[place.hash],
                !newScripts.contains(where: outline.mayPay),
                !newOutPoints.contains(where: outline.maySpend)
            {
                continue
            }
            guard let block = try await fetch(place) else { continue }
            let found = try search.find(in: block, at: place)
            unprovable[place.hash] = found.unprovable.isEmpty ? nil : found.unprovable
            let missing = found.proven.filter { state.lacks($0, knowing: search.outPoints) }
            outlines[place.hash] = missing.isEmpty ? BlockOutline(block) : nil
            newOutPoints.formUnion(missing.flatMap { $0.outPoints(paying: state) })
            guard late.take(missing) else { break }
        }
        tellOfPruned()
        if let observation = Observation(late, state) { return observation }
        scripts = Set(state.scripts.keys)
        outPoints = Set(state.coins.keys)
        return nil
    }

    /// A block of the ledger's chain; nil when the node's chain has another one, or has it no more.
    private mutating func fetch(_ place: KnownBlock) async throws(ChainError) -> Block? {
        do throws(ChainError) {
            guard try await source.blockHash(height: place.height) == place.hash else { return nil }
            return try await source.block(place.hash)
        } catch {
            guard case .refused(_, let code, _) = error else { throw error }
            switch code {
            case Self.noSuchHeight, Self.noSuchBlock: return nil
            case Self.blockWasPruned:
                pruned.insert(place.hash)
                newlyPruned.append(place.height)
                return nil
            default: throw error
            }
        }
    }

    /// Core's answers for a height above its tip, a block that it never had, and one that it has
    /// deleted.
    private static let noSuchHeight = -8
    private static let noSuchBlock = -5
    private static let blockWasPruned = -1

    private var newlyPruned: [Int] = []

    // MARK: Telling

    private mutating func tellOfPruned() {
        defer { newlyPruned = [] }
        guard let first = newlyPruned.first, let last = newlyPruned.last else { return }
        notices.append(
            "\(newlyPruned.count) blocks from \(first) to \(last) can not be looked through again: "
                + "the node has deleted them (it is pruned)")
    }

    private mutating func noticeNewWallets(_ state: LedgerState) {
        let names = Set(state.wallets.keys)
        defer { wallets = names }
        let lowest = state.blocks.lowestActive
        guard let wallets, lowest > Int(state.founding.anchor.height) else { return }
        for name in names.subtracting(wallets).sorted() {
            notices.append(
                "the wallet \(name) is looked for from block \(lowest) on; what it received before "
                    + "can not be recorded, and a verification with a node finds it")
        }
    }
}

/// Transactions of known blocks that no event has observed there, as many as fit one event.
struct LateTransactions {
    private(set) var proven: [ProvenTransaction] = []
    private var room = BatchLimits().bytesMax

    /// Takes what fits; returns whether that was all.
    mutating func take(_ missing: [ProvenTransaction]) -> Bool {
        for transaction in missing {
            guard transaction.take(from: &room) else { return false }
            proven.append(transaction)
        }
        return true
    }
}

extension BlockTree {
    /// The height of the oldest block that is known on the active branch.
    fileprivate var lowestActive: Int {
        active.first.flatMap { blocks[$0] }.map { Int($0.chain.height) } ?? 0
    }

    /// The active blocks behind the anchor, oldest first: those that an event can speak of.
    fileprivate func withinReach(after anchor: UInt64) -> [KnownBlock] {
        active.compactMap { hash in
            blocks[hash].map { KnownBlock(height: Int($0.chain.height), hash: hash) }
        }.filter { $0.height > Int(anchor) }
    }
}
