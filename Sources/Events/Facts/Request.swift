public import Bytes
public import Keys

/// What a request asks for. It is in force from the event that completes its quorum.
public enum Request: Sendable, Hashable {
    case transfer(Transfer)
    case createWallet(WalletProposal)
    case retireWallet(WalletName)
    case enrolMember(Enrolment)
    case suspendMember(MemberName)
    case rotateKey(MemberName, to: KeyID)
    case replacePolicy(PolicyScope, with: Quorum)
    case cancel(request: Digest32)

    /// The request's `kind` in the payload.
    public var kind: RequestKind {
        switch self {
        case .transfer: .transfer
        case .createWallet: .createWallet
        case .retireWallet: .retireWallet
        case .enrolMember: .enrolMember
        case .suspendMember: .suspendMember
        case .rotateKey: .rotateKey
        case .replacePolicy: .replacePolicy
        case .cancel: .cancel
        }
    }

    /// The blobs that must be read before the request can be judged.
    public var evidence: [BlobReference] {
        guard case .transfer(let transfer) = self else { return [] }
        return ([transfer.transaction] + transfer.coins.compactMap(\.previous))
            .compactMap(\.reference)
    }
}

/// The kinds of requests, by their names in the payload.
public enum RequestKind: String, Sendable, CaseIterable {
    case transfer
    case createWallet = "create-wallet"
    case retireWallet = "retire-wallet"
    case enrolMember = "enrol-member"
    case suspendMember = "suspend-member"
    case rotateKey = "rotate-key"
    case replacePolicy = "replace-policy"
    case cancel
}

/// Whose quorum a policy request replaces.
public enum PolicyScope: Sendable, Hashable {
    /// The quorum for changes of members, wallets and itself.
    case ledger
    /// The quorum for transfers of a wallet, its retirement, and itself.
    case wallet(WalletName)
}

extension Request {
    package init(from reader: inout CBORReader) throws(CBORError) {
        var map = try reader.openMap()
        // "to", "fee" and "of" sort before "kind" and "wallet", "member" after it, so each kind's
        // fields are read in the one order that its encoding has.
        if try reader.takeKey("fee", in: &map) {
            self = .transfer(try Transfer(from: &reader, map: &map))
        } else if try reader.takeKey("to", in: &map) {
            let key = try KeyID(from: &reader)
            try Self.kind(.rotateKey, from: &reader, &map)
            try reader.key("member", in: &map)
            self = .rotateKey(try MemberName(from: &reader), to: key)
        } else if try reader.takeKey("gap", in: &map) {
            self = .createWallet(try WalletProposal(from: &reader, map: &map))
        } else {
            self = try Self.small(from: &reader, &map)
        }
        try reader.close(map)
    }

    private static func small(
        from reader: inout CBORReader, _ map: inout CBORReader.Map
    ) throws(CBORError) -> Request {
        try reader.key("kind", in: &map)
        let offset = reader.offset
        let kind = try reader.text(maximum: 32)
        switch RequestKind(rawValue: kind) {
        case .retireWallet:
            try reader.key("wallet", in: &map)
            return .retireWallet(try WalletName(from: &reader))
        case .enrolMember:
            try reader.key("member", in: &map)
            return .enrolMember(try Enrolment(from: &reader))
        case .suspendMember:
            try reader.key("member", in: &map)
            return .suspendMember(try MemberName(from: &reader))
        case .replacePolicy:
            try reader.key("quorum", in: &map)
            let quorum = try Quorum(from: &reader)
            guard try reader.takeKey("wallet", in: &map) else {
                return .replacePolicy(.ledger, with: quorum)
            }
            return .replacePolicy(.wallet(try WalletName(from: &reader)), with: quorum)
        case .cancel:
            try reader.key("request", in: &map)
            return .cancel(request: try reader.digest())
        case .transfer, .createWallet, .rotateKey, nil:
            throw .unexpected(
                offset: offset, expected: "a kind of request with its fields",
                found: "\"\(kind.escapedForDisplay)\"")
        }
    }

    static func kind(
        _ kind: RequestKind, from reader: inout CBORReader, _ map: inout CBORReader.Map
    ) throws(CBORError) {
        try reader.key("kind", in: &map)
        let offset = reader.offset
        let found = try reader.text(maximum: 32)
        guard found == kind.rawValue else {
            throw .unexpected(
                offset: offset, expected: "\"\(kind.rawValue)\"",
                found: "\"\(found.escapedForDisplay)\"")
        }
    }

    package var cbor: CBORValue {
        var map: [CBORValue: CBORValue]
        switch self {
        case .transfer(let transfer): map = transfer.fields
        case .createWallet(let proposal): map = proposal.fields
        case .retireWallet(let wallet): map = ["wallet": wallet.cbor]
        case .enrolMember(let enrolment): map = ["member": enrolment.cbor]
        case .suspendMember(let member): map = ["member": member.cbor]
        case .rotateKey(let member, let key): map = ["member": member.cbor, "to": key.cbor]
        case .replacePolicy(.ledger, let quorum): map = ["quorum": quorum.cbor]
        case .replacePolicy(.wallet(let wallet), let quorum):
            map = ["quorum": quorum.cbor, "wallet": wallet.cbor]
        case .cancel(let request): map = ["request": .digest(request)]
        }
        map["kind"] = .text(kind.rawValue)
        return .map(map)
    }
}
