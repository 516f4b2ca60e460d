/// A server's whole answer, whatever its status is.
public struct WebAnswer: Sendable, Equatable {
    /// The status code, such as 200.
    public let status: Int
    /// The header fields, their names in lower case.
    public let headers: [String: String]
    /// The body, decompressed when it came compressed.
    public let body: [UInt8]
}
