internal import Bytes
internal import Files
internal import Keys

extension SecretsError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .lockedMemory(let bytes, let reason):
            "can not lock \(bytes) bytes of memory for a secret: \(reason) (see ulimit -l)"
        case .secretLength(let accepted, let found):
            "a secret of this kind has \(Self.text(accepted)) bytes, not \(found)"
        case .scalarOutOfRange:
            "the key or tweak is zero or not below the order of secp256k1"
        case .faultySignature:
            "a signature or key just computed does not check: do not trust this machine"
        case .extendedKey(let error): error.description
        case .publicKey: "this is an extended public key; the private one is needed"
        case .keyPadding(let found):
            "byte 45 of an extended private key is 0, not \(found)"
        case .emptyPath: "the derivation path has no step"
        case .passphraseLength(let accepted, let found):
            "a passphrase has \(Self.text(accepted)) bytes, not \(found)"
        case .passphrasesDiffer: "the two passphrases differ"
        case .passphraseSource(let source, let reason):
            "no passphrase from \(source): \(reason)"
        case .interrupted(let signal): "interrupted by signal \(signal)"
        case .cipher: "sealing or opening failed for want of memory"
        default: fileDescription ?? memoryDescription ?? "unknown"
        }
    }

    /// How many keys a refusal names.
    private static let keysNamed = 20

    private var fileDescription: String? {
        switch self {
        case .name(let text):
            """
            "\(text)" is no key name: 1 to 64 of a-z, 0-9, ".", "_", "-", beginning with a letter \
            or digit
            """
        case .keyFile(let line, let expected): "key file, line \(line): expected \(expected)"
        case .scryptCost(let field, let found, let accepted):
            "scrypt's \(field) is \(found); accepted: \(accepted)"
        case .wrongPassphrase(let name):
            "the passphrase does not open key \(name), or its file was changed"
        case .publicPartDiffers(let name):
            "the secret of key \(name) does not belong to the public key in its file"
        case .purpose(let name, let expected, let found):
            "key \(name) is for purpose \(found), not \(expected)"
        case .nameDiffers(let path, let found): "\(path) holds the key named \(found)"
        case .file(.exists(let path)): "\(path) exists; a key is never overwritten"
        case .file(let error): "\(error)"
        case .noSuchKey(let name, let folder, let others):
            "no key named \(name) in \(folder); "
                + (others.isEmpty
                    ? "there is none yet, and `strongroom key create` makes one"
                    : "there are: \(others.prefix(Self.keysNamed).joined(separator: ", "))"
                        + (others.count > Self.keysNamed ? " and more" : ""))
        default: nil
        }
    }

    private var memoryDescription: String? {
        switch self {
        case .inUse(let path): "another process is using \(path)"
        case .memoryFile(let path, let error): "\(path): \(error)"
        case .memoryOfOtherKey(let path, let expected, let found):
            "\(path) belongs to key \(found), not to \(expected)"
        case .memoryLimit(let field, let found, let maximum):
            "\(field): \(found) is more than \(maximum)"
        case .headOlder(let remembered, let offered):
            "the ledger's head \(offered) is older than \(remembered), which this key has seen"
        case .headDiffers(let remembered, let offered):
            "the ledger's head \(offered) contradicts \(remembered), which this key has seen"
        case .ownEventsMissing(let remembered, let found):
            "the ledger holds \(found) events of this key, but \(remembered) were recorded: it is "
                + "an older copy, or another one; do not act on it"
        case .signedHeadOlder(let remembered, let offered):
            "the ledger's head \(offered) is older than \(remembered), which this key has signed"
        case .signedHeadDiffers(let remembered, let offered):
            "the ledger's head \(offered) contradicts \(remembered), which this key has signed"
        case .eventHeld(let sequence):
            "event \(sequence) of this key is still to be recorded or refused"
        case .eventNotHeld(let sequence): "no event \(sequence) of this key is held"
        case .sequence(let expected, let found):
            "the key's next event is \(expected), not \(found)"
        default: nil
        }
    }

    private static func text(_ range: ClosedRange<Int>) -> String {
        range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
    }
}
