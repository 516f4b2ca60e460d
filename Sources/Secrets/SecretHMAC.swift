internal import Crypto

private let blockBytes = 128

/// Computes HMAC-SHA-512 (RFC 2104) of a secret shorter than a block into locked memory, with a key
/// no longer than a block.
///
/// The package's own HMAC leaves the padded key and the end of the message in memory that it frees
/// without clearing (its `zeroize` clears the size of a type's description, which is nothing). Here
/// the pads are in locked memory, and each hash is run on past its result until nothing of the
/// message is left in its buffer.
func hmacSHA512(
    key: Span<UInt8>, _ message: Span<UInt8>
) throws(SecretsError) -> SecretBytes {
    precondition(key.count <= blockBytes && message.count < blockBytes, "both fit into a block")
    var output = try SecretBytes(count: 64)
    try hash(pad(key, 0x36), message, into: &output)
    let inner = try SecretBytes(copying: output.span)
    try hash(pad(key, 0x5c), inner.span, into: &output)
    clearStack()
    return output
}

private func pad(_ key: Span<UInt8>, _ mask: UInt8) throws(SecretsError) -> SecretBytes {
    var block = try SecretBytes(count: blockBytes)
    var span = block.mutableSpan
    for index in 0..<blockBytes { span[index] = mask ^ (index < key.count ? key[index] : 0) }
    return block
}

/// Hashes a whole block and a part of one.
private func hash(
    _ block: borrowing SecretBytes, _ part: Span<UInt8>, into output: inout SecretBytes
) {
    var hasher = SHA512()
    unsafe block.span.withUnsafeBytes { unsafe hasher.update(bufferPointer: $0) }
    unsafe part.withUnsafeBytes { unsafe hasher.update(bufferPointer: $0) }
    let digest = hasher.finalize()
    unsafe digest.withUnsafeBytes { digest in
        unsafe output.withMutablePointer { pointer in
            for index in 0..<64 { unsafe pointer[index] = digest[index] }
        }
    }
    // The first zeros fill the block that the part began, the others then take its place.
    hasher.update(data: [UInt8](repeating: 0, count: blockBytes - part.count))
    hasher.update(data: [UInt8](repeating: 0, count: blockBytes - 1))
}
