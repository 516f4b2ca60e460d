public import Bytes
public import Events
internal import Keys
internal import Ledger
public import Reading

extension OpenLedger {
    /// The documents that these events attach.
    public func documents(among events: [RecordedEvent]) throws -> [AttachedDocument] {
        try log.read { (view) throws(LedgerError) in
            var documents: [AttachedDocument] = []
            for event in events {
                guard case .attached(let fact) = event.event.event.fact else { continue }
                documents.append(
                    AttachedDocument(
                        position: event.position, recorded: event.recorded,
                        author: event.event.author, fact: fact,
                        isAtHand: try view.hasBlob(fact.document.digest)))
            }
            return documents
        }
    }

    /// The document that the event at `position` attaches.
    public func document(at position: UInt64) throws -> AttachedDocument {
        let size = try size()
        guard position < size else {
            throw ActingError.missing(.position(position, last: size - 1))
        }
        let event = try entry(position)
        guard let document = try documents(among: [event]).first else {
            throw ActingError.missing(
                .document(position: position, type: event.event.event.fact.type.rawValue))
        }
        return document
    }

    /// The document with this commitment; every entry is read, the newest first, until it is found.
    public func document(_ digest: Digest32) throws -> AttachedDocument {
        var end = try size()
        while end > 0 {
            let start = end - min(end, 512)
            for document in try documents(among: try entries(start..<end)).reversed()
            where document.fact.document.digest == digest { return document }
            end = start
        }
        throw ActingError.missing(.commitment(digest))
    }

    /// The bytes behind a commitment, checked against it; nil when they were erased, or never came.
    public func opened(_ digest: Digest32) throws -> SaltedValue? {
        let blob = try log.read { (view) throws(LedgerError) -> [UInt8]? in
            guard let blob = try view.blob(digest) else { return nil }
            return [UInt8](capacity: blob.count) { $0.append(blob) }
        }
        return try blob.map { try SaltedValue($0, behind: digest) }
    }
}

extension RequestFile {
    /// The documents attached to the request that the file is about.
    public var documents: [AttachedDocument] {
        get throws {
            guard let request else { return [] }
            var places: [UInt64: [UInt8]] = [:]
            for item in proofs { places[item.position] = item.entry }
            for (offset, entry) in entryList.enumerated() { places[start + UInt64(offset)] = entry }
            let ledger = try ledger
            var documents: [AttachedDocument] = []
            for (position, bytes) in places.sorted(by: { $0.key < $1.key }) {
                guard let entry = try? Entry(decoding: bytes.span),
                    let event = try? SignedEvent(decoding: entry.event, ledger: ledger),
                    case .attached(let fact) = event.event.fact, fact.request == request
                else { continue }
                documents.append(
                    AttachedDocument(
                        position: position, recorded: entry.recorded, author: event.author,
                        fact: fact, isAtHand: blobs[fact.document.digest] != nil))
            }
            return documents
        }
    }

    /// The bytes behind a commitment, checked against it; nil when the file does not carry them.
    public func opened(_ digest: Digest32) throws -> SaltedValue? {
        try blobs[digest].map { try SaltedValue($0, behind: digest) }
    }
}

extension Workplace {
    /// The documents attached to a request.
    public func documents(ofRequest id: Digest32) throws -> [AttachedDocument] {
        switch self {
        case .ledger(let ledger):
            return try ledger.documents(among: try ledger.entries(ofRequest: id))
        case .file(let file, _): return file.request == id ? try file.documents : []
        }
    }
}

extension SaltedValue {
    /// Takes a blob apart that has been read under the digest of a commitment.
    fileprivate init(_ blob: [UInt8], behind digest: Digest32) throws {
        let found = sha256(blob)
        guard found == digest else {
            throw ActingError.history(.changedBlob(digest, found: found))
        }
        guard let value = SaltedValue(blob: blob) else {
            throw ActingError.history(.shortBlob(digest, bytes: blob.count))
        }
        self = value
    }
}
