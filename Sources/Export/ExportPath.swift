public import Bytes
public import Merkle

/// What a file of an export is, by its path (`Schemas/export.md`).
///
/// A reader takes no other path, and so writes nothing outside its folder.
public enum ExportPath: Sendable, Hashable {
    /// What the export is and how it is checked, for people.
    case readme
    /// The bytes that have this digest, with which an event came.
    case blob(Digest32)
    /// The newest signed checkpoint, up to which the entries are here.
    case checkpoint
    /// Every signed checkpoint up to ``checkpoint``.
    case checkpoints
    /// The proof that a delta extends ``since``.
    case consistency
    /// The entry at a position, of a disclosure.
    case disclosedEntry(UInt64)
    /// The proof that it stands there.
    case disclosedProof(UInt64)
    /// What a replica keeps of its own verification; such a folder has no manifest.
    case kept
    /// A file of the folder `Schemas`: a relative path of letters, digits, dots and dashes.
    case schema(String)
    /// The checkpoint that a delta starts from.
    case since
    /// The hashes of a tile.
    case tile(Tile)
    /// The bundle of entries whose hashes the tile holds, which is of level 0.
    case entries(Tile)
    /// The sender's `tlog-policy`.
    case policy
    /// The manifest: SHA-256 and path of every other file but its note.
    case sums
    /// The manifest's signed note.
    case sumsNote

    /// The longest path, in bytes: what a tar header's name holds.
    public static let maximumBytes = 100

    /// Parses ``description``; nil for every other text.
    public init?(_ path: String) {
        guard path.utf8.count <= Self.maximumBytes, let parsed = Self.parsed(path),
            parsed.description.utf8.elementsEqual(path.utf8)
        else { return nil }
        self = parsed
    }

    private static func parsed(_ path: String) -> ExportPath? {
        switch path {
        case "README.txt": return .readme
        case "checkpoint": return .checkpoint
        case "checkpoints": return .checkpoints
        case "consistency": return .consistency
        case "kept": return .kept
        case "since": return .since
        case "tlog-policy": return .policy
        case "verify/SHA256SUMS": return .sums
        case "verify/SHA256SUMS.note": return .sumsNote
        default: break
        }
        if path.hasPrefix("blobs/") {
            return path.split(separator: "/").last.flatMap { Digest32(hex: String($0)) }
                .map { .blob($0) }
        }
        if path.hasPrefix("disclosed/") { return disclosed(path.dropFirst("disclosed/".count)) }
        if path.hasPrefix("tile/entries/") { return Tile(entriesPath: path).map { .entries($0) } }
        if path.hasPrefix("tile/") { return Tile(path: path).map { .tile($0) } }
        guard path.hasPrefix("schemas/") else { return nil }
        let name = path.dropFirst("schemas/".count)
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy(isSchemaName) else { return nil }
        return .schema(String(name))
    }

    /// Nine digits, so that the order of paths is that of entries.
    private static func disclosed(_ name: Substring) -> ExportPath? {
        guard let dot = name.firstIndex(of: "."), let position = UInt64(name[..<dot]) else {
            return nil
        }
        switch name[dot...] {
        case ".entry": return .disclosedEntry(position)
        case ".tlog-proof": return .disclosedProof(position)
        default: return nil
        }
    }

    private static func nineDigits(_ position: UInt64) -> String {
        let digits = String(position)
        return String(repeating: "0", count: max(0, 9 - digits.utf8.count)) + digits
    }

    private static func isSchemaName(_ part: Substring) -> Bool {
        guard let first = part.utf8.first, first != UInt8(ascii: ".") else { return false }
        return part.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
                true
            default: false
            }
        }
    }
}

extension ExportPath: CustomStringConvertible {
    /// The path, relative to the export's folder.
    public var description: String {
        switch self {
        case .readme: "README.txt"
        case .blob(let digest): "blobs/\(digest.hex.prefix(2))/\(digest.hex)"
        case .checkpoint: "checkpoint"
        case .checkpoints: "checkpoints"
        case .consistency: "consistency"
        case .disclosedEntry(let position): "disclosed/\(Self.nineDigits(position)).entry"
        case .disclosedProof(let position): "disclosed/\(Self.nineDigits(position)).tlog-proof"
        case .schema(let name): "schemas/\(name)"
        case .since: "since"
        case .tile(let tile): tile.path
        case .entries(let tile): tile.entriesPath
        case .kept: "kept"
        case .policy: "tlog-policy"
        case .sums: "verify/SHA256SUMS"
        case .sumsNote: "verify/SHA256SUMS.note"
        }
    }
}
