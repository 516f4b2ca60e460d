import Bitcoin
import Bytes
import Keys
import TestSupport
import Testing

@Suite struct `Taproot` {
    private static func tree(_ json: JSON) -> TapTree? {
        if let pair = json.array {
            guard pair.count == 2, let left = tree(pair[0]), let right = tree(pair[1]) else {
                return nil
            }
            return .branch(left, right)
        }
        guard let version = json["leafVersion"]?.integer,
            let script = json["script"]?.string.flatMap({ Script(hex: $0) })
        else { return nil }
        return .leaf(version: UInt8(version), script)
    }

    @Test func `BIP-341's script trees, addresses and control blocks`() throws {
        guard let file = try Vectors.json("bip341_wallet.json") else { return }
        for vector in try #require(file["scriptPubKey"]?.array) {
            let given = try #require(vector["given"])
            let internalKey = try #require(
                given["internalPubkey"]?.string.flatMap { decodeHex($0) }
                    .flatMap { XOnlyPublicKey($0) })
            let tree = given["scriptTree"].flatMap { Self.tree($0) }
            #expect(tree?.root.hex == vector["intermediary"]?["merkleRoot"]?.string)
            let output = try #require(TaprootOutput(internalKey: internalKey, root: tree?.root))
            let script = Script.payToTaproot(outputKey: output.outputKey)
            #expect(script.hex == vector["expected"]?["scriptPubKey"]?.string)
            #expect(Address(script, .main)?.text == vector["expected"]?["bip350Address"]?.string)
            let leaves = tree?.leaves ?? []
            let hashes = vector["intermediary"]?["leafHashes"]?.array ?? []
            #expect(leaves.map(\.hash.hex) == hashes.map(\.string))
            let blocks = leaves.map { ControlBlock($0, of: output) }
            let expected = vector["expected"]?["scriptPathControlBlocks"]?.array ?? []
            #expect(blocks.map { $0.map { encodeHex($0.bytes) } } == expected.map(\.string))
            for (leaf, block) in zip(leaves, blocks) {
                let block = try #require(block)
                #expect(ControlBlock(block.bytes) == block)
                #expect(block.proves(leaf.script, in: output.outputKey))
                #expect(!block.proves(Script(leaf.script.bytes + [0]), in: output.outputKey))
                #expect(!block.proves(leaf.script, in: internalKey))
                for position in [0, 1, 33] where position < block.bytes.count {
                    var bytes = block.bytes
                    bytes[position] ^= 1
                    let forged = ControlBlock(bytes)
                    #expect(forged?.proves(leaf.script, in: output.outputKey) != true)
                }
            }
        }
    }

    @Test func `BIP-341's key path signature hashes`() throws {
        guard let file = try Vectors.json("bip341_wallet.json") else { return }
        for vector in try #require(file["keyPathSpending"]?.array) {
            let given = try #require(vector["given"])
            let transaction = try Transaction.decode(
                #require(given["rawUnsignedTx"]?.string.flatMap { decodeHex($0) }))
            let spent = try #require(given["utxosSpent"]?.array).map { output throws in
                TransactionOutput(
                    amount: try #require(
                        output["amountSats"]?.integer.flatMap { Amount(satoshis: UInt64($0)) }),
                    scriptPubKey: try #require(
                        output["scriptPubKey"]?.string.flatMap { Script(hex: $0) }))
            }
            let midstate = try #require(SighashMidstate(transaction, spending: spent))
            let signed = try Transaction.decode(
                #require(vector["auxiliary"]?["fullySignedTx"]?.string.flatMap { decodeHex($0) }))
            #expect(signed.outputs == transaction.outputs)
            for input in try #require(vector["inputSpending"]?.array) {
                let index = try #require(input["given"]?["txinIndex"]?.integer)
                let type = UInt8(try #require(input["given"]?["hashType"]?.integer))
                let digest = try #require(
                    midstate.taproot(input: index, type: SighashType(rawValue: type)))
                #expect(digest.hex == input["intermediary"]?["sigHash"]?.string)
                guard case .taproot(let key) = spent[index].scriptPubKey.kind else {
                    Issue.record("input \(index) is not taproot")
                    continue
                }
                let witness = try #require(signed.inputs[index].witness.first)
                let signature = try #require(SchnorrSignature(Array(witness.prefix(64))))
                #expect(XOnlyPublicKey(key)?.isValid(signature, for: digest) == true)
            }
        }
    }

    @Test func `BIP-86's first address`() throws {
        let key = try #require(
            decodeHex("cc8a4bc64d897bddc5fbc2f670f7a8ba0b386779106cf1223c6fc5d7cd6fc115")
                .flatMap { XOnlyPublicKey($0) })
        let output = try #require(TaprootOutput(internalKey: key, root: nil))
        let address = Address(.payToTaproot(outputKey: output.outputKey), .main)
        #expect(
            address?.text == "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr")
    }

    @Test func `control blocks have 0 to 128 levels`() throws {
        let key = try #require(
            decodeHex("cc8a4bc64d897bddc5fbc2f670f7a8ba0b386779106cf1223c6fc5d7cd6fc115"))
        func block(_ extra: Int) -> ControlBlock? {
            ControlBlock([0xc0] + key + [UInt8](repeating: 7, count: extra))
        }
        #expect(block(0)?.path.isEmpty == true)
        #expect(block(128 * 32)?.path.count == 128)
        for extra in [1, 31, 33, 129 * 32] { #expect(block(extra) == nil) }
        #expect(ControlBlock([]) == nil)
        #expect(ControlBlock([0xc0] + [UInt8](repeating: 0xff, count: 32)) == nil)
        let output = try #require(
            XOnlyPublicKey(key).flatMap { TaprootOutput(internalKey: $0, root: nil) })
        let leaf = TapTree.leaf(version: 0xc0, Script([Opcode.one]))
        let deep = (0..<129).reduce(leaf) { tree, _ in .branch(tree, leaf) }
        #expect(deep.leaves.map { ControlBlock($0, of: output) == nil }.filter { $0 }.count == 2)
    }
}
