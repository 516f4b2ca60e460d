import Export
import Foundation
import Schemas
import TestSupport
import Testing

struct EmbeddedSchemasTests {
    /// Whoever reads them beside an export, and nothing else of ours, can follow them.
    @Test func `every file that the texts name for the worked example is handed out`() throws {
        let readme = try #require(EmbeddedSchemas.files.first { $0.name == "README.md" }).text
        let names = Set(EmbeddedSchemas.files.map(\.name))
        for line in readme.split(separator: "\n") where line.hasPrefix("| `") {
            let name = String(line.dropFirst(3).prefix { $0 != "`" })
            guard name.contains("."), name != "golden/" else { continue }
            #expect(names.contains(name), "\(name)")
        }
        #expect(readme.contains("`golden/approved.json`: bob approves"))
        #expect(names.contains("golden/approved.json"))
        #expect(names.allSatisfy { ExportPath("schemas/\($0)") != nil })
    }

    /// Run `Tools/embed-schemas` when this fails.
    @Test func `the program hands out the texts of the folder Schemas`() throws {
        let folder = packageRoot.appending(path: "Schemas")
        let names =
            try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { name in [".cddl", ".csv", ".md"].contains { name.hasSuffix($0) } }
            + ["golden/approved.json"]
        #expect(names.sorted() == EmbeddedSchemas.files.map(\.name))
        for schema in EmbeddedSchemas.files {
            let text = try String(
                contentsOf: folder.appending(path: schema.name), encoding: .utf8)
            #expect(text == schema.text, "\(schema.name) has changed: run Tools/embed-schemas")
        }
    }
}
