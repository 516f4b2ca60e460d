/// A Bitcoin chain, named as Bitcoin Core's `-chain` option names it.
public enum Network: String, Sendable, Hashable, CaseIterable {
    /// Bitcoin.
    case main
    /// The test network of BIP-94.
    case testnet4
    /// The test network of BIP-325 with its default challenge.
    case signet
    /// A chain of one's own for tests; its work proves nothing.
    case regtest

    /// The human-readable part of its segwit addresses (BIP-173).
    public var bech32Prefix: String {
        switch self {
        case .main: "bc"
        case .testnet4, .signet: "tb"
        case .regtest: "bcrt"
        }
    }

    /// The version byte of its pay-to-pubkey-hash addresses in Base58Check.
    public var publicKeyHashVersion: UInt8 { self == .main ? 0 : 111 }

    /// The version byte of its pay-to-script-hash addresses in Base58Check.
    public var scriptHashVersion: UInt8 { self == .main ? 5 : 196 }

    /// The version of its extended public keys (BIP-32): `xpub` or `tpub`.
    public var extendedPublicKeyVersion: UInt32 { self == .main ? 0x0488_b21e : 0x0435_87cf }
}
