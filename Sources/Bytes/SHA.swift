internal import Crypto

/// Computes SHA-256 (FIPS 180-4) of `span`.
public func sha256(_ span: Span<UInt8>) -> Digest32 {
    var hasher = SHA256Hasher()
    hasher.update(span)
    return hasher.finalize()
}

/// Computes SHA-256 (FIPS 180-4) of `bytes`.
public func sha256(_ bytes: [UInt8]) -> Digest32 { sha256(bytes.span) }

/// Computes SHA-256 of SHA-256, Bitcoin's hash for txids and block headers ("hash256").
public func sha256d(_ span: Span<UInt8>) -> Digest32 { sha256(sha256(span).bytes.span) }

/// Computes SHA-256 of SHA-256, Bitcoin's hash for txids and block headers ("hash256").
public func sha256d(_ bytes: [UInt8]) -> Digest32 { sha256d(bytes.span) }

/// Computes the tagged hash of BIP-340: SHA-256(SHA-256(tag) ‖ SHA-256(tag) ‖ message).
public func taggedHash(_ tag: String, _ message: [UInt8]) -> Digest32 {
    let prefix = sha256(Array(tag.utf8))
    var hasher = SHA256Hasher()
    hasher.update(prefix)
    hasher.update(prefix)
    hasher.update(message.span)
    return hasher.finalize()
}

/// Computes HMAC-SHA-512 (RFC 2104), which BIP-32 derives child keys with.
public func hmacSHA512(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
    Array(HMAC<SHA512>.authenticationCode(for: message, using: SymmetricKey(data: key)))
}

/// Computes SHA-256 of `first` ‖ `left` ‖ `right`, the shape of a Merkle tree's node.
public func sha256(_ first: UInt8, _ left: Digest32, _ right: Digest32) -> Digest32 {
    let message = Node(first: first, left: left, right: right)
    return unsafe withUnsafeBytes(of: message) { bytes in
        precondition(bytes.count == 65, "65 bytes without a gap")
        var state = SHA256()
        unsafe state.update(bufferPointer: bytes)
        return digest(of: state)
    }
}

/// Bytes alone, and so laid out without a gap.
private struct Node {
    let first: UInt8
    let left: Digest32
    let right: Digest32
}

private func digest(of state: SHA256) -> Digest32 {
    unsafe state.finalize().withUnsafeBytes { pointer in
        unsafe Digest32(pointer.loadUnaligned(as: [32 of UInt8].self))
    }
}

/// SHA-256 over parts that arrive one after another.
public struct SHA256Hasher {
    private var state = SHA256()

    /// Starts an empty message.
    public init() {}

    /// Appends `span` to the message.
    public mutating func update(_ span: Span<UInt8>) {
        unsafe span.withUnsafeBytes { unsafe state.update(bufferPointer: $0) }
    }

    /// Appends the 32 bytes of `digest` to the message.
    public mutating func update(_ digest: Digest32) { update(digest.bytes.span) }

    /// Appends one byte to the message.
    public mutating func update(byte: UInt8) {
        let one: [1 of UInt8] = [byte]
        update(one.span)
    }

    /// Returns the digest of all parts; the hasher is done then.
    public func finalize() -> Digest32 { digest(of: state) }
}
