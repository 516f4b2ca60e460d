import Acting
import ArgumentParser
import Auditing
import Bitcoin
import Bytes
import Events
import Foundation
import Keys
import Secrets
import Terminal

struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Make, list and show keys; each is one encrypted file.",
        subcommands: [
            Create.self, List.self, Show.self, Expression.self, ChangePassphrase.self,
            Pending.self,
        ])
}

extension KeyCommand {
    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key and seal it under a passphrase.",
            discussion: """
                An event key signs what its owner does; a wallet key signs transactions; a log key \
                signs checkpoints, an export key the manifests of exports, a witness key \
                cosignatures of checkpoints. They are different keys.

                Examples:
                  strongroom key create alice
                  strongroom key create alice-wallet --wallet main
                  strongroom key create log --log
                  strongroom key create archive --export
                """)

        @Argument(help: "The key's name, also of its file.")
        var name: String
        @Option(
            name: .customLong("wallet"),
            help: ArgumentHelp("Make a wallet key for this network.", valueName: "network"))
        var network: String?
        @Flag(exclusivity: .exclusive)
        var purpose: NotePurpose?
        @OptionGroup var keys: KeyOptions

        func run() throws {
            guard network == nil || purpose == nil else {
                throw CommandError.usage("a key is for a wallet or for notes, not for both")
            }
            var kind = KeyKind.event
            if let network {
                let version = try Parse.network(network).extendedPublicKeyVersion
                guard let version = ExtendedPublicKey.Version(rawValue: version) else {
                    throw CommandError.usage("there are no extended keys for \(network)")
                }
                kind = .wallet(version)
            }
            if let purpose { kind = .note(purpose) }
            let keystore = try keys.keystore()
            let name = try KeyName(name)
            if (try? keystore.find(name)) != nil {
                throw CommandError.refused(
                    "there is a key called \(name) in \(keystore.folder); keys are never "
                        + "overwritten")
            }
            let passphrase = try keys.source.readNew(
                prompt: "New passphrase of the key \(name), at least 8 bytes: ")
            var generator = SystemRandomNumberGenerator()
            let file = try keystore.create(name, kind, under: passphrase, using: &generator)
            print("\(file.publicPart.purpose) key \(name): \(file.publicPart.text)")
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the keys of this home; no passphrase is needed.",
            discussion: "Example: strongroom key list --json")
        @Flag(help: "Print JSON.")
        var json = false
        @OptionGroup var keys: KeyOptions

        func run() throws {
            let listings = try keys.keystore().list()
            if json {
                let rows = listings.map { listing -> [String: String] in
                    switch listing.file {
                    case .success(let file):
                        [
                            "name": listing.name.text, "purpose": file.publicPart.purpose,
                            "public": file.publicPart.text,
                        ]
                    case .failure(let error):
                        ["name": listing.name.text, "error": "\(error)"]
                    }
                }
                try printJSON(rows)
                return
            }
            for listing in listings {
                let name = listing.name.text.padding(toLength: 18, withPad: " ", startingAt: 0)
                switch listing.file {
                case .success(let file):
                    let text = file.publicPart.text
                    let purpose = file.publicPart.purpose.padding(
                        toLength: 6, withPad: " ", startingAt: 0)
                    print(
                        "\(name)  \(purpose)  "
                            + (text.count > 68 ? text.prefix(67) + "…" : text))
                case .failure(let error): print("\(name)  unusable: \(error)")
                }
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the public part of a key.",
            discussion: "Example: strongroom key show alice")
        @Argument(help: "The key's name.")
        var name: String
        @OptionGroup var output: OutputOptions
        @OptionGroup var keys: KeyOptions

        func run() throws {
            let file = try keys.keystore().find(try KeyName(name))
            guard output.isJSON else { return print(file.publicPart.text) }
            try printJSON([
                "name": file.name.text, "purpose": file.publicPart.purpose,
                "public": file.publicPart.text,
            ])
        }
    }

    struct Expression: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "expression",
            abstract: "Print a wallet key as it stands in a descriptor, with its origin.",
            discussion: """
                It has the form [d34db33f/48h/1h/0h/2h]tpub…/<0;1>/*.

                Example: strongroom key expression alice-wallet --path 84h/0h/0h
                """)
        @Argument(help: "The wallet key's name.")
        var name: String
        @Option(help: "The account's path; by default 48h/0h/0h/2h, with 1h on test networks.")
        var path: String?
        @OptionGroup var output: OutputOptions
        @OptionGroup var keys: KeyOptions

        func run() throws {
            let file = try keys.keystore().find(try KeyName(name))
            guard case .wallet(let root) = file.publicPart else {
                throw CommandError.usage(
                    "\(name) is a \(file.publicPart.purpose) key; descriptors take wallet keys")
            }
            let isMain = root.version.rawValue == Network.main.extendedPublicKeyVersion
            let text = path ?? (isMain ? "48h/0h/0h/2h" : "48h/1h/0h/2h")
            let passphrase = try keys.source.read(prompt: "Passphrase of the key \(name): ")
            let path = try DerivationPath(text: text)
            let account = try file.openWalletKey(passphrase).derived(along: path)
            let origin = KeyOrigin(fingerprint: root.fingerprint, path: path)
            let expression = "\(origin.text)\(try account.publicKey.text)/<0;1>/*"
            guard output.isJSON else { return print(expression) }
            try printJSON(["expression": expression, "name": file.name.text, "path": text])
        }
    }

    struct ChangePassphrase: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "passphrase", abstract: "Seal a key under another passphrase.",
            discussion: """
                Copies of the old file still open with the old passphrase.

                Example: strongroom key passphrase alice
                """)
        @Argument(help: "The key's name.")
        var name: String
        @OptionGroup var keys: KeyOptions

        func run() throws {
            let name = try KeyName(name)
            let source = keys.source
            if case .environment = source {
                throw CommandError.usage(
                    "an environment variable holds one passphrase, but this takes two; use the "
                        + "terminal or --passphrase-fd with two lines")
            }
            let old = try source.read(prompt: "Passphrase of the key \(name): ")
            let new = try source.readNew(prompt: "New passphrase, at least 8 bytes: ")
            var generator = SystemRandomNumberGenerator()
            try keys.keystore().changePassphrase(of: name, from: old, to: new, using: &generator)
            print(
                "The key \(name) opens with the new passphrase. Copies of the old file still open "
                    + "with the old one.")
        }
    }

    struct Pending: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "pending",
            abstract: "Write again the event that a key has signed and not seen recorded.",
            discussion: """
                Example:
                  strongroom key pending bob --out bob.event
                """)
        @Argument(help: "The event key's name.")
        var name: String
        @Option(
            name: .customLong("ledger-id"),
            help: "The ledger's id; needed when events for several are pending.")
        var ledgerID: String?
        @Option(help: "The file to write; - is standard output.")
        var out: String = "-"
        @OptionGroup var keys: KeyOptions

        func run() throws {
            let named = try ledgerID.map { text in
                guard let ledger = Digest32(hex: text) else {
                    throw CommandError.usage(
                        "\(text.plain) is no ledger id; it has 64 hexadecimal digits")
                }
                return ledger
            }
            let keystore = try keys.keystore()
            let file = try keystore.find(try KeyName(name))
            guard let pending = try EventFile(pendingOf: file, in: keystore, for: named) else {
                return print("Nothing is pending.")
            }
            try pending.write(to: out)
        }
    }
}

extension NotePurpose: EnumerableFlag {
    /// What the flag of a purpose does.
    public static func help(for purpose: NotePurpose) -> ArgumentHelp? {
        switch purpose {
        case .log: "Make a key that signs checkpoints."
        case .export: "Make a key that signs the manifests of exports."
        case .witness: "Make a key that cosigns other logs' checkpoints."
        }
    }
}
