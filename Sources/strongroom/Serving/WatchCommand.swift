import Acting
import ArgumentParser
import Bitcoin
import Bytes
import Chain
import Console
import Events
import Foundation
import Keys
import Ledger
import Secrets
import State

struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Follow a node's blocks and record what they show of the wallets.",
        discussion: """
            Records headers and every transaction of ours with its Merkle branch. It goes on where \
            it stopped, follows reorganisations, and waits when the node is down. When it starts, \
            and when addresses come to be watched, it looks through the last 288 blocks again and \
            records what is missing.

            A spend of ours that no event can speak of, a transaction of 64 bytes, is told on \
            standard error at each look; --once then ends with exit status 1.

            Examples:
              strongroom watch --node http://127.0.0.1:18443 --as watcher
              strongroom watch --node http://127.0.0.1:18443 --as watcher --once
            """)
    @OptionGroup var node: NodeOptions
    @Flag(help: "Stop when there is nothing more to record now.")
    var once = false
    @Option(help: ArgumentHelp("Seconds between two looks.", valueName: "seconds"))
    var interval = 5
    @OptionGroup var author: AuthorOptions

    func run() async throws {
        let ledger = try author.open()
        let client = try node.requiredClient()
        let keystore = try author.keys.keystore()
        let file = try keystore.find(try author.keyName())
        let key = try file.openEventKey(try author.passphrase())
        var watcher = Watcher(client)
        var isAllRecorded = true
        while true {
            do {
                let network = try ledger.state().founding.network
                try await client.check(network)
                try await catchUp(ledger, client, &watcher, keystore, key)
                isAllRecorded = Self.warn(of: watcher.unprovable(in: try ledger.state()))
            } catch {
                guard !once, Self.isPassing(error) else { throw error }
                complain("\(sentence(of: error)); trying again in \(interval) s")
            }
            if once { break }
            try await Task.sleep(for: .seconds(max(1, interval)))
        }
        guard isAllRecorded else { throw ExitCode(1) }
    }

    /// Tells of transactions that no event can speak of; returns whether there are none.
    private static func warn(of unprovable: [UnprovableTransaction]) -> Bool {
        for item in unprovable {
            complain(
                "the transaction \(item.txid.reversedHex) in block \(item.height) spends or pays us, "
                    + "and no Merkle branch proves it (64 bytes): no event can record it, and the "
                    + "ledger's coins are wrong by it; look into it now")
        }
        return unprovable.isEmpty
    }

    /// Whether another look may do what this one could not: the node, the key that its owner uses
    /// at the same time, what others have recorded since the blocks were read, and limits, change.
    private static func isPassing(_ error: any Error) -> Bool {
        switch error {
        case is ChainError, SecretsError.inUse: true
        case let refusal as Refusal: passing.contains(refusal.rule)
        case SubmissionError.refused(let refusal): passing.contains(refusal.rule)
        default: false
        }
    }

    private static let passing: Set<Refusal.Rule> = [
        .watchedScripts, .header, .branch, .hourlyLimit, .blobLimit, .requestEnded, .unknownRequest,
    ]

    private func catchUp(
        _ ledger: OpenLedger, _ client: NodeClient, _ watcher: inout Watcher,
        _ keystore: Keystore, _ key: borrowing SecretKey
    ) async throws {
        defer { for notice in watcher.takeNotices() { complain(notice) } }
        var recorded = 0
        while true {
            let state = try ledger.state()
            guard let observed = try await watcher.next(state) else { break }
            try record(.observed(observed.fact), blobs: observed.blobs, ledger, keystore, key)
            recorded += 1
            say(observed.summary)
        }
        for request in try ledger.state().requests.values
        where request.status == .broadcast && request.relay == nil {
            guard let txid = request.transfer?.txid,
                try await client.mempoolTransactionIDs().contains(txid)
            else { continue }
            let fact = Fact.relayed(
                Relayed(request: request.id, txid: txid, accepted: true, message: ""))
            try record(fact, blobs: [], ledger, keystore, key)
            recorded += 1
            say("Request \(request.number): in the node's mempool")
        }
        if recorded > 0 { checkpoint(ledger, author.keys) }
        if once, recorded == 0 { say("Nothing new.") }
    }

    private func record(
        _ fact: Fact, blobs: [[UInt8]], _ ledger: OpenLedger, _ keystore: Keystore,
        _ key: borrowing SecretKey
    ) throws {
        var desk = try AuthorDesk(
            try author.keyName(), in: keystore, at: .ledger(ledger), clock: machineClock)
        _ = try desk.author(try desk.prepare(fact, blobs: blobs), with: key)
    }
}
