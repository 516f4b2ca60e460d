import Acting
import ArgumentParser
import Auditing
import Bytes
import Events
import Export
import Foundation
import Ledger
import Merkle
import Reading
import Terminal

struct ProveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove",
        abstract: "Write proofs that stand alone: of an event, of a request, of consistency.",
        discussion: """
            Anyone checks them with `strongroom-verify check-proof`, or an event's with any tool \
            for C2SP tlog-proof; nobody needs the ledger for it.
            """,
        subcommands: [Event.self, Request.self, Consistency.self])

    struct Event: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the proof that an event stands in the log: one tlog-proof file.",
            discussion: """
                The file holds the event, the founding event and the newest signed checkpoint \
                over it, one that the ledger's tlog-policy accepts where there is one.

                Examples:
                  strongroom prove event 41 --out approval.tlog-proof
                  strongroom prove event 0c1f…9a --out approval.tlog-proof
                """)
        @Argument(help: "The event's position, or its id in 64 hexadecimal digits.")
        var event: String
        @Option(help: "The file to write; - is standard output.", completion: .file())
        var out: String
        @OptionGroup var ledger: LedgerOptions

        func run() throws {
            let prover = try Prover(try ledger.read())
            let proof = try prover.proof(of: try prover.position(event))
            try write(proof.proof.encodedText, to: out)
            guard out != "-" else { return }
            print(
                "Wrote \(out): position \(proof.proof.index) in a signed tree of "
                    + "\(proof.proof.checkpoint.checkpoint.size) entries.")
            print(hint(prover, out))
        }
    }

    struct Request: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the proofs of all events of a request, one file each.",
            discussion: """
                Example:
                  strongroom prove request 3 --out request-3
                """)
        @Argument(help: "The request's number.")
        var number: UInt64
        @Option(help: "The folder to make.", completion: .directory)
        var out: String
        @OptionGroup var ledger: LedgerOptions

        func run() throws {
            let prover = try Prover(try ledger.read())
            let id = try prover.ledger.request(number: number)
            let events = try prover.ledger.entries(ofRequest: id)
            // All are made before the first is written: half a request would mislead.
            let proofs = try events.map { try prover.proof(of: $0.position) }
            do {
                try FileManager.default.createDirectory(
                    atPath: out, withIntermediateDirectories: false)
            } catch {
                throw CommandError.refused(
                    "\(out) can not be made: name a folder that is not there")
            }
            let width = "\(events.last?.position ?? 0)".count
            for (event, proof) in zip(events, proofs) {
                let digits = "\(event.position)"
                let place = String(repeating: "0", count: width - digits.count) + digits
                let name = "\(place)-\(event.event.event.fact.type.rawValue).tlog-proof"
                try write(proof.proof.encodedText, to: "\(out)/\(name)")
            }
            print("Wrote \(counted(proofs.count, "proof")) to \(out).")
            print(hint(prover, out))
        }
    }

    struct Consistency: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the proof that one checkpoint extends another.",
            discussion: """
                The file holds both signed checkpoints and the hashes between them \
                (Schemas/proofs.md). A checkpoint file that contradicts the ledger is refused: \
                see `strongroom compare`.

                Examples:
                  strongroom prove consistency 40 120 --out growth.proof
                  strongroom prove consistency kept.checkpoint 120 --out growth.proof
                """)
        @Argument(help: "The older checkpoint: its size, or its file.")
        var old: String
        @Argument(help: "The newer one: its size, or its file.")
        var new: String
        @Option(help: "The file to write; - is standard output.", completion: .file())
        var out: String
        @OptionGroup var ledger: LedgerOptions

        func run() throws {
            let prover = try Prover(try ledger.read())
            let proof = try prover.consistency(
                from: try prover.checkpoint(old), to: try prover.checkpoint(new))
            try write(proof.encodedText, to: out)
            guard out != "-" else { return }
            print(
                "Wrote \(out): \(counted(proof.hashes.count, "hash", "hashes")) from size "
                    + "\(proof.older.checkpoint.size) to \(proof.newer.checkpoint.size).")
            print(
                "Check it: strongroom-verify check-proof \(out) --log-key "
                    + prover.logKey.encodedText
            )
        }
    }
}

extension Prover {
    /// The position that a person names: a number, or an event's id.
    fileprivate func position(_ text: String) throws -> UInt64 {
        if text.utf8.count <= 16, let position = UInt64(text) {
            _ = try ledger.entry(position)
            return position
        }
        guard let id = Digest32(hex: text) else {
            throw CommandError.usage(
                "\(text.plain) is neither a position nor an event's id of 64 hexadecimal digits")
        }
        return try position(of: id)
    }

    /// The signed checkpoint that a person names: a size, or a file.
    fileprivate func checkpoint(_ text: String) throws -> SignedCheckpoint {
        guard text.utf8.count <= 16, let size = UInt64(text) else {
            return try InputFile.checkpoint(text)
        }
        return try checkpoint(ofSize: size)
    }
}

/// Writes a proof to a new file, whole or not at all.
private func write(_ text: String, to path: String) throws {
    try OutputFile.write(Array(text.utf8), to: path)
}

/// How the recipient checks a proof.
private func hint(_ prover: Prover, _ path: String) -> String {
    "Check it: strongroom-verify check-proof \(path) --ledger-id \(prover.ledger.log.ledgerID.hex)"
}
