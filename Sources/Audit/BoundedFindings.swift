/// Findings of a part of a verification, as many as a report can take: files may hold nothing but
/// what is wrong, and memory must not grow with them.
package struct BoundedFindings: Sendable {
    /// The first ones.
    package private(set) var items: [Finding] = []
    /// How many more there were.
    package private(set) var omitted = 0

    /// Creates an empty list.
    package init() {}

    /// Adds one, or counts it.
    package mutating func append(_ finding: Finding) {
        guard items.count < AuditReport.findingLimit else { return omitted += 1 }
        items.append(finding)
    }
}

extension AuditReport {
    /// Adds what was found, and how much more there was.
    package mutating func add(_ findings: BoundedFindings) {
        add(findings.items)
        omittedFindings += findings.omitted
    }
}
