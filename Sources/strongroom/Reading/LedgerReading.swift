import Acting
import Bytes
import Events
import Keys
import Ledger
import Report
import State
import Terminal

/// A ledger opened for a command that reads, with the state at its head or at an earlier moment.
struct LedgerReading {
    let ledger: OpenLedger
    let state: LedgerState
    /// The moment that ``state`` is of; nil for the head.
    let shown: ShownMoment?
    /// What holds the ledger that an export was replayed to; nil for a ledger's own folder.
    private let replayed: ReplayedLedger?

    /// Reads the state at the head, or at the moment that `--at` names.
    init(_ options: EvidenceOptions, at moment: String? = nil) throws {
        (ledger, replayed) = try options.read()
        guard let moment else {
            state = try ledger.state()
            shown = nil
            return
        }
        (state, shown) = try Self.state(of: ledger, at: try Moment(parsing: moment))
    }

    /// The member who signs with a key, or signed with it once.
    func member(_ key: KeyID) -> String { state.authors[key]?.member.text ?? key.hex }

    /// The running number of a request, by bisection: numbers rise along the log.
    func number(ofRequest id: Digest32) throws -> UInt64? {
        if let live = state.requests[id] { return live.number }
        return try ledger.log.read { (view) throws(LedgerError) -> UInt64? in
            guard let position = try view.positions(ofRequest: id).first,
                let last = try view.lastNumber()
            else { return nil }
            var low: UInt64 = 1
            var high = last
            while low < high {
                let middle = low + (high - low) / 2
                guard let other = try view.request(number: middle),
                    let place = try view.positions(ofRequest: other).first
                else { return nil }
                if place < position { low = middle + 1 } else { high = middle }
            }
            return try view.request(number: low) == id ? low : nil
        }
    }

    /// A request as people name it: `request 3`.
    func name(ofRequest id: Digest32) throws -> String {
        try number(ofRequest: id).map { "request \($0)" } ?? "request \(id.hex.prefix(16))…"
    }

    /// The wallet of this name, or every wallet.
    func wallets(_ name: String?) throws -> [Wallet] {
        guard let name else { return state.wallets.values.sorted { $0.name < $1.name } }
        guard let wallet = WalletName(name).flatMap({ state.wallets[$0] }) else {
            let known = state.wallets.keys.sorted().map(\.text)
            throw CommandError.refused(
                "there is no wallet \(name.plain)"
                    + (known.isEmpty
                        ? "; none was created yet"
                        : "; there are " + known.joined(separator: ", ")))
        }
        return [wallet]
    }
}

/// A count with its noun: `1 entry`, `2 entries`.
func count(_ number: some BinaryInteger, _ one: String, _ many: String? = nil) -> String {
    "\(number) " + (number == 1 ? one : many ?? one + "s")
}
