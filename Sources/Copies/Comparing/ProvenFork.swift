public import Merkle

/// A fork that was proven before, checked again, and what another copy of the log is to its heads.
public struct ProvenFork: Sendable {
    /// What a head is to a copy.
    public enum Relation: String, Sendable {
        /// It is the copy's own.
        case same
        /// The copy has it, and more.
        case behind
        /// It goes on from the copy.
        case ahead
        /// The two exclude each other.
        case contradicts
        /// The copy ends before it, and nothing shows whether it leads there.
        case unknown
    }

    /// The proof.
    public let proof: ForkProof
    /// What the smaller head is to the copy; nil without one.
    public let smaller: Relation?
    /// What the larger head is to the copy.
    public let larger: Relation?

    /// Checks the proof, which came from `path`, under the log's key: the one given, or that of the
    /// founding event in `copy`.
    public init(
        _ proof: ForkProof, from path: String, against copy: ComparedLog?,
        logKey: NoteVerifierKey? = nil
    ) throws(ComparisonError) {
        let origin = proof.smaller.checkpoint.origin
        if let copy, !copy.origin.utf8.elementsEqual(origin.utf8) {
            throw .otherLog(origin, copy.origin)
        }
        guard let key = logKey ?? copy?.logKey else { throw .noKey }
        do throws(MerkleError) { try proof.verify(with: key) } catch {
            throw .unsigned(path: path, error)
        }
        self.proof = proof
        guard let copy else {
            (smaller, larger) = (nil, nil)
            return
        }
        let smaller = try Self.relation(proof.smaller, from: path, copy, key)
        let larger = try Self.relation(proof.larger, from: path, copy, key)
        // A copy that has the smaller head can not have the larger, which the proof excludes.
        let hasSmaller = smaller == .same || smaller == .behind
        self.smaller = smaller
        self.larger = hasSmaller && larger == .unknown ? .contradicts : larger
    }

    private static func relation(
        _ head: SignedCheckpoint, from path: String, _ copy: ComparedLog, _ key: NoteVerifierKey
    ) throws(ComparisonError) -> Relation {
        let other = ComparedLog(head, from: path)
        do throws(ComparisonError) {
            switch try Comparison(other, copy, logKey: key) {
            case .same: return .same
            // The smaller of the two is the one that is behind.
            case .prefix: return head.checkpoint.size < copy.size ? .behind : .ahead
            case .fork: return .contradicts
            }
        } catch {
            guard case .unproven = error else { throw error }
            return .unknown
        }
    }
}
