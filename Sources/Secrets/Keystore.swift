public import Bytes
internal import Files

/// A folder of key files, one key a file, that its owner alone may read.
///
/// `alice.key` is the key named alice, `alice.memory` what it remembers, `alice.lock` keeps two
/// processes from using that memory at once. Event keys and log keys have a memory.
public struct Keystore: Sendable {
    /// The folder's path.
    public let folder: String

    /// The most files that a folder may hold.
    public static let maximumFiles = 4096

    /// What a folder holds under one name.
    public struct Listing: Sendable {
        /// The name, from the file's name.
        public let name: KeyName
        /// The key file, or why it can not be read.
        public let file: Result<KeyFile, SecretsError>
    }

    /// Opens `folder`, and creates it with mode 0700 when it is missing.
    ///
    /// Throws `FileError.exposed` when others may use it.
    public init(folder: String) throws(SecretsError) {
        var folder = folder
        while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
        try filed { () throws(FileError) in try makePrivateFolder(folder) }
        self.folder = folder
    }

    /// All keys in the order of their names, also those whose file is broken; needs no passphrase.
    public func list() throws(SecretsError) -> [Listing] {
        var listings: [Listing] = []
        let files = try filed { () throws(FileError) in
            try requirePrivateFolder(folder)
            return try fileNames(in: folder, maximum: Self.maximumFiles)
        }
        for file in files where file.hasSuffix(".key") {
            // Files whose names are no key names are not ours.
            guard let name = try? KeyName(String(file.dropLast(4))) else { continue }
            do throws(SecretsError) {
                listings.append(Listing(name: name, file: .success(try find(name))))
            } catch {
                listings.append(Listing(name: name, file: .failure(error)))
            }
        }
        return listings.sorted { $0.name < $1.name }
    }

    /// Reads the key named `name`.
    ///
    /// Throws ``SecretsError/noSuchKey(name:folder:others:)``, `FileError.exposed`,
    /// ``SecretsError/nameDiffers(path:found:)`` for a renamed file, or what
    /// ``KeyFile/init(parsing:)`` throws.
    public func find(_ name: KeyName) throws(SecretsError) -> KeyFile {
        let path = path(name, "key")
        let bytes = try filed { () throws(FileError) in
            try readPrivateFile(path, maximumBytes: KeyFile.maximumBytes)
        }
        guard let bytes else {
            let others = try list().map(\.name.text)
            throw .noSuchKey(name: name.text, folder: folder, others: others)
        }
        let file = try KeyFile(parsing: bytes)
        guard file.name == name else { throw .nameDiffers(path: path, found: file.name.text) }
        return file
    }

    /// Makes a new key of `kind` and stores it sealed under `passphrase`.
    ///
    /// Throws `FileError.exists` when the name is taken: a key is never overwritten.
    public func create(
        _ name: KeyName, _ kind: KeyKind, under passphrase: borrowing Passphrase,
        cost: ScryptCost = .standard, using generator: inout some RandomNumberGenerator
    ) throws(SecretsError) -> KeyFile {
        let secret = try kind.newSecret(using: &generator)
        let file = try KeyFile(
            sealing: secret, of: kind, name: name, under: passphrase, cost: cost,
            using: &generator)
        try add(file)
        return file
    }

    /// Stores a key that was sealed elsewhere; throws `FileError.exists`.
    public func add(_ file: KeyFile) throws(SecretsError) {
        try filed { () throws(FileError) in
            let new = try NewFile(path(file.name, "key"))
            try new.write(file.bytes.span)
            try new.commit()
        }
    }

    /// Seals the key named `name` under another passphrase. The old file is replaced at once and
    /// whole; copies of it elsewhere still open with the old passphrase.
    public func changePassphrase(
        of name: KeyName, from old: borrowing Passphrase, to new: borrowing Passphrase,
        cost: ScryptCost = .standard, using generator: inout some RandomNumberGenerator
    ) throws(SecretsError) {
        let file = try find(name)
            .resealed(from: old, to: new, cost: cost, using: &generator)
        try filed { () throws(FileError) in
            try replaceFile(path(name, "key"), with: file.bytes)
        }
    }

    /// Opens what the key remembers, and locks it until the value ends.
    public func memory(of file: KeyFile) throws(SecretsError) -> KeyMemory {
        try KeyMemory(
            path: path(file.name, "memory"), lockPath: path(file.name, "lock"),
            of: file.publicPart)
    }

    /// Opens what a log's key remembers of the heads that it has signed, and locks it until the
    /// value ends; waits while another process has it open.
    public func signedHeads(of file: KeyFile) throws(SecretsError) -> SignedHeadMemory {
        try requireLogKey(file)
        return try SignedHeadMemory(
            path: path(file.name, "memory"), lockPath: path(file.name, "lock"),
            of: file.publicPart)
    }

    /// The newest head of `ledger` that a log's key has signed, as its memory says now.
    public func signedHead(
        of ledger: Digest32, by file: KeyFile
    ) throws(SecretsError) -> SignedHead? {
        try requireLogKey(file)
        return try SignedHeadMemory.load(path(file.name, "memory"), file.publicPart.text)[ledger]
    }

    private func requireLogKey(_ file: KeyFile) throws(SecretsError) {
        guard case .note(.log, _) = file.publicPart else {
            throw .purpose(
                name: file.name.text, expected: NotePurpose.log.rawValue,
                found: file.publicPart.purpose)
        }
    }

    private func path(_ name: KeyName, _ suffix: String) -> String {
        "\(folder)/\(name.text).\(suffix)"
    }
}
