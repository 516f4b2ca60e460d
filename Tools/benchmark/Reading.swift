internal import Acting
internal import Audit
internal import Events
internal import Foundation
internal import Ledger
internal import Merkle

/// What a verifier and a reader do with a ledger that exists.
struct Reading {
    let folder: String

    /// A replay of every event, a raw loop after each eighth of it, and the memory it took.
    func replay() throws -> [Row] {
        let log = try Log.open(folder, .readOnly)
        let source = try LogSource(log)
        let ledger = log.ledgerID
        let raw = try source.entries(1..<min(source.size, 16_385)).compactMap { bytes in
            Raw.Verification(
                try SignedEvent(decoding: Entry(decoding: bytes.span).event, ledger: ledger))
        }
        var replay = Replay()
        var time = 0.0
        var rawTime = 0.0
        var memory = anonymousMebibytes()
        for part in 1...8 as ClosedRange<UInt64> {
            rawTime += Raw.verify(raw)
            time += try seconds {
                try replay.run(
                    source, to: source.size * part / 8,
                    progress: { size in
                        if size & 0x3fff == 0 { memory = max(memory, anonymousMebibytes()) }
                    })
            }
            memory = max(memory, anonymousMebibytes())
        }
        precondition(replay.findings.isEmpty, "the ledger is clean: \(replay.findings.prefix(3))")
        precondition(replay.size == source.size, "everything was replayed")
        return [
            Row(
                name: "replay, one signature an event, all cores",
                value: Double(source.size) / time, unit: "events/s",
                baseline: Double(raw.count * 8) / rawTime, target: .ratioAtLeast(0.90)),
            Row(
                name: "replay, anonymous memory", value: memory, unit: "MiB", baseline: nil,
                target: .atMost(256)),
        ]
    }

    /// Opening the ledger and reading its newest state; the median of 9.
    func opening() throws -> Row {
        let times = try (0..<9).map { _ in
            try seconds {
                let writer = LedgerWriter(try Log.open(folder, .readWrite))
                _ = try writer.state()
            }
        }
        return Row(
            name: "opening, to the newest state", value: times.sorted()[4] * 1e3, unit: "ms",
            baseline: nil, target: .atMost(50))
    }

    /// The tree and the checkpoint alone.
    func tree() throws -> Row {
        let log = try Log.open(folder, .readOnly)
        let source = try LogSource(log)
        let sample = try source.entries(1..<min(source.size, 1_025))
        let leafBytes = sample.reduce(sample.count) { $0 + $1.count } / max(sample.count, 1)
        let size = Int(source.size)
        let raw = Raw.hashTree(count: size, leafBytes: leafBytes)
        let time = try seconds {
            let findings = try log.check()
            precondition(findings.isEmpty, "the tree is sound: \(findings.prefix(3))")
        }
        return Row(
            name: "tree and checkpoint check, all cores", value: Double(size) / time,
            unit: "leaves/s", baseline: Double(size) / raw, target: .ratioAtLeast(0.5))
    }

    /// Inclusion proofs of leaves all over the tree.
    func proof() throws -> Row {
        let log = try Log.open(folder, .readOnly)
        let count: UInt64 = 20_000
        let time = try seconds {
            try log.read { view throws(LedgerError) in
                for number in 0..<count {
                    let position = number &* 0x9e37_79b9_7f4a_7c15 % view.size
                    let proof = try view.inclusionProof(position, size: view.size)
                    precondition(!proof.isEmpty, "a tree of more than one leaf has proofs")
                }
            }
        }
        return Row(
            name: "inclusion proof", value: time / Double(count) * 1e6, unit: "µs", baseline: nil,
            target: .atMost(20))
    }
}

/// The process's anonymous memory, without the files that it has mapped.
func anonymousMebibytes() -> Double {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
        let line = status.split(separator: "\n").first(where: { $0.hasPrefix("RssAnon:") }),
        let kibibytes = Double(line.split(whereSeparator: \.isWhitespace)[1])
    else { return .nan }
    return kibibytes / 1_024
}
