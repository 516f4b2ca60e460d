public import Bytes

/// The hashes of a proof as text: one a line in strict base64, as every C2SP format has them.
public enum HashLines {
    /// Writes one line for each hash, each ended by a newline.
    public static func encode(_ hashes: [Digest32]) -> String {
        hashes.map { encodeBase64($0.array) + "\n" }.joined()
    }

    /// Reads one line, without its newline; nil unless it is the base64 of 32 bytes.
    public static func decode(_ line: some Collection<UInt8>) -> Digest32? {
        // The length is checked before anything is decoded.
        guard line.count == 44 else { return nil }
        return decodeBase64(String(decoding: line, as: UTF8.self)).flatMap { Digest32($0) }
    }
}
