internal import Bytes

extension PSBTError: CustomStringConvertible {
    /// A sentence for people, without its end mark.
    public var description: String {
        switch self {
        case .magic: "it does not begin with \"psbt\" and 0xff"
        case .base64: "its text is not base64"
        case .tooLong(let count): "it has \(count) bytes; up to \(PSBT.bytesMax) are read"
        case .tooManyFields: "it has more than \(PSBT.entriesMax) fields"
        case .malformed(let error): "\(error)"
        case .version(let version): "it has version \(version); version 0 (BIP-174) is accepted"
        case .noTransaction: "it holds no unsigned transaction"
        case .transaction(let error): "its transaction can not be read: \(error)"
        case .signed(let input): "input \(input) of its transaction is signed already"
        default: fieldDescription ?? signatureDescription ?? "it is not in order"
        }
    }

    private var fieldDescription: String? {
        switch self {
        case .duplicate(let scope, let key): "\(scope) has the field \(encodeHex(key)) twice"
        case .fieldKey(let scope, let type):
            "\(scope) has a field of type \(type) whose key has not that type's form"
        case .fieldValue(let scope, let type):
            "\(scope) has a field of type \(type) whose value has not that type's form"
        case .versionTwoField(let scope, let type):
            "\(scope) has a field of type \(type), which belongs to version 2 (BIP-370)"
        default: nil
        }
    }

    private var signatureDescription: String? {
        switch self {
        case .previousTransaction(let input):
            "the full transaction that made the coin of input \(input) is missing, or another"
        case .notChange(let output): "output \(output) is not the change that it is said to be"
        case .otherTransaction(let expected, let found):
            "it is of the transaction \(found.reversedHex), not of \(expected.reversedHex)"
        case .foreignSigner(let input, let key):
            "input \(input) has a signature of the key \(encodeHex(key)), which is none of its own"
        case .satisfaction(let input):
            "the finished input \(input) has not the form of the wallet's descriptor"
        case .unknownSigner(let input, let item):
            "signature \(item) of the finished input \(input) is by none of its keys"
        default: nil
        }
    }
}

extension PSBTError.Scope: CustomStringConvertible {
    public var description: String {
        switch self {
        case .global: "the global map"
        case .input(let index): "input \(index)"
        case .output(let index): "output \(index)"
        }
    }
}
