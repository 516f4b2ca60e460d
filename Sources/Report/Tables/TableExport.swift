internal import Archive
public import Audit
internal import Bytes
internal import Events
internal import Files
internal import State

/// Where tables go; what has that name already is never overwritten.
public enum TableTarget: Sendable, Hashable {
    /// A folder of `events.csv`, `requests.csv` and `movements.csv`.
    case csv(String)
    /// A folder of the same with the ending `.jsonl`.
    case jsonLines(String)
    /// One file of JSON Lines, in which each row names its table; under zstd or not.
    case jsonLinesFile(String, isCompressed: Bool)

    /// JSON Lines, in one file when the name ends in `.jsonl` or `.jsonl.zst`.
    public init(jsonLines path: String) throws(TableError) {
        if path.hasSuffix(".jsonl.zst") {
            self = .jsonLinesFile(path, isCompressed: true)
        } else if path.hasSuffix(".jsonl") {
            self = .jsonLinesFile(path, isCompressed: false)
        } else {
            // A name that promises one file, and not of this kind, is a mistake.
            let endings = [
                ".zst", ".gz", ".tgz", ".zip", ".xz", ".bz2", ".7z", ".tar", ".json", ".csv",
            ]
            guard !endings.contains(where: { path.hasSuffix($0) }) else {
                throw .target(path)
            }
            self = .jsonLines(path)
        }
    }
}

/// Writes a ledger's events, requests and coin movements as tables for spreadsheets and databases.
///
/// Everything is replayed and judged on the way, as `verify` does; memory follows what is live. The
/// files appear under their names when all of them are whole.
public struct TableExport {
    /// Called now and then with how many entries of how many are done.
    public var progress: (UInt64, UInt64) -> Void = { _, _ in }

    /// What was written.
    public struct Summary: Sendable, Equatable {
        /// How many rows of entries.
        public var events: UInt64 = 0
        /// How many rows of requests.
        public var requests: UInt64 = 0
        /// How many rows of coins that came or went.
        public var movements: UInt64 = 0
        /// What the replay found wrong in the history that the tables show.
        public var findings = 0
    }

    /// Creates an export.
    public init() {}

    /// Writes the tables of `source` to `target`.
    public func write(
        _ source: some EventSource, to target: TableTarget
    ) throws(TableError) -> Summary {
        let sheets = try TableSheets(target)
        var fold = TableFold(sheets: sheets)
        var failure: TableError?
        var replay = Replay()
        do throws(AuditError) {
            try replay.run(
                source, to: source.size, progress: { progress($0, source.size) },
                observe: { (position, event, state, effects) throws(AuditError) in
                    do throws(TableError) {
                        try fold.take(event, at: position, state, effects)
                    } catch {
                        failure = error
                        throw .unreadable("\(error)")
                    }
                })
        } catch {
            throw failure ?? .damaged("\(error)")
        }
        if let state = replay.state { try fold.finish(state) }
        try sheets.commit()
        fold.summary.findings = replay.findings.count + replay.omittedFindings
        return fold.summary
    }
}

/// Turns what a replay shows into rows.
private struct TableFold {
    let sheets: TableSheets
    var summary = TableExport.Summary()
    private var coins = CoinTrail()
    private var requests = RequestTrail()

    init(sheets: TableSheets) { self.sheets = sheets }

    mutating func take(
        _ event: SignedEvent?, at position: UInt64, _ state: LedgerState,
        _ effects: LedgerState.Effects
    ) throws(TableError) {
        let rows = TableRows(network: state.founding.network)
        summary.events += 1
        guard let event else {
            return try sheets.write(
                .events, TableRows.refused(position, state.recorded))
        }
        let id = event.request
        // Asked before the trail forgets what ends now.
        let known = id.flatMap { requests.record($0)?.number }
        let ended = requests.take(event, at: position, state, effects)
        let number = known ?? id.flatMap { requests.record($0)?.number }
        try sheets.write(.events, rows.event(event, at: position, state, request: number))
        for record in ended { try write(record, rows) }
        for movement in coins.take(event, at: position, state) {
            summary.movements += 1
            try sheets.write(.movements, rows.movement(movement))
        }
    }

    mutating func finish(_ state: LedgerState) throws(TableError) {
        let rows = TableRows(network: state.founding.network)
        for record in requests.open(in: state) { try write(record, rows) }
    }

    private mutating func write(
        _ record: RequestRecord, _ rows: TableRows
    ) throws(TableError) {
        summary.requests += 1
        try sheets.write(.requests, rows.request(record))
    }
}

/// The files of the tables.
private final class TableSheets {
    private let streams: [TableName: any ByteStream]
    private let all: [any ByteStream]
    private let isCSV: Bool
    private let namesTable: Bool

    init(_ target: TableTarget) throws(TableError) {
        switch target {
        case .csv(let folder), .jsonLines(let folder):
            let isText = if case .csv = target { true } else { false }
            isCSV = isText
            namesTable = false
            // What a killed process began there is no reason to refuse it.
            let ours = TableName.allCases.map { "\($0.rawValue).\(isText ? "csv" : "jsonl").part" }
            try filed { () throws(FileError) in try makeEmptyFolder(folder, but: ours) }
            var streams: [TableName: any ByteStream] = [:]
            for name in TableName.allCases {
                let path = "\(folder)/\(name.rawValue).\(isCSV ? "csv" : "jsonl")"
                streams[name] = FileStream(try Self.file(path))
            }
            self.streams = streams
            all = TableName.allCases.compactMap { streams[$0] }
        case .jsonLinesFile(let path, let isCompressed):
            isCSV = false
            namesTable = true
            let file = try Self.file(path)
            let stream = try streamed { () throws(ArchiveError) -> any ByteStream in
                if isCompressed { try ZstdStream(file) } else { FileStream(file) }
            }
            streams = Dictionary(uniqueKeysWithValues: TableName.allCases.map { ($0, stream) })
            all = [stream]
        }
        guard isCSV else { return }
        for name in TableName.allCases {
            try write(name.columns.joined(separator: ",") + "\r\n", to: name)
        }
    }

    func write(_ name: TableName, _ row: [TableValue]) throws(TableError) {
        precondition(row.count == name.columns.count, "a row has a cell for each column")
        if isCSV {
            return try write(row.map(\.csv).joined(separator: ",") + "\r\n", to: name)
        }
        let table = namesTable ? "\"table\":\"\(name.rawValue)\"," : ""
        let cells = zip(name.columns, row).map { "\"\($0)\":\($1.json)" }
        try write("{" + table + cells.joined(separator: ",") + "}\n", to: name)
    }

    func commit() throws(TableError) {
        for stream in all { try streamed { () throws(ArchiveError) in try stream.commit() } }
    }

    private func write(_ line: String, to name: TableName) throws(TableError) {
        let bytes = Array(line.utf8)
        try streamed { () throws(ArchiveError) in try streams[name]?.write(bytes.span) }
    }

    private static func file(_ path: String) throws(TableError) -> NewFile {
        try filed { () throws(FileError) in try NewFile(path) }
    }
}
