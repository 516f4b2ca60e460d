import Bytes
import Export
import Merkle
import Testing

struct ExportPathTests {
    @Test(arguments: [
        "README.txt", "checkpoint", "checkpoints", "consistency", "since", "tlog-policy", "kept",
        "schemas/event.cddl", "schemas/golden/initiated-transfer.json",
        "tile/0/000", "tile/0/x001/234.p/7", "tile/3/000.p/1", "tile/entries/000.p/255",
        "tile/entries/999", "verify/SHA256SUMS", "verify/SHA256SUMS.note",
        "disclosed/000000000.entry", "disclosed/255999999.tlog-proof",
        "blobs/00/" + String(repeating: "0", count: 64),
    ])
    func `a path of an export is read back as it was written`(_ text: String) throws {
        let path = try #require(ExportPath(text))
        #expect(path.description == text)
    }

    @Test(arguments: [
        "", "/checkpoint", "./checkpoint", "../checkpoint", "checkpoint/", "Checkpoint",
        "schemas/../checkpoint", "schemas/.hidden", "schemas/", "schemas/a/b/c", "schemas/a//b",
        "disclosed/0.entry", "disclosed/000000000", "disclosed/+00000001.entry",
        "disclosed/000000000.entry/x", "disclosed/0000000000.entry", "tile/0/000.p/0",
        "tile/0/000.p/256", "tile/0/0", "tile/07/000", "tile/entries/x000/001",
        "blobs/ff/" + String(repeating: "0", count: 64), "blobs/00/00",
        "blobs/AA/" + String(repeating: "A", count: 64),
        "verify/SHA256SUMS.NOTE", "schemas/" + String(repeating: "a", count: 100),
    ])
    func `every other path is refused`(_ text: String) {
        #expect(ExportPath(text) == nil)
    }
}
