internal import Archive
internal import Audit
internal import Bytes
internal import Foundation
internal import Merkle
internal import Witness

@testable internal import Export

extension Target {
    /// What leaves the house, and what a witness is asked.
    static let exports = [
        Target("tar", bytesMax: 8_192) { input in
            var reader = TarReader(ArraySource(input), maximumBytes: 1 << 20)
            var bytes = 0
            try? reader.run(judge: { _, _ in nil }) { _, part in bytes += part.count }
            demand(bytes <= 1 << 20, "a tar's files have a limit together")
        },
        // Through a file, as an export comes: what a few bytes unfold to must stay bounded.
        Target("zstd-tar", bytesMax: 4_096) { input in
            guard let file = scratch, (try? refill(file, with: input)) != nil,
                let source = try? ZstdReader(file)
            else { return }
            var reader = TarReader(source, maximumBytes: 1 << 22)
            var bytes = 0
            try? reader.run(judge: { _, _ in nil }) { _, part in bytes += part.count }
            demand(bytes <= 1 << 22, "a tar's files have a limit together")
        },
        Target("bundle", bytesMax: 2_048) { input in
            guard let width = input.first else { return }
            let bytes = Array(input.dropFirst())
            let bundle = EntryBundle(bytes, width: Int(width) + 1)
            guard bundle.problem == nil else { return }
            demand(bundle.entries.count == Int(width) + 1, "a bundle has its entries")
            demand(EntryBundle.encode(bundle.entries) == bytes, "a bundle has one encoding")
        },
        Target("export-path", bytesMax: 160) { input in
            guard let text = String(validating: input, as: UTF8.self), let path = ExportPath(text)
            else { return }
            demand("\(path)" == text, "a file has one path")
            let steps = text.split(separator: "/", omittingEmptySubsequences: false)
            demand(
                !steps.contains("") && !steps.contains(".") && !steps.contains(".."),
                "no path leads out of its folder")
        },
        Target("manifest", bytesMax: 2_048) { input in
            guard let file = scratch, (try? refill(file, with: input)) != nil else { return }
            var manifest = Manifest(file)
            var text = ""
            var last = ""
            while let line = try? manifest.next() {
                let path = "\(line.file)"
                demand(
                    last.utf8.lexicographicallyPrecedes(path.utf8), "a manifest's paths ascend")
                last = path
                text += "\(line.digest.hex)  \(path)\n"
            }
            let isSound = manifest.findings.items.isEmpty
            demand(
                isSound == input.elementsEqual(text.utf8),
                "a manifest has one spelling, and nothing else is without a finding")
        },
        Target("log-proof", bytesMax: 4_096) { input in
            guard let proof = try? LogProof(parsing: input) else { return }
            demand(Array(proof.encodedText.utf8) == input, "a proof has one spelling")
            _ = try? proof.check(leaf: .zero)
        },
        Target("consistency-proof", bytesMax: 4_096) { input in
            guard let proof = try? ConsistencyProof(parsing: input) else { return }
            demand(Array(proof.encodedText.utf8) == input, "a proof has one spelling")
        },
        Target("fork-proof", bytesMax: 4_096) { input in
            guard let proof = try? ForkProof(parsing: input) else { return }
            demand(Array(proof.encodedText.utf8) == input, "a proof has one spelling")
        },
        Target("witness-policy", bytesMax: 4_096) { input in
            guard let policy = try? WitnessPolicy(parsing: input) else { return }
            demand(policy.witnesses.count <= WitnessPolicy.maximumCount, "a policy has a limit")
            let counts = policy.quorumCounts
            demand(counts.needed <= counts.of, "a quorum can be met")
        },
        // The first six of its seven items: the digest of them is put behind.
        Target("kept-result", bytesMax: 16_384) { input in
            guard input.first == 0x86 else { return }
            let digest: [UInt8] = [0x58, 0x20] + sha256(input).array
            let bytes = [0x87] + input.dropFirst() + digest
            guard let kept = try? KeptResult(decoding: bytes) else { return }
            demand(kept.encoded == bytes, "a kept result has one encoding")
            _ = try? kept.state()
        },
        Target("add-checkpoint", bytesMax: 4_096) { input in
            guard let request = try? AddCheckpoint(parsing: input) else { return }
            demand(Array(request.encodedText.utf8) == input, "a request has one spelling")
        },
    ]

    /// A file in memory for readers of files.
    private static let scratch: FileHandle? = {
        let path = "/dev/shm/strongroom-fuzz-\(getpid())"
        guard FileManager.default.createFile(atPath: path, contents: nil) else { return nil }
        let file = FileHandle(forUpdatingAtPath: path)
        unsafe unlink(path)
        return file
    }()

    private static func refill(_ file: FileHandle, with input: [UInt8]) throws {
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: Data(input))
        try file.seek(toOffset: 0)
    }
}

/// Bytes in memory, in parts of odd sizes.
private final class ArraySource: ByteSource {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    func read(_ maximum: Int) throws(ArchiveError) -> [UInt8] {
        let part = rest.prefix(min(maximum, 333))
        rest = rest.dropFirst(part.count)
        return Array(part)
    }
}
