import Foundation
import TestSupport
import Testing

@testable import Export

struct EmbeddedSchemasTests {
    /// Run `Tools/embed-schemas` when this fails.
    @Test func `the program hands out the texts of the folder Schemas`() throws {
        let folder = packageRoot.appending(path: "Schemas")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".cddl") || $0.hasSuffix(".md") }.sorted()
        #expect(names == EmbeddedSchemas.files.map(\.name))
        for schema in EmbeddedSchemas.files {
            let text = try String(
                contentsOf: folder.appending(path: schema.name), encoding: .utf8)
            #expect(text == schema.text, "\(schema.name) has changed: run Tools/embed-schemas")
        }
    }
}
