internal import Foundation

/// Asks an independent implementation, through a Python script, what it makes of our data.
///
/// The script runs in the virtual environment `.venv` of the package, reads one JSON document from
/// its standard input and writes one to its standard output.
public enum Judge {
    /// Why a judge gave no verdict.
    public enum Failure: Error {
        /// The script ended with another status than 0.
        case exit(script: String, status: Int32, message: String)
    }

    /// What the script at `path`, relative to the package's root, answers to `input`; nil and a
    /// printed notice where there is no virtual environment.
    public static func ask(_ path: String, _ input: JSON) throws -> JSON? {
        let python = packageRoot.appending(path: ".venv/bin/python3")
        guard FileManager.default.isExecutableFile(atPath: python.path) else {
            print("notice: no .venv, so that \(path) was not asked")
            return nil
        }
        // Files and not pipes: neither side can then wait for the other to drain one.
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = ["input", "output", "errors"].map { folder.appending(path: $0) }
        try JSONEncoder().encode(input).write(to: files[0])
        for file in files[1...] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = python
        process.arguments = [packageRoot.appending(path: path).path]
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure.exit(
                script: path, status: process.terminationStatus,
                message: String(decoding: try Data(contentsOf: files[2]), as: UTF8.self))
        }
        return try JSON.decode(try Data(contentsOf: files[1]))
    }
}
