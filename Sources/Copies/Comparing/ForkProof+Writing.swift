public import Files
public import Merkle

extension ForkProof {
    /// How many names are tried for a proof.
    private static let maximumNames = 1_000

    /// Writes the proof to a new file and returns its name: `name(1)`, or the next one that is
    /// free. A file that holds this very proof is as good as a new one.
    public func write(to name: (Int) -> String) throws(FileError) -> String {
        var number = 1
        while true {
            let path = name(number)
            do throws(FileError) {
                try write(to: path)
                return path
            } catch {
                guard case .exists = error, number < Self.maximumNames else { throw error }
            }
            number += 1
        }
    }

    /// Writes the proof to a new file, unless the file is there and holds this very proof.
    public func write(to path: String) throws(FileError) {
        let bytes = Array(encodedText.utf8)
        if try OutputPlace(path) == .file,
            let found = try? readFile(path, maximumBytes: bytes.count), found == bytes
        {
            return
        }
        try writeOutput(bytes, to: path)
    }
}
