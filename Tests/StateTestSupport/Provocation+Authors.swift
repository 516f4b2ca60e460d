internal import Bytes
internal import Events
internal import Keys
public import State
internal import TestSigning

extension Provocation {
    static let authors: [Refusal.Rule: Provocation] = [
        .unknownKey: Provocation(naming: "no member of this ledger") {
            var ledger = try Treasury.staged()
            ledger.keys["zoe"] = try MemoryLedger.key("zoe")
            return try ledger.offer(MemoryLedger.attached(), by: "zoe")
        },
        .keyNotAccepted: Provocation(naming: "alice", "must come first") {
            var ledger = try MemoryLedger(
                Treasury.roles, policy: Treasury.quorum, accepting: false)
            return try ledger.offer(MemoryLedger.attached(), by: "alice")
        },
        .keyRetired: Provocation(naming: "bob", "key in force is") {
            var ledger = try Treasury.staged()
            let old = ledger.key(of: "bob")
            let new = try MemoryLedger.key("bob again").publicKey.key.id
            try ledger.carry(.rotateKey("bob", to: new), by: "alice", "carol")
            return ledger.offer(try ledger.sign(MemoryLedger.attached(), with: old))
        },
        .memberSuspended: Provocation(naming: "carol is suspended") {
            var ledger = try Treasury.staged()
            try ledger.carry(.suspendMember("carol"), by: "alice", "bob")
            return try ledger.offer(MemoryLedger.attached(), by: "carol")
        },
        .signature: Provocation(naming: "signature does not verify", "is accepted") {
            var ledger = try Treasury.staged()
            let bob = ledger.key(of: "bob")
            let event = try ledger.sign(MemoryLedger.attached(), with: ledger.key(of: "alice"))
            let forged = try SignedEvent(event.event, by: event.author, ledger: ledger.state.ledger)
            {
                try bob.ecdsa($0)
            }
            return ledger.offer(forged)
        },
        .sequence: Provocation(naming: "event 5 of its key", "event 2 is next") {
            var ledger = try Treasury.staged()
            return ledger.offer(
                try ledger.sign(
                    MemoryLedger.attached(), with: ledger.key(of: "alice"), sequence: 5))
        },
        .equivocation: Provocation(naming: "another event 1", "event 2 is next") {
            var ledger = try Treasury.staged()
            return ledger.offer(
                try ledger.sign(
                    MemoryLedger.attached(), with: ledger.key(of: "alice"), sequence: 1))
        },
        .tooOld: Provocation(naming: "30 days ago", "within 30 days") {
            var ledger = try Treasury.staged()
            let event = try ledger.sign(MemoryLedger.attached(), with: ledger.key(of: "alice"))
            ledger.clock += LedgerState.oldestAge + 1
            return ledger.offer(event)
        },
        .fromTheFuture: Provocation(naming: "601 seconds", "at most 600") {
            var ledger = try Treasury.staged()
            return ledger.offer(
                try ledger.sign(
                    MemoryLedger.attached(), with: ledger.key(of: "alice"),
                    time: ledger.clock + LedgerState.clockTolerance + 1_000))
        },
        .role: Provocation(naming: "olga", "watcher", "operator") {
            var ledger = try Treasury.staged()
            return try ledger.offer(.observed(try ledger.observation()), by: "olga")
        },
        .hourlyLimit: Provocation(naming: "alice has recorded 3 events", "limit is 3") {
            var ledger = try Treasury.staged(limits: Limits(hourlyEvents: 3))
            // Her acceptance is one, unless an hour has passed since.
            for _ in 0..<3 { _ = try ledger.refusal(MemoryLedger.attached(), by: "alice") }
            return try ledger.offer(MemoryLedger.attached(), by: "alice")
        },
        .blobLimit: Provocation(naming: "101 bytes", "limit is 100") {
            var ledger = try Treasury.staged(limits: Limits(dailyBlobBytes: 100))
            return try ledger.offer(MemoryLedger.attached(101), by: "alice")
        },
        .blobMissing: Provocation(naming: "20000 bytes", "is missing") {
            var (ledger, coins) = try Treasury.stagedFunds(100_000)
            let transfer = try ledger.transfer(coins, from: "main", paying: 50_000)
            let absent = ByteString.blob(BlobReference([UInt8](repeating: 1, count: 20_000)))
            return try ledger.offer(
                of: .transfer(
                    Transfer(
                        wallet: "main", transaction: absent, coins: transfer.coins, change: nil,
                        fee: 1_000, replaces: nil)))
        },
    ]
    .merging(heads) { first, _ in first }

    private static let heads: [Refusal.Rule: Provocation] = [
        .seenBeyondEntry: Provocation(naming: "8 entries", "position 7") {
            var ledger = try Treasury.staged()
            return try ledger.offer(
                MemoryLedger.attached(), by: "alice",
                seen: TreeHead(size: ledger.head.size + 1, root: ledger.head.root))
        },
        .seenShrank: Provocation(naming: "3 entries", "had seen 7") {
            var ledger = try Treasury.staged()
            try ledger.record(MemoryLedger.attached(), by: "alice")
            guard let old = ledger.head(at: 3) else { return nil }
            return try ledger.offer(MemoryLedger.attached(), by: "alice", seen: old)
        },
        .seenTooFarBehind: Provocation(
            naming: "7 of 1048584", "trail by 1048576",
            refusal: {
                let ledger = try Treasury.staged()
                return try ledger.refusal(seeing: 7, at: 7 + LedgerState.seenDistanceLimit + 1)
            }),
        .seenForeign: Provocation(naming: String(repeating: "00", count: 32), "this log's root") {
            var ledger = try Treasury.staged()
            return try ledger.offer(
                MemoryLedger.attached(), by: "alice",
                seen: TreeHead(size: ledger.head.size, root: .zero))
        },
        .seenDoesNotCover: Provocation(naming: "seen 7 entries", "stands at position 7") {
            var ledger = try Treasury.staged()
            let before = ledger.head
            let request = try ledger.initiate(.suspendMember("carol"), by: "alice")
            return try ledger.offer(
                .approved(Approved(request: request)), by: "bob", seen: before)
        },
    ]
}

extension MemoryLedger {
    /// Why an event of alice that has seen the head of `size` would be refused at a far position.
    public func refusal(seeing size: UInt64, at position: UInt64) throws -> Refusal? {
        guard let seen = head(at: size) else { return nil }
        let event = try sign(Self.attached(), with: key(of: "alice"), seen: seen)
        let context = Context(position: position, recorded: clock, seenRoot: seen.root)
        do throws(Refusal) {
            _ = try state.decide(event, in: context)
            return nil
        } catch { return error }
    }
}
