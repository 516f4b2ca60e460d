import Acting
import Bitcoin
import Events
import State

extension LedgerState {
    /// An address that is, or is to be, handed out: as `address` and `submit` print it.
    func address(_ fact: Issued) throws -> String {
        let wallet: Wallet
        do { wallet = try requireWallet(fact.wallet) } catch {
            throw ActingError.refused(error)
        }
        let script = try wallet.descriptor.derive(.receive, fact.index).scriptPubKey
        return "Address \(fact.index) of \(fact.wallet): "
            + (Address(script, founding.network)?.text ?? script.hex)
    }
}
