import Foundation
import TestSupport
import Testing

@testable import Files

@Suite struct `Durable files` {
    @Test func `a file is replaced whole and copied to a free name`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("head")
        #expect(try readFile(path, maximumBytes: 10) == nil)
        try replaceFile(path, with: [1, 2, 3])
        try replaceFile(path, with: [4, 5])
        #expect(try readFile(path, maximumBytes: 2) == [4, 5])
        try copyFile(path, to: folder.file("copy"))
        #expect(try bytes(ofFile: folder.file("copy")) == [4, 5])
        #expect(throws: FileError.exists(path: path)) { try copyFile(path, to: path) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 2)
    }

    @Test func `what a killed writer left is taken over, and nobody else's file is`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a")
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let file = try NewFile(path)
            try file.write([UInt8](repeating: 7, count: 1 << 20).span)
            kill(getpid(), SIGKILL)
        }
        #expect(try fileNames(in: folder.path) == ["a.part"])
        unsafe chmod(path + ".part", 0o644)
        try replaceFile(path, with: [1])
        #expect(try bytes(ofFile: path) == [1])
        #expect(try fileNames(in: folder.path) == ["a"])
        // Nobody else may read what a process with another mask had begun.
        #expect(try readPrivateFile(path, maximumBytes: 1) == [1])

        let file = try NewFile(path, replacing: true)
        #expect(throws: FileError.beingWritten(path: path)) { try replaceFile(path, with: [2]) }
        try file.write([3].span)
        try file.commit()
        #expect(try bytes(ofFile: path) == [3])
    }

    @Test func `a new file never takes the place of another`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a")
        let file = try NewFile(path)
        try file.write([1].span)
        try Data([2]).write(to: URL(filePath: path))
        #expect(throws: FileError.exists(path: path)) { try file.commit() }
        #expect(throws: FileError.exists(path: path)) { _ = try NewFile(path) }
        #expect(try bytes(ofFile: path) == [2])
    }

    @Test func `private folders are made with those above them, and exposed ones are refused`()
        throws
    {
        let folder = try TemporaryFolder()
        let path = folder.file("a/b")
        try makePrivateFolder(path)
        try makePrivateFolder(path)
        try requirePrivateFolder(folder.file("a"))
        unsafe chmod(path, 0o750)
        #expect(
            throws: FileError.exposed(path: path, mode: "0750", command: "chmod 700 \(path)")
        ) { try makePrivateFolder(path) }
        let file = folder.file("file")
        try replaceFile(file, with: [])
        #expect(throws: FileError.notFolder(path: file)) { try requirePrivateFolder(file) }
    }

    @Test func `names are counted up to their limit`() throws {
        let folder = try TemporaryFolder()
        for name in ["a", "b"] { try replaceFile(folder.file(name), with: []) }
        #expect(try fileNames(in: folder.path, maximum: 2).sorted() == ["a", "b"])
        #expect(throws: FileError.tooMany(folder: folder.path, maximum: 1)) {
            try fileNames(in: folder.path, maximum: 1)
        }
    }

    @Test func `only a sync that the device failed ends a process`() {
        #expect(FileError(failedSync: EIO, path: "a").isFailedSync)
        for code in [ENOSPC, EDQUOT, EROFS, EINVAL] {
            #expect(!FileError(failedSync: code, path: "a").isFailedSync)
        }
    }
}
