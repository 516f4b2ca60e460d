internal import Bytes
internal import Events
internal import Ledger
internal import Merkle
internal import Reading
internal import State

/// Builds the state at any size of a log that this program wrote and trusts: the newest snapshot,
/// and the events behind it without their signatures.
enum StateReader {
    /// The state at the newest snapshot of at most `size` entries, or after the founding event.
    static func newest(
        _ view: borrowing LogView, atMost size: UInt64
    ) throws(SubmissionError) -> LedgerState {
        do {
            if let snapshot = try view.snapshotSize(atMost: size),
                let lent = try view.snapshot(size: snapshot)
            {
                let bytes = [UInt8](capacity: lent.count) { $0.append(lent) }
                // A snapshot of another version of the format is rebuilt from the log.
                if let state = try? LedgerState(decoding: bytes) { return state }
            }
            guard view.size > 0 else {
                throw LedgerError.damagedTable(name: "entries", reason: "there is no entry")
            }
            let entry = try view.entry(0)
            let parsed = try Entry(decoding: entry)
            let event = try SignedEvent(decoding: parsed.event, ledger: nil)
            return try LedgerState(founding: event, recorded: parsed.recorded)
        } catch let error as LedgerError {
            throw .ledger(error)
        } catch {
            throw .damaged("the founding event can not be read: \(error)")
        }
    }

    /// Applies the entries from the state's size up to `size`.
    static func follow(
        _ state: inout LedgerState, _ view: borrowing LogView, to size: UInt64
    ) throws(SubmissionError) {
        while state.size < size {
            let next = try recorded(state.size, state.ledger, view)
            try step(&state, next.event, next.recorded, view)
        }
    }

    /// Applies the next entry and returns what follows from it.
    @discardableResult
    static func step(
        _ state: inout LedgerState, _ event: SignedEvent, _ recorded: UInt64,
        _ view: borrowing LogView
    ) throws(SubmissionError) -> LedgerState.Effects {
        let judgement: Judgement
        let effects: LedgerState.Effects
        do throws(LedgerError) {
            (judgement, effects) = try state.step(
                event, recorded: recorded, seenRoot: event.event.seen.root, view)
        } catch { throw .ledger(error) }
        if case .refused(let refusal) = judgement.verdict {
            throw .damaged(
                "the entry at position \(judgement.position) is one that the rules refuse: "
                    + refusal.reason)
        }
        return effects
    }

    /// When the entry at `position` was recorded, without decoding its event.
    static func recordedTime(
        _ position: UInt64, _ view: borrowing LogView
    ) throws(SubmissionError) -> UInt64 {
        try reading(position) { try Entry(decoding: try view.entry(position)).recorded }
    }

    /// Decodes the entry at `position`.
    static func recorded(
        _ position: UInt64, _ ledger: Digest32, _ view: borrowing LogView
    ) throws(SubmissionError) -> RecordedEvent {
        try reading(position) {
            let bytes = try view.entry(position)
            let entry = try Entry(decoding: bytes)
            let event = try SignedEvent(
                decoding: entry.event, ledger: position == 0 ? nil : ledger)
            return RecordedEvent(
                position: position, recorded: entry.recorded, event: event,
                entry: [UInt8](capacity: bytes.count) { $0.append(bytes) })
        }
    }

    private static func reading<Value>(
        _ position: UInt64, _ body: () throws -> Value
    ) throws(SubmissionError) -> Value {
        do { return try body() } catch let error as LedgerError {
            throw .ledger(error)
        } catch {
            throw .damaged(
                "the entry at position \(position) can not be read: \(error)")
        }
    }
}
