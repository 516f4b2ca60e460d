import Acting
import ArgumentParser
import Auditing
import Bitcoin
import Chain
import Events
import Foundation
import Policy
import State

struct AddressCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "address",
        abstract: "Hand out a wallet's next receiving address; no index is used twice.",
        discussion: """
            It decides nothing and asks nothing. Away from the ledger, give the address to others \
            once its event is submitted; `submit` prints it again.

            Examples:
              strongroom address treasury --as alice --ledger /srv/treasury
              strongroom address treasury --as bob --request treasury.request \\
                --out address.event
            """)
    @Argument(help: "The wallet's name.")
    var wallet: String
    @OptionGroup var place: PlaceOptions

    func run() throws {
        let workplace = try place.workplace()
        try act(place.author, at: workplace, out: place.out, ConsentOptions()) { brief, _ in
            let wallet = try brief.wallet(try Parse.wallet(wallet))
            let fact = brief.issue(from: wallet)
            let address = try brief.state.address(fact)
            var screen: [String] = []
            if case .file = workplace {
                screen = [
                    address, "It counts once its event is submitted; somebody may be quicker.",
                ]
            }
            return Act(intention: Intention(.issued(fact)), screen: screen, done: address)
        }
    }
}
