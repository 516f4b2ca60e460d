import Foundation
import TestSupport
import Testing

@testable import Files

@Suite struct `Reading files` {
    @Test func `a file is read up to its limit and no byte more`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a")
        #expect(try readFile(path, maximumBytes: 10) == nil)
        #expect(try readPrivateFile(path, maximumBytes: 10) == nil)
        #expect(throws: FileError.notFound(path: path)) { try readInput(path, maximumBytes: 10) }
        try replaceFile(path, with: [1, 2, 3])
        for read in [readFile, readPrivateFile] {
            #expect(try read(path, 3) == [1, 2, 3])
            #expect(throws: FileError.tooLarge(path: path, maximumBytes: 2)) { try read(path, 2) }
        }
        #expect(try readInput(path, maximumBytes: 3) == [1, 2, 3])
        #expect(throws: FileError.tooLarge(path: path, maximumBytes: 2)) {
            try readInput(path, maximumBytes: 2)
        }
    }

    @Test func `a pipe, a device or a folder in place of a file is refused at once`() throws {
        let folder = try TemporaryFolder()
        let pipe = folder.file("pipe")
        try #require(unsafe mkfifo(pipe, 0o600) == 0)
        let device = folder.file("device")
        try #require(unsafe symlink("/dev/zero", device) == 0)
        for path in [pipe, device, folder.path] {
            for read in [readFile, readPrivateFile] {
                #expect(throws: FileError.notRegular(path: path)) { try read(path, 10) }
            }
            #expect(throws: FileError.notRegular(path: path)) {
                try copyFile(path, to: folder.file("copy"))
            }
        }
        #expect(throws: FileError.notRegular(path: pipe)) { _ = try FileLock(pipe) }
        #expect(throws: FileError.notRegular(path: folder.path)) {
            try readInput(folder.path, maximumBytes: 10)
        }
    }

    @Test func `what a person names may be a pipe, and is bounded all the same`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("pipe")
        try #require(unsafe mkfifo(path, 0o600) == 0)
        for count in [10, 11] {
            async let written: Void = Task.detached {
                try FileHandle(forWritingTo: URL(filePath: path)).write(
                    contentsOf: Data(repeating: 5, count: count))
            }.value
            if count == 10 {
                #expect(
                    try readInput(path, maximumBytes: 10) == [UInt8](repeating: 5, count: 10))
            } else {
                #expect(throws: FileError.tooLarge(path: path, maximumBytes: 10)) {
                    try readInput(path, maximumBytes: 10)
                }
            }
            try await written
        }
        #expect(throws: FileError.tooLarge(path: "/dev/zero", maximumBytes: 3 << 20)) {
            try readInput("/dev/zero", maximumBytes: 3 << 20)
        }
    }

    @Test func `a file that others may use is refused with the command that closes it`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a")
        try replaceFile(path, with: [1])
        unsafe chmod(path, 0o640)
        #expect(
            throws: FileError.exposed(path: path, mode: "0640", command: "chmod 600 \(path)")
        ) { try readPrivateFile(path, maximumBytes: 1) }
        #expect(try readFile(path, maximumBytes: 1) == [1])
    }
}
