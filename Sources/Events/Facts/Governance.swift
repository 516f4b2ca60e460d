public import Bytes

/// A consent, signed by the very key that it brings into force.
public enum Accepted: Sendable, Hashable {
    /// The author holds the event key under which this member was founded, enrolled or rotated.
    case membership(MemberName)
    /// The author holds a key of this wallet and has seen its full descriptor, checksum included.
    case wallet(WalletName, descriptor: String)

    package init(from reader: inout CBORReader) throws(CBORError) {
        var map = try reader.openMap()
        if try reader.takeKey("member", in: &map) {
            self = .membership(try MemberName(from: &reader))
        } else {
            try reader.key("wallet", in: &map)
            let wallet = try WalletName(from: &reader)
            try reader.key("descriptor", in: &map)
            self = .wallet(
                wallet,
                descriptor: try reader.printableASCII(maximum: WalletProposal.descriptorLimit))
        }
        try reader.close(map)
    }

    package var cbor: CBORValue {
        switch self {
        case .membership(let member): ["member": member.cbor]
        case .wallet(let wallet, let descriptor):
            ["wallet": wallet.cbor, "descriptor": .text(descriptor)]
        }
    }
}

/// A request was made: its intent is frozen here, and its id is the id of this event.
public struct Initiated: Sendable, Hashable {
    public let request: Request
    /// When the request ends by itself, in milliseconds of recorded time since 1970.
    public let expires: UInt64
    /// What the request is known as elsewhere, such as an invoice's number; public for ever.
    public let reference: String?

    /// The longest reference in bytes.
    public static let referenceLimit = 140

    /// Creates the fact.
    public init(request: Request, expires: UInt64, reference: String?) {
        self.request = request
        self.expires = expires
        self.reference = reference
    }

    package init(from reader: inout CBORReader) throws(CBORError) {
        var map = try reader.openMap()
        try reader.key("expires", in: &map)
        expires = try reader.unsigned()
        try reader.key("request", in: &map)
        request = try Request(from: &reader)
        reference =
            try reader.takeKey("reference", in: &map)
            ? try reader.line(maximum: Self.referenceLimit) : nil
        try reader.close(map)
    }

    package var cbor: CBORValue {
        var map: [CBORValue: CBORValue] = [
            "expires": .unsigned(expires), "request": request.cbor,
        ]
        map["reference"] = reference.map { .text($0) }
        return .map(map)
    }
}

/// A member approved a request: he signs its id, and so every byte of its intent.
public struct Approved: Sendable, Hashable {
    public let request: Digest32

    /// Creates the fact.
    public init(request: Digest32) { self.request = request }

    package init(from reader: inout CBORReader) throws(CBORError) {
        var map = try reader.openMap()
        try reader.key("request", in: &map)
        request = try reader.digest()
        try reader.close(map)
    }

    package var cbor: CBORValue { ["request": .digest(request)] }
}

/// A member ended a request before its quorum was complete.
public struct Aborted: Sendable, Hashable {
    public let request: Digest32
    /// Why, in a line; public for ever.
    public let reason: String?

    /// The longest reason in bytes.
    public static let reasonLimit = 140

    /// Creates the fact.
    public init(request: Digest32, reason: String?) {
        self.request = request
        self.reason = reason
    }

    package init(from reader: inout CBORReader) throws(CBORError) {
        var map = try reader.openMap()
        reason =
            try reader.takeKey("reason", in: &map)
            ? try reader.line(maximum: Self.reasonLimit) : nil
        try reader.key("request", in: &map)
        request = try reader.digest()
        try reader.close(map)
    }

    package var cbor: CBORValue {
        var map: [CBORValue: CBORValue] = ["request": .digest(request)]
        map["reason"] = reason.map { .text($0) }
        return .map(map)
    }
}

/// An auditor replayed the log up to `head` and came to this state with so many findings.
public struct Attested: Sendable, Hashable {
    public let head: TreeHead
    /// SHA-256 of the state's deterministic encoding at `head`.
    public let state: Digest32
    public let findings: UInt64

    /// Creates the fact.
    public init(head: TreeHead, state: Digest32, findings: UInt64) {
        self.head = head
        self.state = state
        self.findings = findings
    }

    package init(from reader: inout CBORReader) throws(CBORError) {
        var map = try reader.openMap()
        try reader.key("head", in: &map)
        head = try TreeHead(from: &reader)
        try reader.key("state", in: &map)
        state = try reader.digest()
        try reader.key("findings", in: &map)
        findings = try reader.unsigned()
        try reader.close(map)
    }

    package var cbor: CBORValue {
        ["head": head.cbor, "state": .digest(state), "findings": .unsigned(findings)]
    }
}

/// A member attached a document to the ledger, or to a request of it.
public struct Attached: Sendable, Hashable {
    /// The blob: a 32-byte salt followed by the document, so that its digest tells nothing.
    public let document: BlobReference
    /// What the document is, in a line; public for ever.
    public let label: String?
    public let request: Digest32?

    /// The longest label in bytes.
    public static let labelLimit = 140

    /// Creates the fact.
    public init(document: BlobReference, label: String?, request: Digest32?) {
        self.document = document
        self.label = label
        self.request = request
    }

    package init(from reader: inout CBORReader) throws(CBORError) {
        var map = try reader.openMap()
        label =
            try reader.takeKey("label", in: &map)
            ? try reader.line(maximum: Self.labelLimit) : nil
        request = try reader.takeKey("request", in: &map) ? try reader.digest() : nil
        try reader.key("document", in: &map)
        document = try BlobReference(from: &reader)
        try reader.close(map)
    }

    package var cbor: CBORValue {
        var map: [CBORValue: CBORValue] = ["document": document.cbor]
        map["label"] = label.map { .text($0) }
        map["request"] = request.map { .digest($0) }
        return .map(map)
    }
}
