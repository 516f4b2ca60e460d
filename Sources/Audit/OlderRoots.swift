package import Bytes
package import Events
internal import Merkle

/// The roots of sizes from before the head that a replay started from, for events that had seen
/// them: each is proven to lead to that head, so that where they are read need not be trusted.
package struct OlderRoots {
    /// A root and the RFC 9162 proof that the starting head extends it.
    package typealias Proven = (root: Digest32, proof: [Digest32])

    private let start: TreeHead
    private let read: (UInt64) throws(AuditError) -> Proven?
    private var known: [UInt64: Digest32] = [:]
    /// What the stored hashes contradict.
    package private(set) var findings: [Finding] = []
    /// How many heads are out of reach and were taken for what their events say.
    package private(set) var unreached: UInt64 = 0

    /// The most roots that are remembered.
    private static let limit = 4_096

    /// Starts from a head; `read` returns nil for a size that is out of its reach.
    package init(
        before start: TreeHead, _ read: @escaping (UInt64) throws(AuditError) -> Proven?
    ) {
        self.start = start
        self.read = read
    }

    /// The root at a smaller size than the start's; nil when it is out of reach or does not lead
    /// there.
    package mutating func root(at size: UInt64) throws(AuditError) -> Digest32? {
        guard size > 0 else { return emptyTreeRoot }
        if size == start.size { return start.root }
        if let root = known[size] { return root }
        guard size < start.size, let (root, proof) = try read(size) else { return nil }
        do throws(MerkleError) {
            try checkConsistency(
                proof, from: size, oldRoot: root, to: start.size, newRoot: start.root)
        } catch {
            findings.append(
                Finding(
                    position: size - 1, rule: .tree,
                    expected: "stored hashes below size \(size) that lead to the root "
                        + "\(start.root.hex) at size \(start.size)", found: "\(error)"))
            return nil
        }
        if known.count >= Self.limit { known = [:] }
        known[size] = root
        return root
    }

    /// The root to judge an event's `seen` by: its own claim when that is out of reach, which is
    /// counted.
    package mutating func root(for seen: TreeHead) throws(AuditError) -> Digest32? {
        let before = findings.count
        if let root = try root(at: seen.size) { return root }
        guard findings.count == before else { return nil }
        unreached += 1
        return seen.root
    }
}
