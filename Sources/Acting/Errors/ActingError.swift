public import State

/// Why something could not be done: what it is about, and a code with its values.
///
/// The description is one sentence for people: what was refused, the value, and what would be
/// accepted. Whoever decides by an error looks at its case, never at the sentence; which command or
/// option does what the sentence asks for, programs add.
public enum ActingError: Error, Equatable {
    /// A file of a person's, by its path.
    case file(String, FileFault)
    /// An export of a ledger, by its path.
    case export(String, ExportFault)
    /// The ledger, or the file from it, is not what it should be.
    case history(HistoryFault)
    /// The key that was named does not, or not now, sign events.
    case author(AuthorFault)
    /// What was asked for is not there.
    case missing(MissingFault)
    /// A transfer can not be planned, signed or broadcast.
    case transfer(TransferFault)
    /// A wallet can not be proposed.
    case wallet(WalletFault)
    /// Witnesses can not be changed, or have not cosigned.
    case witnesses(WitnessFault)
    /// The rules refuse what is about to be proposed.
    case refused(Refusal)
}

extension ActingError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let path, let fault): fault.sentence(path)
        case .export(let path, let fault): fault.sentence(path)
        case .history(let fault): fault.description
        case .author(let fault): fault.description
        case .missing(let fault): fault.description
        case .transfer(let fault): fault.description
        case .wallet(let fault): fault.description
        case .witnesses(let fault): fault.description
        case .refused(let refusal): refusal.reason
        }
    }
}
