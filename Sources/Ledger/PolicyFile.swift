internal import Files
internal import Foundation
public import Merkle

/// The file `tlog-policy` in a ledger's folder: which witnesses its checkpoints go to, and how many
/// of them make an entry witnessed.
public struct PolicyFile: Sendable {
    /// Its name in the ledger's folder.
    public static let name = "tlog-policy"
    /// Its path.
    public let path: String

    /// Names the file of the ledger in `folder`.
    public init(ledger folder: String) { path = "\(folder)/\(Self.name)" }

    /// Reads the policy; nil when there is no such file.
    public func read() throws(PolicyFileError) -> WitnessPolicy? {
        let bytes: [UInt8]?
        do throws(FileError) {
            bytes = try readFile(path, maximumBytes: WitnessPolicy.maximumBytes)
        } catch { throw .unreadable("\(error)") }
        guard let bytes else { return nil }
        do throws(MerkleError) { return try WitnessPolicy(parsing: bytes) } catch {
            throw .malformed(path: path, error)
        }
    }

    /// Replaces the file, whole or not at all.
    public func write(_ policy: WitnessPolicy) throws(PolicyFileError) {
        do throws(FileError) { try replaceFile(path, with: policy.encoded) } catch {
            throw .unreadable("\(error)")
        }
    }
}

/// Why the policy's file is not used.
public enum PolicyFileError: Error, Equatable {
    /// The file can not be read or written.
    case unreadable(String)
    /// The file is no policy.
    case malformed(path: String, MerkleError)
}

extension PolicyFileError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let reason): reason
        case .malformed(let path, let error): "\(path): \(error)"
        }
    }
}
