internal import Audit
internal import Merkle

/// What the sender says about whose signatures a checkpoint needs: the witnesses that he names must
/// have signed where their lines are.
struct SenderPolicy {
    /// The witnesses of the export's `tlog-policy` and those of the recipient's.
    let witnesses: [NoteVerifierKey]
    /// Why the file is no policy; nil when it is one, or when there is none.
    let finding: Finding?

    /// Reads the policy of an export or a disclosure.
    init(_ folder: EvidenceFolder, _ terms: AuditTerms) throws(AuditError) {
        var named: [NoteVerifierKey] = []
        var finding: Finding?
        // Of a file that is missing or too long whoever takes stock of the files speaks.
        if case .bytes(let bytes) = try folder.read(.policy) {
            do throws(MerkleError) {
                named = try WitnessPolicy(parsing: bytes).witnesses.map(\.key)
            } catch {
                var line: UInt64?
                if case .policy(let number, _) = error, number > 0 { line = UInt64(number) }
                finding = Finding(
                    position: nil, rule: .layout,
                    place: EvidencePlace("\(ExportPath.policy)", line: line),
                    expected: "a tlog-policy", found: "\(error)")
            }
        }
        let known = terms.policy?.witnesses.map(\.key) ?? []
        witnesses = named + known.filter { !named.contains($0) }
        self.finding = finding
    }
}
