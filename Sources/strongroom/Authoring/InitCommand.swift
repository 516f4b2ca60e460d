import Acting
import ArgumentParser
import Auditing
import Bitcoin
import Bytes
import Chain
import Events
import Foundation
import Keys
import Ledger
import Secrets
import State
import Terminal

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Found a ledger.",
        discussion: """
            The founder signs the founding event; every founding member then accepts with the key \
            that stands there (`strongroom member accept`), and nothing else can happen before all \
            have. Keep the ledger's id: it is all that an auditor must trust beforehand.

            Handles and roles are public for ever. Of a name given with --person the event holds \
            SHA-256(salt and name); salt and name stand beside the log, for who can read the ledger.

            Example:
              strongroom init /srv/treasury --name treasury --network regtest \\
                --member alice:02…:executive,operator,watcher \\
                --member bob:03…:executive --member carol:02…:executive \\
                --policy "2 of (alice, bob, carol)" --log-key log --as alice
            """)

    @Argument(help: "The folder to make; it must not hold a ledger.")
    var folder: String
    @Option(help: "What the ledger is called in its checkpoints.")
    var name: String
    @Option(help: "main, testnet4, signet or regtest.")
    var network: String
    @Option(
        name: .customLong("as"),
        help: ArgumentHelp("The event key of the founder.", valueName: "key"))
    var author: String
    @Option(name: .customLong("member"), help: "NAME:KEY or NAME:KEY:ROLE,ROLE; repeated.")
    var members: [String]
    @Option(
        name: .customLong("person"),
        help: "HANDLE=NAME, the name of the person behind a member; repeated.")
    var persons: [String] = []
    @Option(
        help: ArgumentHelp(
            "Who must approve changes of members, wallets and this rule.",
            valueName: "quorum"))
    var policy: String
    @Option(
        name: .customLong("log-key"),
        help: ArgumentHelp("The key that signs checkpoints.", valueName: "key"))
    var logKey: String = "log"
    @OptionGroup var node: NodeOptions
    @Option(
        help: ArgumentHelp(
            "The anchor's height on the node. Default: six blocks below its tip.",
            valueName: "height"))
    var anchorHeight: Int?
    @Option(help: ArgumentHelp("Open transfers that a member may have.", valueName: "count"))
    var openTransfers: UInt64 = 8
    @Option(help: ArgumentHelp("Events of a member in an hour.", valueName: "count"))
    var hourlyEvents: UInt64 = 1_000
    @Option(
        help: ArgumentHelp(
            "Bytes of documents and large transactions of a member in a day.", valueName: "bytes"))
    var dailyBlobBytes: UInt64 = 64 << 20
    @OptionGroup var keys: KeyOptions

    func run() async throws {
        let network = try Parse.network(network)
        guard let label = Label<LedgerKind>(name) else {
            throw CommandError.usage("\"\(name)\" is no name: \(Label<LedgerKind>.shape)")
        }
        let limits = try limits()
        let keystore = try keys.keystore()
        let logFile = try keystore.find(try KeyName(logKey))
        _ = try Founding.publicPart(of: logFile)
        let file = try keystore.find(try KeyName(author))
        let names = try salted()
        let founding = try Founding(
            nonce: randomDigest(), name: label, network: network, limits: limits,
            anchor: try await anchor(network), logKey: logFile, members: try enrolments(names),
            names: names, policy: try Parse.quorum(policy))
        let id = try founding.found(in: folder, by: file, clock: machineClock) {
            try keys.source.read(prompt: "Passphrase of the key \(author): ")
        }
        print("Founded the ledger \(label) on \(network.rawValue) in \(folder).")
        print("Its id, to be kept by everyone: \(id.hex)")
        let waiting = founding.fact.members.map(\.member.text).joined(separator: ", ")
        print("Next: `strongroom member accept` by \(waiting).")
        checkpoint(try OpenLedger(folder, .readWrite), keys)
    }

    private func limits() throws -> Limits {
        func limit(_ number: UInt64, _ option: String) throws -> UInt64 {
            try Parse.number(number, of: option, within: Limits.founderRange)
        }
        return Limits(
            openTransfers: try limit(openTransfers, "--open-transfers"),
            hourlyEvents: try limit(hourlyEvents, "--hourly-events"),
            dailyBlobBytes: try limit(dailyBlobBytes, "--daily-blob-bytes"))
    }

    /// The names of --person, each with a salt of its own.
    private func salted() throws -> [MemberName: SaltedValue] {
        var names: [MemberName: SaltedValue] = [:]
        for text in persons {
            guard let equals = text.firstIndex(of: "=") else {
                throw CommandError.usage("--person \"\(text.plain)\": HANDLE=NAME is accepted")
            }
            let handle = try Parse.member(String(text[..<equals]))
            guard names[handle] == nil else {
                throw CommandError.usage("--person names \(handle) twice; give one name")
            }
            names[handle] = try Parse.person(String(text[text.index(after: equals)...]))
        }
        return names
    }

    private func enrolments(_ names: [MemberName: SaltedValue]) throws -> [Enrolment] {
        let plain = try members.map { try Parse.enrolment($0) }
        let handles = Set(plain.map(\.member))
        if let stranger = names.keys.filter({ !handles.contains($0) }).min() {
            throw CommandError.usage("--person \(stranger)=… is of no --member")
        }
        return plain
    }

    private func anchor(_ network: Network) async throws -> Anchor {
        guard let client = try node.client() else {
            guard network == .regtest else {
                throw CommandError.usage(
                    "on \(network.rawValue) the chain's anchor is taken from a node: give --node "
                        + "URL, and compare the block it names with other sources")
            }
            return Anchor(genesisOf: network)
        }
        let anchor = try await Anchor(from: client, on: network, height: anchorHeight)
        print("Anchor: block \(anchor.height), \(sha256d(anchor.header).reversedHex)")
        return anchor
    }
}

/// Thirty-two bytes from the system's generator.
func randomDigest() -> Digest32 {
    var generator = SystemRandomNumberGenerator()
    return Digest32([32 of UInt8] { _ in UInt8.random(in: .min ... .max, using: &generator) })
}
