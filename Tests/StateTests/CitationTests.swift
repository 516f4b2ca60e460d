import Foundation
import Testing

/// `Schemas/rules.md` says what the code decides, and the code says where: `// rules.md 7.3` stands
/// at what decides that section, once.
@Suite struct CitationTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The numbers of the sections that have no sections of their own, of those about rules: 1 is
    /// how a log is read, 15 what lies around its entries.
    private static func sections() throws -> [String] {
        let text = try String(contentsOf: root.appending(path: "Schemas/rules.md"), encoding: .utf8)
        let numbers = text.split(separator: "\n").filter { $0.hasPrefix("##") }.compactMap { line in
            line.split(separator: " ").dropFirst().first.map {
                $0.hasSuffix(".") ? String($0.dropLast()) : String($0)
            }
        }
        return numbers.filter { number in
            guard let chapter = Int(number.split(separator: ".")[0]) else { return false }
            return (2...14).contains(chapter)
                && !numbers.contains { $0.hasPrefix("\(number).") }
        }
    }

    private static func citations() throws -> [String] {
        let mark = "// rules.md "
        var found: [String] = []
        for module in ["State", "Policy"] {
            let folder = root.appending(path: "Sources/\(module)")
            let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
            for name in names where name.hasSuffix(".swift") {
                let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
                for line in text.split(separator: "\n") {
                    let line = line.drop { $0 == " " }
                    if line.hasPrefix(mark) { found.append(String(line.dropFirst(mark.count))) }
                }
            }
        }
        return found
    }

    @Test func `each section of the rules is cited where it is decided, once`() throws {
        let sections = try Self.sections()
        #expect(sections.count == Set(sections).count && sections.contains("7.3"))
        #expect(try Self.citations().sorted() == sections.sorted())
    }
}
