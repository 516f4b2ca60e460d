import Foundation
import Testing

@Suite struct ProgramTests {
    @Test func `the auditor's program holds no code that signs`() throws {
        let folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        let candidates = [folder, folder.deletingLastPathComponent()].map {
            $0.appending(path: "strongroom-verify").path
        }
        guard let program = candidates.first(where: FileManager.default.fileExists) else {
            print("skipped: strongroom-verify is not built")
            return
        }
        let lines = try (output(of: "nm", program) + output(of: "nm", "-D", program)).split(
            separator: "\n")
        let symbols = Set(lines.compactMap { $0.split(separator: " ").last.map(String.init) })
        #expect(symbols.contains { $0.hasPrefix("secp256k1_ecdsa_verify") })
        for name in [
            "secp256k1_ecdsa_sign", "secp256k1_schnorrsig_sign", "secp256k1_schnorrsig_sign32",
            "secp256k1_keypair_create", "secp256k1_ec_pubkey_create",
        ] {
            #expect(!symbols.contains(name), "\(name) is in the program")
        }
        for module in ["$s7Secrets", "$s7Signing", "$s6Acting"] {
            let first = symbols.first { $0.hasPrefix(module) }
            #expect(first == nil)
        }
    }

    private func output(of program: String, _ arguments: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
