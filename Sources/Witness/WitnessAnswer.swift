internal import Merkle

/// What the witness answers over HTTP (C2SP tlog-witness).
public struct WitnessAnswer: Sendable, Hashable {
    /// The status code.
    public let status: Int
    /// The body's type.
    public let contentType: String
    /// The body.
    public let body: String
    /// The methods that an answer 405 names.
    let allowed: String?

    /// The type of the answer 409, whose body is a size.
    public static let sizeType = "text/x.tlog.size"
    private static let textType = "text/plain; charset=utf-8"

    /// Creates an answer of text.
    public init(status: Int, _ body: String) {
        self.init(status: status, contentType: Self.textType, body: body)
    }

    init(status: Int, _ body: String, allowed: String) {
        self.init(status: status, contentType: Self.textType, body: body, allowed: allowed)
    }

    private init(status: Int, contentType: String, body: String, allowed: String? = nil) {
        self.status = status
        self.contentType = contentType
        self.body = body
        self.allowed = allowed
    }

    /// There is nothing that was cosigned of such a log.
    public static let noCheckpoint = WitnessAnswer(
        status: 404, "this witness has cosigned no checkpoint of such a log\n")

    /// The cosignature lines.
    public init(lines: [NoteLine]) {
        self.init(status: 200, lines.map { $0.text + "\n" }.joined())
    }

    /// What each refusal is over HTTP.
    public init(_ error: WitnessError) {
        switch error {
        case .malformed, .shrinking: self.init(status: 400, "\(error)\n")
        case .unsigned: self.init(status: 403, "\(error)\n")
        case .unknownLog: self.init(status: 404, "\(error)\n")
        case .otherSize(let known):
            self.init(status: 409, contentType: Self.sizeType, body: "\(known)\n")
        case .otherRoot, .inconsistent: self.init(status: 422, "\(error)\n")
        // What is wrong inside the witness is for its log, not for its clients.
        default: self.init(status: 500, "this witness can not cosign now\n")
        }
    }

    /// A signature line as it stands in an answer.
    public struct NoteLine: Sendable, Hashable {
        let text: String
    }
}
