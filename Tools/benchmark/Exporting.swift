internal import Bytes
internal import CZstd
internal import Export
internal import Foundation
internal import Ledger
internal import Merkle
internal import SampleLedger

/// Exports of the whole log, against zstd at the same level on the same bytes.
///
/// The raw loop reads the tar from the page cache and compresses it to nowhere, in one thread as
/// `zstd -3` does unless told otherwise; the export reads the ledger, hashes every byte twice and
/// makes its file durable, on all cores. Both are given as their fastest of several rounds in
/// turns, which others on the machine disturb least. A row of its own tells what all cores would
/// do raw.
struct Exporting {
    let folder: String

    /// How often each side runs, in turns.
    private static let rounds = 7

    /// The rate of an export, its memory and its size.
    func rows() throws -> [Row] {
        let log = try Log.open(folder + "/ledger", .readOnly)
        let signer = try ExportSigner(origin: log.origin, seed: sha256(Array("bench".utf8)))
        let tar = folder + "/bench.tar"
        defer { remove(tar) }
        remove(tar)
        let entries = try LogExport(signer: signer).write(log, to: .tar(tar)).checkpoint.size
        var tarBytes = 0
        var (time, rawTime, rawParallelTime) = (Double.infinity, Double.infinity, Double.infinity)
        var packedBytes = 0
        var memory = 0.0
        let packed = tar + ".zst"
        for _ in 0..<Self.rounds {
            rawTime = min(rawTime, try seconds { tarBytes = try RawZstd().compress(file: tar) })
            rawParallelTime = min(
                rawParallelTime, try seconds { _ = try RawZstd(threads: cores).compress(file: tar) }
            )
            remove(packed)
            let before = anonymousMebibytes()
            var export = LogExport(signer: signer)
            export.progress = { _, _ in memory = max(memory, anonymousMebibytes() - before) }
            time = min(time, try seconds { _ = try export.write(log, to: .compressedTar(packed)) })
            packedBytes = try size(of: packed)
        }
        remove(packed)
        let mebibytes = Double(tarBytes) / 1_048_576
        return [
            Row(
                name: "export, .tar.zst", value: mebibytes / time, unit: "MiB/s",
                baseline: mebibytes / rawTime, target: .ratioAtLeast(0.8)),
            Row(
                name: "export, beside zstd on all cores", value: mebibytes / time, unit: "MiB/s",
                baseline: mebibytes / rawParallelTime, target: .any),
            Row(
                name: "export, anonymous memory", value: memory, unit: "MiB", baseline: nil,
                target: .atMost(64)),
            Row(
                name: "export, size", value: Double(packedBytes) / Double(entries),
                unit: "B/event", baseline: Double(tarBytes) / Double(entries), target: .any),
        ] + (try bundleRows(log, entries))
    }

    /// What a bundle costs that is sent alone, with and without a dictionary trained on others.
    private func bundleRows(_ log: Log, _ entries: UInt64) throws -> [Row] {
        var training: [[UInt8]] = []
        var bundles: [[UInt8]] = []
        let count = entries / 256
        try log.read { (view) throws(LedgerError) in
            for number in 0..<min(count, 128) {
                let first = number * (count / min(count, 128)) * 256
                var bundle: [UInt8] = []
                try view.forEachEntry(first..<first + 256) { (_, entry) throws(LedgerError) in
                    let copy = [UInt8](capacity: entry.count) { $0.append(entry) }
                    bundle.appendBigEndian(UInt16(copy.count))
                    bundle += copy
                    if number.isMultiple(of: 2) { training.append(copy) }
                    return true
                }
                if !number.isMultiple(of: 2) { bundles.append(bundle) }
            }
        }
        guard let dictionary = RawZstd.dictionary(from: training), !bundles.isEmpty else {
            return []
        }
        let raw = Double(bundles.reduce(0) { $0 + $1.count }) / Double(bundles.count * 256)
        func row(_ name: String, _ zstd: RawZstd) throws -> Row {
            let bytes = try bundles.reduce(0) { try $0 + zstd.compress($1) }
            return Row(
                name: name, value: Double(bytes) / Double(bundles.count * 256), unit: "B/event",
                baseline: raw, target: .any)
        }
        return [
            try row("a bundle alone, zstd -3", RawZstd()),
            try row("a bundle alone, with a dictionary", RawZstd(dictionary: dictionary)),
        ]
    }

    private func size(of path: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    }

    private func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }
}

/// libzstd at level 3, as its command line uses it.
@safe private final class RawZstd {
    private let context: OpaquePointer
    private var output = [UInt8](repeating: 0, count: ZSTD_CStreamOutSize())

    enum Failure: Error { case zstd(String) }

    /// Without `threads`, it compresses in the caller's.
    init(dictionary: [UInt8] = [], threads: Int = 0) throws {
        guard let context = unsafe ZSTD_createCCtx() else {
            throw Failure.zstd("no memory for it")
        }
        unsafe self.context = context
        _ = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, 3)
        _ = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
        if threads > 0 {
            _ = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_nbWorkers, Int32(threads))
        }
        if !dictionary.isEmpty {
            _ = unsafe ZSTD_CCtx_loadDictionary(context, dictionary, dictionary.count)
        }
    }

    deinit { unsafe ZSTD_freeCCtx(context) }

    /// Compresses a file to nowhere, and returns how many bytes it has.
    func compress(file path: String) throws -> Int {
        let handle = try FileHandle(forReadingFrom: URL(filePath: path))
        defer { try? handle.close() }
        // One buffer for all parts: the raw loop wastes nothing.
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var total = 0
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe read(
                    handle.fileDescriptor, $0.baseAddress, $0.count)
            }
            guard count > 0 else { break }
            total += count
            _ = try step(buffer[..<count], ZSTD_e_continue)
        }
        _ = try step([], ZSTD_e_end)
        return total
    }

    /// Compresses bytes alone, and returns how many are left of them.
    func compress(_ bytes: [UInt8]) throws -> Int { try step(bytes[...], ZSTD_e_end) }

    /// Returns how many bytes came out.
    private func step(_ bytes: ArraySlice<UInt8>, _ directive: ZSTD_EndDirective) throws -> Int {
        try unsafe bytes.withUnsafeBytes { input in
            var source = unsafe ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
            var produced = 0
            while true {
                let left = unsafe output.withUnsafeMutableBytes { output in
                    var target = unsafe ZSTD_outBuffer(
                        dst: output.baseAddress, size: output.count, pos: 0)
                    let left = unsafe ZSTD_compressStream2(context, &target, &source, directive)
                    produced += unsafe target.pos
                    return left
                }
                guard ZSTD_isError(left) == 0 else {
                    throw Failure.zstd(unsafe String(cString: ZSTD_getErrorName(left)))
                }
                let isDone = unsafe source.pos == source.size
                if isDone, directive == ZSTD_e_continue || left == 0 { return produced }
            }
        }
    }

    /// A dictionary of 112,640 bytes, which is the size that zstd's command line makes.
    static func dictionary(from samples: [[UInt8]]) -> [UInt8]? {
        var dictionary = [UInt8](repeating: 0, count: 112_640)
        let sizes = samples.map(\.count)
        let joined = samples.flatMap { $0 }
        let count = unsafe dictionary.withUnsafeMutableBytes { dictionary in
            unsafe ZDICT_trainFromBuffer(
                dictionary.baseAddress, dictionary.count, joined, sizes, UInt32(sizes.count))
        }
        guard ZDICT_isError(count) == 0 else { return nil }
        return Array(dictionary.prefix(count))
    }
}
