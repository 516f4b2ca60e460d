public import Bytes
public import Keys

/// An entry to append, with what the log's indexes hold about it; whoever decodes entries fills it
/// in.
public struct LogRecord: Sendable {
    /// The largest entry: what a bundle of the tlog-tiles format can hold.
    public static let maximumEntryBytes = FormatLimit.entryBytes
    /// The largest blob, 4 MiB.
    public static let maximumBlobBytes = FormatLimit.blobBytes

    /// The leaf's bytes.
    public var entry: [UInt8]
    /// The key that signed the event.
    public var author: KeyID
    /// The event's place among its author's, from 0.
    public var sequence: UInt64
    /// The event's id.
    public var eventID: Digest32
    /// The requests that the event is about.
    public var requests: [Digest32]
    /// The running number that the event gives to a request.
    public var number: Numbered?
    /// The bytes that the event stands for by digest.
    public var blobs: [Blob]
    /// How requests have ended with this entry.
    public var outcomes: [Outcome]

    /// A request and the number that people see.
    public struct Numbered: Sendable, Hashable {
        /// The running number.
        public var number: UInt64
        /// The request's id.
        public var request: Digest32

        /// Creates a numbered request.
        public init(number: UInt64, request: Digest32) {
            self.number = number
            self.request = request
        }
    }

    /// A request's running number, and how it ended in the caller's encoding.
    public struct Outcome: Sendable, Hashable {
        /// The running number.
        public var number: UInt64
        /// What is stored under it.
        public var bytes: [UInt8]

        /// Creates an outcome.
        public init(number: UInt64, bytes: [UInt8]) {
            self.number = number
            self.bytes = bytes
        }
    }

    /// Bytes and their SHA-256.
    public struct Blob: Sendable, Hashable {
        /// The SHA-256 under which the bytes are found; appending checks it.
        public var digest: Digest32
        /// The bytes.
        public var bytes: [UInt8]

        /// Creates a blob.
        public init(digest: Digest32, bytes: [UInt8]) {
            self.digest = digest
            self.bytes = bytes
        }
    }

    /// Creates a record.
    public init(
        entry: [UInt8], author: KeyID, sequence: UInt64, eventID: Digest32,
        requests: [Digest32] = [], number: Numbered? = nil, blobs: [Blob] = [],
        outcomes: [Outcome] = []
    ) {
        self.entry = entry
        self.author = author
        self.sequence = sequence
        self.eventID = eventID
        self.requests = requests
        self.number = number
        self.blobs = blobs
        self.outcomes = outcomes
    }
}
