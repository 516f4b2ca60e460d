import Acting
import ArgumentParser
import Bytes
import Events
import Export
import Merkle
import Reading
import State
import Terminal

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
            "Hand over the document attached at this position, or of this digest; `all` for those "
                + "of all chosen events. May be repeated.",
            valueName: "position|digest"))
    var open: [String] = []
    @Option(
        name: .customLong("open-name"),
        help: ArgumentHelp(
            "Hand over the name of this member, or behind this commitment; `all` for those of all "
                + "chosen events. May be repeated.", valueName: "member|digest"))
    var names: [String] = []

    /// Whether events are chosen at all.
    var isWanted: Bool {
        !wallets.isEmpty || !requests.isEmpty || from != nil || to != nil || !open.isEmpty
            || !names.isEmpty
    }

    /// The options that were given, for people.
    var named: String {
        [
            ("--wallet", !wallets.isEmpty), ("--request", !requests.isEmpty),
            ("--from", from != nil), ("--to", to != nil), ("--open", !open.isEmpty),
            ("--open-name", !names.isEmpty),
        ].filter(\.1).map(\.0).joined(separator: ", ")
    }

    func choice(_ ledger: OpenLedger) throws -> DisclosedChoice {
        var choice = DisclosedChoice()
        let state = try ledger.state()
        for text in wallets {
            let name = try Parse.wallet(text)
            do { choice.wallets.insert(try state.requireWallet(name).name) } catch {
                throw CommandError.refused(error.reason)
            }
        }
        for number in requests { choice.requests.insert(try ledger.request(number: number)) }
        switch (from, to) {
        case (nil, nil): break
        case (let from?, let to?):
            let size = try ledger.size()
            guard from <= to, to < size else {
                throw CommandError.usage(
                    "--from \(from) --to \(to) are no places in order in a log of \(size) entries, "
                        + "from 0")
            }
            choice.positions = [from..<to + 1]
        default: throw CommandError.usage("--from and --to go together")
        }
        guard !wallets.isEmpty || !requests.isEmpty || from != nil else {
            throw CommandError.usage(
                "--open goes with --wallet, --request or --from, as --open-name does; a whole "
                    + "export holds every document and name"
            )
        }
        choice.opened = try opening(ledger)
        choice.openedNames = try openingNames(state)
        return choice
    }

    private func opening(_ ledger: OpenLedger) throws -> DisclosedChoice.Opening {
        if open.isEmpty { return .none }
        if open == ["all"] { return .all }
        return .these(
            Set(
                try open.map { text in
                    if let digest = Digest32(hex: text) { return digest }
                    guard let position = UInt64(text) else {
                        throw CommandError.usage(
                            "--open \(text): the position of an `attached` event or a digest of 64 "
                                + "hexadecimal digits is accepted; `all` stands alone")
                    }
                    return try ledger.document(at: position).fact.document.digest
                }))
    }

    private func openingNames(_ state: LedgerState) throws -> DisclosedChoice.Opening {
        if names.isEmpty { return .none }
        if names == ["all"] { return .all }
        return .these(
            Set(
                try names.map { text in
                    // Of a member who was never enrolled there is the commitment alone.
                    if let digest = Digest32(hex: text) { return digest }
                    guard let member = MemberName(text).flatMap({ state.members[$0] }) else {
                        throw CommandError.refused(
                            "no member is called \(text.plain); there are "
                                + state.members.keys.sorted().map(\.text).joined(separator: ", ")
                                + "; `all` stands alone")
                    }
                    guard let person = member.person else {
                        throw CommandError.refused(
                            "no name was committed to for the member \(member.name)")
                    }
                    return person
                }))
    }
}
