import Bytes

/// Encodes CBOR with one fault at one item, counted from 0 in the order of the encoding.
struct FaultyEncoder {
    enum Fault: Hashable, CaseIterable {
        /// The head in a form longer than needed.
        case longHead
        /// An indefinite length.
        case indefinite
        /// A tag in front.
        case tagged
        /// An integer as a float of the same value.
        case floating
        /// A map's keys backwards.
        case reversed
        /// The first key of a map once more, with its value.
        case repeated
        /// A null after the last item of an array, or entry of a map, that its count does not name.
        case overfull
    }

    private let fault: Fault
    private let target: Int
    private var index = 0
    private var isApplied = false
    private var output: [UInt8] = []

    /// The encoding of `value` with `fault` at item `target`; nil when there is no such item or the
    /// fault does not fit it.
    static func encode(_ value: CBORValue, _ fault: Fault, at target: Int) -> [UInt8]? {
        var encoder = FaultyEncoder(fault: fault, target: target)
        encoder.encode(value)
        return encoder.isApplied ? encoder.output : nil
    }

    /// How many items `value` has, itself and keys counted.
    static func count(_ value: CBORValue) -> Int {
        switch value {
        case .array(let items): 1 + items.map(count).reduce(0, +)
        case .map(let entries): 1 + entries.map { count($0.key) + count($0.value) }.reduce(0, +)
        default: 1
        }
    }

    private init(fault: Fault, target: Int) {
        self.fault = fault
        self.target = target
    }

    private mutating func encode(_ value: CBORValue) {
        let fault = index == target ? fault : nil
        index += 1
        if fault == .tagged { apply { $0.append(0xc1) } }
        switch value {
        case .unsigned(let number) where fault == .floating:
            apply {
                $0.append(0xfb)
                $0.appendBigEndian(Double(number).bitPattern)
            }
        case .unsigned(let number): head(0, number, fault)
        case .negative(let number): head(1, number, fault)
        case .bytes(let bytes): string(2, bytes, fault)
        case .text(let text): string(3, Array(text.utf8), fault)
        case .array(let items):
            head(4, UInt64(items.count), fault)
            for item in items { encode(item) }
            finish(fault)
        case .map(let entries): map(entries, fault)
        case .bool(let value) where fault == .longHead:
            apply { $0.append(contentsOf: [0xf8, value ? 21 : 20]) }
        case .bool(let value): output.append(value ? 0xf5 : 0xf4)
        case .null: output.append(0xf6)
        }
    }

    private mutating func map(_ entries: [CBORValue: CBORValue], _ fault: Fault?) {
        var sorted = entries.map { ($0.key, $0.value) }
            .sorted { $0.0.encoded.lexicographicallyPrecedes($1.0.encoded) }
        if fault == .reversed, sorted.count > 1 { apply { _ in sorted.reverse() } }
        if fault == .repeated, let first = sorted.first {
            apply { _ in sorted.insert(first, at: 0) }
        }
        head(5, UInt64(sorted.count), fault)
        for (key, value) in sorted {
            encode(key)
            encode(value)
        }
        finish(fault)
    }

    private mutating func string(_ major: UInt8, _ bytes: [UInt8], _ fault: Fault?) {
        head(major, UInt64(bytes.count), fault)
        if fault == .indefinite { output.appendCBORHead(major: major, UInt64(bytes.count)) }
        output.append(contentsOf: bytes)
        if fault == .indefinite { output.append(0xff) }
    }

    private mutating func finish(_ fault: Fault?) {
        if fault == .indefinite { output.append(0xff) }
        if fault == .overfull { apply { $0.append(0xf6) } }
    }

    private mutating func head(_ major: UInt8, _ argument: UInt64, _ fault: Fault?) {
        let type = major << 5
        switch fault {
        case .indefinite where major >= 2: apply { $0.append(type | 31) }
        case .longHead:
            switch argument {
            case 0..<24: apply { $0.append(contentsOf: [type | 24, UInt8(argument)]) }
            case 24..<0x100:
                apply {
                    $0.append(type | 25)
                    $0.appendBigEndian(UInt16(argument))
                }
            case 0x100..<0x1_0000:
                apply {
                    $0.append(type | 26)
                    $0.appendBigEndian(UInt32(argument))
                }
            case 0x1_0000..<0x1_0000_0000:
                apply {
                    $0.append(type | 27)
                    $0.appendBigEndian(argument)
                }
            default: output.appendCBORHead(major: major, argument)
            }
        default: output.appendCBORHead(major: major, argument)
        }
    }

    private mutating func apply(_ change: (inout [UInt8]) -> Void) {
        isApplied = true
        change(&output)
    }
}
