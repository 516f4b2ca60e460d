public import Bytes

/// Why a partially signed transaction was refused, and which map and field of it.
public enum PSBTError: Error, Equatable {
    /// One of the maps of key-value pairs that a PSBT is made of.
    public enum Scope: Sendable, Hashable {
        /// The first map.
        case global
        /// The map of the input at this position.
        case input(Int)
        /// The map of the output at this position.
        case output(Int)
    }

    /// The bytes do not start with "psbt" and 0xff.
    case magic
    /// The text is no strict base64 (RFC 4648 §4).
    case base64
    /// There are more than ``PSBT/bytesMax`` bytes.
    case tooLong(count: Int)
    /// There are more than ``PSBT/entriesMax`` fields.
    case tooManyFields
    /// The bytes are not in their format.
    case malformed(ReadError)
    /// A field stands twice in one map.
    case duplicate(Scope, key: [UInt8])
    /// The key of a field has not the length or content that its type demands.
    case fieldKey(Scope, type: UInt8)
    /// The value of a field is not what its type demands.
    case fieldValue(Scope, type: UInt8)
    /// The field belongs to version 2 (BIP-370).
    case versionTwoField(Scope, type: UInt8)
    /// The version is not 0.
    case version(UInt32)
    /// There is no unsigned transaction.
    case noTransaction
    /// The unsigned transaction can not be decoded.
    case transaction(BitcoinError)
    /// The unsigned transaction's input at this position has a scriptSig.
    case signed(input: Int)
    /// The full previous transaction of this input is missing, is another, or does not create the
    /// coin that the input spends.
    case previousTransaction(input: Int)
    /// The output at this position is not the change that it was said to be.
    case notChange(output: Int)
    /// The PSBT is of the transaction `found`, not of `expected`.
    case otherTransaction(expected: Digest32, found: Digest32)
    /// A signature is by a key, or for a script, that the input does not have.
    case foreignSigner(input: Int, key: [UInt8])
    /// The finished satisfaction has not the form of the input's descriptor.
    case satisfaction(input: Int)
    /// The signature at `item` of the finished witness is by none of the keys that may stand there.
    case unknownSigner(input: Int, item: Int)
}
