internal import CZstd
package import Foundation

/// The bytes of one zstd frame (RFC 8878), decompressed as they are wanted.
///
/// The window has a limit, and so has its memory, whatever the frame says.
@safe package final class ZstdReader: ByteSource {
    private let file: FileHandle
    private let context: OpaquePointer
    private var input: [UInt8] = []
    private var position = 0
    private var output: [UInt8]
    private var ready = 0..<0
    private var isOver = false

    /// The largest window, as a power of two: 64 MiB.
    static let windowLog: Int32 = 26
    /// What a frame begins with.
    package static let magic: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd]

    /// Reads the frame that an open file holds from where it stands to its end.
    package init(_ file: FileHandle) throws(ArchiveError) {
        guard let context = unsafe ZSTD_createDCtx() else {
            throw .malformed("no memory for the decompressor")
        }
        self.file = file
        unsafe self.context = context
        output = [UInt8](repeating: 0, count: ZSTD_DStreamOutSize())
        let code = unsafe ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.windowLog)
        guard ZSTD_isError(code) == 0 else { throw .malformed("the decompressor refused") }
    }

    deinit { unsafe ZSTD_freeDCtx(context) }

    package func read(_ maximum: Int) throws(ArchiveError) -> [UInt8] {
        while ready.isEmpty, !isOver { try step() }
        let count = min(maximum, ready.count)
        defer { ready = ready.lowerBound + count..<ready.upperBound }
        return Array(output[ready.lowerBound..<ready.lowerBound + count])
    }

    private func step() throws(ArchiveError) {
        if position == input.count {
            do { input = Array(try file.read(upToCount: 1 << 17) ?? Data()) } catch {
                throw .malformed("it can not be read: \(error.localizedDescription)")
            }
            position = 0
            guard !input.isEmpty else {
                throw .malformed("the zstd frame ends before its last block")
            }
        }
        var produced = 0
        let code = unsafe input.withUnsafeBytes { input in
            unsafe output.withUnsafeMutableBytes { output in
                var source = unsafe ZSTD_inBuffer(
                    src: input.baseAddress, size: input.count, pos: position)
                var target = unsafe ZSTD_outBuffer(
                    dst: output.baseAddress, size: output.count, pos: 0)
                let code = unsafe ZSTD_decompressStream(context, &target, &source)
                position = unsafe source.pos
                produced = unsafe target.pos
                return code
            }
        }
        guard ZSTD_getErrorCode(code) != ZSTD_error_frameParameter_windowTooLarge else {
            throw .malformed(
                "the zstd frame asks for a window of more than \(1 << Self.windowLog) bytes, the "
                    + "most that is accepted")
        }
        guard ZSTD_isError(code) == 0 else {
            throw .malformed("not zstd: \(unsafe String(cString: ZSTD_getErrorName(code)))")
        }
        ready = 0..<produced
        guard code == 0 else { return }
        isOver = true
        var isLast = position == input.count
        do { if isLast { isLast = try (file.read(upToCount: 1) ?? Data()).isEmpty } } catch {
            throw .malformed("it can not be read: \(error.localizedDescription)")
        }
        guard isLast else {
            throw .malformed("bytes follow the zstd frame; one frame and nothing else is accepted")
        }
    }
}
