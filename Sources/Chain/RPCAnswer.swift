internal import Foundation

/// Reads what a node answers: the only place where its words become values. Nothing in them is
/// trusted, neither their form nor which call they claim to answer.
package enum RPCAnswer {
    /// The result of one call.
    package static func result<Result: Decodable & Sendable>(
        in body: [UInt8], to id: Int, of method: String, as type: Result.Type = Result.self
    ) throws(ChainError) -> Result {
        let reply = try decode(RPCReply<Result>.self, body, of: method)
        return try result(of: reply, to: id, of: method)
    }

    /// The results of calls made in one request, in the order of their ids.
    package static func results<Result: Decodable & Sendable>(
        in body: [UInt8], to ids: Range<Int>, of method: String, as type: Result.Type = Result.self
    ) throws(ChainError) -> [Result] {
        let replies = try decode([RPCReply<Result>].self, body, of: method)
        guard replies.count == ids.count else {
            throw .malformed(
                method: method, reason: "\(replies.count) answers to \(ids.count) calls")
        }
        var results: [Result?] = Array(repeating: nil, count: ids.count)
        for reply in replies {
            // Asked before anything is computed with it: an id may be any integer.
            guard let id = reply.id, ids.contains(id) else {
                throw .malformed(method: method, reason: "an answer to no call")
            }
            results[id - ids.lowerBound] = try result(of: reply, to: id, of: method)
        }
        let found = results.compactMap { $0 }
        guard found.count == ids.count else {
            throw .malformed(method: method, reason: "two answers to one call")
        }
        return found
    }

    private static func result<Result: Decodable & Sendable>(
        of reply: RPCReply<Result>, to id: Int, of method: String
    ) throws(ChainError) -> Result {
        if let fault = reply.error { throw fault.asError(of: method) }
        guard reply.id == id else {
            throw .malformed(method: method, reason: "an answer to another call")
        }
        guard let result = reply.result else {
            throw .malformed(method: method, reason: "neither a result nor an error")
        }
        return result
    }

    private static func decode<Reply: Decodable>(
        _ type: Reply.Type, _ body: [UInt8], of method: String
    ) throws(ChainError) -> Reply {
        let data = Data(body)
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch {
            // A batch that is refused as a whole is answered by one object.
            if let fault = try? JSONDecoder().decode(RPCFaultReply.self, from: data).error {
                throw fault.asError(of: method)
            }
            throw .malformed(method: method, reason: describe(error))
        }
    }

    private static func describe(_ error: any Error) -> String {
        func path(_ context: DecodingError.Context) -> String {
            context.codingPath.map(\.stringValue).joined(separator: ".")
        }
        switch error {
        case DecodingError.keyNotFound(let key, _): return "'\(key.stringValue)' is missing"
        case DecodingError.typeMismatch(_, let context),
            DecodingError.valueNotFound(_, let context):
            return "'\(path(context))' is of another type"
        default: return "it is not JSON of the expected form"
        }
    }
}
