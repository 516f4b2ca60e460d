internal import CZstd
package import Files
internal import Foundation

/// Bytes under zstd (RFC 8878): one frame at level 3 with a checksum, made by threads of its own
/// where the library has threads. Its memory is the compressor's, some MiB for each thread, however
/// long the stream.
@safe package final class ZstdStream: ByteStream {
    private let file: NewFile
    private let context: OpaquePointer
    private var output: [UInt8]

    static let level: Int32 = 3
    /// What a thread compresses at a time. Small parts cost no space here (the library lets each
    /// look back into the one before), little memory, and no wait for the first and the last.
    private static let partBytes: Int32 = 1 << 20
    /// With four, the hashing is slower than the compressor.
    private static let maximumThreads = 4

    /// Writes to a file that was begun.
    package init(_ file: NewFile) throws(ArchiveError) {
        guard let context = unsafe ZSTD_createCCtx() else {
            throw .compressor("no memory for it")
        }
        self.file = file
        unsafe self.context = context
        output = [UInt8](repeating: 0, count: ZSTD_CStreamOutSize())
        try check(unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Self.level))
        try check(unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1))
        // Refused by a library without threads, which is as good but slower.
        let threads = Int32(min(ProcessInfo.processInfo.activeProcessorCount, Self.maximumThreads))
        _ = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_nbWorkers, threads)
        _ = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_jobSize, Self.partBytes)
    }

    deinit { unsafe ZSTD_freeCCtx(context) }

    package var temporary: String { file.temporary }

    package func write(_ bytes: Span<UInt8>) throws(ArchiveError) {
        var consumed = 0
        while consumed < bytes.count {
            consumed = try step(bytes, from: consumed, ZSTD_e_continue).consumed
        }
    }

    package func commit() throws(ArchiveError) {
        let nothing: [UInt8] = []
        while try step(nothing.span, from: 0, ZSTD_e_end).left > 0 {}
        try filed { () throws(FileError) in try file.commit() }
    }

    /// Gives the compressor bytes and takes what it has ready; returns how far it has read, and
    /// how much it still holds back.
    private func step(
        _ bytes: Span<UInt8>, from start: Int, _ directive: ZSTD_EndDirective
    ) throws(ArchiveError) -> (consumed: Int, left: Int) {
        var consumed = start
        var produced = 0
        let left = unsafe bytes.withUnsafeBytes { input in
            unsafe output.withUnsafeMutableBytes { output in
                var source = unsafe ZSTD_inBuffer(
                    src: input.baseAddress, size: input.count, pos: start)
                var target = unsafe ZSTD_outBuffer(
                    dst: output.baseAddress, size: output.count, pos: 0)
                let left = unsafe ZSTD_compressStream2(context, &target, &source, directive)
                consumed = unsafe source.pos
                produced = unsafe target.pos
                return left
            }
        }
        try check(left)
        let filled = output
        let ready = filled.span.extracting(0..<produced)
        do throws(FileError) { try file.write(ready) } catch { throw .file(error) }
        return (consumed, left)
    }

    private func check(_ code: Int) throws(ArchiveError) {
        guard ZSTD_isError(code) != 0 else { return }
        throw .compressor(unsafe String(cString: ZSTD_getErrorName(code)))
    }
}
