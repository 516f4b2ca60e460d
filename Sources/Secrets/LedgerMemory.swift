internal import Bytes

/// What a key remembers of one ledger.
struct LedgerMemory: Sendable, Hashable {
    var head: ReplayedHead?
    var nextSequence: UInt64 = 0
    var held: HeldEvent?
}

/// Encodes a memory file: deterministic CBOR,
///
///     { "key": text, "ledgers": [ { "id": bytes, "head": [size, root, state] / null,
///       "held": [sequence, event, [blob …]] / null, "next": sequence } … ], "version": 1 }
///
/// with the ledgers in the order of their ids.
func encodeMemory(_ ledgers: [Digest32: LedgerMemory], of key: String) -> [UInt8] {
    let items = ledgers.sorted { $0.key < $1.key }.map { id, memory -> CBORValue in
        [
            "id": .digest(id),
            "head": memory.head.map {
                [.unsigned($0.size), .digest($0.root), .digest($0.stateDigest)]
            } ?? .null,
            "held": memory.held.map {
                [.unsigned($0.sequence), .bytes($0.event), .array($0.blobs.map { .bytes($0) })]
            } ?? .null,
            "next": .unsigned(memory.nextSequence),
        ]
    }
    let file: CBORValue = ["key": .text(key), "ledgers": .array(items), "version": 1]
    return file.encoded
}

/// Decodes a memory file; strict in every field.
func decodeMemory(
    _ bytes: [UInt8]
) throws(CBORError) -> (key: String, ledgers: [Digest32: LedgerMemory]) {
    var reader = CBORReader(bytes.span)
    var file = try reader.openMap()
    try reader.key("key", in: &file)
    let key = try reader.text(maximum: 128)
    try reader.key("ledgers", in: &file)
    let count = try reader.openArray(maximum: KeyMemory.maximumLedgers)
    var ledgers: [Digest32: LedgerMemory] = [:]
    var previous: Digest32?
    for _ in 0..<count {
        let start = reader.offset
        let (id, memory) = try decodeLedger(&reader)
        guard previous.map({ $0 < id }) ?? true else {
            throw .refused(offset: start, rule: "ledgers are not in order or repeat")
        }
        previous = id
        ledgers[id] = memory
    }
    try reader.key("version", in: &file)
    let start = reader.offset
    let version = try reader.unsigned()
    guard version == 1 else {
        throw .unexpected(offset: start, expected: "version 1", found: "\(version)")
    }
    try reader.close(file)
    try reader.end()
    return (key, ledgers)
}

private func decodeLedger(
    _ reader: inout CBORReader
) throws(CBORError) -> (Digest32, LedgerMemory) {
    var memory = LedgerMemory()
    var map = try reader.openMap()
    try reader.key("id", in: &map)
    let id = try reader.digest()
    try reader.key("head", in: &map)
    if !reader.takeNull() {
        try reader.openArray(exactly: 3)
        memory.head = ReplayedHead(
            size: try reader.unsigned(), root: try reader.digest(),
            stateDigest: try reader.digest())
    }
    try reader.key("held", in: &map)
    if !reader.takeNull() { memory.held = try decodeHeld(&reader) }
    try reader.key("next", in: &map)
    memory.nextSequence = try reader.unsigned()
    try reader.close(map)
    return (id, memory)
}

private func decodeHeld(_ reader: inout CBORReader) throws(CBORError) -> HeldEvent {
    let start = reader.offset
    try reader.openArray(exactly: 3)
    let sequence = try reader.unsigned(maximum: largestCBORInteger - 1)
    let event = try reader.bytes(maximum: HeldEvent.maximumEventBytes)
    let count = try reader.openArray(maximum: HeldEvent.maximumBlobs)
    var blobs: [[UInt8]] = []
    for _ in 0..<count { blobs.append(try reader.bytes(maximum: HeldEvent.maximumBlobBytes)) }
    do {
        return try HeldEvent(sequence: sequence, event: event, blobs: blobs)
    } catch { throw .refused(offset: start, rule: "\(error)") }
}
