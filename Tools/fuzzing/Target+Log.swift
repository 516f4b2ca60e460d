internal import Bytes
internal import Merkle

extension Target {
    /// The log's published forms.
    static let log = [
        Target("note") { input in
            guard let note = try? Note(parsing: input) else { return }
            demand(Array(note.encodedText.utf8) == input, "a note has one spelling")
        },
        Target("checkpoint") { input in
            guard let checkpoint = try? SignedCheckpoint(parsing: input) else { return }
            demand(Array(checkpoint.note.encodedText.utf8) == input, "it has one spelling")
        },
        Target("verifier-key", bytesMax: 512) { input in
            guard let text = String(validating: input, as: UTF8.self),
                let key = try? NoteVerifierKey(parsing: text)
            else { return }
            demand(key.encodedText == text, "a key has one spelling")
        },
        Target("tile-path", bytesMax: 128) { input in
            guard let text = String(validating: input, as: UTF8.self) else { return }
            if let tile = Tile(path: text) { demand(tile.path == text, "one path") }
            if let tile = Tile(entriesPath: text) { demand(tile.entriesPath == text, "one path") }
        },
        // Sizes and hashes from the input: no proof leads from a false leaf to the root.
        Target("proof", bytesMax: 2_400) { input in
            guard input.count >= 48 + 32 else { return }
            let size = number(input[0..<8]) % (1 << 62)
            let index = number(input[8..<16])
            let hashes = stride(from: 48, to: input.count - 31, by: 32).compactMap {
                Digest32(Array(input[$0..<$0 + 32]))
            }
            guard let leaf = Digest32(Array(input[16..<48])), let root = hashes.last else { return }
            let proof = Array(hashes.dropLast())
            if (try? checkInclusion(proof, index: index, size: size, leaf: leaf, root: root)) != nil
            {
                demand(index < size, "a leaf lies inside its tree")
            }
            if (try? checkConsistency(
                proof, from: index, oldRoot: leaf, to: size, newRoot: root)) != nil
            {
                demand(index <= size, "a tree never shrinks")
            }
        },
    ]
}
