internal import Bytes

/// The first four bytes of the hash160 of a compressed public key (BIP-32).
///
/// It names a key for people and devices. It is too short to identify one.
public struct KeyFingerprint: Sendable, Hashable {
    /// The four bytes, most significant first.
    public let rawValue: UInt32

    /// Takes the four bytes as one big-endian number.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Parses eight hexadecimal digits, or returns nil.
    public init?(hex: String) {
        guard let bytes = decodeHex(hex), bytes.count == 4 else { return nil }
        rawValue = bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Computes the fingerprint of `key`.
    public init(of key: PublicKey) {
        rawValue = hash160(key.bytes).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The four bytes in order.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(rawValue)
        return bytes
    }

    /// Eight lower-case hexadecimal digits.
    public var hex: String { encodeHex(bytes) }
}

/// Where a key comes from: the fingerprint of its root and the path from there (BIP-380).
public struct KeyOrigin: Sendable, Hashable {
    /// The root key's fingerprint.
    public let fingerprint: KeyFingerprint
    /// The path from the root to the key.
    public let path: DerivationPath

    /// Creates an origin.
    public init(fingerprint: KeyFingerprint, path: DerivationPath) {
        self.fingerprint = fingerprint
        self.path = path
    }

    /// Parses "[d34db33f/48h/1h/0h/2h]", hardened steps with "h" or "'".
    ///
    /// Throws ``KeyError/origin(offset:expected:)`` or the path's error, offsets in UTF-8 bytes.
    public init(text: String) throws(KeyError) {
        let characters = Array(text.utf8)
        guard characters.first == UInt8(ascii: "[") else { throw .origin(offset: 0, expected: "[") }
        guard characters.count >= 2, characters.last == UInt8(ascii: "]") else {
            throw .origin(offset: characters.count, expected: "]")
        }
        let inner = characters[1..<characters.count - 1]
        let end = inner.firstIndex(of: UInt8(ascii: "/")) ?? inner.endIndex
        guard
            let fingerprint = KeyFingerprint(
                hex: String(decoding: inner[1..<end], as: UTF8.self))
        else { throw .origin(offset: 1, expected: "a fingerprint of eight hexadecimal digits") }
        self.fingerprint = fingerprint
        guard end < inner.endIndex else {
            path = .root
            return
        }
        let rest = inner[(end + 1)...]
        guard rest.first != UInt8(ascii: "m"), !rest.isEmpty else {
            throw .origin(offset: end + 1, expected: "a derivation step")
        }
        do {
            path = try DerivationPath(text: String(decoding: rest, as: UTF8.self))
        } catch {
            guard case .pathStep(let offset, let found) = error else { throw error }
            throw .pathStep(offset: end + 1 + offset, found: found)
        }
    }

    /// The origin as descriptors write it, brackets included, with "h" for hardened steps.
    public var text: String {
        path.steps.isEmpty ? "[\(fingerprint.hex)]" : "[\(fingerprint.hex)/\(path.text)]"
    }

    /// The same origin one step further; throws ``KeyError/tooDeep`` over 255 steps.
    public func appending(_ step: ChildNumber) throws(KeyError) -> KeyOrigin {
        KeyOrigin(fingerprint: fingerprint, path: try path.appending(step))
    }
}
