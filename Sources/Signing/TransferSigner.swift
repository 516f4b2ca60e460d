internal import Bitcoin
public import Bytes
public import Events
internal import Keys
internal import Policy
public import Secrets
public import State

/// Why a signer does not sign.
public enum SigningError: Error, Equatable {
    /// The request is not one that may be signed now; the reason says what it lacks.
    case notAuthorised(number: UInt64, reason: String)
    /// None of the keys of the wallet's descriptor comes from the signer's root key.
    case foreignKey(wallet: WalletName, fingerprint: String)
    /// Every signature that the key could make is on record.
    case nothingToSign(number: UInt64)
    /// The key could not be derived or used.
    case key(SecretsError)
    /// The state refuses to freeze the transaction.
    case refused(Refusal)
}

extension SigningError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notAuthorised(let number, let reason): "request \(number) is not signed: \(reason)"
        case .foreignKey(let wallet, let fingerprint):
            "the key with fingerprint \(fingerprint) is none of the wallet \(wallet)'s keys"
        case .nothingToSign(let number):
            "every signature of request \(number) that this key can make is on record"
        case .key(let error): "\(error)"
        case .refused(let refusal): refusal.reason
        }
    }
}

/// Signs the frozen transaction of an authorised transfer with one root key of its wallet.
///
/// What it proves to itself first, from a state that its caller has replayed: that the request's
/// quorum is complete, that it has neither ended nor expired nor confirmed, and that every key it
/// derives is the one that the descriptor names. It computes each digest itself.
public struct TransferSigner {
    private let state: LedgerState
    private let request: OpenRequest
    private let frozen: FrozenTransaction
    private let wallet: Wallet

    /// Takes a request of a replayed state, or refuses.
    public init(_ request: OpenRequest, in state: LedgerState) throws(SigningError) {
        guard let transfer = request.transfer, let wallet = state.wallets[transfer.wallet] else {
            throw .notAuthorised(number: request.number, reason: "it is not a transfer")
        }
        guard request.authorisedAt != nil else {
            let missing = state.progress(of: request)?.missing ?? "its approvals"
            throw .notAuthorised(
                number: request.number, reason: "its quorum is not complete; it misses \(missing)")
        }
        guard request.ending == nil, request.mined == nil else {
            throw .notAuthorised(
                number: request.number, reason: "it is \(request.status.rawValue)")
        }
        self.state = state
        self.request = request
        self.wallet = wallet
        do { frozen = try state.frozenTransaction(of: transfer) } catch { throw .refused(error) }
    }

    /// Signs every input with each key of the descriptor that comes from `root`, as far as the
    /// signatures are not on record and still needed.
    ///
    /// `auxiliary` is fresh randomness for each BIP-340 signature.
    public func sign(
        with root: borrowing ExtendedPrivateKey, auxiliary: () -> Digest32
    ) throws(SigningError) -> [Signed.InputSignature] {
        let fingerprint: KeyFingerprint
        do { fingerprint = try root.publicKey.fingerprint } catch { throw .key(error) }
        var found = false
        var signatures: [Signed.InputSignature] = []
        for (index, key) in wallet.descriptor.keys.enumerated() {
            guard let origin = key.origin, origin.fingerprint == fingerprint else { continue }
            do throws(SecretsError) {
                let account = try root.derived(along: origin.path)
                guard try account.publicKey == key.extendedKey else { continue }
                found = true
                signatures += try sign(key: index, account, auxiliary)
            } catch { throw .key(error) }
        }
        guard found else {
            throw .foreignKey(wallet: wallet.name, fingerprint: "\(fingerprint)")
        }
        guard !signatures.isEmpty else { throw .nothingToSign(number: request.number) }
        return signatures
    }

    private func sign(
        key: Int, _ account: borrowing ExtendedPrivateKey, _ auxiliary: () -> Digest32
    ) throws(SecretsError) -> [Signed.InputSignature] {
        var signatures: [Signed.InputSignature] = []
        for (input, coin) in frozen.coins.enumerated() {
            let recorded = request.signatures.filter { Int($0.input) == input }
            guard recorded.count < coin.output.threshold,
                !recorded.contains(where: { Int($0.key) == key }),
                let digest = frozen.digest(input: input)
            else { continue }
            let chain = try account.child(ChildNumber(rawValue: coin.output.chain.rawValue))
            let child = try chain.child(ChildNumber(rawValue: coin.output.index))
            guard try child.publicKey.key == coin.output.keys[key].publicKey else {
                throw .scalarOutOfRange
            }
            signatures.append(
                try sign(digest, input, coin.output, child.key, auxiliary))
        }
        return signatures
    }

    private func sign(
        _ digest: Digest32, _ input: Int, _ output: DerivedOutput, _ key: borrowing SecretKey,
        _ auxiliary: () -> Digest32
    ) throws(SecretsError) -> Signed.InputSignature {
        switch output.spending {
        case .witnessPublicKeyHash, .witnessScript:
            // SIGHASH_ALL, the only type that fits this transaction and no other.
            return Signed.InputSignature(
                input: UInt32(input), key: key.publicKey.bytes,
                signature: try key.signLowR(digest).der + [SighashType.all.rawValue])
        case .taprootKey(let taproot):
            let tweak = taggedHash("TapTweak", taproot.internalKey.bytes)
            return Signed.InputSignature(
                input: UInt32(input), key: key.publicKey.xOnly.bytes,
                signature: try key.signTaproot(digest, tweak: tweak, auxiliary: auxiliary()).bytes)
        case .taprootScript:
            return Signed.InputSignature(
                input: UInt32(input), key: key.publicKey.xOnly.bytes,
                signature: try key.signSchnorr(digest.array, auxiliary: auxiliary()).bytes)
        }
    }
}
