internal import Crypto
internal import CryptoExtras

/// How hard it is to try a passphrase: the parameters of scrypt (RFC 7914).
public struct ScryptCost: Sendable, Hashable {
    /// N, a power of two: how many blocks are filled and then read in an unforeseeable order.
    public let rounds: Int
    /// r: a block has 128·r bytes.
    public let blockSize: Int
    /// p: how often the whole is repeated.
    public let parallelism: Int

    /// N = 2¹⁷, r = 8, p = 1: 128 MiB and some 0.5 s for each attempt.
    public static let standard = ScryptCost(standardRounds: 1 << 17)

    /// The most memory, 128·N·r bytes, that opening a file may take: 256 MiB.
    public static let maximumMemory = 1 << 28
    /// The largest r and the largest p.
    public static let maximumFactor = 16
    /// The most work, N·r·p, that opening a file may take: four times the standard.
    public static let maximumWork = 1 << 22

    private init(standardRounds: Int) {
        rounds = standardRounds
        blockSize = 8
        parallelism = 1
    }

    /// Takes parameters from a file or a test.
    ///
    /// Throws ``SecretsError/scryptCost(field:found:accepted:)`` for what RFC 7914 does not define
    /// and for what would take more memory or time than the limits above.
    public init(rounds: Int, blockSize: Int, parallelism: Int) throws(SecretsError) {
        let factors = 1...Self.maximumFactor
        guard factors.contains(blockSize) else {
            throw .scryptCost(field: "r", found: blockSize, accepted: "1 to 16")
        }
        guard factors.contains(parallelism) else {
            throw .scryptCost(field: "p", found: parallelism, accepted: "1 to 16")
        }
        // N is compared with quotients, so that no product of hostile numbers is ever formed. RFC
        // 7914 §2 wants it below 2 to the power 16·r, which only r = 1 brings into reach.
        let highest = min(
            Self.maximumMemory / (128 * blockSize), Self.maximumWork / (blockSize * parallelism),
            blockSize == 1 ? 1 << 15 : Int.max)
        guard rounds >= 2, rounds <= highest, rounds & (rounds - 1) == 0 else {
            throw .scryptCost(
                field: "N", found: rounds, accepted: "a power of two from 2 to \(highest)")
        }
        self.rounds = rounds
        self.blockSize = blockSize
        self.parallelism = parallelism
    }

    /// Derives a 32-byte key from `passphrase` and `salt`.
    ///
    /// The package that computes it clears scrypt's own memory, but passes the key on in buffers
    /// that it only frees, and so does its cipher; nothing of ours can reach those. Passphrase and
    /// secret are in none of them.
    func key(
        of passphrase: borrowing Passphrase, salt: [UInt8]
    ) throws(SecretsError) -> SymmetricKey {
        do {
            let key = try unsafe passphrase.bytes.span.withUnsafeBytes { passphrase in
                try unsafe KDF.Scrypt.deriveKey(
                    from: passphrase, salt: salt, outputByteCount: 32, rounds: rounds,
                    blockSize: blockSize, parallelism: parallelism)
            }
            clearStack()
            return key
        } catch { throw .cipher }
    }
}
