import Bytes
import Keys
import Secrets

extension ExtendedPrivateKey {
    /// The key as "xprv…" or "tprv…" (BIP-0032), as the vectors have it. No product path writes a
    /// secret in clear.
    borrowing func text() throws -> String {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(version == .main ? 0x0488_ade4 : 0x0435_8394 as UInt32)
        bytes.append(depth)
        bytes.appendBigEndian(parentFingerprint.rawValue)
        bytes.appendBigEndian(childNumber.rawValue)
        bytes += try publicKey.chainCode.array
        bytes.append(0)
        for index in 0..<32 { bytes.append(key.bytes[index]) }
        return encodeBase58Check(bytes)
    }
}
