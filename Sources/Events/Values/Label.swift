/// A short name in the ledger: 1 to 32 of `a–z`, `0–9` and `-`, starting with a letter.
///
/// Names are public for ever and stand in every export, so they are handles, not people's names: a
/// person's name stands in the ledger only as a commitment. `Kind` keeps a wallet's name from being
/// used as a member's.
public struct Label<Kind>: Sendable, Hashable {
    /// The text of the name.
    public let text: String

    /// Creates a name, or returns nil when `text` is not one.
    public init?(_ text: String) {
        let characters = text.utf8
        guard (1...32).contains(characters.count), let first = characters.first,
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first),
            characters.allSatisfy(Self.isPermitted)
        else { return nil }
        self.text = text
    }

    /// What a name looks like, for messages that refuse another.
    public static var shape: String { "1 to 32 of a-z, 0-9 and -, starting with a letter" }

    private static func isPermitted(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

extension Label: Comparable {
    public static func < (left: Label, right: Label) -> Bool { left.text < right.text }
}

extension Label: CustomStringConvertible {
    public var description: String { text }
}

/// Marks names of members.
public enum MemberKind {}
/// Marks names of wallets.
public enum WalletKind {}
/// Marks names of roles.
public enum RoleKind {}

/// The name of a member.
public typealias MemberName = Label<MemberKind>
/// The name of a wallet.
public typealias WalletName = Label<WalletKind>
/// The name of a role, such as `executive`.
public typealias RoleName = Label<RoleKind>

extension RoleName {
    /// Hands out addresses and broadcasts what others have signed.
    public static let `operator` = known("operator")
    /// Records what the node says: blocks, and its answers to broadcasts.
    public static let watcher = known("watcher")
    /// Records the results of audits.
    public static let auditor = known("auditor")

    private static func known(_ text: String) -> RoleName {
        guard let name = RoleName(text) else { preconditionFailure("\(text) is a name") }
        return name
    }
}
