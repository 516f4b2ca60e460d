import Acting
import ArgumentParser
import Audit
import Auditing
import Bitcoin
import Bytes
import Chain
import Events
import Foundation
import Keys
import Secrets
import Signing
import State
import Terminal

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
                signatures = try brief.signatures(
                    for: request, inPSBT: try read(psbtIn), from: psbtIn)
            } else {
                for line in screen { print(line) }
                try confirm("Sign request \(request.number)?", yes: options.consent.yes)
                signatures = try made(signer, request, brief.state)
            }
            return Act(
                intention: .sign(request, signatures),
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
        let file: KeyFile
        if let key {
            file = try keystore.find(try KeyName(key))
        } else {
            guard let wallet = request.transfer.flatMap({ state.wallets[$0.wallet] }) else {
                throw ActingError.transfer(.notATransfer(number: request.number))
            }
            file = try keystore.walletKey(of: wallet)
        }
        let passphrase = try options.author.keys.source.read(
            prompt: "Passphrase of the wallet key \(file.name): ")
        let root = try file.openWalletKey(passphrase)
        return try signer.sign(with: root) { randomDigest() }
    }

    private func read(_ path: String) throws -> [UInt8] {
        // In base64, and with white space around it, a PSBT takes less than twice its bytes.
        do { return try InputFile.read(path, maximumBytes: 2 * PSBT.bytesMax) } catch {
            throw CommandError.refused("\(error)")
        }
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
        var text = ""
        try act(options, at: place) { brief, member in
            let request = try brief.request(number)
            let (intention, psbt) = try brief.psbt(of: request)
            text = psbt.base64
            return Act(
                intention: intention,
                screen: TransferScreen.lines(of: request, brief.state),
                question: "Hand out a PSBT of request \(request.number)?",
                done: "\(member.name) has handed out a PSBT of request \(request.number)")
        }
        try OutputFile.write(Array(text.utf8), to: path)
        if path != "-" { print("Wrote \(path)") }
    }
}
