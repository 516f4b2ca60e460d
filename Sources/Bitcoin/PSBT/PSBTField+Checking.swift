internal import Bytes
internal import Keys

extension PSBTError.Scope {
    /// The form of the known field `type` of this map; nil for fields that are kept unread.
    private func form(_ type: UInt8) -> PSBTForm? {
        switch self {
        case .global: PSBTGlobalField(rawValue: type)?.form
        case .input: PSBTInputField(rawValue: type)?.form
        case .output: PSBTOutputField(rawValue: type)?.form
        }
    }

    /// Whether `type` may only stand in version 2 (BIP-370).
    private func isOfVersionTwo(_ type: UInt8) -> Bool {
        switch self {
        case .global: (0x02...0x06).contains(type)
        case .input: (0x0e...0x12).contains(type)
        case .output: (0x03...0x04).contains(type)
        }
    }

    /// Throws unless the field with this key and value is unknown or has its form.
    func check(_ key: [UInt8], _ value: [UInt8]) throws(PSBTError) {
        guard let type = key.first, type < 0xfd else { return }
        guard !isOfVersionTwo(type) else { throw .versionTwoField(self, type: type) }
        guard let form = form(type) else { return }
        guard form.key.matches(Array(key.dropFirst())) else { throw .fieldKey(self, type: type) }
        guard form.value.matches(value) else { throw .fieldValue(self, type: type) }
    }
}

extension PSBTKeyForm {
    func matches(_ bytes: [UInt8]) -> Bool {
        switch self {
        case .none: bytes.isEmpty
        case .publicKey: bytes.count == 65 ? bytes[0] == 4 : PublicKey(bytes) != nil
        case .xOnlyKey: XOnlyPublicKey(bytes) != nil
        case .xOnlyKeyAndLeaf:
            bytes.count == 64 && XOnlyPublicKey(Array(bytes.prefix(32))) != nil
        case .controlBlock: ControlBlock(bytes) != nil
        case .extendedKey: bytes.count == 78
        case .bytes(let count): bytes.count == count
        }
    }
}

extension PSBTValueForm {
    func matches(_ bytes: [UInt8]) -> Bool {
        switch self {
        case .any: true
        case .transaction: (try? Transaction.decode(bytes)) != nil
        case .output: decodePSBTOutput(bytes) != nil
        case .number: bytes.count == 4
        // BIP-66's shortest and longest signatures with their sighash bytes.
        case .signature: (9...73).contains(bytes.count)
        case .schnorrSignature: bytes.count == 64 || bytes.count == 65
        case .origin: bytes.count >= 4 && bytes.count % 4 == 0
        case .taprootOrigin: Self.isTaprootOrigin(bytes)
        case .witness: decodePSBTWitness(bytes) != nil
        case .leafScript: !bytes.isEmpty
        case .tree: Self.isTree(bytes)
        case .bytes(let count): bytes.count == count
        }
    }

    private static func isTaprootOrigin(_ bytes: [UInt8]) -> Bool {
        var reader = ByteReader(bytes.span)
        do {
            let leaves = try reader.compactSize("leaf hashes")
            // At most 2²⁵ leaves are counted, so that the product can not overflow.
            let origin = reader.remaining - leaves * 32
            return origin >= 4 && origin % 4 == 0
        } catch { return false }
    }

    /// Whether the bytes are leaves in depth-first order that fill a tree (BIP-371).
    private static func isTree(_ bytes: [UInt8]) -> Bool {
        var reader = ByteReader(bytes.span)
        // The depths whose right side is still to come, as a stack of completed left sides.
        var open: [UInt8] = []
        do {
            repeat {
                var depth = try reader.byte()
                guard depth <= TapTree.depthMax, try reader.byte() & 1 == 0 else { return false }
                _ = try reader.bytes(try reader.compactSize("script"))
                while depth > 0, open.last == depth {
                    open.removeLast()
                    depth -= 1
                }
                guard depth > 0 || reader.remaining == 0 else { return false }
                if depth > 0 {
                    guard open.last.map({ $0 < depth }) ?? true else { return false }
                    open.append(depth)
                }
            } while reader.remaining > 0
        } catch { return false }
        return open.isEmpty
    }
}

/// Decodes a value that is one output, or returns nil.
func decodePSBTOutput(_ bytes: [UInt8]) -> TransactionOutput? {
    var reader = ByteReader(bytes.span)
    do {
        guard let amount = Amount(satoshis: try reader.littleEndian()) else { return nil }
        let script = try reader.bytes(try reader.compactSize("scriptPubKey"))
        try reader.end()
        return TransactionOutput(amount: amount, scriptPubKey: Script(script))
    } catch { return nil }
}

/// Decodes a value that is a witness stack, or returns nil.
func decodePSBTWitness(_ bytes: [UInt8]) -> [[UInt8]]? {
    var reader = ByteReader(bytes.span)
    do {
        let count = try reader.compactSize("witness items")
        // Each item takes a byte at least.
        guard count <= reader.remaining else { return nil }
        var items: [[UInt8]] = []
        items.reserveCapacity(count)
        for _ in 0..<count {
            items.append(try reader.bytes(try reader.compactSize("witness item")))
        }
        try reader.end()
        return items
    } catch { return nil }
}
