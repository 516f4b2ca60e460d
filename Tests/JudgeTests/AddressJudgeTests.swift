import Bitcoin
import TestSigning
import TestSupport
import Testing

@Suite struct `Addresses by other implementations` {
    static let count: UInt32 = 3

    /// Compares the first addresses on both chains with those of `judges`, and expects every other
    /// judge to refuse the kind, so that a judge that learns it is noticed.
    static func compare(_ kinds: [Descriptor.Kind], with judges: Set<String>) throws {
        let wallets = try kinds.flatMap { kind in
            let sizes = kind.maximumKeys == 1 ? [(1, 1)] : [(1, 1), (2, 3), (5, 7), (15, 15)]
            return try sizes.map { try TestWallet(kind, threshold: $0.0, of: $0.1, seed: "a") }
        }
        let answers = try Judge.ask(
            "Tests/JudgeTests/Judges/addresses.py",
            [
                "descriptors": .array(wallets.map { .string($0.descriptor.text) }),
                "count": .integer(Int64(count)),
            ])
        guard let answers else { return }
        for (index, wallet) in wallets.enumerated() {
            let ours = try AddressChain.allCases.flatMap { chain in
                try (0..<count).map { index in
                    let script = try wallet.descriptor.derive(chain, index).scriptPubKey
                    return JSON.string(try #require(Address(script, .regtest)).text)
                }
            }
            for judge in ["bdk", "embit", "wally"] {
                let theirs = try #require(answers[index]?[judge])
                if judges.contains(judge) {
                    #expect(theirs == .array(ours), "\(judge): \(wallet.descriptor.text)")
                } else {
                    #expect(theirs.string != nil, "\(judge) now knows \(wallet.descriptor.text)")
                }
            }
        }
    }

    @Test func `wpkh as bdk, embit and wally derive it`() throws {
        try Self.compare([.witnessPublicKeyHash], with: ["bdk", "embit", "wally"])
    }

    @Test func `wsh(multi) and wsh(sortedmulti) as bdk, embit and wally derive them`() throws {
        try Self.compare(
            [.witnessMultisig(.given), .witnessMultisig(.sorted)], with: ["bdk", "embit", "wally"])
    }

    @Test func `tr(KEY) as bdk, embit and wally derive it`() throws {
        try Self.compare([.taprootKey], with: ["bdk", "embit", "wally"])
    }

    @Test func `tr(multi_a) as bdk and embit derive it`() throws {
        try Self.compare([.taprootMultisig(UnspendableKey(), .given)], with: ["bdk", "embit"])
    }

    @Test func `tr(sortedmulti_a) as embit derives it`() throws {
        try Self.compare([.taprootMultisig(UnspendableKey(), .sorted)], with: ["embit"])
    }
}
