public import Audit
internal import Events
internal import Files
internal import Terminal

/// A file that what an auditor keeps is written to.
///
/// What is there is replaced only by what goes on from it: a kept result is evidence, and one of
/// another history must not take its place.
public struct KeptFile: Sendable {
    /// Its path.
    public let path: String
    private let earlier: KeptResult?

    /// Looks at what is there; throws when it is anything but a kept result.
    public init(_ path: String) throws {
        self.path = path
        switch try OutputPlace(path) {
        case .free, .stream: earlier = nil
        case .other: throw KeptFileError.other(path: path)
        case .file:
            let bytes = try readFile(path, maximumBytes: KeptResult.maximumBytes) ?? []
            guard KeptResult.begins(bytes), let kept = try? KeptResult(decoding: bytes) else {
                throw KeptFileError.other(path: path)
            }
            earlier = kept
        }
    }

    /// Writes what a verification came to, which started from `start`.
    ///
    /// What was there is replaced when the new file is whole, and refused when the verification has
    /// not gone on from it.
    public func write(_ kept: KeptResult, startedFrom start: KeptStart?) throws {
        guard let earlier else { return try writeOutput(kept.encoded, to: path) }
        guard earlier.ledger == kept.ledger else { throw KeptFileError.otherLedger(path: path) }
        guard earlier.head == kept.head || earlier.head == start?.head else {
            throw KeptFileError.notStartedFrom(path: path, size: earlier.head.size)
        }
        try replaceFile(path, with: kept.encoded)
    }
}

/// Why a kept result is not written.
enum KeptFileError: UsageError, Equatable {
    /// What has the name is no kept result.
    case other(path: String)
    /// It is one of another ledger.
    case otherLedger(path: String)
    /// The verification did not go on from the one that is there.
    case notStartedFrom(path: String, size: UInt64)

    var isUsage: Bool { true }
}

extension KeptFileError: CustomStringConvertible {
    var description: String {
        switch self {
        case .other(let path):
            "\(path.plain) is there already and holds no kept result; name a new file"
        case .otherLedger(let path):
            "\(path.plain) holds a kept result of another ledger; name a new file"
        case .notStartedFrom(let path, let size):
            "\(path.plain) holds a kept result of \(size) entries, from which this verification "
                + "did not start: give it with --since, or name a new file"
        }
    }
}
