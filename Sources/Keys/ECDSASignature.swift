internal import Bytes
internal import CSecp256k1

/// An ECDSA signature as r ‖ s, 32 big-endian bytes each (RFC 8812's form for ES256K).
public struct ECDSASignature: Sendable, Hashable {
    private let r: Digest32
    private let s: Digest32

    /// Creates a signature from 64 bytes, or returns nil. Range and low s are checked when
    /// verifying.
    public init?(_ span: Span<UInt8>) {
        guard span.count == 64, let r = Digest32(span.extracting(0..<32)),
            let s = Digest32(span.extracting(32..<64))
        else { return nil }
        self.r = r
        self.s = s
    }

    /// Creates a signature from 64 bytes, or returns nil.
    public init?(_ bytes: [UInt8]) { self.init(bytes.span) }

    /// Parses strict DER as BIP-66 demands of signatures in scripts (without the sighash byte), or
    /// returns nil.
    public init?(der: [UInt8]) {
        var parsed = secp256k1_ecdsa_signature()
        guard unsafe secp256k1_ecdsa_signature_parse_der(context, &parsed, der, der.count) == 1
        else {
            return nil
        }
        var compact = [UInt8](repeating: 0, count: 64)
        unsafe secp256k1_ecdsa_signature_serialize_compact(context, &compact, &parsed)
        self.init(compact)
        // The parser takes a few encodings that BIP-66 does not; the strict form is the one we
        // write.
        guard self.der == der else { return nil }
    }

    /// The 64 bytes r ‖ s.
    public var bytes: [UInt8] { r.array + s.array }

    /// The signature in strict DER, at most 72 bytes, without a sighash byte.
    public var der: [UInt8] {
        func integer(_ value: Digest32) -> [UInt8] {
            var bytes = Array(value.array.drop { $0 == 0 })
            if bytes.first.map({ $0 >= 0x80 }) ?? true { bytes.insert(0, at: 0) }
            return [0x02, UInt8(bytes.count)] + bytes
        }
        let body = integer(r) + integer(s)
        return [0x30, UInt8(body.count)] + body
    }

    /// Whether s is in the lower half of the group order, as every signature here must be.
    public var isLowS: Bool {
        var parsed = secp256k1_ecdsa_signature()
        guard unsafe parse(into: &parsed) else { return false }
        return unsafe secp256k1_ecdsa_signature_normalize(context, nil, &parsed) == 0
    }

    /// Fills the library's own form; false when r or s is not below the group order.
    @unsafe func parse(into parsed: inout secp256k1_ecdsa_signature) -> Bool {
        let compact: [64 of UInt8] = [64 of UInt8] { $0 < 32 ? r.bytes[$0] : s.bytes[$0 - 32] }
        return unsafe compact.span.withUnsafeBufferPointer { pointer in
            guard let pointer = pointer.baseAddress else { return false }
            return unsafe secp256k1_ecdsa_signature_parse_compact(context, &parsed, pointer) == 1
        }
    }
}
