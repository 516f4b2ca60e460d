import Testing

@testable import Chain

/// What a node of ill will may answer.
struct RPCAnswerTests {
    private func results(_ replies: String) -> Result<[Int], ChainError> {
        do throws(ChainError) {
            return .success(try RPCAnswer.results(in: Array(replies.utf8), to: 7..<9, of: "m"))
        } catch { return .failure(error) }
    }

    private func reply(_ id: String) -> String { #"{"id":\#(id),"result":1,"error":null}"# }

    @Test func `answers are put into the order of their calls`() {
        let replies = #"[{"id":8,"result":80},{"id":7,"result":70}]"#
        #expect(results(replies) == .success([70, 80]))
    }

    @Test func `any id of no call is refused`() {
        for id in [
            "-9223372036854775808", "9223372036854775807", "6", "9", "-7", "null",
        ] {
            #expect(
                results("[\(reply("7")),\(reply(id))]")
                    == .failure(.malformed(method: "m", reason: "an answer to no call")), "\(id)")
        }
    }

    @Test func `two answers to one call are refused`() {
        #expect(
            results("[\(reply("7")),\(reply("7"))]")
                == .failure(.malformed(method: "m", reason: "two answers to one call")))
    }
}
