public import Audit
internal import Storage

extension KeptResult {
    /// Writes the file that `--since` reads; what was there is replaced when the new one is whole.
    public func write(to path: String) throws {
        try replaceFile(path, with: encoded)
    }
}
