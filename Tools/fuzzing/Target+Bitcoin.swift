internal import Bitcoin
internal import Bytes
internal import Keys

extension Target {
    /// Bitcoin's formats.
    static let bitcoin = [
        Target("transaction") { input in
            for encoding in [Transaction.Encoding.full, .stripped] {
                guard let transaction = try? Transaction.decode(input, as: encoding) else {
                    continue
                }
                demand(transaction.encoded(encoding) == input, "a transaction has one encoding")
            }
        },
        Target("block", bytesMax: 8_192) { input in
            guard let block = try? Block.decode(input) else { return }
            for index in block.transactions.indices.prefix(8) {
                guard let branch = try? block.branch(index) else { continue }
                demand(
                    (try? branch.root(from: block.txids[index])) == block.header.merkleRoot,
                    "a branch leads to its block's root")
            }
        },
        // BIP-174 leaves the order of a map's keys open.
        Target("psbt", bytesMax: 8_192) { input in
            guard let psbt = try? PSBT.decode(input) else { return }
            demand((try? PSBT.decode(psbt.encoded)) == psbt, "a PSBT reads as it is written")
        },
        Target("descriptor", bytesMax: 8_200) { input in
            guard let text = String(validating: input, as: UTF8.self) else { return }
            for network in [Network.main, .regtest] {
                guard let descriptor = try? Descriptor(text: text, network: network) else {
                    continue
                }
                let again = try? Descriptor(text: descriptor.text, network: network)
                demand(again == descriptor, "a descriptor reads as it is written")
            }
        },
        Target("address", bytesMax: 256) { input in
            guard let text = String(validating: input, as: UTF8.self) else { return }
            for network in Network.allCases {
                guard let address = try? Address.decode(text, network) else { continue }
                demand(
                    (try? Address.decode(address.text, network)) == address,
                    "an address reads as it is written")
                demand(address.text.lowercased() == text.lowercased(), "its script has one text")
            }
        },
        Target("key-text", bytesMax: 512) { input in
            guard let text = String(validating: input, as: UTF8.self) else { return }
            if let key = try? ExtendedPublicKey(text: text) {
                demand(key.text == text, "an extended key has one text")
            }
            if let path = try? DerivationPath(text: text) {
                demand((try? DerivationPath(text: path.text)) == path, "a path reads as written")
            }
            if let origin = try? KeyOrigin(text: text) {
                demand((try? KeyOrigin(text: origin.text)) == origin, "an origin reads as written")
            }
            if let amount = Amount(bitcoin: text) {
                demand(Amount(bitcoin: amount.bitcoin) == amount, "an amount reads as written")
            }
        },
        Target("signature", bytesMax: 80) { input in
            guard let signature = ECDSASignature(der: input) else { return }
            demand(signature.der == input, "a DER signature has one encoding")
        },
        // Headers of 80 bytes after regtest's genesis, whose work costs nothing.
        Target("header-chain", bytesMax: 1_600) { input in
            var chain = HeaderChainState(genesisOf: .regtest)
            for start in stride(from: 0, to: input.count - 79, by: 80) {
                let bytes = Array(input[start..<start + 80])
                guard var header = try? BlockHeader.decode(bytes) else { return }
                demand(header.encoded == bytes, "a header has one encoding")
                // The mutations choose what is not tied by a hash.
                header.previousHash = chain.hash
                guard let next = try? chain.accept(header) else { continue }
                demand(next.height == chain.height + 1, "a header adds one to the height")
                demand(chain.chainWork < next.chainWork, "a header adds work")
                demand(next.medianTimePast >= chain.medianTimePast, "median time never falls")
                chain = next
            }
        },
        Target("merkle-branch", bytesMax: 600) { input in
            guard input.count >= 36 else { return }
            let hashes = stride(from: 4, to: input.count - 31, by: 32).compactMap {
                Digest32(Array(input[$0..<$0 + 32]))
            }
            let index = UInt32(truncatingIfNeeded: number(input[0..<4]))
            if let branch = try? MerkleBranch(index: index, hashes: Array(hashes.dropFirst())) {
                _ = try? branch.root(from: hashes[0])
            }
            guard let branch = try? MerkleBranch(txids: hashes, index: Int(index & 15)) else {
                return
            }
            guard let root = try? branch.root(from: hashes[Int(index & 15)]) else { return }
            let first = (try? MerkleBranch(txids: hashes, index: 0)).flatMap {
                try? $0.root(from: hashes[0])
            }
            demand(first == nil || first == root, "all branches of a block lead to one root")
        },
    ]
}
