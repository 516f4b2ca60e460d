/// A cursor over borrowed deterministic CBOR (RFC 8949 §4.2.1) that refuses everything else.
///
/// Fixed formats are read field by field in the one order that sorted keys allow, so that a map
/// which is out of order, repeats a key, lacks one or holds one too many can not be read at all:
///
///     var reader = CBORReader(span)
///     var map = try reader.openMap()
///     try reader.key("seq", in: &map)
///     let sequence = try reader.unsigned()
///     try reader.close(map)
///     try reader.end()
public struct CBORReader: ~Escapable {
    private let span: Span<UInt8>
    /// The offset of the next item.
    public private(set) var offset = 0

    /// How deep arrays and maps may nest in items that are read as trees.
    public static let depthLimit = 16

    /// The fields of a map that are still to be read.
    public struct Map {
        /// How many fields are still to be read.
        public fileprivate(set) var remaining: Int
    }

    /// Starts at the byte of `span` at `offset`, by which errors then count too.
    @_lifetime(copy span)
    public init(_ span: Span<UInt8>, from offset: Int = 0) {
        self.span = span
        self.offset = offset
    }

    /// How many bytes are left.
    public var remaining: Int { span.count - offset }

    /// Throws unless every byte has been read.
    public func end() throws(CBORError) {
        guard remaining == 0 else { throw .trailing(offset: offset, count: remaining) }
    }

    // MARK: Single items

    /// Reads an unsigned integer, at most `maximum`.
    public mutating func unsigned(
        maximum: UInt64 = largestCBORInteger
    ) throws(CBORError) -> UInt64 {
        let start = offset
        let value = try argument(of: 0, "an unsigned integer")
        guard value <= maximum else {
            throw .unexpected(offset: start, expected: "at most \(maximum)", found: "\(value)")
        }
        return value
    }

    /// Reads an integer of either sign.
    public mutating func integer() throws(CBORError) -> Int64 {
        if nextMajor == 1 {
            return -1 - Int64(try argument(of: 1, "an integer"))
        }
        return Int64(try argument(of: 0, "an integer"))
    }

    /// Reads a boolean.
    public mutating func bool() throws(CBORError) -> Bool {
        switch try peek() {
        case 0xf4: offset += 1; return false
        case 0xf5: offset += 1; return true
        default: throw mismatch("true or false")
        }
    }

    /// Reads null if it is next.
    public mutating func takeNull() -> Bool {
        guard remaining > 0, span[offset] == 0xf6 else { return false }
        offset += 1
        return true
    }

    /// Reads a byte string and lends it.
    @_lifetime(copy self)
    public mutating func lentBytes(
        maximum: Int = Int.max
    ) throws(CBORError) -> Span<UInt8> {
        let range = try string(of: 2, "a byte string", maximum)
        return span.extracting(range)
    }

    /// Reads a byte string of at most `maximum` bytes as a copy.
    public mutating func bytes(maximum: Int = Int.max) throws(CBORError) -> [UInt8] {
        let part = try lentBytes(maximum: maximum)
        return [UInt8](capacity: part.count) { $0.append(part) }
    }

    /// Reads a byte string of exactly `count` bytes as a copy.
    public mutating func bytes(exactly count: Int) throws(CBORError) -> [UInt8] {
        let start = offset
        let bytes = try bytes()
        guard bytes.count == count else {
            throw .unexpected(
                offset: start, expected: "\(count) bytes", found: "\(bytes.count) bytes")
        }
        return bytes
    }

    /// Reads a byte string of exactly 32 bytes.
    public mutating func digest() throws(CBORError) -> Digest32 {
        let start = offset
        let part = try lentBytes()
        guard let digest = Digest32(part) else {
            throw .unexpected(offset: start, expected: "32 bytes", found: "\(part.count) bytes")
        }
        return digest
    }

    /// Reads a text string of at most `maximum` bytes of valid UTF-8.
    public mutating func text(maximum: Int = Int.max) throws(CBORError) -> String {
        let start = offset
        let range = try string(of: 3, "a text string", maximum)
        do {
            return String(copying: try UTF8Span(validating: span.extracting(range)))
        } catch {
            throw .refused(offset: start, rule: "a text string is not valid UTF-8")
        }
    }

    // MARK: Arrays and maps

    /// Reads the head of an array and returns its count, at most `maximum`.
    public mutating func openArray(maximum: Int = Int.max) throws(CBORError) -> Int {
        try count(of: 4, "an array", itemBytes: 1, maximum)
    }

    /// Reads the head of an array that must hold exactly `count` items.
    public mutating func openArray(exactly count: Int) throws(CBORError) {
        let start = offset
        let found = try openArray()
        guard found == count else {
            throw .unexpected(
                offset: start, expected: "an array of \(count)", found: "an array of \(found)")
        }
    }

    /// Reads the head of a map whose fields are then read in order.
    public mutating func openMap() throws(CBORError) -> Map {
        Map(remaining: try count(of: 5, "a map", itemBytes: 2, .max))
    }

    /// Reads the key `name`, which must come next in `map`.
    public mutating func key(_ name: String, in map: inout Map) throws(CBORError) {
        guard try takeKey(name, in: &map) else { throw .missingKey(offset: offset, key: name) }
    }

    /// Reads the key `name` if it comes next in `map`.
    public mutating func takeKey(_ name: String, in map: inout Map) throws(CBORError) -> Bool {
        guard map.remaining > 0 else { return false }
        let start = offset
        let range = try string(of: 3, "a text key", .max)
        let key = name.utf8.span
        guard range.count == key.count else {
            offset = start
            return false
        }
        for index in key.indices where span[range.lowerBound + index] != key[index] {
            offset = start
            return false
        }
        map.remaining -= 1
        return true
    }

    /// Reads the key `number`, which must come next in `map`.
    public mutating func key(_ number: UInt64, in map: inout Map) throws(CBORError) {
        guard try takeKey(number, in: &map) else {
            throw .missingKey(offset: offset, key: "\(number)")
        }
    }

    /// Reads the key `number` if it comes next in `map`.
    public mutating func takeKey(_ number: UInt64, in map: inout Map) throws(CBORError) -> Bool {
        guard map.remaining > 0, nextMajor == 0 else { return false }
        let start = offset
        guard try unsigned() == number else {
            offset = start
            return false
        }
        map.remaining -= 1
        return true
    }

    /// Throws unless every field of `map` has been read.
    public mutating func close(_ map: Map) throws(CBORError) {
        guard map.remaining > 0 else { return }
        let start = offset
        if nextMajor == 0 { throw .unknownKey(offset: start, key: "\(try unsigned())") }
        throw .unknownKey(offset: start, key: try text(maximum: 64).escapedForDisplay)
    }

    /// The major type of the next item, 0 to 7, or nil at the end.
    public var nextMajor: UInt8? { remaining > 0 ? span[offset] >> 5 : nil }

    // MARK: Whole items

    /// Steps over one item of any kind to where it ends.
    ///
    /// Heads and lengths are checked, what strings and maps hold is not: this is for items that
    /// are read afterwards. Allocates nothing and does not recurse.
    public mutating func skip() throws(CBORError) {
        var pending = 1
        while pending > 0 {
            pending -= 1
            switch try peek() >> 5 {
            case 0: _ = try unsigned()
            case 1: _ = try argument(of: 1, "an integer")
            case 2: _ = try string(of: 2, "a byte string", .max)
            case 3: _ = try string(of: 3, "a text string", .max)
            // A count is at most the bytes that are left, so the sum can not overflow.
            case 4: pending += try openArray()
            case 5: pending += 2 * (try openMap().remaining)
            default: if !takeNull() { _ = try bool() }
            }
        }
    }

    /// Reads one item of any kind as a tree.
    public mutating func value() throws(CBORError) -> CBORValue {
        try value(depth: 0)
    }

    private mutating func value(depth: Int) throws(CBORError) -> CBORValue {
        guard depth < Self.depthLimit else {
            throw .refused(offset: offset, rule: "nested deeper than \(Self.depthLimit)")
        }
        switch try peek() >> 5 {
        case 0: return .unsigned(try unsigned())
        case 1: return .negative(try argument(of: 1, "an integer"))
        case 2: return .bytes(try bytes())
        case 3: return .text(try text())
        case 4:
            let count = try openArray()
            var items: [CBORValue] = []
            for _ in 0..<count { items.append(try value(depth: depth + 1)) }
            return .array(items)
        case 5: return .map(try entries(depth: depth + 1))
        default:
            if takeNull() { return .null }
            return .bool(try bool())
        }
    }

    private mutating func entries(depth: Int) throws(CBORError) -> [CBORValue: CBORValue] {
        let map = try openMap()
        var entries: [CBORValue: CBORValue] = [:]
        var previous = 0..<0
        for _ in 0..<map.remaining {
            let start = offset
            let key = try value(depth: depth)
            guard previous.isEmpty || precedes(previous, start..<offset) else {
                throw .refused(offset: start, rule: "map keys are not in order or repeat")
            }
            previous = start..<offset
            entries[key] = try value(depth: depth)
        }
        // Two texts can differ in bytes and yet be one key to a reader that compares characters.
        guard entries.count == map.remaining else {
            throw .refused(offset: previous.lowerBound, rule: "two map keys are the same text")
        }
        return entries
    }

    private func precedes(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
        for (l, r) in zip(left, right) where span[l] != span[r] { return span[l] < span[r] }
        return left.count < right.count
    }

    // MARK: Heads

    private func peek() throws(CBORError) -> UInt8 {
        guard remaining > 0 else { throw .truncated(offset: offset) }
        return span[offset]
    }

    private func mismatch(_ expected: String) -> CBORError {
        let found =
            switch span[offset] >> 5 {
            case 0: "an unsigned integer"
            case 1: "a negative integer"
            case 2: "a byte string"
            case 3: "a text string"
            case 4: "an array"
            case 5: "a map"
            case 6: "a tag"
            default:
                switch span[offset] {
                case 0xf4: "false"
                case 0xf5: "true"
                case 0xf6: "null"
                default: "a float or simple value"
                }
            }
        return .unexpected(offset: offset, expected: expected, found: found)
    }

    private mutating func argument(
        of major: UInt8, _ expected: String
    ) throws(CBORError) -> UInt64 {
        let start = offset
        let first = try peek()
        guard first >> 5 == major else { throw mismatch(expected) }
        offset += 1
        let info = first & 31
        if info < 24 { return UInt64(info) }
        guard info < 28 else {
            throw .refused(
                offset: start,
                rule: info == 31 ? "indefinite lengths are refused" : "reserved head")
        }
        let width = 1 << Int(info - 24)
        guard width <= remaining else { throw .truncated(offset: start) }
        var value: UInt64 = 0
        for index in 0..<width { value = value << 8 | UInt64(span[offset + index]) }
        let smallest: UInt64 = width == 1 ? 24 : 1 << UInt64(width * 4)
        guard value >= smallest else {
            throw .refused(offset: start, rule: "a length or integer is not in its shortest form")
        }
        guard value <= largestCBORInteger else {
            throw .refused(offset: start, rule: "an integer is 2^53 or larger")
        }
        offset += width
        return value
    }

    private mutating func string(
        of major: UInt8, _ expected: String, _ maximum: Int
    ) throws(CBORError) -> Range<Int> {
        let count = try count(of: major, expected, itemBytes: 1, maximum)
        defer { offset += count }
        return offset..<offset + count
    }

    private mutating func count(
        of major: UInt8, _ expected: String, itemBytes: Int, _ maximum: Int
    ) throws(CBORError) -> Int {
        let start = offset
        let count = try argument(of: major, expected)
        // Each item takes at least a byte, so a count that the input can not hold is refused here,
        // before anything is allocated for it.
        guard count <= UInt64(remaining / itemBytes) else { throw .truncated(offset: start) }
        guard count <= UInt64(clamping: maximum) else {
            throw .unexpected(
                offset: start, expected: "\(expected) of at most \(maximum)", found: "\(count)")
        }
        return Int(count)
    }
}
