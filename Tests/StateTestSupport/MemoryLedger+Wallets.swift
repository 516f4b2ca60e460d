public import Bitcoin
internal import Bytes
public import Events
internal import Keys
internal import State
public import TestSigning

extension MemoryLedger {
    // MARK: Wallets

    /// The proposal of a wallet, with generous ceilings.
    public static func proposal(
        _ name: WalletName, _ wallet: TestWallet, holders: [MemberName], quorum: Quorum,
        ceilings: FeeCeilings = FeeCeilings(
            fee: 1_000_000, satoshisPerVirtualByte: 100_000, percentOfAmount: 100),
        minimumDepth: UInt32 = 1, gap: UInt32 = 3, declaresShortcut: Bool = false
    ) -> WalletProposal {
        WalletProposal(
            wallet: name, descriptor: wallet.descriptor.text,
            internalKeyOffset: wallet.descriptor.internalKeyOffset, holders: holders,
            quorum: quorum, ceilings: ceilings, minimumDepth: minimumDepth, gap: gap,
            declaresShortcut: declaresShortcut)
    }

    /// Creates a wallet under the ledger's quorum and has every holder accept it.
    public mutating func create(
        _ proposal: WalletProposal, _ wallet: TestWallet, by members: [MemberName]
    ) throws {
        guard let first = members.first else { preconditionFailure("somebody makes the request") }
        let id = try initiate(.createWallet(proposal), by: first)
        for member in members { try record(.approved(Approved(request: id)), by: member) }
        wallets[proposal.wallet] = wallet
        for holder in Set(proposal.holders).sorted() {
            try record(
                .accepted(.wallet(proposal.wallet, descriptor: proposal.descriptor)), by: holder)
        }
    }

    // MARK: The chain

    /// The fact of what the chain shows beyond what the state knows.
    public mutating func observation() throws -> Observed {
        let known = state.blocks.blocks
        let blocks = chain.branch { known[$0] != nil }.prefix(Observed.headerLimit)
        var ours = Set(state.coins.keys)
        for transaction in chain.transactions.values {
            let txid = transaction.txid
            for (index, output) in transaction.outputs.enumerated()
            where state.scripts[output.scriptPubKey] != nil {
                ours.insert(OutPoint(txid: txid, index: UInt32(index)))
            }
        }
        var seen: [ObservedTransaction] = []
        for block in blocks {
            for (index, transaction) in block.transactions.enumerated() {
                let isOurs =
                    transaction.outputs.contains { state.scripts[$0.scriptPubKey] != nil }
                    || transaction.inputs.contains { ours.contains($0.previousOutput) }
                guard isOurs else { continue }
                let (observed, blob) = try chain.observed(index, in: block)
                keep(blob)
                seen.append(observed)
            }
        }
        return Observed(
            headers: blocks.map(\.header.encoded), scripts: state.watchedScripts,
            transactions: seen)
    }

    /// Records all that the chain shows, in as many events as that takes.
    public mutating func watch(by watcher: MemberName) throws {
        while state.blocks.blocks[chain.tip] == nil {
            try record(.observed(try observation()), by: watcher)
        }
    }

    /// Mines blocks, the first with these transactions, and records them.
    public mutating func mine(
        _ transactions: [Transaction] = [], blocks: Int = 1, watchedBy watcher: MemberName
    ) throws {
        for number in 0..<blocks { chain.mine(number == 0 ? transactions : []) }
        try watch(by: watcher)
    }

    /// Pays amounts to the receive addresses of a wallet from `index` on, in one transaction that
    /// spends nothing of ours.
    public func funding(
        _ wallet: WalletName, _ amounts: [Amount], from index: UInt32 = 0
    ) throws -> Transaction {
        guard let descriptor = wallets[wallet]?.descriptor else {
            preconditionFailure("\(wallet) has keys")
        }
        let salt = sha256(Array("\(wallet) \(index) \(amounts) \(chain.tip.hex)".utf8))
        return Transaction(
            inputs: [
                TransactionInput(
                    previousOutput: OutPoint(txid: salt, index: 0), sequence: .max)
            ],
            outputs: try amounts.enumerated().map { offset, amount in
                TransactionOutput(
                    amount: amount,
                    scriptPubKey: try descriptor.derive(.receive, index + UInt32(offset))
                        .scriptPubKey)
            })
    }

    /// Funds a wallet and records the block that does; returns the coins.
    @discardableResult
    public mutating func deposit(
        _ amounts: Amount..., to wallet: WalletName, watchedBy watcher: MemberName
    ) throws -> [OutPoint] {
        let next = state.wallets[wallet]?.nextReceive ?? 0
        let transaction = try funding(wallet, amounts, from: next)
        try mine([transaction], watchedBy: watcher)
        return amounts.indices.map { OutPoint(txid: transaction.txid, index: UInt32($0)) }
    }
}
