public import Bytes
public import Merkle

/// What the manifest's note says: which log's export this is, at which head, and the SHA-256 of
/// the list of its files (`Schemas/export.md`).
public struct ExportManifest: Sendable, Hashable {
    /// The first line.
    public static let version = "strongroom-export/v1"

    /// The head that was exported.
    public let checkpoint: Checkpoint
    /// SHA-256 of `verify/SHA256SUMS`.
    public let sums: Digest32

    /// Creates what is to be signed.
    public init(checkpoint: Checkpoint, sums: Digest32) {
        self.checkpoint = checkpoint
        self.sums = sums
    }

    /// The text that is signed.
    public var text: String {
        "\(Self.version)\n\(checkpoint.text)\(encodeBase64(sums.array))\n"
    }
}
