internal import Audit
internal import Bytes
internal import Files
internal import Foundation
internal import Merkle
internal import Web

/// The files of a tile directory on a web server, each within its limit, and kept in a folder once
/// they are here: what a cut left behind is not fetched again.
final class RemoteFiles: Sendable {
    /// Where files are kept.
    let folder: String
    private let base: String
    private let small: WebClient
    private let blobs: WebClient
    private let bundles: WebClient
    private let temporary: PrivateFolder?
    /// Whether the folder goes away with this object.
    var isTemporary: Bool { temporary != nil }

    /// How many files are fetched at a time.
    static let parallel = 8
    /// How long is waited before each new attempt, in milliseconds.
    private static let pausesMilliseconds = [200, 600, 1_800]
    /// The most bytes of a tile, a checkpoint or a policy.
    private static let smallBytesMax = Note.maximumBytes

    /// Fetches from `url`, which a slash ends or not, into `cache`, or into a private folder that
    /// goes away with this object.
    init(_ url: String, cache: String?, secondsMax: Int) throws(AuditError) {
        var base = url
        while base.hasSuffix("/") { base.removeLast() }
        self.base = base
        small = WebClient(
            WebLimits(bodyBytesMax: Self.smallBytesMax, secondsMax: secondsMax))
        blobs = WebClient(
            WebLimits(
                bodyBytesMax: ExportPath.blob(.zero).maximumBytes, secondsMax: 4 * secondsMax))
        bundles = WebClient(
            WebLimits(
                bodyBytesMax: Tile.maximumWidth * (2 + EntryBundle.maximumEntryBytes),
                secondsMax: 4 * secondsMax))
        do throws(FileError) {
            if let cache {
                (folder, temporary) = (cache, nil)
                if !fileExists(cache) { try makePrivateFolder(cache) }
            } else {
                let made = try PrivateFolder()
                (folder, temporary) = (made.path, made)
            }
        } catch { throw .unreadable("\(error)") }
    }

    /// Whether a file is here.
    func has(_ file: ExportPath) -> Bool {
        FileManager.default.fileExists(atPath: "\(folder)/\(file)")
    }

    /// Fetches files that are not here, some at a time; what the server does not have stays
    /// missing.
    ///
    /// - Parameter progress: called after each with how many of how many have been fetched.
    func fetch(
        _ files: [ExportPath], progress: @Sendable (UInt64, UInt64) -> Void = { _, _ in }
    ) async throws(AuditError) {
        let wanted = files.filter { !has($0) }
        var next = 0
        var done: UInt64 = 0
        let failure = await withTaskGroup(of: AuditError?.self) { group in
            func start() {
                guard next < wanted.count else { return }
                let file = wanted[next]
                next += 1
                group.addTask { [self] in
                    do throws(AuditError) {
                        try await fetch(file)
                        return nil
                    } catch { return error }
                }
            }
            for _ in 0..<Self.parallel { start() }
            while let result = await group.next() {
                if let result {
                    group.cancelAll()
                    return Optional(result)
                }
                done += 1
                progress(done, UInt64(wanted.count))
                start()
            }
            return nil
        }
        if let failure { throw failure }
    }

    /// Fetches one file; a partial tile that is not there any more is cut from the full one, as
    /// tlog-tiles allows.
    func fetch(_ file: ExportPath) async throws(AuditError) {
        if let bytes = try await body(of: file) { return try store(file, bytes) }
        switch file {
        case .tile(let tile):
            guard tile.width < Tile.maximumWidth,
                let full = Tile(level: tile.level, index: tile.index),
                let bytes = try await body(of: .tile(full))
            else { return }
            try store(file, Array(bytes.prefix(32 * tile.width)))
        case .entries(let tile):
            guard tile.width < Tile.maximumWidth,
                let full = Tile(level: tile.level, index: tile.index),
                let bytes = try await body(of: .entries(full))
            else { return }
            let entries = EntryBundle(bytes, width: Tile.maximumWidth).entries
            try store(file, EntryBundle.encode(Array(entries.prefix(tile.width))))
        case .blob: return
        default:
            // What was kept of it would pass for what the server says today.
            guard has(file) else { return }
            do { try FileManager.default.removeItem(atPath: "\(folder)/\(file)") } catch {
                throw .unreadable("\(folder)/\(file): \(error)")
            }
        }
    }

    /// The body that the server has at a path; nil when it has none.
    private func body(of file: ExportPath) async throws(AuditError) -> [UInt8]? {
        let url = "\(base)/\(file)"
        let client =
            if case .blob = file { blobs } else {
                file.maximumBytes <= Self.smallBytesMax ? small : bundles
            }
        var problem = ""
        for pause in [0] + Self.pausesMilliseconds {
            if pause > 0 { try? await Task.sleep(for: .milliseconds(pause)) }
            do throws(WebError) {
                let answer = try await client.get(url)
                switch answer.status {
                case 200:
                    guard answer.body.count <= file.maximumBytes else {
                        throw WebError.oversize(url: url, bytesMax: file.maximumBytes)
                    }
                    return answer.body
                case 404, 410: return nil
                case 429, 500...599: problem = "\(url) answers \(answer.status)"
                default: throw WebError.unreachable(url: url, reason: "status \(answer.status)")
                }
            } catch {
                problem = "\(error)"
                switch error {
                case .unreachable, .interrupted, .timedOut: continue
                case .address, .oversize, .redirected: throw .unreadable(problem)
                }
            }
        }
        throw .unreadable("\(problem), \(Self.pausesMilliseconds.count + 1) times")
    }

    /// Keeps a file under its name once it is whole.
    private func store(_ file: ExportPath, _ bytes: [UInt8]) throws(AuditError) {
        let path = "\(folder)/\(file)"
        let parent = path.split(separator: "/").dropLast().joined(separator: "/")
        do {
            try FileManager.default.createDirectory(
                atPath: (path.hasPrefix("/") ? "/" : "") + parent,
                withIntermediateDirectories: true)
            try Data(bytes).write(to: URL(filePath: path), options: .atomic)
        } catch { throw .unreadable("\(path): \(error)") }
    }
}
