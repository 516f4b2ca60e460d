public import Merkle
public import Terminal

extension InputFile {
    /// Reads a signed checkpoint that somebody kept.
    public static func checkpoint(_ path: String) throws(InputFileError) -> SignedCheckpoint {
        try checkpoint(try read(path, maximumBytes: Note.maximumBytes), from: path)
    }

    /// Takes a signed checkpoint that came from the file `path`.
    static func checkpoint(
        _ bytes: [UInt8], from path: String
    ) throws(InputFileError) -> SignedCheckpoint {
        do throws(MerkleError) { return try SignedCheckpoint(parsing: bytes) } catch {
            throw .other(path: path, wanted: "signed checkpoint", reason: "\(error)")
        }
    }

    /// Reads a C2SP `tlog-policy`.
    public static func policy(_ path: String) throws(InputFileError) -> WitnessPolicy {
        let bytes = try read(path, maximumBytes: WitnessPolicy.maximumBytes)
        do throws(MerkleError) { return try WitnessPolicy(parsing: bytes) } catch {
            throw .other(path: path, wanted: "tlog-policy", reason: "\(error)")
        }
    }
}
