import Bitcoin
import Bytes
import TestSupport
import Testing

@Suite struct `Merkle branches and blocks` {
    private static func header(_ root: Digest32) -> BlockHeader {
        BlockHeader(
            version: 4, previousHash: .zero, merkleRoot: root, time: 0, bits: 0, nonce: 0)
    }

    private static func digest(reversed hex: String) throws -> Digest32 {
        try #require(decodeHex(hex).flatMap { Digest32(Array($0.reversed())) })
    }

    /// A transaction like no other with the same number, 60 bytes and the script.
    private static func transaction(_ number: UInt32, script: Int = 1) -> Transaction {
        Transaction(
            inputs: [
                TransactionInput(
                    previousOutput: OutPoint(txid: .zero, index: number), sequence: 0)
            ],
            outputs: [
                TransactionOutput(
                    amount: .zero, scriptPubKey: Script([UInt8](repeating: 0x51, count: script)))
            ])
    }

    /// The root as Core computes it: levels in a loop, the last repeated.
    private static func root(_ leaves: [Digest32]) -> Digest32 {
        var level = leaves
        while level.count > 1 {
            if level.count % 2 == 1 { level.append(level[level.count - 1]) }
            level = stride(from: 0, to: level.count, by: 2).map {
                sha256d(level[$0].array + level[$0 + 1].array)
            }
        }
        return level[0]
    }

    @Test func `block 170 has the first payment at position 1`() throws {
        let payment = try Transaction.decode(
            #require(decodeHex(TransactionTests.firstPayment)))
        let coinbase = try Self.digest(
            reversed: "b1fea52486ce0c62bb442b530a3f0132b826c74e473d1f2c220bfa78111c5082")
        let header = Self.header(
            try Self.digest(
                reversed: "7dac2c5666815c17a3b36427de37bb9d2e2c5ccec3f8633eb91a4205cb4c10ff"))
        let branch = try MerkleBranch(txids: [coinbase, payment.txid], index: 1)
        #expect(branch.hashes == [coinbase])
        try branch.check(payment, in: header)
        var other = payment
        other.lockTime = 1
        let refusal = #expect(throws: BitcoinError.self) { try branch.check(other, in: header) }
        #expect(
            refusal
                == .branchRoot(
                    expected: header.merkleRoot,
                    found: sha256d(coinbase.array + other.txid.array)))
    }

    @Test func `block 100,000's four transactions lead to its root`() throws {
        let txids = try [
            "8c14f0db3df150123e6f3dbbf30f8b955a8249b62ac1d1ff16284aefa3d06d87",
            "fff2525b8931402dd09222c50775608f75787bd2b87e56995a7bdd30f79702c4",
            "6359f0868171b1d194cbee1af2f16ea598ae8fad666d9b012c8ed2b79a236ec4",
            "e9a66845e05d5abc0ad04ec80f774a7e585c6e8db975962d069a522137b80c1d",
        ].map { hex throws in try Self.digest(reversed: hex) }
        for (index, txid) in txids.enumerated() {
            let root = try MerkleBranch(txids: txids, index: index).root(from: txid)
            #expect(
                root.reversedHex
                    == "f3e94742aca4b5ef85488dc37c06c3282295ffec960994b2c0d5ac2a25a95766")
        }
    }

    @Test func `every branch of every block of up to 33 transactions`() throws {
        let transactions = (0..<UInt32(33)).map { Self.transaction($0) }
        let all = transactions.map(\.txid)
        for count in 1...33 {
            let txids = Array(all[..<count])
            let root = Self.root(txids)
            for index in txids.indices {
                let branch = try MerkleBranch(txids: txids, index: index)
                #expect(branch.index == UInt32(index))
                try branch.check(transactions[index], in: Self.header(root))
                // No other position of the same depth is accepted with the same hashes.
                for other in 0..<UInt32(1) << UInt32(branch.hashes.count)
                where other != branch.index {
                    let moved = try MerkleBranch(index: other, hashes: branch.hashes)
                    #expect(throws: BitcoinError.self) {
                        try moved.check(transactions[index], in: Self.header(root))
                    }
                }
            }
            #expect(throws: BitcoinError.self) { try MerkleBranch(txids: txids, index: count) }
            #expect(throws: BitcoinError.self) { try MerkleBranch(txids: txids, index: -1) }
        }
    }

    @Test func `the repeated half of an uneven level holds no leaf`() throws {
        let transactions = (0..<UInt32(3)).map { Self.transaction($0) }
        let txids = transactions.map(\.txid)
        let root = Self.root(txids)
        let pair = sha256d(txids[0].array + txids[1].array)
        // Position 3 repeats position 2 and would give one transaction two places.
        let branch = try MerkleBranch(index: 3, hashes: [txids[2], pair])
        #expect(throws: BitcoinError.branchRepeats(level: 0)) {
            try branch.check(transactions[2], in: Self.header(root))
        }
        try MerkleBranch(index: 2, hashes: [txids[2], pair])
            .check(transactions[2], in: Self.header(root))
        #expect(throws: BitcoinError.repeatedTransactions(level: 0)) {
            try MerkleBranch(txids: txids + [txids[2]], index: 0)
        }
        #expect(throws: BitcoinError.repeatedTransactions(level: 1)) {
            try MerkleBranch(txids: Array(txids[..<2] + txids[..<2]), index: 0)
        }
    }

    @Test func `transactions of 64 bytes are neither leaves nor nodes`() throws {
        for script in 3...5 {
            let transaction = Self.transaction(1, script: script)
            let branch = try MerkleBranch(index: 0, hashes: [])
            let header = Self.header(transaction.txid)
            guard transaction.strippedSize == 64 else {
                try branch.check(transaction, in: header)
                continue
            }
            #expect(script == 4)
            #expect(throws: BitcoinError.branchAmbiguous(level: 0)) {
                try branch.check(transaction, in: header)
            }
            // Its two halves as children: the right one would be an invented transaction's id.
            let bytes = transaction.encoded()
            let left = try #require(Digest32(Array(bytes[..<32])))
            let right = try #require(Digest32(Array(bytes[32...])))
            #expect(throws: BitcoinError.branchAmbiguous(level: 1)) {
                try MerkleBranch(index: 1, hashes: [left]).root(from: right)
            }
            #expect(throws: BitcoinError.branchAmbiguous(level: 1)) {
                try MerkleBranch(index: 0, hashes: [right]).root(from: left)
            }
        }
    }

    @Test func `depth and position have limits`() throws {
        let hashes = [Digest32](repeating: .zero, count: 16)
        #expect(throws: BitcoinError.branchDepth(found: 16, maximum: 15)) {
            try MerkleBranch(index: 0, hashes: hashes)
        }
        let deepest = Array(hashes.dropLast())
        #expect(try MerkleBranch(index: 32_767, hashes: deepest).hashes.count == 15)
        #expect(throws: BitcoinError.branchIndex(32_768, depth: 15)) {
            try MerkleBranch(index: 32_768, hashes: deepest)
        }
        #expect(throws: BitcoinError.branchIndex(1, depth: 0)) {
            try MerkleBranch(index: 1, hashes: [])
        }
        #expect(throws: BitcoinError.branchIndex(.max, depth: 15)) {
            try MerkleBranch(index: .max, hashes: deepest)
        }
    }

    private static func encoded(_ transactions: [Transaction], root: Digest32) -> [UInt8] {
        var bytes = header(root).encoded
        bytes.appendCompactSize(transactions.count)
        for transaction in transactions { bytes += transaction.encoded() }
        return bytes
    }

    @Test func `blocks decode when their root holds`() throws {
        var transactions = (0..<UInt32(7)).map { Self.transaction($0) }
        transactions[3].inputs[0].witness = [[1, 2], []]
        let root = Self.root(transactions.map(\.txid))
        let bytes = Self.encoded(transactions, root: root)
        let block = try Block.decode(bytes)
        #expect(block.transactions == transactions)
        #expect(block.txids == transactions.map(\.txid))
        try block.branch(6).check(transactions[6], in: block.header)
        #expect(throws: BitcoinError.merkleRoot(expected: .zero, found: root)) {
            try Block.decode(Self.encoded(transactions, root: .zero))
        }
        for count in 0..<bytes.count {
            #expect(throws: BitcoinError.self) { try Block.decode(Array(bytes[..<count])) }
        }
        #expect(throws: BitcoinError.self) { try Block.decode(bytes + [0]) }
        #expect(
            throws: BitcoinError.malformed(
                .nonCanonical(offset: 80, field: "transactions"))
        ) { try Block.decode(Self.encoded([], root: .zero)) }
    }

    @Test func `a block with repeated transactions is refused, its root being the same`() throws {
        let transactions = (0..<UInt32(6)).map { Self.transaction($0) }
        let root = Self.root(transactions.map(\.txid))
        let repeated = transactions + transactions[4...]
        #expect(Self.root(repeated.map(\.txid)) == root)
        #expect(try Block.decode(Self.encoded(transactions, root: root)).txids.count == 6)
        #expect(throws: BitcoinError.repeatedTransactions(level: 1)) {
            try Block.decode(Self.encoded(repeated, root: root))
        }
    }

    @Test func `a block's weight has a limit, at its edge and one past it`() throws {
        var transaction = Self.transaction(0)
        transaction.inputs[0].witness = [[]]
        let room = Transaction.weightMax - 4 * 81 - transaction.weight - 4
        for (extra, fits) in [(0, true), (1, false)] {
            transaction.inputs[0].witness = [[UInt8](repeating: 0, count: room + extra)]
            let bytes = Self.encoded([transaction], root: transaction.txid)
            #expect(((try? Block.decode(bytes)) != nil) == fits)
        }
    }
}
