import Bitcoin
import Bytes
import TestSupport
import Testing

@Suite struct `PSBTs of the standards` {
    static func vectors(_ file: String) throws -> [JSON] {
        try Vectors.json(file)?["vectors"]?.array ?? []
    }

    @Test(arguments: ["bip174_psbt.json", "bip371_psbt.json"])
    func `valid ones come back byte for byte, invalid ones are refused`(file: String) throws {
        for vector in try Self.vectors(file) {
            let name = vector["case"]?.string ?? ""
            let bytes = try #require(vector["hex"]?.string.flatMap { decodeHex($0) })
            let base64 = try #require(vector["base64"]?.string)
            if vector["expect"]?.string == "invalid" {
                #expect(throws: PSBTError.self, "\(name)") { try PSBT.decode(bytes) }
                #expect(throws: PSBTError.self, "\(name)") { try PSBT.decode(base64: base64) }
            } else {
                let psbt = try PSBT.decode(bytes)
                #expect(try PSBT.decode(psbt.encoded) == psbt, "\(name)")
                #expect(try PSBT.decode(base64: base64) == psbt, "\(name)")
                #expect(psbt.encoded.count == bytes.count, "\(name)")
            }
        }
    }

    @Test func `every step of BIP-174's walk-through is read and written again`() throws {
        var steps = 0
        for vector in try Self.vectors("bip174_psbt_roles.json") {
            guard let base64 = vector["base64"]?.string else { continue }
            let psbt = try PSBT.decode(base64: base64)
            #expect(try PSBT.decode(base64: psbt.base64) == psbt)
            if vector["group"]?.string?.contains("orders keys lexicographically") == true {
                #expect(psbt.base64 == base64)
                #expect(psbt.globals.count == 2)
            }
            steps += 1
        }
        #expect(steps == 0 || steps == 10)
    }

    @Test func `the walk-through's finished witness is the extracted transaction's`() throws {
        let vectors = try Self.vectors("bip174_psbt_roles.json")
        let finalized = vectors.first { $0["group"]?.string?.contains("finalizer") == true }
        let extracted = vectors.first { $0["group"]?.string?.contains("extractor") == true }
        guard let finalized, let extracted else { return }
        let psbt = try PSBT.decode(base64: #require(finalized["base64"]?.string))
        let bytes = try #require(extracted["hex"]?.string.flatMap { decodeHex($0) })
        let transaction = try Transaction.decode(bytes)
        #expect(transaction.inputs[1].witness.count == 4)
        var encoded: [UInt8] = []
        encoded.appendCompactSize(4)
        for item in transaction.inputs[1].witness {
            encoded.appendCompactSize(item.count)
            encoded += item
        }
        #expect(psbt.inputs[1][.finalScriptWitness] == encoded)
    }
}
