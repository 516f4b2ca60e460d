internal import Bytes
internal import Events
internal import Ledger
internal import State

extension LogRecord {
    /// What the log keeps of an event: its entry, and its rows in the indexes.
    ///
    /// - Parameter number: the running number that the event gives, if it initiates a request.
    init(
        _ event: SignedEvent, entry: [UInt8], number: UInt64?, blobs: [Blob] = [],
        outcomes: [RequestOutcome] = []
    ) {
        let isInitiated = event.event.fact.type == .initiated
        self.init(
            entry: entry, author: event.author, sequence: event.event.sequence, eventID: event.id,
            requests: event.request.map { [$0] } ?? [],
            number: isInitiated ? number.map { Numbered(number: $0, request: event.id) } : nil,
            blobs: blobs,
            outcomes: outcomes.map { Outcome(number: $0.number, bytes: $0.encoded) })
    }
}
