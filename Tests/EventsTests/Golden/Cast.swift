import Bitcoin
import Bytes
import Events
import Keys
import Secrets
import TestSigning

/// Why a sample could not be made; always the test's mistake.
struct SampleMissing: Error {
    let what: String
}

/// Somebody with a published secret key, who signs golden events and nothing else.
struct Author: Sendable {
    let name: MemberName
    let key: KeyID

    init(_ name: String) throws {
        self.name = try label(name)
        key = try SecretKey(SecretBytes(copying: Self.secret(of: name).span)).publicKey.id
    }

    /// The key: SHA-256 of `strongroom golden vector: ` and the name.
    static func secret(of name: String) -> Digest32 {
        sha256(Array("strongroom golden vector: \(name)".utf8))
    }

    /// The 32 bytes of the key.
    var secret: Digest32 { Self.secret(of: name.text) }

    /// Signs an event; `ledger` is nil for the founding one.
    func sign(_ event: Event, ledger: Digest32?) throws -> SignedEvent {
        let key = try SecretKey(SecretBytes(copying: secret.span))
        return try SignedEvent(event, by: self.key, ledger: ledger) { id in try key.sign(id) }
    }
}

/// Makes a name of any kind.
func label<Kind>(_ text: String) throws -> Label<Kind> {
    guard let label = Label<Kind>(text) else { throw SampleMissing(what: text) }
    return label
}

/// Makes an amount.
func amount(_ satoshis: UInt64) throws -> Amount {
    guard let amount = Amount(satoshis: satoshis) else { throw SampleMissing(what: "amount") }
    return amount
}

/// Makes bytes from hexadecimal.
func bytes(_ hex: String) throws -> [UInt8] {
    guard let bytes = decodeHex(hex) else { throw SampleMissing(what: hex) }
    return bytes
}

/// A digest that stands for something which the vectors do not hold.
func digest(of text: String) -> Digest32 { sha256(Array(text.utf8)) }

/// Who and what the golden events are about.
struct Cast: Sendable {
    let alice: Author
    let bob: Author
    let carol: Author
    let watcher: Author
    let auditor: Author
    /// Two of three sorted keys, version 0.
    let vault: TestWallet
    /// One key, taproot.
    let petty: TestWallet
    /// Two of three sorted keys in a tapscript, under an internal key H + rG.
    let quiet: TestWallet

    init() throws {
        alice = try Author("alice")
        bob = try Author("bob")
        carol = try Author("carol")
        watcher = try Author("watcher")
        auditor = try Author("auditor")
        vault = try TestWallet(.witnessMultisig(.sorted), threshold: 2, of: 3, seed: "golden")
        petty = try TestWallet(.taprootKey, seed: "golden")
        guard let closed = UnspendableKey(offset: sha256(Array("golden r".utf8))) else {
            throw TestKey.Failure.text
        }
        quiet = try TestWallet(
            .taprootMultisig(closed, .sorted), threshold: 2, of: 3, seed: "golden quiet")
    }

    /// The genesis block of regtest: the anchor of the founding event, and the one observed header.
    static let regtestGenesis =
        "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b2"
        + "7ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4adae5494dffff7f2002000000"

    /// Two of the three people.
    func twoOfThree() throws -> Quorum {
        try Quorum(parsing: "2 of (alice, bob, carol)")
    }

    /// Signatures for every input of `frozen` by the wallet's first keys.
    func signatures(
        of wallet: TestWallet, for frozen: FrozenTransaction
    ) throws -> [(claim: SignatureClaim, fact: Signed.InputSignature)] {
        try frozen.coins.indices.flatMap { input in
            try (0..<wallet.descriptor.threshold).map { key in
                let claim = try wallet.sign(frozen, input: input, key: key)
                let publicKey = frozen.coins[input].output.keys[key].publicKey
                let isTaproot = wallet.descriptor.isTaproot
                return (
                    claim,
                    Signed.InputSignature(
                        input: UInt32(input),
                        key: isTaproot ? publicKey.xOnly.bytes : publicKey.bytes,
                        signature: claim.bytes)
                )
            }
        }
    }
}
