internal import Audit
internal import Bytes
internal import Events
internal import Foundation
internal import Keys
public import Terminal

/// The report of a verification as people read it.
enum VerificationScreen {
    static func lines(_ report: AuditReport) -> [String] {
        let counts = report.counts.sorted { $0.key.rawValue < $1.key.rawValue }
        let entries = report.head.size
        var lines = [
            "Ledger       \(report.name.plain)",
            "  id         \(report.ledger.hex)",
            "Head         \(entries) entries, root \(report.head.root.hex)",
            "  signed     " + signed(report),
        ]
        let events = counts.map { "\($0.value) \($0.key.rawValue)" }.joined(separator: ", ")
        lines += wrapped("Events       ", events.isEmpty ? "none" : events)
        lines.append("Signatures   \(report.signatures) verified")
        if let kept = report.kept {
            lines += wrapped(
                "Kept         ",
                "the first \(kept.head.size) entries were not verified now, but "
                    + "taken from the kept result")
        }
        if let digest = report.stateDigest { lines.append("State        \(digest.hex)") }
        let replayed = entries - min(report.kept?.head.size ?? 0, entries)
        let rate = report.seconds > 0 ? Int(Double(replayed) / report.seconds) : 0
        lines.append(
            "Time         " + String(format: "%.1f s", report.seconds) + ", \(rate) events/s")
        for value in report.opened { lines += wrapped("Opened       ", "\(value)".plain) }
        for note in report.notes { lines += wrapped("Note         ", note.plain) }
        for gap in report.notChecked { lines += wrapped("Not checked  ", gap.description.plain) }
        lines.append("")
        for finding in report.findings {
            let place = finding.position.map { "position \($0)" } ?? "the whole log"
            lines.append("FINDING      \(finding.rule.name), \(place)")
            if let file = finding.place { lines += wrapped("  file       ", "\(file)".plain) }
            if let event = finding.event { lines.append("  event      \(event.hex)") }
            lines += wrapped("  expected   ", finding.expected.plain)
            lines += wrapped("  found      ", finding.found.plain)
        }
        let all = report.findings.count + report.omittedFindings
        if report.omittedFindings > 0 {
            lines.append("… and \(report.omittedFindings) more findings")
        }
        lines.append(
            all == 0
                ? "Clean: nothing was found." : "\(all) finding\(all == 1 ? "" : "s").")
        return lines
    }

    private static func signed(_ report: AuditReport) -> String {
        guard report.isReplayed else { return "not checked" }
        return switch report.checkpointed {
        case 0: "no checkpoint of the log's key covers it"
        case report.head.size: "all of them, by a checkpoint of the log's key"
        default:
            "the first \(report.checkpointed); the others await a checkpoint of the log's key"
        }
    }
}

/// Breaks text between words into lines of the terminal's width, the later ones indented like the
/// first.
public func wrapped(_ label: String, _ text: String, width: Int = terminalColumns()) -> [String] {
    let indent = String(repeating: " ", count: label.count)
    var lines: [String] = []
    var line = label
    var isEmpty = true
    for word in text.split(separator: " ") {
        if !isEmpty, line.count + 1 + word.count > width {
            lines.append(line)
            line = indent
            isEmpty = true
        }
        line += (isEmpty ? "" : " ") + word
        isEmpty = false
    }
    return lines + [line]
}

/// The report for programs.
struct JSONReport: Encodable {
    struct Item: Encodable {
        let position: UInt64?
        let event: String?
        let file: String?
        let offset: UInt64?
        let line: UInt64?
        let rule: String
        let expected: String
        let found: String
    }

    struct Opened: Encodable {
        let position: UInt64
        let member: String?
        let name: String?
        let label: String?
        let bytes: Int?
        let sha256: String?

        init(_ value: OpenedValue) {
            position = value.position
            switch value.content {
            case .document(let label, let bytes, let digest):
                (member, name) = (nil, nil)
                (self.label, self.bytes, sha256) = (label, bytes, digest.hex)
            case .person(let member, let name):
                (self.member, self.name) = (member.text, name)
                (label, bytes, sha256) = (nil, nil, nil)
            }
        }
    }

    struct Kept: Encodable {
        let size: UInt64
        let root: String
        let state: String
        let findings: UInt64
        let attestedBy: String?
        let attestedAt: UInt64?

        init(_ kept: KeptStart) {
            size = kept.head.size
            root = kept.head.root.hex
            state = kept.state.hex
            findings = kept.findings
            attestedBy = kept.attestedBy?.hex
            attestedAt = kept.attestedAt
        }
    }

    let ledger: String
    let name: String
    let kept: Kept?
    let isClean: Bool
    let size: UInt64
    let root: String
    let checkpointed: UInt64
    let events: [String: UInt64]
    let signatures: UInt64
    let state: String?
    let seconds: Double
    let findings: [Item]
    let omittedFindings: Int
    /// Only of a disclosure.
    let opened: [Opened]?
    let notes: [String]
    let notChecked: [String]

    init(_ report: AuditReport) {
        ledger = report.ledger.hex
        kept = report.kept.map { Kept($0) }
        name = report.name
        isClean = report.isClean
        size = report.head.size
        root = report.head.root.hex
        checkpointed = report.checkpointed
        events = Dictionary(uniqueKeysWithValues: report.counts.map { ($0.key.rawValue, $0.value) })
        signatures = report.signatures
        state = report.stateDigest?.hex
        seconds = (report.seconds * 1_000).rounded() / 1_000
        findings = report.findings.map {
            Item(
                position: $0.position, event: $0.event?.hex, file: $0.place?.file,
                offset: $0.place?.offset, line: $0.place?.line, rule: $0.rule.name,
                expected: $0.expected, found: $0.found)
        }
        omittedFindings = report.omittedFindings
        opened = report.opened.isEmpty ? nil : report.opened.map(Opened.init)
        notes = report.notes
        notChecked = report.notChecked.map(\.description)
    }
}
