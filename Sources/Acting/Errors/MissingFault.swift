public import Bytes

/// What was named and is not there.
public enum MissingFault: Error, Equatable, Sendable {
    /// The log has no such position; the last is given.
    case position(UInt64, last: UInt64)
    /// There has been no request of this number; the last is given, if any was made.
    case request(UInt64, last: UInt64?)
    /// The request has ended; without a number, the one that a file was made for.
    case liveRequest(UInt64?)
    /// The node's chain has no block at this height.
    case block(height: Int, tip: Int)
    /// The policy names no such witness.
    case witness(String)
    /// No request was named.
    case requestNumber
    /// The event at a position attaches no document.
    case document(position: UInt64, type: String)
    /// No event attaches a document with this commitment.
    case commitment(Digest32)
    /// No event that is at hand carries the transaction that made a coin.
    case previousTransaction(outPoint: String, position: UInt64)
    /// The event that made a coin does not carry its transaction.
    case carriedTransaction(outPoint: String, position: UInt64)
}

extension MissingFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .position(let position, let last):
            "there is no position \(position); the log's last is \(last)"
        case .request(let number, let last):
            "there is no request \(number); "
                + (last.map { "they run from 1 to \($0)" } ?? "none has been made yet")
        case .liveRequest(let number?): "request \(number) has ended"
        case .liveRequest(nil): "the request that the file was made for has ended"
        case .block(let height, let tip):
            "there is no block \(height); the node's chain ends at \(tip)"
        case .witness(let name): "the policy has no witness \(name.escapedForDisplay)"
        case .requestNumber: "no request is named"
        case .document(let position, let type):
            "position \(position) is `\(type)` and attaches no document"
        case .commitment(let digest): "no event attaches the document \(digest.hex)"
        case .previousTransaction(let outPoint, let position):
            "the transaction that made the coin \(outPoint) stands at position \(position), which "
                + "is not at hand here; initiate where the ledger lives, or from a whole request "
                + "file"
        case .carriedTransaction(let outPoint, let position):
            "the entry at position \(position) does not carry the transaction of the coin "
                + "\(outPoint)"
        }
    }
}
