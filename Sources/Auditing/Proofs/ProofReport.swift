internal import Foundation
internal import Terminal

/// What the check of one proof file showed.
struct ProofReport: Encodable {
    /// One fact, by its name for programs and its label for people.
    struct Fact: Encodable {
        let name: String
        let label: String
        let text: String
    }

    enum CodingKeys: CodingKey {
        case file, kind, holds, checkable, facts, problems, unchecked, notProven
    }

    let file: String
    let kind: String
    private(set) var facts: [Fact] = []
    /// What is false in it.
    private(set) var problems: [String] = []
    /// What could not be checked, and what would be needed.
    private(set) var unchecked: [String] = []
    /// What no proof of this kind shows.
    private(set) var notProven: [String] = []

    init(file: String, kind: String) {
        self.file = file
        self.kind = kind
    }

    /// Whether everything that the proof claims was checked and is so.
    var holds: Bool { problems.isEmpty && unchecked.isEmpty }

    /// The status that a program ends with: 0 it holds, 1 it does not, 2 not checkable.
    var status: Int32 { problems.isEmpty ? (unchecked.isEmpty ? 0 : 2) : 1 }

    mutating func add(_ name: String, _ label: String, _ text: String) {
        facts.append(Fact(name: name, label: label, text: text))
    }

    mutating func addProblem(_ text: String) { problems.append(text) }
    mutating func addUnchecked(_ text: String) { unchecked.append(text) }
    mutating func addNotProven(_ text: String) { notProven.append(text) }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(file, forKey: .file)
        try container.encode(kind, forKey: .kind)
        try container.encode(holds, forKey: .holds)
        try container.encode(problems.isEmpty ? unchecked.isEmpty : true, forKey: .checkable)
        // Several facts of one name, such as cosignatures, are one list.
        var values: [String: [String]] = [:]
        for fact in facts { values[fact.name, default: []].append(fact.text) }
        try container.encode(values, forKey: .facts)
        try container.encode(problems, forKey: .problems)
        try container.encode(unchecked, forKey: .unchecked)
        try container.encode(notProven, forKey: .notProven)
    }

    /// The report as people read it.
    var lines: [String] {
        var lines = row("Proof", "\(file.plain), \(kind)")
        for fact in facts { lines += row(fact.label, fact.text.plain) }
        for problem in problems { lines += row("FALSE", problem.plain) }
        for text in unchecked { lines += row("Not checked", text.plain) }
        for text in notProven { lines += row("Not proven", text.plain) }
        switch status {
        case 0: lines.append("It holds.")
        case 1: lines.append("It does not hold.")
        default: lines.append("Not checkable as it stands.")
        }
        return lines
    }

    private func row(_ label: String, _ text: String) -> [String] {
        wrapped(label.padding(toLength: 13, withPad: " ", startingAt: 0), text)
    }
}
