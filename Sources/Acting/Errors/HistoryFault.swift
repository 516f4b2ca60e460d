public import Bytes
public import Events
public import Secrets

/// Why a ledger, or a file from it, is not acted upon.
public enum HistoryFault: Error, Equatable, Sendable {
    /// There are no entries.
    case empty
    /// The replay has findings; `rule` and `found` are of the first.
    case unsound(findings: Int, position: UInt64?, rule: String, found: String)
    /// The entries lead to another root than the stored tree.
    case anotherTree(head: TreeHead)
    /// The ledger has fewer entries than the author's key has seen.
    case older(size: UInt64, root: Digest32, known: ReplayedHead)
    /// The ledger has another root at a size that the author's key has seen.
    case fork(root: Digest32, known: ReplayedHead)
    /// The ledger lacks a head that its log's key has signed: it has this root at this size.
    case lacksSignedHead(SignedHead, size: UInt64, root: Digest32)
    /// It is of another ledger than the one that was named.
    case anotherLedger(what: String, found: Digest32, expected: Digest32)
    /// A request file ends before the head that the author's key has seen.
    case olderFile(size: UInt64, root: Digest32, known: ReplayedHead)
    /// A request file lacks events that the author's key knows to be recorded.
    case fileLacksOwn(size: UInt64, key: KeyName, found: UInt64, known: UInt64)
    /// A request file starts at a size that is not the one which the author's key remembers.
    case fileStartsElsewhere(start: UInt64, known: UInt64?)
    /// A request file carries a state that can not be read.
    case damagedState(reason: String)
    /// A request file's entries are of another ledger than its checkpoint.
    case foreignEntries(ledger: Digest32)
    /// A request file's entries lead elsewhere than its checkpoint.
    case anotherCheckpoint(head: TreeHead, size: UInt64, root: Digest32)
    /// No checkpoint has been signed that a request file could carry.
    case noCheckpoint
    /// A file was asked for from a size that no checkpoint covers.
    case beyondCheckpoint(since: UInt64, size: UInt64)
    /// No checkpoint covers the entries that a file is for: those of a request, or the newest.
    case notCheckpointed(request: UInt64?)
    /// The documents of a request are too long for a file.
    case documentsTooLarge(bytes: UInt64, limit: Int)
    /// The bytes that are stored under a digest have another.
    case changedBlob(Digest32, found: Digest32)
    /// The bytes behind a commitment are too few for a salt and a value.
    case shortBlob(Digest32, bytes: Int)
    /// The log has grown during each of so many verifications.
    case grows(attempts: Int)
    /// A verification did not come to its end.
    case notVerified
}

extension HistoryFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .empty: "the ledger is empty"
        case .unsound(let findings, let position, let rule, let found):
            "the ledger does not verify: \(findings) finding" + (findings == 1 ? "" : "s")
                + ", the first" + (position.map { " at position \($0)" } ?? "")
                + ": \(found) (rule \(rule)). Nothing is signed on it"
        case .anotherTree(let head):
            "the ledger's entries lead to \(head), but its stored tree has another root there. "
                + "Nothing is signed on it"
        case .older(let size, let root, let known):
            "the ledger has \(size) entries (root \(root.hex)), but your key has seen "
                + "\(known.size) (root \(known.root.hex)). It is an older copy, or another one: do "
                + "not act on it"
        case .fork(let root, let known):
            "the ledger's root at size \(known.size) is \(root.hex), but your key has seen "
                + "\(known.root.hex) there: this is another history. Do not act on it; keep both "
                + "as evidence"
        case .lacksSignedHead(let known, let size, let root):
            "the ledger has the root \(root.hex) at size \(size), but the log's key has signed "
                + "\(known.root.hex) at size \(known.size): "
                + (size < known.size
                    ? "it is an older copy. Append the missing entries from a copy that has them, "
                        + "or found a successor ledger"
                    : "it is another history. Keep both as evidence and go on with the copy that "
                        + "has the signed one, or found a successor ledger")
                + ". Nothing is signed"
        case .anotherLedger(let what, let found, let expected):
            "\(what) the ledger \(found.hex), not \(expected.hex)"
        case .changedBlob(let digest, let found):
            "what is stored under \(digest.hex) has the SHA-256 \(found.hex): it was changed"
        case .shortBlob(let digest, let bytes):
            "the \(bytes) bytes behind \(digest.hex) are too few: a salt of "
                + "\(SaltedValue.saltBytes) bytes and a value would be at least "
                + "\(SaltedValue.saltBytes + 1)"
        case .grows(let attempts):
            "the ledger grew during each of \(attempts) verifications; attest when less is appended"
        case .notVerified:
            "the verification did not come to the end, so that there is nothing to attest"
        case .olderFile, .fileLacksOwn, .fileStartsElsewhere, .damagedState, .foreignEntries,
            .anotherCheckpoint, .noCheckpoint, .beyondCheckpoint, .notCheckpointed,
            .documentsTooLarge:
            fileSentence
        }
    }

    /// What is said of request files.
    private var fileSentence: String {
        switch self {
        case .olderFile(let size, let root, let known):
            "the file ends at \(size) entries (root \(root.hex)), but your key has seen "
                + "\(known.size) (root \(known.root.hex)). Ask for a newer one"
        case .fileLacksOwn(let size, let key, let found, let known):
            "the file ends at \(size) entries with \(found) events of your key \(key), of which "
                + "\(known) have been recorded since. Ask for a newer one; if that lacks them too, "
                + "do not act on it"
        case .fileStartsElsewhere(let start, let known):
            "the file starts at entry \(start), but your key remembers "
                + (known.map { "the head of size \($0)" } ?? "nothing of this ledger")
                + ". Ask for one that starts at \(known ?? 0)"
        case .damagedState(let reason): "the file's state is damaged: \(reason)"
        case .foreignEntries(let ledger): "the file's entries are not of the ledger \(ledger.hex)"
        case .anotherCheckpoint(let head, let size, let root):
            "the file's entries lead to \(head), but its checkpoint is \(size) (root "
                + "\(root.hex.prefix(16))…)"
        case .noCheckpoint: "no checkpoint of this ledger has been signed yet"
        case .beyondCheckpoint(let since, let size):
            "the newest checkpoint covers \(size) entries; \(since) is beyond it"
        case .notCheckpointed(let request):
            (request.map { "request \($0) is" } ?? "the newest entries are")
                + " not checkpointed yet"
        case .documentsTooLarge(let bytes, let limit):
            "the documents of the request have \(bytes) bytes, and a file carries at most \(limit)"
        default: preconditionFailure("every other case has its sentence above")
        }
    }
}
