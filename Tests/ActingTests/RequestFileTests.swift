import Acting
import Bytes
import Events
import Ledger
import Merkle
import Secrets
import State
import StateTestSupport
import Testing

/// A file from the ledger is believed in nothing: whatever was changed in it is refused, or changes
/// nothing of what its reader acts upon.
@Suite struct RequestFileTests {
    private let treasury: TreasuryFolder
    private let request: Digest32

    init() throws {
        var memory = try Treasury.staged()
        let coins = try memory.fund([100_000, 50_000])
        request = try memory.send([coins[0]], paying: 20_000)
        treasury = try TreasuryFolder(memory)
    }

    private func brief(
        _ file: RequestFile, since known: ReplayedHead? = nil, ledger: Digest32? = nil
    ) throws -> Brief {
        try Brief(file, since: known, ledger: ledger, clock: treasury.clock)
    }

    @Test func `its reader comes to the ledger's own state`() throws {
        let file = try treasury.requestFile(request)
        let brief = try brief(file, ledger: treasury.memory.state.ledger)
        let here = try treasury.brief()
        #expect(brief.replayed == here.replayed && brief.state.digest == here.state.digest)
        #expect(try brief.request(nil).id == request && brief.request(2).id == request)
    }

    @Test func `a file from a size that the key remembers carries on from there`() throws {
        let known = try treasury.brief().replayed
        try treasury.act("carol") { brief in .approve(try brief.request(2)) }
        let file = try treasury.requestFile(request, since: known.size)
        #expect(try brief(file, since: known).replayed == treasury.brief().replayed)
        #expect(
            throws: ActingError.history(.fileStartsElsewhere(start: known.size, known: nil))
        ) { _ = try brief(file) }
        var other = known
        other = ReplayedHead(size: known.size, root: known.root, stateDigest: sha256([1]))
        #expect(
            throws: ActingError.history(
                .fileStartsElsewhere(start: known.size, known: known.size))
        ) { _ = try brief(file, since: other) }
    }

    @Test func `a file of another ledger, an older one and another history are refused`() throws {
        let file = try treasury.requestFile(request)
        let ledger = treasury.memory.state.ledger
        #expect(
            throws: ActingError.history(
                .anotherLedger(what: "the file is of", found: ledger, expected: sha256([2])))
        ) { _ = try brief(file, ledger: sha256([2])) }
        try treasury.act("carol") { brief in .approve(try brief.request(2)) }
        let later = try treasury.brief().replayed
        let old = file.size
        guard
            case .history(.olderFile(old, _, later)) = actingError({
                _ = try brief(file, since: later)
            })
        else {
            Issue.record("the older file was taken")
            return
        }
        let forked = ReplayedHead(size: file.size, root: sha256([3]), stateDigest: sha256([3]))
        guard
            case .history(.fork(_, forked)) = actingError({ _ = try brief(file, since: forked) })
        else {
            Issue.record("the fork was taken")
            return
        }
    }

    @Test func `no changed byte makes another state`() throws {
        let bytes = try treasury.requestFile(request).encoded
        let known = try treasury.brief().replayed
        var refused = 0
        for index in stride(from: 0, to: bytes.count, by: 211) {
            var changed = bytes
            changed[index] ^= 1 << (index % 8)
            guard let file = try? RequestFile(decoding: changed, named: "changed"),
                let brief = try? brief(file)
            else {
                refused += 1
                continue
            }
            #expect(brief.replayed == known, "byte \(index)")
        }
        #expect(refused > bytes.count / 211 * 8 / 10, "\(refused)")
    }

    @Test func `every cut is damage`() throws {
        let bytes = try treasury.requestFile(request).encoded
        for count in stride(from: 0, to: bytes.count, by: 307) {
            guard
                case .file("cut", .damaged) = actingError({
                    _ = try RequestFile(decoding: Array(bytes[..<count]), named: "cut")
                })
            else {
                Issue.record("\(count) bytes were taken")
                continue
            }
        }
    }

    @Test func `text without its lines, or that is not base64, is named for what it is`() throws {
        let path = treasury.file("r.request")
        try treasury.requestFile(request).write(to: path)
        #expect(try RequestFile(reading: path).encoded == treasury.requestFile(request).encoded)
        #expect(throws: ActingError.file("none", .absent)) { _ = try RequestFile(reading: "none") }
        guard
            case .file(path, .notArmored) = actingError({ _ = try EventFile(reading: path) })
        else {
            Issue.record("a request was read as an event")
            return
        }
        #expect(throws: ActingError.file("x", .damaged(reason: "its text is not base64"))) {
            _ = try Armor.decode(
                Array("-----BEGIN STRONGROOM EVENT-----\n*\n-----END STRONGROOM EVENT-----".utf8),
                "EVENT", from: "x")
        }
    }

    @Test func `no file is made without a checkpoint, or from beyond it`() throws {
        let open = try treasury.open()
        #expect(throws: ActingError.history(.noCheckpoint)) {
            _ = try RequestFile(from: open, request: nil, start: 0)
        }
        let size = try treasury.checkpoint().size
        #expect(
            throws: ActingError.history(.beyondCheckpoint(since: size + 1, size: size))
        ) { _ = try RequestFile(from: open, request: nil, start: size + 1) }
    }
}
