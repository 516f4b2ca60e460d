internal import Events

/// What is wrong with a file that was named.
public enum FileFault: Error, Equatable, Sendable {
    /// There is none that can be read.
    case absent
    /// It is there, and reading it failed.
    case unreadable(reason: String)
    /// It can not be written.
    case unwritable(reason: String)
    /// It is a folder or a device where a file was asked for.
    case notAFile
    /// It has no bytes, and a document has some.
    case empty
    /// It has more bytes than any file of its kind.
    case tooLarge(limit: Int)
    /// A document has more bytes than an event may attach.
    case documentTooLarge
    /// It lacks the line that begins a file of this kind, or the one that ends it.
    case notArmored(begin: String)
    /// Its content is not in the form that it should be.
    case damaged(reason: String)
    /// Its checkpoint is of something else than a ledger.
    case notOfALedger(origin: String)
    /// It is not a PSBT.
    case notAPSBT(reason: String)
    /// It is a PSBT with something that is not accepted.
    case refusedPSBT(reason: String)
    /// Each signature of the PSBT is on record.
    case nothingNewInPSBT

    func sentence(_ path: String) -> String {
        switch self {
        case .absent: "there is no readable file \(path)"
        case .unreadable(let reason): "\(path) can not be read: \(reason)"
        case .unwritable(let reason): "\(path) can not be written: \(reason)"
        case .notAFile: "\(path) is no file; one document is attached at a time"
        case .empty: "\(path) is empty; a document has at least one byte"
        case .tooLarge(let limit):
            "\(path) is longer than any file of this kind; up to \(limit) bytes are read"
        case .documentTooLarge:
            "\(path) is larger; a document has at most \(SaltedValue.valueLimit) bytes"
        case .notArmored(let begin):
            "\(path) is not a file of this kind: it has no line \"\(begin)\" with its end"
        case .damaged(let reason): "\(path) is damaged: \(reason)"
        case .notOfALedger(let origin):
            "\(path) holds a checkpoint of \(origin), which is not a ledger"
        case .notAPSBT(let reason): "\(path) is no PSBT: \(reason)"
        case .refusedPSBT(let reason): "the PSBT \(path) is refused: \(reason)"
        case .nothingNewInPSBT: "the PSBT \(path) holds no signature that is not on record"
        }
    }
}
