/// A parameter of a call.
enum RPCParameter: Encodable, Sendable {
    case string(String)
    case integer(Int)
    case boolean(Bool)
    case array([RPCParameter])

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .string(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .boolean(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        }
    }
}

/// A call, as Core's JSON-RPC 1.0 takes it.
struct RPCRequest: Encodable, Sendable {
    let id: Int
    let method: String
    let params: [RPCParameter]
}

/// The answer to a call: a result, or an error.
struct RPCReply<Result: Decodable & Sendable>: Decodable, Sendable {
    let id: Int?
    let result: Result?
    let error: RPCFault?
}

/// The answer of which only the error is of interest.
struct RPCFaultReply: Decodable, Sendable {
    let error: RPCFault?
}

/// An error that the node answers.
struct RPCFault: Decodable, Sendable {
    let code: Int
    let message: String

    /// The method could not run because the node is starting.
    static let warmUp = -28

    func asError(of method: String) -> ChainError {
        let message = nodeText(message)
        return code == Self.warmUp
            ? .warmingUp(message: message)
            : .refused(method: method, code: code, message: message)
    }
}
