/// Where in a file of an export something stands.
public struct EvidencePlace: Sendable, Hashable {
    /// The file's path, relative to the export's folder.
    public let file: String
    /// How many bytes stand before it, when the file is binary.
    public let offset: UInt64?
    /// Its line, counted from 1, when the file is text.
    public let line: UInt64?

    /// Names a file, and where in it.
    public init(_ file: String, offset: UInt64? = nil, line: UInt64? = nil) {
        self.file = file
        self.offset = offset
        self.line = line
    }
}

extension EvidencePlace: CustomStringConvertible {
    public var description: String {
        if let offset { return "\(file), offset \(offset)" }
        if let line { return "\(file), line \(line)" }
        return file
    }
}
