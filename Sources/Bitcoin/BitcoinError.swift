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
