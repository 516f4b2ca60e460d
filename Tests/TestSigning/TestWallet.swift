public import Bitcoin
internal import Bytes
internal import Keys

/// A wallet whose private keys are known, made from a seed.
public struct TestWallet: Sendable {
    /// The descriptor, for regtest.
    public let descriptor: Descriptor
    /// The root keys, in the order of the descriptor.
    public let roots: [TestKey]
    private let accounts: [TestKey]

    /// Where every account key comes from.
    public static let accountPath = "48h/1h/0h/2h"

    /// Makes a `threshold`-of-`count` wallet; the same `seed` gives the same keys.
    public init(
        _ kind: Descriptor.Kind, threshold: Int = 1, of count: Int = 1, seed: String = ""
    ) throws {
        roots = try (0..<count).map { try TestKey(seed: sha256(Array("\(seed)\($0)".utf8)).array) }
        accounts = try roots.map { try $0.derived(Self.accountPath) }
        descriptor = try Descriptor(
            kind, threshold: threshold, keys: try zip(roots, accounts).map(Self.key),
            network: .regtest)
    }

    /// The private key that a derived key of the wallet belongs to.
    public func privateKey(_ position: Int, _ chain: AddressChain, _ index: UInt32) throws
        -> TestKey
    {
        try accounts[position].derived("\(chain.rawValue)/\(index)")
    }

    /// Signs input `index` of `frozen`, which spends an output of this wallet.
    public func sign(
        _ frozen: FrozenTransaction, input index: Int, key position: Int
    ) throws -> SignatureClaim {
        let output = frozen.coins[index].output
        let key = try privateKey(position, output.chain, output.index)
        guard let digest = frozen.digest(input: index) else { throw TestKey.Failure.text }
        let bytes =
            switch output.spending {
            case .witnessPublicKeyHash, .witnessScript: try key.ecdsa(digest).der + [1]
            case .taprootKey(let taproot):
                try key.schnorr(
                    digest, tweak: taggedHash("TapTweak", taproot.internalKey.bytes)
                ).bytes
            case .taprootScript: try key.schnorr(digest).bytes
            }
        return SignatureClaim(input: index, key: position, bytes: bytes)
    }

    /// A transaction that spends `count` coins of this wallet to one recipient and change; each
    /// coin's transaction comes first, and pays it at output 1.
    public func payment(
        spending count: Int = 2
    ) throws -> (previous: [Transaction], frozen: FrozenTransaction, change: DerivedOutput) {
        guard let amount = Amount(satoshis: 100_000), let paid = Amount(satoshis: 150_000),
            let returned = Amount(satoshis: 40_000)
        else { throw TestKey.Failure.text }
        let coins = try (0..<count).map {
            WalletCoin(amount: amount, output: try descriptor.derive(.receive, UInt32($0)))
        }
        let recipient = Script.payToWitnessScriptHash(Script([1]))
        let previous = coins.enumerated().map { index, coin in
            Transaction(
                inputs: [
                    TransactionInput(
                        previousOutput: OutPoint(txid: sha256([UInt8(index)]), index: 0),
                        sequence: 0xffff_fffd)
                ],
                outputs: [
                    TransactionOutput(amount: returned, scriptPubKey: recipient),
                    TransactionOutput(amount: coin.amount, scriptPubKey: coin.output.scriptPubKey),
                ])
        }
        let change = try descriptor.derive(.change, 0)
        let transaction = Transaction(
            inputs: previous.map {
                TransactionInput(
                    previousOutput: OutPoint(txid: $0.txid, index: 1), sequence: 0xffff_fffd)
            },
            outputs: [
                TransactionOutput(amount: paid, scriptPubKey: recipient),
                TransactionOutput(amount: returned, scriptPubKey: change.scriptPubKey),
            ])
        guard let frozen = FrozenTransaction(transaction, spending: coins) else {
            throw TestKey.Failure.text
        }
        return (previous, frozen, change)
    }

    /// One wallet of each kind: one key, 2 of 3, and 3 of 5 where keys are sorted.
    public static func ofEachKind(seed: String = "") throws -> [TestWallet] {
        let unspendable = UnspendableKey()
        guard let blinded = UnspendableKey(offset: sha256(Array("r".utf8))) else {
            throw TestKey.Failure.secret
        }
        return [
            try TestWallet(.witnessPublicKeyHash, seed: seed),
            try TestWallet(.witnessMultisig(.given), threshold: 2, of: 3, seed: seed),
            try TestWallet(.witnessMultisig(.sorted), threshold: 3, of: 5, seed: seed),
            try TestWallet(.taprootKey, seed: seed),
            try TestWallet(.taprootMultisig(unspendable, .given), threshold: 2, of: 3, seed: seed),
            try TestWallet(.taprootMultisig(blinded, .sorted), threshold: 3, of: 5, seed: seed),
        ]
    }

    private static func key(_ root: TestKey, _ account: TestKey) throws -> DescriptorKey {
        try DescriptorKey(
            origin: KeyOrigin(
                fingerprint: root.publicKey.fingerprint,
                path: try DerivationPath(text: accountPath)),
            extendedKey: account.publicKey)
    }
}
