import Bytes
import Events
import State
import StateTestSupport
import Testing

/// Requires that a snapshot of the state reads back as the state: every test's ledger calls it
/// after every entry.
@Sendable func checkSnapshot(_ state: LedgerState) {
    let bytes = state.encoded
    do {
        let restored = try LedgerState(decoding: bytes)
        #expect(restored.encoded == bytes, "the snapshot at \(state.size)")
        #expect(restored.roster == state.roster)
        #expect(restored.scripts == state.scripts)
        #expect(restored.watchedScripts == state.watchedScripts)
        #expect(restored.requests == state.requests)
        #expect(restored.blocks == state.blocks)
        for coin in state.coins.keys {
            #expect(restored.holders(of: coin) == state.holders(of: coin))
        }
    } catch {
        Issue.record("the snapshot at \(state.size): \(error)")
    }
}
