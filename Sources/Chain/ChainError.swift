public import Bytes

/// Why the Bitcoin node could not be asked, or its answer not be used.
///
/// No case ever carries a password or a cookie's content.
public enum ChainError: Error, Equatable {
    /// The node's URL, without its credentials, is not in the form ``NodeAddress`` takes.
    case address(url: String, reason: String)
    /// The cookie file can not be read: the node is down, or this user may not read it.
    case cookie(path: String, reason: String)
    /// No connection could be made in `attempts` tries.
    case unreachable(host: String, port: Int, reason: String, attempts: Int)
    /// The connection ended before the answer was whole.
    case interrupted(method: String, reason: String)
    /// The whole answer did not arrive in time.
    case timedOut(method: String, seconds: Int)
    /// The node refuses our credentials.
    case unauthorized(host: String, port: Int)
    /// The node takes no more requests for now (HTTP 503), after `attempts` tries.
    case busy(method: String, attempts: Int)
    /// The node is still starting (Core's error -28); `message` says what it does.
    case warmingUp(message: String)
    /// The node answered with an error of its own (Core's `rpc/protocol.h`).
    case refused(method: String, code: Int, message: String)
    /// The answer is not what the method answers.
    case malformed(method: String, reason: String)
    /// The answer is longer than we accept.
    case oversize(method: String, bytesMax: Int)
    /// The node follows another chain than the ledger.
    case wrongChain(expected: String, found: String)
    /// The node's block or header contradicts itself or its request.
    case inconsistent(block: Digest32, reason: String)
    /// None of the known blocks, the oldest at `oldestHeight`, is in the node's chain.
    case noCommonBlock(oldestHeight: Int)
    /// The node's chain changed so often that no batch could be read whole.
    case unsteady(attempts: Int)
}

extension ChainError: CustomStringConvertible {
    /// A sentence for people: what happened, and what to do.
    public var description: String {
        switch self {
        case .address(let url, let reason):
            "the node's address \(url) is not usable: \(reason)"
        case .cookie(let path, let reason):
            """
            the node's cookie file \(path) can not be read (\(reason)): is the node running, and \
            may this user read its folder?
            """
        case .unreachable(let host, let port, let reason, let attempts):
            """
            no Bitcoin node answers at \(host):\(port) (\(reason), tried \(attempts) times): start \
            it, or correct the address
            """
        case .interrupted(let method, let reason):
            "the node ended the connection before it had answered \(method) (\(reason))"
        case .timedOut(let method, let seconds):
            "the node did not answer \(method) within \(seconds) s"
        case .unauthorized(let host, let port):
            """
            the node at \(host):\(port) refuses the credentials: check user and password, or the \
            cookie file
            """
        case .busy(let method, let attempts):
            "the node is too busy for \(method) (tried \(attempts) times): try again later"
        case .warmingUp(let message):
            "the node is still starting: \(message)"
        case .refused(let method, let code, let message):
            "the node refuses \(method): \(message) (code \(code))"
        case .malformed(let method, let reason):
            "the node's answer to \(method) is not usable: \(reason)"
        case .oversize(let method, let bytesMax):
            "the node's answer to \(method) is longer than \(bytesMax) bytes"
        case .wrongChain(let expected, let found):
            "the node follows the chain '\(found)', but the ledger is on '\(expected)'"
        case .inconsistent(let block, let reason):
            "the node's block \(block.reversedHex) is not usable: \(reason)"
        case .noCommonBlock(let oldestHeight):
            """
            the node's chain has none of the blocks that we know, down to height \
            \(oldestHeight): it follows another chain, or a reorganisation is deeper than that
            """
        case .unsteady(let attempts):
            "the node's chain changed under every one of \(attempts) readings: try again"
        }
    }
}
