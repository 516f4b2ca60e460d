public import Bytes
internal import Events
internal import Secrets

/// A signed event in a file, on its way to the ledger: by mail, on a stick.
public struct EventFile: Sendable {
    /// The ledger that the event is for.
    public let ledger: Digest32
    /// The event, with the blobs that it names.
    public let submission: Submission

    /// The largest file that is read, in bytes: the most that a key's memory holds of one event, as
    /// base64 in lines, with room for what mail programs add.
    static let armoredLimit = HeldEvent.maximumBytes / 2 * 3

    /// Creates a file's content.
    public init(ledger: Digest32, _ submission: Submission) {
        self.ledger = ledger
        self.submission = submission
    }

    /// Writes the file.
    public func write(to path: String) throws {
        try Armor.write(Armor.encode(encoded, "EVENT"), to: path)
    }

    /// The bytes inside the armor.
    package var encoded: [UInt8] {
        let value: CBORValue = [
            "blobs": .array(submission.blobs.map { .bytes($0) }),
            "event": .bytes(submission.event.bytes), "ledger": .digest(ledger),
        ]
        return value.encoded
    }

    /// Reads a file.
    public init(reading path: String) throws {
        try self.init(
            decoding: try Armor.read(path, "EVENT", limit: Self.armoredLimit), named: path)
    }

    /// Decodes the bytes inside the armor; errors call the file by `path`.
    package init(decoding bytes: [UInt8], named path: String) throws {
        do {
            var reader = CBORReader(bytes.span)
            var map = try reader.openMap()
            try reader.key("blobs", in: &map)
            var blobs: [[UInt8]] = []
            for _ in 0..<(try reader.openArray(maximum: 1_024)) {
                blobs.append(try reader.bytes(maximum: BlobReference.sizeLimit))
            }
            try reader.key("event", in: &map)
            let event = try reader.bytes(maximum: SignedEvent.sizeLimit)
            try reader.key("ledger", in: &map)
            ledger = try reader.digest()
            try reader.close(map)
            try reader.end()
            submission = Submission(try SignedEvent(decoding: event, ledger: ledger), blobs: blobs)
        } catch {
            throw ActingError.file(path, .damaged(reason: "\(error)"))
        }
    }
}
