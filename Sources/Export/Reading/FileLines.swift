internal import Audit
internal import Foundation

/// The lines of a text file of any length, one at a time.
struct FileLines {
    private let file: ExportPath
    private let handle: FileHandle
    private let maximumLineBytes: Int
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false
    /// The number of the line that was read last, counted from 1.
    private(set) var number: UInt64 = 0

    /// Opens a file; nil when it is not there.
    init?(
        _ file: ExportPath, in folder: EvidenceFolder, maximumLineBytes: Int
    ) throws(AuditError) {
        guard let handle = try folder.handle(of: file) else { return nil }
        self.init(file, handle, maximumLineBytes: maximumLineBytes)
    }

    /// Reads an open file.
    init(_ file: ExportPath, _ handle: FileHandle, maximumLineBytes: Int) {
        self.file = file
        self.handle = handle
        self.maximumLineBytes = maximumLineBytes
    }

    /// The next line without its newline; nil at the end.
    ///
    /// - Throws: when a line is too long, or the last one does not end.
    mutating func next() throws(AuditError) -> ArraySlice<UInt8>? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { start = end + 1 }
                number += 1
                return buffer[start..<end]
            }
            guard !isAtEnd else {
                guard start < buffer.count else { return nil }
                throw .unreadable("\(file), line \(number + 1): the file ends within it")
            }
            guard buffer.count - start <= maximumLineBytes else {
                throw .unreadable(
                    "\(file), line \(number + 1): at most \(maximumLineBytes) bytes are accepted")
            }
            buffer.removeFirst(start)
            start = 0
            searched = buffer.count
            do {
                let part = try handle.read(upToCount: 1 << 16) ?? Data()
                isAtEnd = part.isEmpty
                buffer += part
            } catch { throw .unreadable("\(file): \(error)") }
        }
    }
}
