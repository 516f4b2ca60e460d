public import Merkle

/// The text of a `tlog-policy` file, as far as an export hands it on: it is read and judged by
/// whoever verifies.
public struct TrustPolicyText: Sendable, Hashable {
    /// The largest such file, in bytes.
    public static let maximumBytes = 65_536

    /// The file's text.
    public let text: String

    /// The policy of a log without witnesses.
    public init(log key: NoteVerifierKey) {
        text = "log \(key.encodedText)\nquorum none\n"
    }

    /// Takes a file: lines of UTF-8 without control characters but tabs.
    public init(file bytes: [UInt8]) throws(ExportError) {
        guard bytes.count <= Self.maximumBytes else {
            throw .policy("it has \(bytes.count) bytes, at most \(Self.maximumBytes) are read")
        }
        guard bytes.last == UInt8(ascii: "\n") else { throw .policy("its last line does not end") }
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x0a || $0 == 0x09 }),
            let text = String(validating: bytes, as: UTF8.self)
        else { throw .policy("it holds bytes that are no text") }
        self.text = text
    }
}
