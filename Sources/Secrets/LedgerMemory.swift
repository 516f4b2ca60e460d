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
///       "held": [sequence, event, [blob …], may have left] / null, "next": sequence } … ],
///       "version": 2 }
///
/// with the ledgers in the order of their ids. In version 1 a held event does not say whether it
/// may have left, and is taken as one that has.
func encodeMemory(_ ledgers: [Digest32: LedgerMemory], of key: String) -> [UInt8] {
    let items = ledgers.sorted { $0.key < $1.key }.map { id, memory -> CBORValue in
        [
            "id": .digest(id),
            "head": memory.head.map {
                [.unsigned($0.size), .digest($0.root), .digest($0.stateDigest)]
            } ?? .null,
            "held": memory.held.map {
                [
                    .unsigned($0.sequence), .bytes($0.event),
                    .array($0.blobs.map { .bytes($0) }), .bool($0.mayHaveLeft),
                ]
            } ?? .null,
            "next": .unsigned(memory.nextSequence),
        ]
    }
    let file: CBORValue = ["key": .text(key), "ledgers": .array(items), "version": 2]
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
    // How many parts the held events have: the version, which says it, sorts last.
    var forms: Set<Int> = []
    var previous: Digest32?
    for _ in 0..<count {
        let start = reader.offset
        let (id, memory) = try decodeLedger(&reader, &forms)
        guard previous.map({ $0 < id }) ?? true else {
            throw .refused(offset: start, rule: "ledgers are not in order or repeat")
        }
        previous = id
        ledgers[id] = memory
    }
    try reader.key("version", in: &file)
    let start = reader.offset
    let version = try reader.unsigned()
    guard version == 2 || version == 1 && !forms.contains(4) else {
        throw .unexpected(offset: start, expected: "version 2", found: "\(version)")
    }
    guard version == 1 || !forms.contains(3) else {
        throw .refused(offset: start, rule: "a held event does not say whether it may have left")
    }
    try reader.close(file)
    try reader.end()
    return (key, ledgers)
}

private func decodeLedger(
    _ reader: inout CBORReader, _ forms: inout Set<Int>
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
    if !reader.takeNull() { memory.held = try decodeHeld(&reader, &forms) }
    try reader.key("next", in: &map)
    memory.nextSequence = try reader.unsigned()
    try reader.close(map)
    return (id, memory)
}

private func decodeHeld(
    _ reader: inout CBORReader, _ forms: inout Set<Int>
) throws(CBORError) -> HeldEvent {
    let start = reader.offset
    let parts = try reader.openArray(maximum: 4)
    guard parts >= 3 else {
        throw .unexpected(offset: start, expected: "3 or 4 parts", found: "\(parts)")
    }
    forms.insert(parts)
    let sequence = try reader.unsigned(maximum: largestCBORInteger - 1)
    let event = try reader.bytes(maximum: HeldEvent.maximumEventBytes)
    let count = try reader.openArray(maximum: HeldEvent.maximumBlobs)
    var blobs: [[UInt8]] = []
    for _ in 0..<count { blobs.append(try reader.bytes(maximum: HeldEvent.maximumBlobBytes)) }
    let mayHaveLeft = parts == 4 ? try reader.bool() : true
    do {
        return try HeldEvent(
            sequence: sequence, event: event, blobs: blobs, mayHaveLeft: mayHaveLeft)
    } catch { throw .refused(offset: start, rule: "\(error)") }
}
