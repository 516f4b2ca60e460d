internal import Bytes
internal import Glibc

/// Bytes that wait on the disk for their place in a file, so that memory does not grow with them.
///
/// The file has no name from the start on, and its space is free again when the process ends.
public final class SpoolFile {
    private let descriptor: FileDescriptor
    private var pending: [UInt8] = []
    /// How many bytes were written.
    public private(set) var count: UInt64 = 0

    private static let bufferBytes = 1 << 18

    /// Makes a file in the folder of `path`.
    public init(beside path: String) throws(FileError) {
        let name = "\(path).\(UInt64.random(in: .min ... .max)).spool"
        descriptor = try FileDescriptor(
            name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW)
        unsafe unlink(name)
    }

    /// Appends bytes.
    public func write(_ bytes: Span<UInt8>) throws(FileError) {
        count += UInt64(bytes.count)
        pending.append(bytes)
        if pending.count >= Self.bufferBytes { try flush() }
    }

    private func flush() throws(FileError) {
        try descriptor.writeBytes(pending)
        pending.removeAll(keepingCapacity: true)
    }

    /// Lends everything that was written, in order; nothing is written afterwards.
    public func read<Failure: FileFailure>(
        _ body: (Span<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        do throws(FileError) {
            try flush()
            try descriptor.rewind()
        } catch { throw Failure(file: error) }
        while true {
            let part: [UInt8]
            do throws(FileError) {
                part = try descriptor.readBytes(atMost: Self.bufferBytes)
            } catch { throw Failure(file: error) }
            if part.isEmpty { return }
            try body(part.span)
        }
    }
}
