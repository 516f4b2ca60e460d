internal import Bytes

/// One map of a PSBT: fields by key, each key once. A key is the field's type and its key data.
public struct PSBTMap: Sendable, Hashable {
    private var values: [[UInt8]: [UInt8]] = [:]

    /// A map without fields.
    public init() {}

    /// How many fields there are.
    public var count: Int { values.count }

    /// The fields ordered by the bytes of their keys, which is how they are written.
    public var fields: [(key: [UInt8], value: [UInt8])] {
        values.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { ($0.key, $0.value) }
    }

    /// The value of the field with this key, type first.
    public subscript(key: [UInt8]) -> [UInt8]? {
        get { values[key] }
        set { values[key] = newValue }
    }

    /// The value of an input field without key data.
    public subscript(field: PSBTInputField) -> [UInt8]? {
        get { values[[field.rawValue]] }
        set { values[[field.rawValue]] = newValue }
    }

    /// The value of an output field without key data.
    public subscript(field: PSBTOutputField) -> [UInt8]? {
        get { values[[field.rawValue]] }
        set { values[[field.rawValue]] = newValue }
    }

    /// All input fields of one type, ordered by key data.
    public func all(_ field: PSBTInputField) -> [(keyData: [UInt8], value: [UInt8])] {
        fields.filter { $0.key.first == field.rawValue }.map {
            (Array($0.key.dropFirst()), $0.value)
        }
    }

    /// Reads the fields up to the map's end and checks the form of every known one.
    ///
    /// `entries` counts the fields of all maps so far.
    init(
        from reader: inout ByteReader, _ scope: PSBTError.Scope, entries: inout Int
    ) throws(PSBTError) {
        while let (key, value) = try Self.field(&reader) {
            entries += 1
            guard entries <= PSBT.entriesMax else { throw .tooManyFields }
            guard values.updateValue(value, forKey: key) == nil else {
                throw .duplicate(scope, key: key)
            }
            try scope.check(key, value)
        }
    }

    private static func field(
        _ reader: inout ByteReader
    ) throws(PSBTError) -> (key: [UInt8], value: [UInt8])? {
        do {
            let length = try reader.compactSize("key")
            guard length > 0 else { return nil }
            let key = try reader.bytes(length)
            return (key, try reader.bytes(try reader.compactSize("value")))
        } catch { throw .malformed(error) }
    }

    func append(to bytes: inout [UInt8]) {
        for (key, value) in fields {
            bytes.append(lengthPrefixed: key)
            bytes.append(lengthPrefixed: value)
        }
        bytes.append(0)
    }
}
