import Acting
import ArgumentParser
import Bitcoin
import Bytes
import Events
import Foundation
import Keys
import State

struct PolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Request another quorum for the ledger or a wallet.",
        discussion: """
            A quorum is K of (TERM, …); a term is a member, K of ROLE or a quorum. A member \
            whose consent is mandatory stands in an outer quorum that needs all its terms.

            Examples:
              strongroom policy "2 of (alice, bob, carol)" --as alice
              strongroom policy "2 of (regulator, 2 of (alice, bob))" \\
                --wallet treasury --as alice
            """)
    @Argument(help: "The new quorum.")
    var quorum: String
    @Option(help: "The wallet whose quorum is replaced. Default: the ledger's.")
    var wallet: String?
    @OptionGroup var options: ActOptions
    @OptionGroup var request: RequestOptions

    func run() throws {
        try initiate(options, request) { _ in
            let scope = try wallet.map { PolicyScope.wallet(try Parse.wallet($0)) } ?? .ledger
            return (.replacePolicy(scope, with: try Parse.quorum(quorum)), [], nil)
        }
    }
}
