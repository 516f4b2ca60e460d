import Bytes
import Keys
import TestSigning
import Testing

@testable import Bitcoin

@Suite struct `Unspendable internal keys` {
    @Test func `H is the hash of the generator`() throws {
        let generator =
            "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
            + "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"
        let bytes = try #require(decodeHex(generator))
        #expect(sha256(bytes).array == UnspendableKey().key.bytes)
    }

    @Test func `H + rG is accepted with r and with no other`() throws {
        let r = sha256([1])
        let key = try #require(UnspendableKey(offset: r))
        let wallet = try TestWallet(.taprootMultisig(key, .sorted), threshold: 1, of: 2)
        let text = wallet.descriptor.text
        let parsed = try Descriptor(text: text, network: .regtest, internalKeyOffset: r)
        #expect(parsed == wallet.descriptor)
        for wrong in [nil, sha256([2]), .zero, Digest32([32 of UInt8](repeating: 0xff))] {
            #expect(throws: DescriptorError.spendableInternalKey) {
                try Descriptor(text: text, network: .regtest, internalKeyOffset: wrong)
            }
        }
    }

    @Test func `an r out of range gives no key`() {
        #expect(UnspendableKey(offset: .zero) == nil)
        #expect(UnspendableKey(offset: Digest32([32 of UInt8](repeating: 0xff))) == nil)
    }
}

@Suite struct `Derived outputs` {
    @Test func `BIP-86's addresses are derived`() throws {
        let descriptor = try Descriptors.parse("tr([73c5da0a/86h/0h/0h]\(Descriptors.a)/<0;1>/*)")
        for (chain, index, script) in [
            (
                AddressChain.receive, UInt32(0),
                "a60869f0dbcf1dc659c9cecbaf8050135ea9e8cdc487053f1dc6880949dc684c"
            ),
            (.receive, 1, "a82f29944d65b86ae6b5e5cc75e294ead6c59391a1edc5e016e3498c67fc7bbb"),
            (.change, 0, "882d74e5d0572d5a816cef0041a96b6c1de832f6f9676d9605c44d5e9a97d3dc"),
        ] {
            let output = try descriptor.derive(chain, index)
            #expect(output.scriptPubKey.hex == "5120" + script)
            #expect(output.keys[0].origin.text == "[73c5da0a/86h/0h/0h/\(chain.rawValue)/\(index)]")
            #expect(output.leaf == nil)
            #expect(output.witnessScript == nil)
        }
    }

    @Test func `an index that is hardened or beyond is refused`() throws {
        for wallet in try TestWallet.ofEachKind() {
            #expect(try wallet.descriptor.derive(.change, 0x7fff_ffff).index == 0x7fff_ffff)
            #expect(throws: KeyError.noSuchChild(index: 0x8000_0000)) {
                try wallet.descriptor.derive(.change, 0x8000_0000)
            }
        }
    }

    @Test func `sorted keys stand in the script by their bytes, given ones as given`() throws {
        for wallet in try TestWallet.ofEachKind() {
            for index in UInt32(0)..<10 {
                let output = try wallet.descriptor.derive(.receive, index)
                let keys = output.keys.map(\.publicKey)
                switch wallet.descriptor.kind {
                case .witnessMultisig(.sorted):
                    let ordered = output.scriptOrder.map { keys[$0].id }
                    #expect(ordered == ordered.sorted())
                case .taprootMultisig(_, .sorted):
                    let ordered = output.scriptOrder.map { encodeHex(keys[$0].xOnly.bytes) }
                    #expect(ordered == ordered.sorted())
                default: #expect(output.scriptOrder == Array(keys.indices))
                }
                #expect(Set(output.scriptOrder) == Set(keys.indices))
            }
        }
    }

    @Test func `a control block proves its leaf`() throws {
        for wallet in try TestWallet.ofEachKind() {
            let output = try wallet.descriptor.derive(.receive, 3)
            guard let leaf = output.leaf, let block = output.controlBlock,
                let taproot = output.taproot
            else { continue }
            #expect(block.bytes.count == 33)
            #expect(ControlBlock(block.bytes) == block)
            #expect(block.proves(leaf.script, in: taproot.outputKey))
            #expect(!block.proves(Script(leaf.script.bytes + [0]), in: taproot.outputKey))
            #expect(output.scriptPubKey == .payToTaproot(outputKey: taproot.outputKey))
        }
    }
}
