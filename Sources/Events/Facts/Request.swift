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

    /// The wallet that the request is about.
    public var wallet: WalletName? {
        switch self {
        case .transfer(let transfer): transfer.wallet
        case .createWallet(let proposal): proposal.wallet
        case .retireWallet(let name), .replacePolicy(.wallet(let name), _): name
        case .enrolMember, .suspendMember, .rotateKey, .replacePolicy(.ledger, _), .cancel: nil
        }
    }

    /// The member that the request is about.
    public var member: MemberName? {
        switch self {
        case .enrolMember(let enrolment): enrolment.member
        case .suspendMember(let name), .rotateKey(let name, _): name
        case .transfer, .createWallet, .retireWallet, .replacePolicy, .cancel: nil
        }
    }

    /// Whose rule decides the request; nil for a cancellation, which is decided as its target is.
    public var scope: PolicyScope? {
        switch self {
        case .transfer(let transfer): .wallet(transfer.wallet)
        case .retireWallet(let name): .wallet(name)
        case .replacePolicy(let scope, _): scope
        case .createWallet, .enrolMember, .suspendMember, .rotateKey: .ledger
        case .cancel: nil
        }
    }

    /// The request that this one cancels.
    public var cancelled: Digest32? {
        if case .cancel(let target) = self { target } else { nil }
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
        // "to", "gap" and "fee" sort before "kind", so the kind is looked up before its fields are
        // read in the one order that their encoding has.
        let kind = try Self.kind(ahead: reader)
        var map = try reader.openMap()
        switch kind {
        case .transfer: self = .transfer(try Transfer(from: &reader, map: &map))
        case .createWallet: self = .createWallet(try WalletProposal(from: &reader, map: &map))
        case .retireWallet:
            try Self.kind(from: &reader, &map)
            try reader.key("wallet", in: &map)
            self = .retireWallet(try WalletName(from: &reader))
        case .enrolMember:
            try Self.kind(from: &reader, &map)
            try reader.key("member", in: &map)
            self = .enrolMember(try Enrolment(from: &reader))
        case .suspendMember:
            try Self.kind(from: &reader, &map)
            try reader.key("member", in: &map)
            self = .suspendMember(try MemberName(from: &reader))
        case .rotateKey:
            try reader.key("to", in: &map)
            let key = try KeyID(from: &reader)
            try Self.kind(from: &reader, &map)
            try reader.key("member", in: &map)
            self = .rotateKey(try MemberName(from: &reader), to: key)
        case .replacePolicy:
            try Self.kind(from: &reader, &map)
            try reader.key("quorum", in: &map)
            let quorum = try Quorum(from: &reader)
            let isWallets = try reader.takeKey("wallet", in: &map)
            let scope = isWallets ? PolicyScope.wallet(try WalletName(from: &reader)) : .ledger
            self = .replacePolicy(scope, with: quorum)
        case .cancel:
            try Self.kind(from: &reader, &map)
            try reader.key("request", in: &map)
            self = .cancel(request: try reader.digest())
        }
        try reader.close(map)
    }

    /// The kind that the map which comes next names.
    private static func kind(ahead reader: borrowing CBORReader) throws(CBORError) -> RequestKind {
        var reader = copy reader
        let start = reader.offset
        for _ in 0..<(try reader.openMap().remaining) {
            guard try reader.text() == "kind" else {
                try reader.skip()
                continue
            }
            let offset = reader.offset
            let name = try reader.text(maximum: Event.typeLimit)
            guard let kind = RequestKind(rawValue: name) else {
                throw .unexpected(
                    offset: offset, expected: "a kind of request that these rules know",
                    found: "\"\(name.escapedForDisplay)\"")
            }
            return kind
        }
        throw .missingKey(offset: start, key: "kind")
    }

    /// Steps over the kind, which is known, where it stands among the fields.
    static func kind(
        from reader: inout CBORReader, _ map: inout CBORReader.Map
    ) throws(CBORError) {
        try reader.key("kind", in: &map)
        try reader.skip()
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
