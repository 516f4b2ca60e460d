internal import Bytes

extension RecordedSignature {
    var cbor: CBORValue { [.number(input), .number(key), .bytes(signature)] }

    init(from reader: inout CBORReader) throws(CBORError) {
        try reader.openArray(exactly: 3)
        input = try reader.uint32()
        key = try reader.uint32()
        signature = try reader.bytes(maximum: 73)
    }
}
