import Bitcoin
import Bytes
import Foundation
import TestSupport
import Testing

@testable import Chain

/// A regtest node in a folder of its own, run by `Tools/regtest` for the length of a test.
final class RegtestNode {
    let folder: URL
    let client: NodeClient
    private var process: Process

    /// Whether there is a node to run; says so where there is none.
    static let isAvailable: Bool = {
        let python = packageRoot.appending(path: ".venv/bin/python3").path
        guard FileManager.default.isExecutableFile(atPath: python) else {
            print("skipped: tests against a regtest node need .venv, which Tools/test sets up")
            return false
        }
        return true
    }()

    /// Starts a node, runs `body` and ends the node.
    static func run(_ body: (RegtestNode) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "strongroom-chain-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let node = try RegtestNode(folder)
        defer { node.stop() }
        try await body(node)
    }

    private init(_ folder: URL) throws {
        self.folder = folder
        (process, client) = try Self.launch(folder)
    }

    /// Ends the node and starts it again on the same folder and port.
    func restart() throws {
        stop()
        (process, _) = try Self.launch(folder, port: client.address.port)
    }

    /// Asks the node to end, and ends it by force when it does not within ten seconds.
    func stop() {
        process.terminate()
        let deadline = Date.now + 10
        while process.isRunning, Date.now < deadline { Thread.sleep(forTimeInterval: 0.01) }
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        Issue.record("the node ignored SIGTERM")
    }

    private static func launch(_ folder: URL, port: Int = 0) throws -> (Process, NodeClient) {
        let process = Process()
        let output = Pipe()
        process.executableURL = packageRoot.appending(path: "Tools/regtest")
        process.arguments = ["serve", "--datadir", folder.path, "--port", "\(port)"]
        process.standardOutput = output
        try process.run()
        var line = ""
        while !line.hasSuffix("\n") {
            let part = output.fileHandleForReading.availableData
            guard !part.isEmpty else { break }
            line += String(decoding: part, as: UTF8.self)
        }
        let address = try NodeAddress(
            url: line.trimmingCharacters(in: .whitespacesAndNewlines),
            cookieFile: folder.appending(path: "regtest/.cookie").path)
        return (process, NodeClient(address))
    }

    /// Mines blocks; returns their hashes as Core prints them.
    @discardableResult
    func mine(_ count: Int) async throws -> [String] {
        try await client.call(
            "generatetoaddress", [.integer(count), .string(try address(of: anyoneScript))])
    }

    /// Sends coins from the faucet; returns the id as Core prints it. A block has to confirm it.
    func pay(_ bitcoin: String, to script: Script) async throws -> String {
        try await client.call("faucet", [.string(try address(of: script)), .string(bitcoin)])
    }

    /// A transaction that waits in the node's mempool.
    func waiting(_ txid: Digest32) async throws -> Transaction {
        let text = try await client.call(
            "getrawtransaction", [.string(txid.reversedHex), .boolean(false)], as: String.self)
        return try Transaction.decode(try #require(decodeHex(text)))
    }

    func invalidate(_ block: String) async throws {
        // The answer is null, which `call` takes for no answer.
        do throws(ChainError) {
            _ = try await client.call("invalidateblock", [.string(block)], as: Bool.self)
        } catch {
            guard case .malformed = error else { throw error }
        }
    }

    private func address(of script: Script) throws -> String {
        try #require(Address(script, .regtest)).text
    }
}

/// Spendable without a key, so that tests need no signature: push "sr", drop it, push 1.
let anyoneWitnessScript = Script([0x02, 0x73, 0x72, 0x75, 0x51])
let anyoneScript = Script.payToWitnessScriptHash(anyoneWitnessScript)

/// Spends a coin of ``anyoneScript``.
func anyoneSpends(_ coin: OutPoint, to outputs: [(Script, UInt64)]) -> Transaction {
    Transaction(
        inputs: [
            TransactionInput(
                previousOutput: coin, sequence: 0xffff_fffd, witness: [anyoneWitnessScript.bytes])
        ],
        outputs: outputs.map {
            TransactionOutput(amount: Amount(satoshis: $0.1) ?? .zero, scriptPubKey: $0.0)
        })
}
