public import Foundation

/// The folder that the package stands in.
public let packageRoot = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

/// The standards' test vectors, which are not part of the repository.
///
/// Looked for in the folder that `STRONGROOM_VECTORS` names, then in `shared/vectors` beside the
/// package. Where a file is absent its test says so and passes without it.
public enum Vectors {
    /// The bytes of the file `name`, or nil and a printed notice when there is no such file.
    public static func data(_ name: String) throws -> Data? {
        for folder in folders {
            let file = folder.appending(path: name)
            if FileManager.default.fileExists(atPath: file.path) {
                return try Data(contentsOf: file)
            }
        }
        print("notice: vectors \(name) are absent; set STRONGROOM_VECTORS to their folder")
        return nil
    }

    /// The file `name` as JSON, or nil and a printed notice when there is no such file.
    public static func json(_ name: String) throws -> JSON? {
        try data(name).map { data throws in try JSON.decode(data) }
    }

    private static var folders: [URL] {
        let named = ProcessInfo.processInfo.environment["STRONGROOM_VECTORS"]
        let beside = packageRoot.deletingLastPathComponent().appending(path: "shared/vectors")
        return (named.map { [URL(filePath: $0)] } ?? []) + [beside]
    }
}
