internal import Audit
internal import Bytes
internal import Dispatch
internal import Merkle
internal import Synchronization

/// Which files an export holds: each is where it belongs, and is the one that the manifest lists.
struct Inventory {
    private let folder: EvidenceFolder
    private let size: UInt64?
    private let isDelta: Bool
    /// Entries before this one were verified earlier: their files are not read again.
    private let start: UInt64
    private(set) var findings = BoundedFindings()
    /// The blobs that are there.
    private(set) var blobs: [Digest32] = []
    /// The bundles that are there and not where the checkpoint's size says, and the last of all.
    private(set) var lastBundle: Tile?
    private var single: Set<ExportPath> = []
    private var manifest: Manifest?
    private var line: Manifest.Line?
    private var waiting: [(file: ExportPath, line: Manifest.Line)] = []

    /// The most files whose digests are computed at a time.
    private static let batch = 256

    /// Takes stock of a folder.
    ///
    /// - Parameters:
    ///   - size: the tree's, when the checkpoint says it.
    ///   - start: where the replay will start.
    init(
        _ folder: EvidenceFolder, size: UInt64?, isDelta: Bool, from start: UInt64
    ) throws(AuditError) {
        self.folder = folder
        self.size = size
        self.isDelta = isDelta
        self.start = start
        manifest = try Manifest(folder)
    }

    /// Whether there is a manifest.
    var hasManifest: Bool { manifest != nil }

    /// What is wrong with the lines of the manifest themselves.
    var manifestFindings: BoundedFindings { manifest?.findings ?? BoundedFindings() }

    /// Walks through the folder, beside the manifest, which is in the same order.
    mutating func run() throws(AuditError) {
        try nextLine()
        var strangers: [FolderWalk.Stranger] = []
        try FolderWalk.run(
            folder.path,
            take: { (file) throws(AuditError) in try take(file) },
            refuse: { strangers.append($0) })
        try finish()
        for stranger in strangers {
            add(
                .layout, stranger.path.escapedForDisplay, "files that an export has",
                stranger.reason)
        }
    }

    private mutating func take(_ file: ExportPath) throws(AuditError) {
        try checkForm(of: file)
        let before = findings.items.count + findings.omitted
        switch file {
        case .blob(let digest): blobs.append(digest)
        case .tile(let tile): check(tile, file)
        case .entries(let tile):
            check(tile, file)
            if tile.end > lastBundle?.end ?? 0 { lastBundle = tile }
        case .since, .consistency:
            if !isDelta { add(.layout, "\(file)", "files of a whole export", "a delta's file") }
        case .disclosedEntry, .disclosedProof:
            add(.layout, "\(file)", "files of an export of the log", "a disclosure's file")
        case .readme, .checkpoint, .checkpoints, .schema, .policy, .sums, .sumsNote, .kept:
            break
        }
        single.insert(Self.kind(of: file))
        try match(file, isForeign: findings.items.count + findings.omitted > before)
    }

    /// Files that nothing else reads, or reads without a word where they are none.
    private mutating func checkForm(of file: ExportPath) throws(AuditError) {
        switch file {
        // Their readers say what is wrong with them, in their own place.
        case .blob, .tile, .entries, .checkpoint, .since, .disclosedEntry, .disclosedProof: return
        case .readme, .checkpoints, .consistency, .kept, .schema, .policy, .sums, .sumsNote: break
        }
        guard let reason = try folder.refusal(of: file) else { return }
        add(.layout, "\(file)", "a file of at most \(file.maximumBytes) bytes", reason)
    }

    /// Files of which there are many are not told apart here.
    private static func kind(of file: ExportPath) -> ExportPath {
        switch file {
        case .blob: .blob(.zero)
        case .schema: .schema("")
        case .tile, .entries, .disclosedEntry, .disclosedProof: .schema("tree")
        default: file
        }
    }

    private mutating func check(_ tile: Tile, _ file: ExportPath) {
        guard let size else { return }
        let own = Tile(level: tile.level, index: tile.index, size: size)
        guard own != tile else { return }
        add(
            .layout, "\(file)",
            own.map { "the one of \($0.width) there" }
                ?? "none there, in the tree of \(size) entries", "one of \(tile.width)")
    }

    private mutating func finish() throws(AuditError) {
        while let line {
            missing(line)
            try nextLine()
        }
        try compareWaiting()
        var needed: [ExportPath] = [
            .readme, .checkpoint, .checkpoints, .policy, .schema(""),
        ]
        // A replica is put together from exports whose manifests were compared then.
        if !folder.isReplica, !single.contains(.kept) { needed += [.sums, .sumsNote] }
        if isDelta { needed += [.since, .consistency] }
        for file in needed where !single.contains(file) {
            let name = file == .schema("") ? "schemas" : "\(file)"
            add(.layout, name, "the file", "none")
        }
    }

    // MARK: The manifest

    private mutating func nextLine() throws(AuditError) {
        guard var manifest else { return line = nil }
        self.manifest = nil
        defer { self.manifest = manifest }
        line = try manifest.next()
    }

    private mutating func missing(_ line: Manifest.Line) {
        findings.append(
            Finding(
                position: nil, rule: .manifest,
                place: EvidencePlace("\(ExportPath.sums)", line: line.number),
                expected: "the file \(line.file), which the manifest lists", found: "no such file"))
    }

    /// Pairs a file with its line; both come in ascending order.
    private mutating func match(
        _ file: ExportPath, isForeign: Bool
    ) throws(AuditError) {
        guard hasManifest, file != .sums, file != .sumsNote else { return }
        let path = "\(file)"
        while let line, "\(line.file)".utf8.lexicographicallyPrecedes(path.utf8) {
            missing(line)
            try nextLine()
        }
        guard let line, line.file == file else {
            // Of a file that does not belong there, that is said already.
            guard !isForeign else { return }
            return add(.manifest, path, "a line in \(ExportPath.sums)", "none")
        }
        if !isOld(file) {
            waiting.append((file, line))
            if waiting.count == Self.batch { try compareWaiting() }
        }
        try nextLine()
    }

    /// Whether the file was verified when the kept result was made.
    private func isOld(_ file: ExportPath) -> Bool {
        switch file {
        case .tile(let tile), .entries(let tile): tile.end <= start
        case .blob: start > 0
        default: false
        }
    }

    private mutating func compareWaiting() throws(AuditError) {
        let pairs = waiting
        waiting = []
        let results = Mutex<[Int: Result<Digest32?, AuditError>]>([:])
        DispatchQueue.concurrentPerform(iterations: pairs.count) { [folder] index in
            let result: Result<Digest32?, AuditError>
            do throws(AuditError) {
                result = .success(try folder.digest(of: pairs[index].file))
            } catch { result = .failure(error) }
            results.withLock { $0[index] = result }
        }
        let found = results.withLock { $0 }
        for (index, pair) in pairs.enumerated() {
            guard let result = found[index] else { continue }
            let digest = try result.get()
            guard digest != pair.line.digest else { continue }
            add(
                .manifest, "\(pair.file)",
                "SHA-256 \(pair.line.digest.hex), by line \(pair.line.number) of "
                    + "\(ExportPath.sums)", digest?.hex ?? "not a regular file")
        }
    }

    private mutating func add(
        _ rule: Finding.Rule, _ path: String, _ expected: String, _ found: String
    ) {
        findings.append(
            Finding(
                position: nil, rule: rule, place: EvidencePlace(path), expected: expected,
                found: found))
    }
}
