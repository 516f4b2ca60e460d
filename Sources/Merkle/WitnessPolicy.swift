/// Whose signatures a checkpoint needs (C2SP tlog-policy): one of the logs, and witnesses enough
/// for the quorum.
///
///     log <vkey> [<url>]
///     witness <name> <vkey> [<url>]
///     group <name> all|any|<k> <name>...
///     quorum <name>|none
public struct WitnessPolicy: Sendable, Hashable {
    /// The largest file that is read, in bytes.
    public static let maximumBytes = 1 << 20
    /// The most logs, the most witnesses, and the most groups; a note holds 100 signatures.
    public static let maximumCount = 100

    /// A log whose checkpoints are accepted.
    public struct KnownLog: Sendable, Hashable {
        /// Its key, whose name is the checkpoint's origin.
        public let key: NoteVerifierKey
        /// Where it is found; what it means is for its reader to say.
        public let url: String?
    }

    /// A witness, by the name that the rules of this file have for it.
    public struct Witness: Sendable, Hashable {
        /// Its name in this file.
        public let name: PolicyName
        /// The key of its cosignatures.
        public let key: NoteVerifierKey
        /// Where it takes checkpoints: the prefix before `/add-checkpoint`.
        public let url: String?
    }

    /// A group witnesses a checkpoint when as many of its members do.
    public struct Group: Sendable, Hashable {
        /// Its name in this file.
        public let name: PolicyName
        /// How many members it takes, from 1 to all.
        public let threshold: Int
        /// Its members.
        public let members: [Member]
    }

    /// A witness or a group, by its place among ``witnesses`` or ``groups``.
    public enum Member: Sendable, Hashable {
        case witness(Int)
        case group(Int)
    }

    /// The logs, in the order of the file.
    public let logs: [KnownLog]
    /// The witnesses, in the order of the file.
    public let witnesses: [Witness]
    /// The groups, in the order of the file; each refers to those before it alone.
    public let groups: [Group]
    /// What must have witnessed a checkpoint; nil for `none`.
    public let quorum: Member?

    init(logs: [KnownLog], witnesses: [Witness], groups: [Group], quorum: Member?) {
        self.logs = logs
        self.witnesses = witnesses
        self.groups = groups
        self.quorum = quorum
    }

    /// The policy of one log and nobody else: `quorum none`.
    public init(log: NoteVerifierKey) {
        self.init(logs: [KnownLog(key: log, url: nil)], witnesses: [], groups: [], quorum: nil)
    }

    /// How many witnesses the quorum takes at least, and of how many; (0, 0) for `none`.
    public var quorumCounts: (needed: Int, of: Int) {
        guard let quorum else { return (0, 0) }
        var sums: [(needed: Int, of: Int)] = []
        func counts(_ member: Member) -> (needed: Int, of: Int) {
            switch member {
            case .witness: (1, 1)
            case .group(let index): sums[index]
            }
        }
        for group in groups {
            let members = group.members.map(counts)
            sums.append(
                (
                    members.map(\.needed).sorted().prefix(group.threshold).reduce(0, +),
                    members.map(\.of).reduce(0, +)
                ))
        }
        return counts(quorum)
    }
}

/// A name in a policy: bytes without white space, compared as such, since two spellings of a letter
/// are two names.
public struct PolicyName: Sendable, Hashable {
    /// The bytes.
    public let bytes: [UInt8]

    init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }
}

extension PolicyName: CustomStringConvertible {
    /// The name as text; bytes that are no UTF-8 come out as U+FFFD.
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}
