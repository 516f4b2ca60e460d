private let inputCharacters = Array(
    ("0123456789()[],'/*abcdefgh@:$%{}IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~"
        + "ijklmnopqrstuvwxyzABCDEFGH`#\"\\ ")
        .utf8)
private let checksumCharacters = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
private let generator: [UInt64] = [
    0xf5_dee5_1989, 0xa9_fdca_3312, 0x1b_ab10_e32d, 0x37_06b1_677a, 0x64_4d62_6ffd,
]

/// Computes the eight characters of BIP-380's checksum, or returns nil when a character of
/// `expression` is none of the 95 that descriptors are written in.
func descriptorChecksum(_ expression: String) -> String? {
    var state: UInt64 = 1
    var group = 0
    var count = 0
    for character in expression.utf8 {
        guard let value = inputCharacters.firstIndex(of: character) else { return nil }
        state = advance(state, by: value & 31)
        group = group * 3 + value >> 5
        count += 1
        if count == 3 {
            state = advance(state, by: group)
            group = 0
            count = 0
        }
    }
    if count > 0 { state = advance(state, by: group) }
    for _ in 0..<8 { state = advance(state, by: 0) }
    state ^= 1
    let characters = (0..<8).map { checksumCharacters[Int(state >> (5 * (7 - UInt64($0))) & 31)] }
    return String(decoding: characters, as: UTF8.self)
}

private func advance(_ state: UInt64, by value: Int) -> UInt64 {
    let top = state >> 35
    var next = (state & 0x7_ffff_ffff) << 5 ^ UInt64(value)
    for (bit, polynomial) in generator.enumerated() where top >> UInt64(bit) & 1 == 1 {
        next ^= polynomial
    }
    return next
}
