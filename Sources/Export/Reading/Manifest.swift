internal import Audit
internal import Bytes
internal import Foundation

/// The file `verify/SHA256SUMS`, line by line: a digest, two spaces, a path; in ascending order.
struct Manifest {
    struct Line {
        let file: ExportPath
        let digest: Digest32
        /// Counted from 1.
        let number: UInt64
    }

    private var lines: FileLines
    private var last: String?
    private(set) var findings = BoundedFindings()

    /// Opens the manifest; nil when the export has none.
    init?(_ folder: EvidenceFolder) throws(AuditError) {
        let maximum = 64 + 2 + ExportPath.maximumBytes
        guard let lines = try FileLines(.sums, in: folder, maximumLineBytes: maximum) else {
            return nil
        }
        self.lines = lines
    }

    /// The next line that is one; nil at the end. What is wrong with others is a finding.
    mutating func next() throws(AuditError) -> Line? {
        while true {
            let bytes: ArraySlice<UInt8>
            do throws(AuditError) {
                guard let line = try lines.next() else { return nil }
                bytes = line
            } catch {
                // The rest can not be read line by line.
                add("lines of a digest and a path", "\(error)")
                return nil
            }
            let text = String(decoding: bytes, as: UTF8.self)
            guard bytes.count > 66, let digest = Digest32(hex: String(text.prefix(64))),
                digest.hex == text.prefix(64), text.dropFirst(64).hasPrefix("  "),
                let file = ExportPath(String(text.dropFirst(66))), file != .sums, file != .sumsNote
            else {
                add("a digest, two spaces and a path of an export", text.escapedForDisplay)
                continue
            }
            let path = "\(file)"
            if let last, !last.utf8.lexicographicallyPrecedes(path.utf8) {
                add("a path after \(last), in ascending order", path)
                continue
            }
            last = path
            return Line(file: file, digest: digest, number: lines.number)
        }
    }

    private mutating func add(_ expected: String, _ found: String) {
        findings.append(
            Finding(
                position: nil, rule: .manifest,
                place: EvidencePlace("\(ExportPath.sums)", line: max(lines.number, 1)),
                expected: expected, found: found))
    }
}
