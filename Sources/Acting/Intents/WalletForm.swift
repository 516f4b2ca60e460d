public import Bitcoin
public import Events
internal import State

/// The kinds of wallet that a person names in a word, and the descriptors (BIP-0380) that they are.
public enum WalletForm: String, Sendable, CaseIterable {
    /// One key, version 0: `wpkh`.
    case oneKey = "wpkh"
    /// Several keys, version 0: `wsh(sortedmulti)`.
    case multisig = "wsh"
    /// One key, taproot: `tr`.
    case taprootKey = "tr"
    /// Several keys, taproot: `tr` with `sortedmulti_a` under a key that nobody can sign with.
    case taprootMultisig = "tr-multi"

    /// Spells the descriptor of these key expressions, without checksum.
    ///
    /// - Parameter threshold: how many of the keys must sign; needed where there can be several.
    /// - Throws: ``WalletFault/keys(_:found:)`` or ``WalletFault/threshold(_:keys:)``.
    public func descriptor(
        of keys: [String], threshold: Int?, internalKey: UnspendableKey
    ) throws(ActingError) -> String {
        let list = keys.joined(separator: ",")
        switch self {
        case .oneKey, .taprootKey:
            guard keys.count == 1, threshold ?? 1 == 1 else {
                throw .wallet(.keys(self, found: keys.count))
            }
            return "\(rawValue)(\(list))"
        case .multisig, .taprootMultisig:
            guard let threshold else { throw .wallet(.threshold(self, keys: keys.count)) }
            return self == .multisig
                ? "wsh(sortedmulti(\(threshold),\(list)))"
                : "tr(\(internalKey.hex),sortedmulti_a(\(threshold),\(list)))"
        }
    }
}

/// Why a wallet can not be proposed.
public enum WalletFault: Error, Equatable, Sendable {
    /// A wallet of one key was given another number of keys or of signatures.
    case keys(WalletForm, found: Int)
    /// Nothing says how many of the keys must sign.
    case threshold(WalletForm, keys: Int)
    /// The descriptor is none that is accepted.
    case descriptor(reason: String)
}

extension WalletFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .keys(let form, let found):
            "a wallet of the kind \(form.rawValue) takes exactly one key, which alone signs, not "
                + "\(found)"
        case .threshold(_, let keys):
            "nothing says how many of the \(keys) keys must sign"
        case .descriptor(let reason): "the descriptor is refused: \(reason)"
        }
    }
}

extension Brief {
    /// Reads the descriptor of a wallet that is about to be proposed.
    ///
    /// - Throws: ``WalletFault/descriptor(reason:)``, which calls keys by their holders.
    public func descriptor(
        _ text: String, internalKeyOffset offset: UnspendableKey, holders: [MemberName]
    ) throws(ActingError) -> Descriptor {
        do throws(DescriptorError) {
            return try Descriptor(
                text: text, network: state.founding.network, internalKeyOffset: offset.offset)
        } catch { throw .wallet(.descriptor(reason: error.sentence(holders: holders))) }
    }
}
