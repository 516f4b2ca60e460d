public import Bytes

/// Why Bitcoin data was refused: a transaction, a block, a branch or an address.
///
/// Headers that break a rule of their chain have an error of their own, ``HeaderError``.
public enum BitcoinError: Error, Equatable {
    /// The bytes are not in their format, or a value in them is outside its limit.
    case malformed(ReadError)
}
