public import Bytes

/// Why Bitcoin data was refused: a transaction, a block, a branch or an address.
///
/// Headers that break a rule of their chain have an error of their own, ``HeaderError``.
public enum BitcoinError: Error, Equatable {
    /// The bytes are not in their format, or a value in them is outside its limit.
    case malformed(ReadError)

    /// The text is neither bech32 nor Base58Check: a character or the checksum is wrong.
    case addressChecksum
    /// The text is an address of other networks than the one asked for.
    case addressNetwork(belongsTo: [Network], expected: Network)
    /// The checksum holds, but the part before the separator is of no Bitcoin network.
    case addressPrefix(String)
    /// The checksum holds, but the version byte is of no address (a private key has one too).
    case addressVersion(UInt8)
    /// The hash in a Base58Check address is not 20 bytes long.
    case addressHashLength(found: Int)
    /// The witness program breaks BIP-141 or BIP-350: version over 16, length, padding, or the
    /// wrong one of the two checksums.
    case addressProgram(version: UInt8?)

    /// A branch has more levels than a block can have.
    case branchDepth(found: Int, maximum: Int)
    /// The position does not exist in a tree of that depth.
    case branchIndex(UInt32, depth: Int)
    /// The branch places a leaf in the repeated half of an uneven level (CVE-2012-2459).
    case branchRepeats(level: Int)
    /// A node on the way to the root, or the leaf itself, can be read as a transaction of 64 bytes,
    /// so that node and leaf can not be told apart.
    case branchAmbiguous(level: Int)
    /// The branch ends in another root than the header's.
    case branchRoot(expected: Digest32, found: Digest32)

    /// The header's Merkle root is not that of the block's transactions.
    case merkleRoot(expected: Digest32, found: Digest32)
    /// Two neighbours in the tree are equal, so that another list of transactions has the same root
    /// (CVE-2012-2459).
    case repeatedTransactions(level: Int)
}

extension BitcoinError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let error): "the bytes are malformed: \(error)"
        case .addressChecksum: "no address: a character or the checksum is wrong"
        case .addressNetwork(let networks, let expected):
            "an address of \(networks.map(\.rawValue).joined(separator: " or ")), "
                + "not of \(expected)"
        case .addressPrefix(let prefix): "\"\(prefix)\" is no network's address prefix"
        case .addressVersion(let version): "version byte \(version) is no address's"
        case .addressHashLength(let found): "the address holds \(found) bytes instead of 20"
        case .addressProgram(let version):
            "no witness program: version \(version.map(String.init) ?? "missing"), its length, "
                + "padding or checksum do not fit each other"
        case .branchDepth(let found, let maximum):
            "the branch has \(found) levels, and a block at most \(maximum)"
        case .branchIndex(let index, let depth):
            "position \(index) is not in a tree of depth \(depth)"
        case .branchRepeats(let level):
            "at level \(level) the branch lies in the repeated half of an uneven level"
        case .branchAmbiguous(let level):
            "at level \(level) node and 64-byte transaction can not be told apart"
        case .branchRoot(let expected, let found), .merkleRoot(let expected, let found):
            "the Merkle root is \(found.reversedHex), and the header's \(expected.reversedHex)"
        case .repeatedTransactions(let level):
            "at level \(level) neighbours are equal, so that the tree fits two blocks"
        }
    }
}
