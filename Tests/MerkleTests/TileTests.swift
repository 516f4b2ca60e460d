import Merkle
import Testing

@Suite struct `Tiles` {
    @Test func `paths as C2SP writes them`() throws {
        let tile = try #require(Tile(level: 0, index: 1_234_067, width: 12))
        #expect(tile.path == "tile/0/x001/x234/067.p/12")
        #expect(tile.entriesPath == "tile/entries/x001/x234/067.p/12")
        #expect(Tile(level: 3, index: 5)?.path == "tile/3/005")
        #expect(Tile(level: 1, index: 1000)?.path == "tile/1/x001/000")
    }

    @Test func `every path reads back`() throws {
        let indexes: [UInt64] = [0, 1, 9, 10, 99, 100, 999, 1000, 999_999, 1_000_000, 1 << 40]
        for level in 0...6 {
            for index in indexes where index < maximumTreeSize >> UInt64(8 * level) {
                for width in [1, 2, 99, 255, 256] {
                    let tile = try #require(Tile(level: level, index: index, width: width))
                    #expect(Tile(path: tile.path) == tile)
                    #expect(level != 0 || Tile(entriesPath: tile.entriesPath) == tile)
                }
            }
        }
    }

    @Test(arguments: [
        "", "tile", "tile/0", "tile/0/", "tile/0/1", "tile/0/0001", "tile/0/x001", "tile/00/001",
        "tile/7/001", "tile/-1/001", "tile/+1/001", "tile/0/000.p/0", "tile/0/000.p/256",
        "tile/0/000.p/012", "tile/0/000.p/", "tile/0/000.p", "tile/0/001/002", "tile/0/x000/001",
        "tile/0/x001/x002/003/", "/tile/0/001", "tile/0/001 ", "tile/0/xx01/002",
        "tile/0/x999/x999/x999/x999/x999/999", "tile/entries/001", "tile/0/000.p/+1",
        "tile/0/x01/002",
    ])
    func `a malformed path is refused`(_ path: String) {
        #expect(Tile(path: path) == nil)
    }

    @Test func `the example extents of tlog-tiles`() {
        #expect(Tile.extent(level: 0, size: 70_000) == (273, 112))
        #expect(Tile.extent(level: 1, size: 70_000) == (1, 17))
        #expect(Tile.extent(level: 2, size: 70_000) == (0, 1))
        #expect(Tile.extent(level: 0, size: 256) == (1, 0))
        #expect(Tile.extent(level: 1, size: 256) == (0, 1))
    }

    @Test func `a subtree's hash is found in the tile below it`() {
        #expect(Tile.position(ofLevel: 0, index: 300) == (0, 1, 44, 1))
        #expect(Tile.position(ofLevel: 3, index: 33) == (0, 1, 8, 8))
        #expect(Tile.position(ofLevel: 8, index: 300) == (1, 1, 44, 1))
        #expect(Tile.position(ofLevel: 15, index: 3) == (1, 1, 128, 128))
    }
}
