import Acting
import Reading
import Secrets
import Terminal

/// Which command or option does what an error of a library asks for.
extension ActingError: UsageError {
    /// Whether the command was used wrongly, so that it ends with status 2.
    public var isUsage: Bool {
        switch self {
        case .export(_, .isDelta), .export(_, .isDisclosure): true
        case .author(.notAnEventKey), .author(.notALogKey), .author(.pendingForSeveral): true
        case .transfer(.recipients), .missing(.requestNumber), .missing(.block): true
        case .wallet(.keys), .wallet(.threshold): true
        default: false
        }
    }

    /// The way on, on this command line.
    public var hint: String? {
        switch self {
        case .export(_, .isDelta): "`strongroom replica apply` applies it"
        case .export(let path, .unsound): "See `strongroom verify \(path)`"
        case .history(let fault): fault.hint
        case .author(let fault): fault.hint
        case .missing(let fault): fault.hint
        case .wallet(.keys): "Give one --key"
        case .wallet(.threshold): "Give --threshold"
        case .witnesses(.groups): "Edit it and take it with `strongroom witness-policy set FILE`"
        case .witnesses(.quorum): "`strongroom witness-policy quorum COUNT` does"
        case .witnesses(.notWitnessed): "Ask again with `strongroom checkpoint`"
        case .transfer(.walletRetired): "Give --to ADDRESS:all"
        default: nil
        }
    }
}

extension SubmissionError: UsageError {
    public var isUsage: Bool { false }

    /// The way on, on this command line.
    public var hint: String? {
        switch self {
        case .clockAhead, .clockBehind: "Run the command again with --confirm-clock"
        case .damaged: "Run `strongroom verify`"
        default: nil
        }
    }
}

extension Cosigning.Failure: UsageError {
    public var isUsage: Bool { false }

    /// The way on, on this command line.
    public var hint: String? {
        if case .twoHistories = self { "See `strongroom compare`" } else { nil }
    }
}

extension HistoryFault {
    fileprivate var hint: String? {
        switch self {
        case .unsound, .anotherTree, .changedBlob, .notVerified: "Run `strongroom verify`"
        case .lacksSignedHead(let known, let size, _):
            size < known.size ? "`strongroom restore --missing-from` appends them" : nil
        case .fileStartsElsewhere(_, let known):
            "`strongroom request export --since \(known ?? 0)` makes it"
        case .noCheckpoint: "Sign one with `strongroom checkpoint`"
        case .notCheckpointed: "Run `strongroom checkpoint` where the log's key is"
        case .beyondCheckpoint: "Give a smaller --since"
        case .documentsTooLarge: "Leave them out with --without-documents"
        default: nil
        }
    }
}

extension AuthorFault {
    fileprivate var hint: String? {
        switch self {
        case .notAnEventKey: "--as names one"
        case .notALogKey: "`strongroom key create log --log` makes one"
        case .pendingForSeveral: "Give --ledger-id"
        case .pending(let name, _, _): "`strongroom key pending \(name)` writes it again"
        case .noWalletKey: "Name one with --key, or use --psbt-out"
        default: nil
        }
    }
}

extension MissingFault {
    fileprivate var hint: String? {
        switch self {
        case .document, .commitment: "`strongroom log --type attached` lists those that there are"
        case .liveRequest(let number?): "`strongroom explain \(number)` says how"
        case .block: "Give another --anchor-height"
        case .requestNumber: "Name the request by its number, such as `approve 3`"
        case .carriedTransaction: "Run `strongroom verify`"
        default: nil
        }
    }
}

extension ReadingError: UsageError {
    /// Whether the command was used wrongly, so that it ends with status 2.
    public var isUsage: Bool {
        if case .checkpointOrder = self { true } else { false }
    }

    /// The way on, on this command line.
    public var hint: String? {
        switch self {
        case .requestMissing, .requestLost: "Run `strongroom verify`"
        case .notCheckpointed: "Sign one with `strongroom checkpoint`"
        case .checkpointContradicts: "`strongroom compare` writes the proof"
        default: nil
        }
    }
}
