package import Audit
package import Bytes
package import Merkle

/// What is wrong with a file of an export, and where.
package struct FileFault: Error {
    /// What kind of fault it is.
    package enum Kind: Sendable {
        /// There is no such file.
        case missing
        /// It is no regular file, or too long.
        case refused
        /// It is not written as it should be.
        case malformed
    }

    /// The file.
    package let file: ExportPath
    /// The line, counted from 1; nil for the file as a whole.
    package let line: UInt64?
    /// What kind of fault it is.
    package let kind: Kind
    /// What should stand there.
    package let expected: String
    /// What does.
    package let found: String
}

extension FileFault: CustomStringConvertible {
    package var description: String {
        let place = line.map { "\(file), line \($0)" } ?? "\(file)"
        return switch kind {
        case .missing: "there is no file \(file)"
        case .refused: "the file \(place): \(found)"
        case .malformed: "the file \(place): expected \(expected), found \(found)"
        }
    }
}

extension EvidenceFolder {
    /// The most hashes of a consistency proof.
    static let maximumProofHashes = 128

    /// Reads a file that holds one signed checkpoint, which is not verified.
    package func signedCheckpoint(
        _ file: ExportPath
    ) throws(AuditError) -> Result<SignedCheckpoint, FileFault> {
        let expected = "a signed checkpoint"
        return try content(of: file, expected).flatMap { bytes in
            do throws(MerkleError) { return .success(try SignedCheckpoint(parsing: bytes)) } catch {
                return .failure(
                    FileFault(
                        file: file, line: nil, kind: .malformed, expected: expected,
                        found: "\(error)"))
            }
        }
    }

    /// Reads the file `consistency` of a delta: at most 128 hashes in base64, each on a line that
    /// ends; what they prove is not checked.
    package func consistencyProof() throws(AuditError) -> Result<[Digest32], FileFault> {
        let expected = "at most \(Self.maximumProofHashes) hashes in base64, one a line"
        return try content(of: .consistency, expected).flatMap { bytes in
            let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            var proof: [Digest32] = []
            for line in lines.dropLast() {
                guard proof.count < Self.maximumProofHashes,
                    let hash = HashLines.decode(line)
                else { return .failure(fault(UInt64(proof.count + 1), expected, "another line")) }
                proof.append(hash)
            }
            guard lines.last?.isEmpty ?? true else {
                return .failure(
                    fault(UInt64(lines.count), "a newline after each hash", "a line without"))
            }
            return .success(proof)
        }
    }

    private func fault(_ line: UInt64, _ expected: String, _ found: String) -> FileFault {
        FileFault(
            file: .consistency, line: line, kind: .malformed, expected: expected, found: found)
    }

    private func content(
        of file: ExportPath, _ expected: String
    ) throws(AuditError) -> Result<[UInt8], FileFault> {
        let (kind, found): (FileFault.Kind, String)
        switch try read(file) {
        case .bytes(let bytes): return .success(bytes)
        case .missing: (kind, found) = (.missing, "no such file")
        case .refused(let reason): (kind, found) = (.refused, reason)
        }
        return .failure(
            FileFault(file: file, line: nil, kind: kind, expected: expected, found: found))
    }
}
