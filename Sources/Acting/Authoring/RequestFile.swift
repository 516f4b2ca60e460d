public import Audit
public import Bytes
internal import Events
internal import Ledger
internal import Merkle
internal import Reading
internal import Secrets
internal import State

/// What a member on another machine needs to judge a request independently: the entries of the log
/// since a head that the member knows (all of them at first), the signed checkpoint over them, and
/// the request's events with their inclusion proofs. Documents attached to the request come along
/// when they are asked for; other documents, and people's names, never do.
///
/// It is replayed with the same rules as the ledger and nothing in it is trusted: a history that
/// does not extend the head that the reader's key remembers, or that breaks a rule, is refused.
public struct RequestFile: Sendable {
    /// The signed checkpoint that the file's entries lead to.
    public let checkpoint: [UInt8]
    /// The request that the file is about; nil for the whole ledger.
    public let request: Digest32?
    /// The size from which on entries are here.
    let start: UInt64
    /// The state at ``start``, whose digest the reader must remember; nil at 0.
    let state: [UInt8]?
    /// The tree's frontier at ``start``.
    let frontier: [Digest32]
    let entryList: [[UInt8]]
    let blobs: [Digest32: [UInt8]]
    /// The request's events, and the initiations below ``start`` of requests that entries here
    /// name, with their places and inclusion proofs.
    let proofs: [ProvenEntry]
    /// Roots of sizes below ``start`` that the entries' authors had seen, each with the proof that
    /// the tree at ``start`` extends it.
    let older: [UInt64: OlderRoot]
    /// Where each initiated request among the entries and the proofs stands.
    private let initiated: [Digest32: UInt64]
    /// The entries of ``proofs`` below ``start``, by their positions.
    private let earlier: [UInt64: [UInt8]]

    /// The most bytes of the request's documents.
    static let documentBytesLimit = 64 << 20

    struct OlderRoot: Sendable {
        let root: Digest32
        let proof: [Digest32]
    }

    struct ProvenEntry: Sendable {
        let position: UInt64
        let entry: [UInt8]
        let proof: [Digest32]
    }

    /// Gathers a file from a ledger.
    ///
    /// - Parameters:
    ///   - request: the request that it is for.
    ///   - start: a size at which the reader remembers the head; 0 for the whole log.
    ///   - hasDocuments: whether the documents attached to the request come along.
    public init(
        from ledger: OpenLedger, request: Digest32?, start: UInt64, hasDocuments: Bool = false
    ) throws {
        guard let signed = try ledger.checkpoint() else {
            throw ActingError.history(.noCheckpoint)
        }
        let size = signed.checkpoint.size
        guard start <= size else {
            throw ActingError.history(.beyondCheckpoint(since: start, size: size))
        }
        var blobs: [Digest32: [UInt8]] = [:]
        let source = try LogSource(ledger.log)
        entryList = try source.entries(start..<size)
        var seen: Set<UInt64> = []
        var named: Set<Digest32> = []
        for entry in try ledger.entries(start..<size) {
            let size = entry.event.event.seen.size
            if size < start, size > 0 { seen.insert(size) }
            if let id = entry.event.event.fact.namedRequest { named.insert(id) }
            for reference in entry.event.event.fact.evidence {
                blobs[reference.digest] = try source.blob(reference.digest)
            }
        }
        let events = try request.map { try ledger.entries(ofRequest: $0) } ?? []
        let covered = events.filter { $0.position < size }
        if hasDocuments {
            try blobs.merge(Self.documents(of: covered, source)) { blob, _ in blob }
        }
        let initiations = try Self.initiations(of: named, before: start, ledger)
        for initiation in initiations + covered.filter({ $0.position < start }) {
            for reference in initiation.event.event.fact.evidence {
                blobs[reference.digest] = try source.blob(reference.digest)
            }
        }
        let proven = Set(covered.map(\.position))
        let listed = covered + initiations.filter { !proven.contains($0.position) }
        (frontier, proofs, older) = try ledger.log.read { (view) throws(LedgerError) in
            var older: [UInt64: OlderRoot] = [:]
            for size in seen {
                older[size] = OlderRoot(
                    root: try view.root(at: size),
                    proof: try view.consistencyProof(from: size, to: start))
            }
            var proofs: [ProvenEntry] = []
            for event in listed {
                proofs.append(
                    ProvenEntry(
                        position: event.position, entry: event.entry,
                        proof: try view.inclusionProof(event.position, size: size)))
            }
            return (try view.frontier(at: start).hashes, proofs, older)
        }
        checkpoint = Array(signed.note.encodedText.utf8)
        self.request = request
        self.start = start
        state = start > 0 ? try ledger.state(at: start).encoded : nil
        self.blobs = blobs
        (initiated, earlier) = Self.index(
            entryList, from: start, proofs, ledger: ledger.log.ledgerID)
    }

    /// The initiations below `start` of requests, which a reader's state may have forgotten, in
    /// their order.
    private static func initiations(
        of requests: Set<Digest32>, before start: UInt64, _ ledger: OpenLedger
    ) throws -> [RecordedEvent] {
        var found: [RecordedEvent] = []
        for id in requests {
            guard
                let first = try ledger.log.read({ (view) throws(LedgerError) in
                    try view.positions(ofRequest: id).first
                }), first < start
            else { continue }
            found.append(try ledger.entry(first))
        }
        return found.sorted { $0.position < $1.position }
    }

    private static func documents(
        of events: [RecordedEvent], _ source: LogSource
    ) throws -> [Digest32: [UInt8]] {
        let references = events.flatMap(\.event.event.fact.attachments)
        let bytes = references.reduce(0) { $0 + $1.size }
        guard bytes <= documentBytesLimit else {
            throw ActingError.history(
                .documentsTooLarge(bytes: UInt64(bytes), limit: documentBytesLimit))
        }
        var blobs: [Digest32: [UInt8]] = [:]
        for reference in references {
            blobs[reference.digest] = try source.blob(reference.digest)
        }
        return blobs
    }

    private static func index(
        _ entries: [[UInt8]], from start: UInt64, _ proofs: [ProvenEntry], ledger: Digest32
    ) -> (initiated: [Digest32: UInt64], earlier: [UInt64: [UInt8]]) {
        var initiated: [Digest32: UInt64] = [:]
        func note(_ bytes: [UInt8], at position: UInt64) {
            guard let entry = try? Entry(decoding: bytes.span),
                let event = try? SignedEvent(decoding: entry.event, ledger: ledger),
                case .initiated = event.event.fact
            else { return }
            initiated[event.id] = position
        }
        var earlier: [UInt64: [UInt8]] = [:]
        for item in proofs where item.position < start {
            earlier[item.position] = item.entry
            note(item.entry, at: item.position)
        }
        for (offset, bytes) in entries.enumerated() {
            note(bytes, at: start + UInt64(offset))
        }
        return (initiated, earlier)
    }

    /// Writes the file.
    public func write(to path: String) throws {
        try Armor.write(Armor.encode(encoded, "REQUEST"), to: path)
    }

    /// The bytes inside the armor.
    package var encoded: [UInt8] {
        let proofs = proofs.map { item -> CBORValue in
            [
                .unsigned(item.position), .bytes(item.entry),
                .array(item.proof.map { .digest($0) }),
            ]
        }
        let roots = older.sorted { $0.key < $1.key }.map { size, item -> CBORValue in
            [.unsigned(size), .digest(item.root), .array(item.proof.map { .digest($0) })]
        }
        let value: CBORValue = [
            "roots": .array(roots),
            "blobs": .array(blobs.sorted { $0.key < $1.key }.map { .bytes($0.value) }),
            "start": .unsigned(start), "state": state.map { .bytes($0) } ?? .null,
            "proofs": .array(proofs), "entries": .array(entryList.map { .bytes($0) }),
            "request": request.map { .digest($0) } ?? .null,
            "frontier": .array(frontier.map { .digest($0) }), "checkpoint": .bytes(checkpoint),
        ]
        return value.encoded
    }

    /// The largest file that is read, in bytes.
    static let armoredLimit = 256 << 20

    /// Reads a file; nothing in it is believed yet.
    public init(reading path: String) throws {
        try self.init(
            decoding: try Armor.read(path, "REQUEST", limit: Self.armoredLimit), named: path)
    }

    /// Decodes the bytes inside the armor; errors call the file by `path`.
    package init(decoding bytes: [UInt8], named path: String) throws {
        do {
            var reader = CBORReader(bytes.span)
            var map = try reader.openMap()
            try reader.key("blobs", in: &map)
            var blobs: [Digest32: [UInt8]] = [:]
            for _ in 0..<(try reader.openArray()) {
                let blob = try reader.bytes(maximum: BlobReference.sizeLimit)
                blobs[sha256(blob)] = blob
            }
            self.blobs = blobs
            try reader.key("roots", in: &map)
            older = try Self.readRoots(&reader)
            try reader.key("start", in: &map)
            start = try reader.unsigned()
            try reader.key("state", in: &map)
            state = reader.takeNull() ? nil : try reader.bytes()
            try reader.key("proofs", in: &map)
            proofs = try Self.readProofs(&reader)
            try reader.key("entries", in: &map)
            var entries: [[UInt8]] = []
            for _ in 0..<(try reader.openArray()) {
                entries.append(try reader.bytes(maximum: Entry.sizeLimit))
            }
            entryList = entries
            try reader.key("request", in: &map)
            request = reader.takeNull() ? nil : try reader.digest()
            try reader.key("frontier", in: &map)
            var frontier: [Digest32] = []
            for _ in 0..<(try reader.openArray(maximum: 64)) {
                frontier.append(try reader.digest())
            }
            self.frontier = frontier
            try reader.key("checkpoint", in: &map)
            checkpoint = try reader.bytes(maximum: Note.maximumBytes)
            try reader.close(map)
            try reader.end()
        } catch {
            throw ActingError.file(path, .damaged(reason: "\(error)"))
        }
        let ledger = try Self.ledgerID(in: checkpoint, path)
        (initiated, earlier) = Self.index(entryList, from: start, proofs, ledger: ledger)
    }

    private static func readRoots(
        _ reader: inout CBORReader
    ) throws(CBORError) -> [UInt64: OlderRoot] {
        var roots: [UInt64: OlderRoot] = [:]
        for _ in 0..<(try reader.openArray()) {
            try reader.openArray(exactly: 3)
            let size = try reader.unsigned()
            let root = try reader.digest()
            var proof: [Digest32] = []
            for _ in 0..<(try reader.openArray(maximum: 64)) { proof.append(try reader.digest()) }
            roots[size] = OlderRoot(root: root, proof: proof)
        }
        return roots
    }

    private static func readProofs(
        _ reader: inout CBORReader
    ) throws(CBORError) -> [ProvenEntry] {
        var proofs: [ProvenEntry] = []
        for _ in 0..<(try reader.openArray()) {
            try reader.openArray(exactly: 3)
            let position = try reader.unsigned()
            let entry = try reader.bytes(maximum: Entry.sizeLimit)
            var proof: [Digest32] = []
            for _ in 0..<(try reader.openArray(maximum: 64)) { proof.append(try reader.digest()) }
            proofs.append(ProvenEntry(position: position, entry: entry, proof: proof))
        }
        return proofs
    }

    private static func ledgerID(in checkpoint: [UInt8], _ path: String) throws -> Digest32 {
        let signed: SignedCheckpoint
        do { signed = try SignedCheckpoint(parsing: checkpoint) } catch {
            throw ActingError.file(path, .damaged(reason: "it holds no checkpoint: \(error)"))
        }
        let parts = signed.checkpoint.origin.split(separator: "/")
        guard parts.count == 2, let id = Digest32(hex: String(parts[1])) else {
            throw ActingError.file(
                path, .notOfALedger(origin: signed.checkpoint.origin.escapedForDisplay))
        }
        return id
    }

    /// The id of the ledger that the file says it is of.
    public var ledger: Digest32 {
        get throws { try Self.ledgerID(in: checkpoint, "the file") }
    }
}

extension RequestFile: EventSource {
    /// How many entries the log has up to the file's end.
    public var size: UInt64 { start + UInt64(entryList.count) }

    /// No decision reads documents, and other requests' are none of the reader's business.
    public var holdsDocuments: Bool { false }

    /// The entries at `positions`, as far as they are here.
    public func entries(_ positions: Range<UInt64>) throws(AuditError) -> [[UInt8]] {
        // A request from before, which is looked up alone; its proof is checked before anything is
        // done with what followed from it.
        if positions.count == 1, let entry = earlier[positions.lowerBound] { return [entry] }
        let here = positions.clamped(to: start..<size)
        guard !here.isEmpty else { return [] }
        return Array(entryList[Int(here.lowerBound - start)..<Int(here.upperBound - start)])
    }

    /// The bytes of this digest, if the file carries them.
    public func blob(_ digest: Digest32) throws(AuditError) -> [UInt8]? { blobs[digest] }

    /// Where a request was initiated, if its initiation is here.
    public func position(ofRequest id: Digest32) throws(AuditError) -> UInt64? { initiated[id] }
}
