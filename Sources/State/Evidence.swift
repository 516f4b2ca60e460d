public import Bytes

/// What the one step asks of its surroundings: a log's tables, a file, memory.
///
/// Nothing that it answers is trusted: bytes are checked against their digest and an entry against
/// the id of the event that it is said to hold, in the step, once for all.
public protocol Evidence: ~Copyable, ~Escapable {
    /// Why an answer could not be read; `Never` where all is in memory.
    associatedtype Failure: Error

    /// The bytes that are kept under a SHA-256, or nil.
    func bytes(behind digest: Digest32) throws(Failure) -> [UInt8]?

    /// The entry that is said to have initiated a request, with its position, or nil.
    func initiation(
        of request: Digest32
    ) throws(Failure) -> (position: UInt64, entry: [UInt8])?
}
