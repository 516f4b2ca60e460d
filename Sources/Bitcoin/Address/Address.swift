internal import Bytes

/// A locking script that has a text form on a network: what people send bitcoin to.
public struct Address: Sendable, Hashable {
    /// The network whose form the text has.
    public let network: Network
    /// The locking script.
    public let script: Script
    /// The text: segwit in lower case (BIP-173, BIP-350), older templates in Base58Check.
    public let text: String

    /// Writes `script` as an address of `network`; nil when it is of a template without one.
    public init?(_ script: Script, _ network: Network) {
        switch script.kind {
        case .publicKeyHash(let hash):
            text = encodeBase58Check([network.publicKeyHashVersion] + hash)
        case .scriptHash(let hash):
            text = encodeBase58Check([network.scriptHashVersion] + hash)
        case .witnessPublicKeyHash, .witnessScriptHash, .taproot, .witnessUnknown:
            guard let (version, program) = script.witnessProgram else { return nil }
            text = Bech32.encode(
                prefix: network.bech32Prefix, [version] + Bech32.values(of: program),
                version == 0 ? .bech32 : .bech32m)
        case .nullData, .other: return nil
        }
        self.network = network
        self.script = script
    }

    /// Reads an address of `network`.
    ///
    /// testnet4, signet and (in Base58Check) regtest share their forms, so that an address of one
    /// is one of the others. Throws ``BitcoinError``, which names the other networks when the text
    /// is an address of those.
    public static func decode(
        _ text: String, _ network: Network
    ) throws(BitcoinError) -> Address {
        let (script, networks) = try decodeScript(text)
        guard networks.contains(network), let address = Address(script, network) else {
            throw .addressNetwork(belongsTo: networks, expected: network)
        }
        return address
    }

    private static func decodeScript(
        _ text: String
    ) throws(BitcoinError) -> (Script, [Network]) {
        if let (prefix, values, variant) = Bech32.decode(text) {
            let networks = Network.allCases.filter { $0.bech32Prefix == prefix }
            guard !networks.isEmpty else { throw .addressPrefix(prefix) }
            return (try witnessScript(values, variant), networks)
        }
        guard let payload = decodeBase58Check(text), let version = payload.first else {
            throw .addressChecksum
        }
        let hash = Array(payload.dropFirst())
        let keyHash = Network.allCases.filter { $0.publicKeyHashVersion == version }
        let scriptHash = Network.allCases.filter { $0.scriptHashVersion == version }
        guard !keyHash.isEmpty || !scriptHash.isEmpty else { throw .addressVersion(version) }
        guard hash.count == 20 else { throw .addressHashLength(found: hash.count) }
        return keyHash.isEmpty
            ? (.payToScriptHash(hash: hash), scriptHash) : (.payToPublicKeyHash(hash), keyHash)
    }

    private static func witnessScript(
        _ values: [UInt8], _ variant: Bech32.Variant
    ) throws(BitcoinError) -> Script {
        guard let version = values.first, version <= 16,
            variant == (version == 0 ? .bech32 : .bech32m),
            let program = Bech32.bytes(of: values.dropFirst()), (2...40).contains(program.count),
            version != 0 || program.count == 20 || program.count == 32
        else { throw .addressProgram(version: values.first) }
        return .witnessProgram(version: version, program)
    }
}

extension Address: CustomStringConvertible {
    public var description: String { text }
}
