internal import Bytes

/// What an event holds that these rules do not name and a newer program may: nothing can be said of
/// it, nor of what follows it.
///
/// `rules.md`, *Not checkable*, says which bytes these are; whatever else is wrong with the payload
/// does not matter then.
public enum UnknownForm: Error, Equatable, Sendable {
    /// The event is of another type.
    case type(String)
    /// The event initiates a request of another kind.
    case requestKind(String)
    /// The request holds a quorum, or a term of one, that is a map of other keys.
    case quorum(keys: [String])

    /// Finds in a payload what these rules do not name; nil when all is known, or when the payload
    /// is not even sound around it.
    init?(in payload: Span<UInt8>) {
        var reader = CBORReader(payload)
        guard let value = try? reader.value(), reader.remaining == 0, value.hasTextKeys,
            case .map(let fields) = value, fields.count == 5,
            case .text(let type)? = fields["type"],
            case .unsigned? = fields["seq"], case .unsigned? = fields["time"],
            case .array(let seen)? = fields["seen"], seen.count == 2, case .unsigned = seen[0],
            case .bytes(let root) = seen[1], root.count == 32,
            let body = fields["body"], type.utf8.count <= Event.typeLimit
        else { return nil }
        guard let known = FactType(rawValue: type) else {
            self = .type(type)
            return
        }
        guard known == .initiated, case .map(let initiated) = body,
            case .map(let request)? = initiated["request"], let form = Self.form(in: request)
        else { return nil }
        self = form
    }

    private static func form(in request: [CBORValue: CBORValue]) -> UnknownForm? {
        guard case .text(let kind)? = request["kind"], kind.utf8.count <= Event.typeLimit else {
            return nil
        }
        switch RequestKind(rawValue: kind) {
        case nil: return .requestKind(kind)
        case .createWallet, .replacePolicy: return request["quorum"].flatMap(form(of:))
        default: return nil
        }
    }

    private static func form(of quorum: CBORValue) -> UnknownForm? {
        guard case .map(let fields) = quorum else { return nil }
        guard Set(fields.keys) == ["of", "need"] else {
            return .quorum(
                keys: fields.keys.map { if case .text(let key) = $0 { key } else { "" } }.sorted())
        }
        guard case .array(let terms)? = fields["of"] else { return nil }
        return terms.lazy.compactMap(form(of:)).first
    }
}

extension UnknownForm: CustomStringConvertible {
    public var description: String {
        switch self {
        case .type(let name): "events of type \"\(name.escapedForDisplay)\""
        case .requestKind(let name): "requests of kind \"\(name.escapedForDisplay)\""
        case .quorum(let keys):
            "quorums of the form {"
                + keys.map { "\"\($0.escapedForDisplay)\"" }.joined(separator: ", ") + "}"
        }
    }
}

extension CBORValue {
    fileprivate var hasTextKeys: Bool {
        switch self {
        case .array(let items): items.allSatisfy(\.hasTextKeys)
        case .map(let fields):
            fields.allSatisfy { key, value in
                if case .text = key { value.hasTextKeys } else { false }
            }
        default: true
        }
    }
}
