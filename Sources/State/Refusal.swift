/// Why `decide` does not admit an event: the rule, and a sentence that names the offending value
/// and what would be accepted.
public struct Refusal: Error, Sendable, Equatable {
    /// The rule that refuses, stable across versions and languages.
    public let rule: Rule
    /// The sentence for people.
    public let reason: String

    /// Creates a refusal.
    public init(_ rule: Rule, _ reason: String) {
        self.rule = rule
        self.reason = reason
    }

    /// The rules by which events are refused.
    public enum Rule: String, Sendable, CaseIterable {
        // Who and when.
        case unknownKey = "unknown-key"
        case keyNotAccepted = "key-not-accepted"
        case keyRetired = "key-retired"
        case memberSuspended = "member-suspended"
        case signature
        case sequence
        case equivocation
        case tooOld = "too-old"
        case fromTheFuture = "from-the-future"
        case seenBeyondEntry = "seen-beyond-entry"
        case seenShrank = "seen-shrank"
        case seenTooFarBehind = "seen-too-far-behind"
        case seenForeign = "seen-foreign"
        case seenDoesNotCover = "seen-does-not-cover"
        case hourlyLimit = "hourly-limit"
        case blobLimit = "blob-limit"
        case blobMissing = "blob-missing"
        case role
        // Founding and governance.
        case founding
        case unknownRules = "unknown-rules"
        case acceptance
        case unknownMember = "unknown-member"
        case nameTaken = "name-taken"
        case keyTaken = "key-taken"
        case quorumOverlap = "quorum-overlap"
        case quorumUnreachable = "quorum-unreachable"
        // Requests.
        case unknownRequest = "unknown-request"
        case requestEnded = "request-ended"
        case expiry
        case openTransfers = "open-transfers"
        case alreadyApproved = "already-approved"
        case notApprover = "not-approver"
        case subject
        case quorumComplete = "quorum-complete"
        case notAuthorised = "not-authorised"
        case notCancellable = "not-cancellable"
        // Wallets and coins.
        case unknownWallet = "unknown-wallet"
        case walletNotReady = "wallet-not-ready"
        case walletRetired = "wallet-retired"
        case descriptor
        case holders
        case shortcut
        case addressIndex = "address-index"
        case transaction
        case unknownCoin = "unknown-coin"
        case coinSpent = "coin-spent"
        case coinReserved = "coin-reserved"
        case coinImmature = "coin-immature"
        case coinMismatch = "coin-mismatch"
        case previousTransaction = "previous-transaction"
        case dust
        case change
        case fee
        case feeCeiling = "fee-ceiling"
        case replacement
        // Signatures, broadcast and chain.
        case signatureOfInput = "signature-of-input"
        case finalTransaction = "final-transaction"
        case notBroadcast = "not-broadcast"
        case header
        case watchedScripts = "watched-scripts"
        case branch
        case attestation
    }
}

extension Refusal: CustomStringConvertible {
    public var description: String { reason }
}
