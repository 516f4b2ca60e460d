extension WitnessPolicy {
    /// Parses a policy, by every rule of the specification; throws
    /// ``MerkleError/policy(line:reason:)``.
    public init(parsing bytes: [UInt8]) throws(MerkleError) {
        guard bytes.count <= Self.maximumBytes else {
            throw .policy(line: 0, reason: "\(bytes.count) bytes, at most \(Self.maximumBytes)")
        }
        var parser = PolicyParser()
        var lines = Lines(bytes)
        while let line = lines.next() {
            do { try parser.take(line) } catch {
                throw .policy(line: lines.number, reason: error.reason)
            }
        }
        guard lines.rest.isEmpty else {
            throw .policy(line: lines.number, reason: "the last line does not end")
        }
        guard let quorum = parser.quorum else {
            throw .policy(line: 0, reason: "there is no quorum line, exactly one is needed")
        }
        self.init(
            logs: parser.logs, witnesses: parser.witnesses, groups: parser.groups,
            quorum: quorum.member)
    }

    /// The policy in its plainest form: logs, witnesses, groups, quorum.
    public var encoded: [UInt8] {
        func name(_ member: Member) -> [UInt8] {
            switch member {
            case .witness(let index): witnesses[index].name.bytes
            case .group(let index): groups[index].name.bytes
            }
        }
        func line(_ items: [[UInt8]]) -> [UInt8] {
            Array(items.joined(separator: [space])) + [UInt8(ascii: "\n")]
        }
        var bytes: [UInt8] = []
        for log in logs {
            bytes += line(["log", log.key.encodedText].map(utf8) + [log.url].compactMap(utf8))
        }
        for witness in witnesses {
            bytes += line(
                [utf8("witness"), witness.name.bytes, utf8(witness.key.encodedText)]
                    + [witness.url].compactMap(utf8))
        }
        for group in groups {
            bytes += line(
                [utf8("group"), group.name.bytes, utf8("\(group.threshold)")]
                    + group.members.map(name))
        }
        return bytes + line([utf8("quorum"), quorum.map(name) ?? utf8("none")])
    }
}

private func utf8(_ text: String) -> [UInt8] { Array(text.utf8) }
private func utf8(_ text: String?) -> [UInt8]? { text.map { Array($0.utf8) } }

private let space = UInt8(ascii: " ")
private let tab = UInt8(ascii: "\t")

/// Why a line is refused.
private struct LineRefusal: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}

/// What the lines so far have defined.
private struct PolicyParser {
    /// Present once there was a quorum line; its member is nil for `none`.
    struct QuorumLine { let member: WitnessPolicy.Member? }

    var logs: [WitnessPolicy.KnownLog] = []
    var witnesses: [WitnessPolicy.Witness] = []
    var groups: [WitnessPolicy.Group] = []
    var quorum: QuorumLine?
    private var names: [PolicyName: WitnessPolicy.Member] = [:]
    /// Who is a member of some group already.
    private var members: Set<WitnessPolicy.Member> = []
    private let none = PolicyName("none".utf8)

    mutating func take(_ line: ArraySlice<UInt8>) throws(LineRefusal) {
        if let byte = line.first(where: { $0 < space && $0 != tab || $0 == 0x7f }) {
            throw LineRefusal("the control character \(byte) is not allowed")
        }
        let items = line.split { $0 == space || $0 == tab }
        guard let keyword = items.first, keyword.first != UInt8(ascii: "#") else { return }
        switch String(decoding: keyword, as: UTF8.self) {
        case "log": try takeLog(items)
        case "witness": try takeWitness(items)
        case "group": try takeGroup(items)
        case "quorum": try takeQuorum(items)
        default:
            throw LineRefusal("a line begins with log, witness, group, quorum or #")
        }
    }

    private mutating func takeLog(_ items: [ArraySlice<UInt8>]) throws(LineRefusal) {
        guard (2...3).contains(items.count) else {
            throw LineRefusal("expected is log <vkey> [<url>]")
        }
        let key = try key(items[1], .ed25519, "a log signs with an Ed25519 key of type 1")
        guard !logs.contains(where: { $0.key.publicKey == key.publicKey }) else {
            throw LineRefusal("the log's public key stands in a log line already")
        }
        try requireRoom(logs.count, "logs")
        logs.append(.init(key: key, url: url(items.dropFirst(2))))
    }

    private mutating func takeWitness(_ items: [ArraySlice<UInt8>]) throws(LineRefusal) {
        guard (3...4).contains(items.count) else {
            throw LineRefusal("expected is witness <name> <vkey> [<url>]")
        }
        let key = try key(items[2], .cosignature, "a witness cosigns with a key of type 4")
        guard !witnesses.contains(where: { $0.key.publicKey == key.publicKey }) else {
            throw LineRefusal("the witness's public key stands in a witness line already")
        }
        try requireRoom(witnesses.count, "witnesses")
        let name = try define(items[1], .witness(witnesses.count))
        witnesses.append(.init(name: name, key: key, url: url(items.dropFirst(3))))
    }

    private mutating func takeGroup(_ items: [ArraySlice<UInt8>]) throws(LineRefusal) {
        guard items.count >= 4 else {
            throw LineRefusal("expected is group <name> all|any|<k> <name>...")
        }
        var members: [WitnessPolicy.Member] = []
        for item in items.dropFirst(3) {
            let member = try defined(PolicyName(item))
            guard self.members.insert(member).inserted else {
                throw LineRefusal("\(PolicyName(item)) is a member of a group already")
            }
            members.append(member)
        }
        let threshold: Int
        switch String(decoding: items[2], as: UTF8.self) {
        case "all": threshold = members.count
        case "any": threshold = 1
        default:
            guard let k = parsedDecimal(items[2], maximum: UInt64(members.count)), k >= 1 else {
                throw LineRefusal(
                    "the threshold is all, any, or a number from 1 to \(members.count)")
            }
            threshold = Int(k)
        }
        try requireRoom(groups.count, "groups")
        let name = try define(items[1], .group(groups.count))
        groups.append(.init(name: name, threshold: threshold, members: members))
    }

    private mutating func takeQuorum(_ items: [ArraySlice<UInt8>]) throws(LineRefusal) {
        guard items.count == 2 else { throw LineRefusal("expected is quorum <name>|none") }
        guard quorum == nil else { throw LineRefusal("there is a quorum line already") }
        let name = PolicyName(items[1])
        quorum = QuorumLine(member: name == none ? nil : try defined(name))
    }

    private func defined(_ name: PolicyName) throws(LineRefusal) -> WitnessPolicy.Member {
        guard let member = names[name] else {
            throw LineRefusal("\(name) is not defined on a line before")
        }
        return member
    }

    private mutating func define(
        _ item: ArraySlice<UInt8>, _ member: WitnessPolicy.Member
    ) throws(LineRefusal) -> PolicyName {
        let name = PolicyName(item)
        guard name != none else { throw LineRefusal("none is no name to give") }
        guard names[name] == nil else { throw LineRefusal("\(name) is defined already") }
        names[name] = member
        return name
    }

    private func requireRoom(_ count: Int, _ what: String) throws(LineRefusal) {
        guard count < WitnessPolicy.maximumCount else {
            throw LineRefusal("more than \(WitnessPolicy.maximumCount) \(what)")
        }
    }

    private func key(
        _ item: ArraySlice<UInt8>, _ kind: NoteVerifierKey.Kind, _ rule: String
    ) throws(LineRefusal) -> NoteVerifierKey {
        guard let text = String(validating: item, as: UTF8.self) else {
            throw LineRefusal("the verifier key is not UTF-8")
        }
        let key: NoteVerifierKey
        do throws(MerkleError) { key = try NoteVerifierKey(parsing: text) } catch {
            throw LineRefusal("\(error)")
        }
        guard key.kind == kind else {
            throw LineRefusal("the key is of type \(key.kind.rawValue); \(rule)")
        }
        return key
    }

    private func url(_ items: ArraySlice<ArraySlice<UInt8>>) -> String? {
        items.first.map { String(decoding: $0, as: UTF8.self) }
    }
}
