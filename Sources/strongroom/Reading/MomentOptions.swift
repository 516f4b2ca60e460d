import ArgumentParser
import Reading
import Report
import Terminal

/// The moment of the history that a reading command shows.
struct MomentOptions: ParsableArguments {
    @Option(
        name: .customLong("at"),
        help: ArgumentHelp(
            "Show how it was: after the entry at this position, or at this time (ISO 8601, UTC "
                + "unless a zone is given; a date alone is its first moment).",
            valueName: "position|time"))
    var moment: String?
}

extension LedgerReading {
    /// Reads what the options name.
    init(_ options: EvidenceOptions, at moment: MomentOptions? = nil) throws {
        let moment = try moment?.moment.map { try Moment(parsing: $0) }
        let (ledger, replayed) = try options.read()
        self = try LedgerReading(ledger, at: moment, keeping: replayed)
    }

    /// Says which moment is shown, when it is not the head.
    func printMoment() {
        if let shown { print(shown.line) }
    }

    /// Answers programs: as without `--at`, or wrapped with the moment that is shown.
    func answer(_ value: some Encodable) throws {
        guard let shown else { return try printJSON(value) }
        try printJSON(AtMoment(at: shown, value: value))
    }
}
