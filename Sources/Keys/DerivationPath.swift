/// One step of a derivation: an index below 2³¹, hardened or not (BIP-32).
public struct ChildNumber: Sendable, Hashable {
    /// The four bytes that are hashed: the index, plus 2³¹ when hardened.
    public let rawValue: UInt32

    /// Takes the four bytes as BIP-32 serialises them; every value is a step.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// An unhardened step, or nil when `index` is not below 2³¹.
    public init?(normal index: UInt32) {
        guard index < 0x8000_0000 else { return nil }
        rawValue = index
    }

    /// A hardened step, or nil when `index` is not below 2³¹.
    public init?(hardened index: UInt32) {
        guard index < 0x8000_0000 else { return nil }
        rawValue = index | 0x8000_0000
    }

    /// The index without the hardened bit.
    public var index: UInt32 { rawValue & 0x7fff_ffff }

    /// Whether the step needs the private key.
    public var isHardened: Bool { rawValue >= 0x8000_0000 }
}

extension ChildNumber: CustomStringConvertible {
    public var description: String { isHardened ? "\(index)h" : "\(index)" }
}

/// The steps from one extended key to another, at most 255.
public struct DerivationPath: Sendable, Hashable {
    /// How many steps a path may have, since BIP-32 counts the depth in one byte.
    public static let maximumSteps = 255

    /// The steps, from the root outwards.
    public let steps: [ChildNumber]

    /// Creates a path; throws ``KeyError/tooDeep`` over 255 steps.
    public init(_ steps: [ChildNumber]) throws(KeyError) {
        guard steps.count <= Self.maximumSteps else { throw .tooDeep }
        self.steps = steps
    }

    /// The path without steps.
    public static let root = DerivationPath()

    private init() { steps = [] }

    /// Parses "48h/1h/0h/2h" or "m/48'/1'/0'/2'"; "m" and the empty text are the root.
    ///
    /// Numbers are decimal without sign or leading zeros, hardened steps end in "h" or "'". Throws
    /// ``KeyError/pathStep(offset:found:)`` with the offset counted in UTF-8 bytes.
    public init(text: String) throws(KeyError) {
        var offset = 0
        var rest = text[...]
        if rest == "m" { rest = "" }
        if rest.hasPrefix("m/") {
            rest = rest.dropFirst(2)
            offset = 2
            guard !rest.isEmpty else { throw .pathStep(offset: offset, found: "") }
        }
        var steps: [ChildNumber] = []
        if !rest.isEmpty {
            for part in rest.split(separator: "/", omittingEmptySubsequences: false) {
                guard steps.count < Self.maximumSteps else { throw .tooDeep }
                guard let step = Self.step(part.utf8) else {
                    throw .pathStep(offset: offset, found: String(part.prefix(16)))
                }
                steps.append(step)
                offset += part.utf8.count + 1
            }
        }
        self.steps = steps
    }

    /// The path without "m", with "h" for hardened steps, as descriptors write it.
    public var text: String { steps.map(\.description).joined(separator: "/") }

    /// This path with `step` after it; throws ``KeyError/tooDeep`` over 255 steps.
    public func appending(_ step: ChildNumber) throws(KeyError) -> DerivationPath {
        try DerivationPath(steps + [step])
    }

    private static func step(_ characters: Substring.UTF8View) -> ChildNumber? {
        var digits = characters[...]
        let isHardened = digits.last == UInt8(ascii: "h") || digits.last == UInt8(ascii: "'")
        if isHardened { digits = digits.dropLast() }
        guard (1...10).contains(digits.count) else { return nil }
        guard digits.first != UInt8(ascii: "0") || digits.count == 1 else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + UInt64(digit - UInt8(ascii: "0"))
        }
        guard let index = UInt32(exactly: value) else { return nil }
        return isHardened ? ChildNumber(hardened: index) : ChildNumber(normal: index)
    }
}
