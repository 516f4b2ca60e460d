import Acting
import ArgumentParser
import Audit
import Bitcoin
import Bytes
import Chain
import Console
import Events
import Foundation
import Keys
import Secrets
import Signing
import State

struct SignCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Sign an authorised transfer with your wallet key, or through a PSBT.",
        discussion: """
            The signature is recorded before it is released. A hardware wallet signs a PSBT: hand \
            it out with --psbt-out and bring it back with --psbt-in, partial or finalised.

            Examples:
              strongroom sign 3 --as alice --key alice-wallet
              strongroom sign --as bob --key bob-wallet --request r3.request --out s3.event
              strongroom sign 3 --as carol --psbt-out r3.psbt
              strongroom sign 3 --as carol --psbt-in r3-signed.psbt
            """)
    @Argument(help: "The request's number; with --request, the one that the file is about.")
    var number: UInt64?
    @Option(help: "The wallet key to sign with. Default: this home's key of the wallet.")
    var key: String?
    @Option(help: "Write a PSBT for a signer outside Strongroom to this file.")
    var psbtOut: String?
    @Option(help: "Take the signatures from this PSBT.")
    var psbtIn: String?
    @OptionGroup var options: ActOptions

    func run() throws {
        guard psbtOut == nil || psbtIn == nil else {
            throw CommandError.usage("--psbt-out and --psbt-in are two steps; give one")
        }
        if let psbtOut { return try handOut(to: psbtOut) }
        try act(options) { brief, member in
            let request = try brief.request(number)
            let screen = TransferScreen.lines(of: request, brief.state)
            // Refuses what may not be signed before it shows or asks anything.
            let signer = try TransferSigner(request, in: brief.state)
            let signatures: [Signed.InputSignature]
            if let psbtIn {
                signatures = try taken(from: psbtIn, request, brief.state)
            } else {
                for line in screen { print(line) }
                try confirm("Sign request \(request.number)?", yes: options.consent.yes)
                signatures = try made(signer, request, brief.state)
            }
            return Intention(
                fact: .signed(Signed(request: request.id, signatures: signatures)),
                screen: psbtIn == nil ? [] : screen,
                question: psbtIn == nil ? nil : "Record these signatures?",
                done: "\(member.name) has signed request \(request.number): "
                    + "\(signatures.count) signature\(signatures.count == 1 ? "" : "s")")
        }
    }

    private func made(
        _ signer: TransferSigner, _ request: OpenRequest, _ state: LedgerState
    ) throws -> [Signed.InputSignature] {
        let keystore = try options.author.keys.keystore()
        let file =
            try key.map { try keystore.find(try KeyName($0)) } ?? own(request, keystore, state)
        let passphrase = try options.author.keys.source.read(
            prompt: "Passphrase of the wallet key \(file.name): ")
        let root = try file.openWalletKey(passphrase)
        return try signer.sign(with: root) { randomDigest() }
    }

    /// The key of this home whose fingerprint stands in the wallet's descriptor.
    private func own(
        _ request: OpenRequest, _ keystore: Keystore, _ state: LedgerState
    ) throws -> KeyFile {
        let wallet = request.transfer.flatMap { state.wallets[$0.wallet] }
        let fingerprints = wallet?.descriptor.keys.compactMap { $0.origin?.fingerprint } ?? []
        for listing in try keystore.list() {
            guard case .success(let file) = listing.file, case .wallet(let root) = file.publicPart,
                fingerprints.contains(root.fingerprint)
            else { continue }
            return file
        }
        throw CommandError.refused(
            "no wallet key in \(keystore.folder) belongs to the wallet "
                + "\(wallet?.name.text ?? "")'s descriptor; name one with --key, or use --psbt-out")
    }

    private func taken(
        from path: String, _ request: OpenRequest, _ state: LedgerState
    ) throws -> [Signed.InputSignature] {
        guard let transfer = request.transfer else {
            throw CommandError.refused("request \(request.number) is not a transfer")
        }
        // In base64, and with white space around it, a PSBT takes less than twice its bytes.
        let bytes: [UInt8]
        do { bytes = try InputFile.read(path, maximumBytes: 2 * PSBT.bytesMax) } catch {
            throw CommandError.refused("\(error)")
        }
        let frozen = try state.frozenTransaction(of: transfer)
        let psbt: PSBT
        do {
            psbt =
                bytes.starts(with: Array("psbt".utf8) + [0xff])
                ? try PSBT.decode(bytes)
                : try PSBT.decode(
                    base64: String(decoding: bytes, as: UTF8.self)
                        .trimmingCharacters(in: .whitespacesAndNewlines))
        } catch { throw CommandError.refused("\(path) is no PSBT: \(error)") }
        let claims: [SignatureClaim]
        do { claims = try psbt.signatures(of: frozen) } catch {
            throw CommandError.refused("the PSBT \(path) is refused: \(error)")
        }
        var signatures: [Signed.InputSignature] = []
        for claim in claims
        where !request.signatures.contains(where: {
            Int($0.input) == claim.input && Int($0.key) == claim.key
        }) {
            do { _ = try frozen.verify(claim) } catch {
                let sentence = state.sentence(of: error, in: transfer.wallet)
                throw CommandError.refused("the PSBT \(path) is refused: \(sentence)")
            }
            let output = frozen.coins[claim.input].output
            let key = output.keys[claim.key].publicKey
            signatures.append(
                Signed.InputSignature(
                    input: UInt32(claim.input),
                    key: output.taproot == nil ? key.bytes : key.xOnly.bytes,
                    signature: claim.bytes))
        }
        guard !signatures.isEmpty else {
            throw CommandError.refused("the PSBT \(path) holds no signature that is not on record")
        }
        return signatures
    }

    private func handOut(to path: String) throws {
        guard options.requestFile == nil else {
            throw CommandError.usage(
                "a PSBT is handed out where the ledger lives, since that is recorded first")
        }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        // Looked at before the event is recorded: a mistyped path hands nothing out.
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw CommandError.refused(
                "\(path) can not be written: \(folder) is no folder that you may write to")
        }
        try OutputFile.require(path)
        let place = try options.workplace()
        var bytes: [UInt8] = []
        try act(options, at: place) { brief, member in
            let request = try brief.request(number)
            _ = try TransferSigner(request, in: brief.state)
            guard let transfer = request.transfer,
                case .transfer(let intent) = request.initiated.request
            else { throw CommandError.refused("request \(request.number) is not a transfer") }
            let frozen = try brief.state.frozenTransaction(of: transfer)
            var previous: [Transaction] = []
            for coin in intent.coins {
                guard let reference = coin.previous else { continue }
                let blob = try reference.reference.flatMap { try brief.source.blob($0.digest) }
                guard let raw = blob ?? reference.bytes(from: [:]) else { continue }
                previous.append(try Transaction.decode(raw))
            }
            bytes = try PSBT(
                frozen, previousTransactions: previous,
                change: try change(transfer, brief.state)
            ).encoded
            return Intention(
                fact: .exported(Exported(request: request.id, psbt: sha256(bytes))),
                screen: TransferScreen.lines(of: request, brief.state),
                question: "Hand out a PSBT of request \(request.number)?",
                done: "\(member.name) has handed out a PSBT of request \(request.number)")
        }
        try OutputFile.write(Array(encodeBase64(bytes).utf8), to: path)
        if path != "-" { print("Wrote \(path)") }
    }

    private func change(
        _ transfer: FrozenTransfer, _ state: LedgerState
    ) throws -> [Int: DerivedOutput] {
        guard let change = transfer.change, let wallet = state.wallets[transfer.wallet] else {
            return [:]
        }
        return [Int(change.output): try wallet.descriptor.derive(.change, change.index)]
    }
}

struct BroadcastCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broadcast",
        abstract: "Give a fully signed transfer to a node; the log has it first.",
        discussion: """
            Run it where the ledger lives.

            Example: strongroom broadcast 3 --node http://127.0.0.1:18443 --as alice
            """)
    @Argument(help: "The request's number.")
    var number: UInt64
    @OptionGroup var node: NodeOptions
    @OptionGroup var author: AuthorOptions
    @OptionGroup var consent: ConsentOptions

    func run() async throws {
        let ledger = try author.open()
        let place = Workplace.ledger(ledger)
        let client = try node.requiredClient()
        try await client.check(try ledger.state().founding.network)
        var final: Transaction?
        var id: Digest32?
        var isWatcher = false
        try act(author, at: place, consent) { brief, member in
            let request = try brief.request(number)
            guard let transfer = request.transfer, request.isFullySigned else {
                let missing = TransferScreen.missing(of: request, brief.state)
                throw CommandError.refused(
                    "request \(number) is \(request.status.rawValue) and not fully signed; it misses "
                        + (missing ?? "nothing, but is no transfer"))
            }
            let frozen = try brief.state.frozenTransaction(of: transfer)
            var verified: [VerifiedSignature] = []
            for signature in request.signatures {
                verified.append(try frozen.verify(signature.claim))
            }
            let transaction = try frozen.finalized(with: verified)
            (final, id) = (transaction, request.id)
            isWatcher = member.roles.contains(.watcher)
            let (value, blob) = ByteString.holding(transaction.encoded())
            return Intention(
                fact: .broadcast(Broadcast(request: request.id, transaction: value)),
                blobs: [blob].compactMap(\.self),
                screen: TransferScreen.lines(of: request, brief.state),
                question: "Broadcast request \(number)?",
                done: "Recorded the broadcast of request \(number)")
        }
        guard let final, let id else { return }
        let (accepted, message) = try await send(final, client)
        if isWatcher {
            try act(author, at: place, consent) { _, _ in
                Intention(
                    fact: .relayed(
                        Relayed(
                            request: id, txid: final.txid, accepted: accepted, message: message)),
                    done: accepted
                        ? "The node has taken \(final.txid.reversedHex)"
                        : "Recorded the node's refusal")
            }
        }
        guard accepted else { throw CommandError.refused("the node refuses: \(message)") }
    }

    private func send(_ transaction: Transaction, _ client: NodeClient) async throws -> (
        Bool, String
    ) {
        switch try await client.sendRawTransaction(transaction) {
        case .accepted: return (true, "")
        case .alreadyKnown(_, let message): return (true, message)
        case .refused(let code, let message):
            return (false, "\(message) (\(code))")
        }
    }
}
