internal import Bytes
internal import Keys

extension DescriptorParser {
    private static let acceptedKey =
        "[fingerprint/path] (or nothing), an xpub or tpub, and \(DescriptorKey.suffix)"

    mutating func nextKey() throws(DescriptorError) -> DescriptorKey {
        let start = offset
        let expression = taking()
        return try key(atOffset: start, expression)
    }

    /// Reads one key: optional origin, extended public key, and `/<0;1>/*`.
    func key(
        atOffset start: Int, _ expression: [UInt8]
    ) throws(DescriptorError) -> DescriptorKey {
        guard peek != UInt8(ascii: "(") else {
            throw .notSupported(
                offset: start, found: "an expression in place of a key", accepted: Self.acceptedKey)
        }
        var origin: KeyOrigin?
        var rest = expression[...]
        if rest.first == UInt8(ascii: "["), let end = rest.firstIndex(of: UInt8(ascii: "]")) {
            do { origin = try KeyOrigin(text: text(rest[...end])) } catch {
                throw located(error, from: start)
            }
            rest = rest[(end + 1)...]
        }
        let keyStart = start + rest.startIndex
        let slash = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        let extended: ExtendedPublicKey
        do { extended = try ExtendedPublicKey(text: text(rest[..<slash])) } catch {
            throw refusal(of: Array(rest[..<slash]), atOffset: keyStart, error)
        }
        guard rest[slash...].elementsEqual(DescriptorKey.suffix.utf8) else {
            throw .notSupported(
                offset: start + slash,
                found: slash == rest.endIndex
                    ? "a key without derivation"
                    : "the derivation \(text(rest[slash...].prefix(32)))",
                accepted: DescriptorKey.suffix)
        }
        do { return try DescriptorKey(origin: origin, extendedKey: extended) } catch {
            throw .key(offset: keyStart, error)
        }
    }

    /// Tells keys that descriptors know but our wallets do not have from what is no key at all.
    private func refusal(
        of expression: [UInt8], atOffset start: Int, _ error: KeyError
    ) -> DescriptorError {
        guard !expression.isEmpty else {
            return .unexpected(offset: start, found: "no key", accepted: Self.acceptedKey)
        }
        let isPlain =
            [64, 66, 130].contains(expression.count) && decodeHex(text(expression)) != nil
        // Private keys in Core's import format are the other base58 without extension.
        if case .extendedKeyLength = error {
        } else if !isPlain {
            return .key(offset: start, error)
        }
        return .notSupported(
            offset: start, found: "a key without extension", accepted: Self.acceptedKey)
    }

    private func located(_ error: KeyError, from start: Int) -> DescriptorError {
        switch error {
        case .pathStep(let offset, let found):
            .key(offset: start + offset, .pathStep(offset: offset, found: found))
        case .origin(let offset, let expected):
            .key(offset: start + offset, .origin(offset: offset, expected: expected))
        default:
            .key(offset: start, error)
        }
    }

    func text(_ characters: some Sequence<UInt8>) -> String {
        String(decoding: Array(characters), as: UTF8.self)
    }
}
