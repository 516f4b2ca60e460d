import ArgumentParser
import Bytes
import Custody
import Events
import Export
import Merkle
import State

/// Which events are disclosed, when it is not the whole log.
struct DisclosureOptions: ParsableArguments {
    @Option(
        name: .customLong("wallet"), help: "Disclose the events of this wallet; may be repeated.")
    var wallets: [String] = []
    @Option(
        name: .customLong("request"), help: "Disclose this request's events; may be repeated.")
    var requests: [UInt64] = []
    @Option(help: "Disclose the events from this position on, up to --to.")
    var from: UInt64?
    @Option(help: "The last position to disclose.")
    var to: UInt64?
    @Option(
        help: ArgumentHelp(
            "Hand over the document of this digest; `all` for those of all chosen events.",
            valueName: "digest"))
    var open: [String] = []

    /// Whether events are chosen at all.
    var isWanted: Bool {
        !wallets.isEmpty || !requests.isEmpty || from != nil || to != nil || !open.isEmpty
    }

    func choice(_ ledger: OpenLedger) throws -> DisclosedChoice {
        var choice = DisclosedChoice()
        let state = try ledger.state()
        for text in wallets {
            guard let name = WalletName(text), state.wallets[name] != nil else {
                let known = state.wallets.keys.map(\.text).sorted().joined(separator: ", ")
                throw CustodyError.refused("there is no wallet \(text); there are: \(known)")
            }
            choice.wallets.insert(name)
        }
        for number in requests { choice.requests.insert(try ledger.request(number: number)) }
        switch (from, to) {
        case (nil, nil): break
        case (let from?, let to?):
            let size = try ledger.size()
            guard from <= to, to < size else {
                throw CustodyError.usage(
                    "--from \(from) --to \(to) are no places in order in a log of \(size) entries, "
                        + "from 0")
            }
            choice.positions = [from..<to + 1]
        default: throw CustodyError.usage("--from and --to go together")
        }
        guard !wallets.isEmpty || !requests.isEmpty || from != nil else {
            throw CustodyError.usage(
                "--open goes with --wallet, --request or --from; a whole export holds all documents"
            )
        }
        choice.opened = try opening()
        return choice
    }

    private func opening() throws -> DisclosedChoice.Opening {
        if open.isEmpty { return .none }
        if open == ["all"] { return .all }
        return .these(
            Set(
                try open.map { text in
                    guard let digest = Digest32(hex: text) else {
                        throw CustodyError.usage(
                            "\(text) is no digest of 64 hexadecimal digits; `all` stands alone")
                    }
                    return digest
                }))
    }
}

/// What `export --request … --json` prints.
struct DisclosureReport: Encodable {
    let target: String
    let origin: String
    let size: UInt64
    let root: String
    let events: UInt64
    let closedDocuments: UInt64
    let files: UInt64
    let key: String

    init(_ summary: DisclosureExport.Summary, target: ExportTarget, key: NoteVerifierKey) {
        self.target = target.path
        origin = summary.checkpoint.origin
        size = summary.checkpoint.size
        root = summary.checkpoint.root.hex
        events = summary.events
        closedDocuments = summary.closedDocuments
        files = summary.files
        self.key = key.encodedText
    }
}
