import Bytes
import Events
import Foundation
import Keys
import Merkle
import TestSupport

/// One golden vector: an event that is made anew by each run and must come out the same.
struct Golden: Sendable {
    /// The file's name without its extension: the type and, after it, the variant.
    let name: String
    /// What the vector shows.
    let about: String
    let author: Author
    /// The ledger's id; nil for a founding event.
    let ledger: Digest32?
    /// When the entry says that the event was recorded.
    let recorded: UInt64
    let signed: SignedEvent

    /// The folder of the files.
    static let folder = packageRoot.appending(path: "Schemas/golden")

    /// Where the vector stands.
    var file: URL { Self.folder.appending(path: "\(name).json") }

    /// The log entry.
    var entry: [UInt8] { Entry(recorded: recorded, event: signed.bytes).encoded }

    /// The payload.
    var payload: [UInt8] { signed.event.encoded }

    /// The protected header, built from RFC 9052's words and not from the code under test.
    var protectedHeader: [UInt8] {
        CBORValue.map([
            1: -47, 3: "application/vnd.strongroom.event+cbor", 4: .bytes(author.key.bytes),
        ]).encoded
    }

    /// What is signed: RFC 9052 §4.4.
    var signatureStructure: [UInt8] {
        CBORValue.array([
            "Signature1", .bytes(protectedHeader), .bytes(ledger?.array ?? []), .bytes(payload),
        ]).encoded
    }

    /// The text of the file.
    func rendered() throws -> String {
        var reader = CBORReader(payload.span)
        let fields: [(String, String?)] = [
            ("name", name), ("about", about), ("secret_key", author.secret.hex),
            ("kid", author.key.hex), ("ledger", ledger?.hex),
            ("diagnostic", try reader.value().description), ("payload", encodeHex(payload)),
            ("sig_structure", encodeHex(signatureStructure)), ("event_id", signed.id.hex),
            ("signature", encodeHex(signed.signature.bytes)),
            ("envelope", encodeHex(signed.bytes)), ("entry", encodeHex(entry)),
            ("leaf_hash", leafHash(entry).hex),
        ]
        let lines = fields.map { key, value in
            guard let value else { return "  \"\(key)\": null" }
            let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            return "  \"\(key)\": \"\(escaped)\""
        }
        return "{\n" + lines.joined(separator: ",\n") + "\n}\n"
    }
}
