internal import Bytes
internal import Files
internal import Merkle

/// The files of an export on their way out: each is hashed as it passes, for the manifest that
/// ends it.
///
/// Paths must come in ascending order of their bytes, which is also the manifest's.
final class ExportFiles {
    private let sink: any ExportSink
    private let sums: SpoolFile
    private var sumsHasher = SHA256Hasher()
    private var last = ""
    /// How many files were written.
    private(set) var count: UInt64 = 0
    /// How many bytes they have.
    private(set) var bytes: UInt64 = 0

    /// Begins an export; `begun` is called with the name that it has until it is whole.
    init(
        _ target: ExportTarget, begun: (String) -> Void = { _ in }
    ) throws(ExportError) {
        sink = try target.sink()
        sums = try filed { () throws(FileError) in
            // A folder's name may end in a slash; its spool stands beside it.
            var path = target.path
            while path.count > 1, path.hasSuffix("/") { path.removeLast() }
            return try SpoolFile(beside: path)
        }
        begun(sink.temporary)
    }

    /// Writes a file and returns its SHA-256.
    @discardableResult
    func write(_ path: ExportPath, _ bytes: Span<UInt8>) throws(ExportError) -> Digest32 {
        let digest = sha256(bytes)
        try write(path, bytes, digest)
        return digest
    }

    /// Writes a bundle, whose SHA-256 is known already.
    func write(_ bundle: HashedBundle) throws(ExportError) {
        try write(.entries(bundle.tile), bundle.bytes.span, bundle.digest)
    }

    private func write(
        _ path: ExportPath, _ bytes: Span<UInt8>, _ digest: Digest32
    ) throws(ExportError) {
        try begin(path, bytes: UInt64(bytes.count))
        try sink.write(bytes)
        try sink.end()
        try list(path, digest)
    }

    /// Writes a file of `bytes` bytes that `body` hands over in parts.
    func write(
        _ path: ExportPath, bytes: UInt64,
        _ body: ((Span<UInt8>) throws(ExportError) -> Void) throws(ExportError) -> Void
    ) throws(ExportError) {
        try begin(path, bytes: bytes)
        var hasher = SHA256Hasher()
        try body { (part) throws(ExportError) in
            hasher.update(part)
            try sink.write(part)
        }
        try sink.end()
        try list(path, hasher.finalize())
    }

    /// Writes the manifest with its note, and gives the export its name.
    func finish(_ checkpoint: Checkpoint, by signer: ExportSigner) throws(ExportError) {
        try begin(.sums, bytes: sums.count)
        try sums.read { (part) throws(ExportError) in try sink.write(part) }
        try sink.end()
        let manifest = ExportManifest(checkpoint: checkpoint, sums: sumsHasher.finalize())
        let note = Array(try signer.note(manifest.text).encodedText.utf8)
        try begin(.sumsNote, bytes: UInt64(note.count))
        try sink.write(note.span)
        try sink.end()
        try sink.commit()
    }

    private func begin(_ path: ExportPath, bytes: UInt64) throws(ExportError) {
        let text = path.description
        precondition(
            last.utf8.lexicographicallyPrecedes(text.utf8), "\(text) comes before \(last)")
        last = text
        count += 1
        self.bytes += bytes
        try sink.begin(path, bytes: bytes)
    }

    private func list(_ path: ExportPath, _ digest: Digest32) throws(ExportError) {
        let line = Array("\(digest.hex)  \(path)\n".utf8)
        sumsHasher.update(line.span)
        do throws(FileError) { try sums.write(line.span) } catch {
            throw .file(error)
        }
    }
}
