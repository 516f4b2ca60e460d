public import Bytes
public import Events

/// What stands in the log as a commitment and was handed over: its blob is the one committed to.
public struct OpenedValue: Sendable, Equatable {
    /// Where the event stands that commits to it.
    public let position: UInt64
    public let content: Content

    /// What was opened.
    public enum Content: Sendable, Equatable {
        /// A document, by its label, its length without the salt, and the SHA-256 of these bytes.
        case document(label: String?, bytes: Int, digest: Digest32)
        /// A member's name.
        case person(MemberName, name: String)
    }

    /// Creates a value that was compared with its commitment.
    package init(position: UInt64, _ content: Content) {
        self.position = position
        self.content = content
    }
}

extension OpenedValue: CustomStringConvertible {
    public var description: String {
        switch content {
        case .document(let label, let bytes, let digest):
            "the document of position \(position)" + (label.map { " (\($0))" } ?? "")
                + ": \(bytes) byte\(bytes == 1 ? "" : "s") with SHA-256 \(digest.hex)"
        case .person(let member, let name):
            "the name that position \(position) commits to for \(member): \(name)"
        }
    }
}
