/// Limits of our formats that more than one module keeps.
public enum FormatLimit {
    /// The longest entry of a log, in bytes: what the length in a tlog-tiles entry bundle can say.
    public static let entryBytes = 65_535
    /// The longest blob, in bytes.
    public static let blobBytes = 4 << 20
    /// The longest byte string that stands in an event itself, in bytes; longer ones are blobs.
    public static let inlineBytes = 16_384
}
