import Bytes
import Keys
import Secrets
import Testing

/// The bytes of `hex` as a secret.
func secret(_ hex: String) throws -> SecretBytes {
    let bytes = try #require(decodeHex(hex))
    return try SecretBytes(copying: bytes.span)
}

/// The text as a passphrase.
func passphrase(_ text: String) throws -> Passphrase {
    try Passphrase(SecretBytes(copying: Array(text.utf8).span))
}

/// A secret in hexadecimal, for comparing.
func hex(_ secret: borrowing SecretBytes) -> String { encodeHex(secret.span) }

/// The error that `body` throws, where the macro can not capture what can not be copied.
func error(_ body: () throws(SecretsError) -> Void) -> SecretsError? {
    do throws(SecretsError) {
        try body()
        return nil
    } catch { return error }
}

extension ScryptCost {
    /// What takes no time, for tests.
    static var light: ScryptCost {
        get throws { try ScryptCost(rounds: 16, blockSize: 8, parallelism: 1) }
    }
}

extension Digest32 {
    /// Thirty-two equal bytes.
    init(repeating byte: UInt8) { self.init([32 of UInt8](repeating: byte)) }
}

/// Demands of a key's memory, whose file has these bytes, that it is read whole alone, and by no
/// other key; `read` puts bytes into the file and answers what reading it comes to.
func expectWholeAndOwn(_ bytes: [UInt8], _ read: ([UInt8]) throws -> SecretsError?) throws {
    #expect(try read(bytes) == nil)
    for count in 0..<bytes.count {
        guard case .memoryFile = try read(Array(bytes[..<count])) else {
            Issue.record("\(count) bytes were read")
            return
        }
    }
    var other = bytes
    other[7] ^= 1
    guard case .memoryOfOtherKey = try read(other) else {
        Issue.record("another key's memory was read")
        return
    }
}
