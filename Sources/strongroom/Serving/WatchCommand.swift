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
        var loop = WatchLoop(
            ledger, client, as: file.name, in: keystore, key, clock: machineClock)
        guard once else {
            return try await loop.run(
                waiting: { try await Task.sleep(for: .seconds(max(1, interval))) },
                tell: { tell($0, ledger) })
        }
        guard try await loop.look(tell: { tell($0, ledger) }) else { throw ExitCode(1) }
    }

    private func tell(_ news: WatchLoop.News, _ ledger: OpenLedger) {
        switch news {
        case .recorded(let summary): say(summary)
        case .uncheckpointed: checkpoint(ledger, author.keys)
        case .nothingNew: if once { say("Nothing new.") }
        case .notice(let notice): complain(notice)
        case .unprovable(let item):
            complain(
                "the transaction \(item.txid.reversedHex) in block \(item.height) spends or pays "
                    + "us, and no Merkle branch proves it (64 bytes): no event can record it, and "
                    + "the ledger's coins are wrong by it; look into it now")
        case .failed(let error):
            complain("\(sentence(of: error)); trying again in \(interval) s")
        }
    }
}
