internal import Bytes
internal import Files

/// A stream of bytes into a file that appears when it is whole.
protocol ByteStream: AnyObject {
    /// The name that the file has until then.
    var temporary: String { get }
    func write(_ bytes: Span<UInt8>) throws(ExportError)
    func commit() throws(ExportError)
}

/// Bytes as they are.
final class FileStream: ByteStream {
    private let file: NewFile

    init(_ file: NewFile) { self.file = file }

    var temporary: String { file.temporary }

    func write(_ bytes: Span<UInt8>) throws(ExportError) {
        do throws(FileError) { try file.write(bytes) } catch { throw .file(error) }
    }

    func commit() throws(ExportError) {
        try filed { () throws(FileError) in try file.commit() }
    }
}

/// A POSIX tar: every file behind its header, filled up to a block with zeros.
final class TarSink: ExportSink {
    private let stream: any ByteStream
    private var announced: UInt64 = 0
    private var written: UInt64 = 0

    init(_ stream: any ByteStream) { self.stream = stream }

    var temporary: String { stream.temporary }

    func begin(_ path: ExportPath, bytes: UInt64) throws(ExportError) {
        guard bytes <= TarHeader.maximumFileBytes else {
            throw .tooLarge(
                what: "\(path) in bytes", size: bytes, maximum: TarHeader.maximumFileBytes)
        }
        announced = bytes
        written = 0
        let header = TarHeader.encoded(path, bytes: bytes)
        try stream.write(header.span)
    }

    func write(_ bytes: Span<UInt8>) throws(ExportError) {
        written += UInt64(bytes.count)
        try stream.write(bytes)
    }

    func end() throws(ExportError) {
        precondition(written == announced, "a file has the size that its header says")
        let padding = [UInt8](repeating: 0, count: TarHeader.padding(after: written))
        try stream.write(padding.span)
    }

    func commit() throws(ExportError) {
        let trailer = TarHeader.trailer
        try stream.write(trailer.span)
        try stream.commit()
    }
}
