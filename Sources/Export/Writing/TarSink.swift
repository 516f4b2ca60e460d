internal import Archive
internal import Bytes
internal import Files

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
        let header = TarHeader.encoded(path.description, bytes: bytes)
        try append(header.span)
    }

    func write(_ bytes: Span<UInt8>) throws(ExportError) {
        written += UInt64(bytes.count)
        try append(bytes)
    }

    func end() throws(ExportError) {
        precondition(written == announced, "a file has the size that its header says")
        let padding = [UInt8](repeating: 0, count: TarHeader.padding(after: written))
        try append(padding.span)
    }

    func commit() throws(ExportError) {
        let trailer = TarHeader.trailer
        try append(trailer.span)
        do throws(ArchiveError) { try stream.commit() } catch { throw ExportError(error) }
    }

    private func append(_ bytes: Span<UInt8>) throws(ExportError) {
        do throws(ArchiveError) { try stream.write(bytes) } catch { throw ExportError(error) }
    }
}
