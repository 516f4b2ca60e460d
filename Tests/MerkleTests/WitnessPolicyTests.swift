import Bytes
import Merkle
import Testing

@Suite struct `Policies of witnesses` {
    static func signer(
        _ name: String, _ kind: NoteVerifierKey.Kind = .cosignature
    ) -> Result<CheckpointSigner, any Error> {
        Result { try CheckpointSigner(name: name, kind: kind, seed: leafHash(Array(name.utf8))) }
    }

    static func key(_ name: String, _ kind: NoteVerifierKey.Kind = .cosignature) -> String {
        (try? signer(name, kind).get().key.encodedText) ?? ""
    }

    static let log = key("log/1", .ed25519)
    static let witnesses = ["X1", "X2", "X3", "Y1", "Y2", "Y3"]

    /// The example of the specification, with keys.
    static let example = """
        log \(log)

        witness X1 \(key("X1"))
        witness X2 \(key("X2")) https://x2.example/w
          witness\tX3 \(key("X3"))\t
        group X-witnesses 2 X1 X2 X3
          # a comment \u{e4}
        witness Y1 \(key("Y1"))
        witness Y2 \(key("Y2"))
        witness Y3 \(key("Y3"))
        group Y-witnesses any Y1 Y2 Y3

        group X-and-Y all X-witnesses Y-witnesses
        quorum X-and-Y

        """

    static func parsed(_ text: String) throws -> WitnessPolicy {
        try WitnessPolicy(parsing: Array(text.utf8))
    }

    @Test func `the specification's example is read, and written back in plain form`() throws {
        let policy = try Self.parsed(Self.example)
        #expect(policy.logs.map(\.key.encodedText) == [Self.log])
        #expect(policy.witnesses.map(\.name.description) == Self.witnesses)
        #expect(policy.witnesses[1].url == "https://x2.example/w")
        #expect(policy.groups.map(\.threshold) == [2, 1, 2])
        #expect(policy.quorum == .group(2))
        #expect(policy.quorumCounts == (3, 6))
        #expect(try WitnessPolicy(parsing: policy.encoded) == policy)
    }

    @Test func `of every set of cosigners the quorum is met by the right ones`() throws {
        let policy = try Self.parsed(Self.example)
        let log = try Self.signer("log/1", .ed25519).get()
        let head = try log.sign(Checkpoint(origin: "log/1", size: 1, root: leafHash([1])))
        let lines = try Self.witnesses.enumerated().map { index, name in
            try Self.signer(name).get().cosign(head, atSeconds: 100 + UInt64(index))
        }
        for set in 0..<64 {
            var signed = head.signed
            for index in 0..<6 where set >> index & 1 == 1 {
                signed = try signed.adding(lines[index])
            }
            let verdict = try policy.judge(signed)
            let x = (set & 7).nonzeroBitCount
            let y = (set >> 3).nonzeroBitCount
            #expect(verdict.isSatisfied == (x >= 2 && y >= 1))
            #expect(verdict.cosignatures.count == set.nonzeroBitCount)
            #expect(verdict.missing.count == 6 - set.nonzeroBitCount)
            for cosignature in verdict.cosignatures {
                let index = Self.witnesses.firstIndex(of: cosignature.witness.name.description)
                #expect(cosignature.seconds == 100 + UInt64(index ?? 0))
            }
            // The second latest of X decides, since every Y is later than every X.
            let times = (0..<3).filter { set >> $0 & 1 == 1 }.map { 100 + UInt64($0) }
            #expect(
                verdict.quorumSeconds == (verdict.isSatisfied ? times[times.count - 2] : nil))
        }
    }

    @Test func `a log that is not listed, and a false line of a known key, are refused`() throws {
        let policy = try Self.parsed(Self.example)
        let log = try Self.signer("log/1", .ed25519).get()
        let other = try CheckpointSigner(name: "log/1", seed: leafHash([77]))
        let foreign = try Self.signer("log/2", .ed25519).get()
        let checkpoint = try Checkpoint(origin: "log/1", size: 1, root: leafHash([1]))
        let alone = try log.sign(checkpoint).signed
        #expect(try policy.judge(alone).isSatisfied == false)
        #expect(throws: MerkleError.unsigned(name: "log/1", id: log.key.id)) {
            try policy.judge(try other.sign(checkpoint).signed)
        }
        #expect(throws: MerkleError.unlistedLog(origin: "log/2")) {
            try policy.judge(
                foreign.sign(Checkpoint(origin: "log/2", size: 1, root: leafHash([1]))).signed)
        }
        #expect(throws: MerkleError.unlistedLog(origin: "log/1")) {
            try policy.judge(try other.sign(checkpoint).signed, logKey: other.key)
        }
        let witness = try Self.signer("X1").get()
        let forged = try #require(
            NoteSignature(
                name: "X1", keyID: witness.key.id, bytes: [UInt8](repeating: 0, count: 72)))
        #expect(throws: MerkleError.signature(name: "X1", id: witness.key.id)) {
            try policy.judge(alone.adding(forged))
        }
        // Of unknown keys nothing is said: the line could be of a scheme that we do not know.
        let unknown = try #require(NoteSignature(name: "X1", keyID: 1, bytes: [1]))
        #expect(try policy.judge(alone.adding(unknown)).missing.count == 6)
    }

    @Test func `without a log the caller's own is demanded, and quorum none needs nobody`() throws {
        let policy = try Self.parsed("quorum none\n")
        let log = try Self.signer("log/1", .ed25519).get()
        let signed = try log.sign(Checkpoint(origin: "log/1", size: 1, root: leafHash([1]))).signed
        #expect(throws: MerkleError.unlistedLog(origin: "log/1")) { try policy.judge(signed) }
        let verdict = try policy.judge(signed, logKey: log.key)
        #expect(verdict.isSatisfied)
        #expect(verdict.quorumSeconds == nil)
        #expect(policy.quorumCounts == (0, 0))
        #expect(try WitnessPolicy(parsing: WitnessPolicy(log: log.key).encoded).quorum == nil)
    }

    /// Each policy breaks one rule, in the line that is named; 0 is the whole file.
    static let refused: [(Int, String)] = [
        (0, ""), (0, "log \(log)\n"), (1, "quorum none"), (1, "quorum\n"), (1, "quorum none x\n"),
        (2, "quorum none\nquorum none\n"), (1, "quorum w\nwitness w \(key("w"))\n"),
        (1, "Quorum none\n"), (1, "quorum NONE\n"), (1, "log\n"), (1, "log \(log) u v\n"),
        (1, "log \(key("w"))\n"), (1, "witness w \(log)\n"), (1, "witness \(key("w"))\n"),
        (1, "witness w \(key("w")) u v\n"), (2, "log \(log)\nlog \(log)\n"),
        (2, "witness a \(key("w"))\nwitness b \(key("w"))\n"),
        (2, "witness a \(key("v"))\nwitness a \(key("w"))\n"), (1, "witness none \(key("w"))\n"),
        (2, "witness a \(key("a"))\ngroup none any a\n"),
        (2, "witness a \(key("a"))\ngroup a any a\n"), (1, "group g any a\n"),
        (2, "witness a \(key("a"))\ngroup g any\n"), (2, "witness a \(key("a"))\ngroup g a\n"),
        (2, "witness a \(key("a"))\ngroup g 0 a\n"), (2, "witness a \(key("a"))\ngroup g 2 a\n"),
        (2, "witness a \(key("a"))\ngroup g 01 a\n"), (2, "witness a \(key("a"))\ngroup g +1 a\n"),
        (2, "witness a \(key("a"))\ngroup g ANY a\n"),
        (2, "witness a \(key("a"))\ngroup g any a a\n"),
        (3, "witness a \(key("a"))\ngroup g any a\ngroup h any a\n"),
        (2, "witness a \(key("a"))\ngroup g any a none\n"),
        (2, "witness a \(key("a"))\ngroup g any g\n"),
        (2, "witness a \(key("a"))\ngroup g any a # why\n"), (1, "quorum none\r\n"),
        (1, "quorum\u{0b}none\n"), (1, "# \u{7f}\n"), (1, "quorum\u{a0}none\n"),
        (1, "log \(log.dropLast())\n"), (1, "witness w w+00000000+\(key("w").suffix(44))\n"),
        (2, "# fine\n#fine\n\u{0}\n".replacing("#fine\n", with: "")),
    ]

    @Test(arguments: refused)
    func `a policy that breaks a rule is refused at its line`(_ refused: (Int, String)) {
        do {
            _ = try Self.parsed(refused.1)
            Issue.record("accepted: \(refused.1)")
        } catch MerkleError.policy(let line, _) {
            #expect(line == refused.0, Comment(rawValue: refused.1))
        } catch { Issue.record("\(error)") }
    }

    @Test func `keys are the same when they wrap the same public key`() throws {
        let seed = leafHash([5])
        let one = try CheckpointSigner(name: "one", kind: .cosignature, seed: seed).key
        let two = try CheckpointSigner(name: "two", kind: .cosignature, seed: seed).key
        #expect(one.id != two.id)
        #expect(throws: MerkleError.self) {
            try Self.parsed(
                "witness a \(one.encodedText)\nwitness b \(two.encodedText)\nquorum none\n")
        }
    }

    @Test func `names are bytes: K is not the Kelvin sign, and need not be UTF-8`() throws {
        let text =
            "witness K \(Self.key("a"))\nwitness \u{212a} \(Self.key("b"))\nquorum \u{212a}\n"
        let policy = try Self.parsed(text)
        #expect(policy.quorum == .witness(1))
        let bytes = Array("witness ".utf8) + [0xff] + Array(" \(Self.key("a"))\nquorum ".utf8)
        #expect(try WitnessPolicy(parsing: bytes + [0xff, 0x0a]).quorum == .witness(0))
        #expect(throws: MerkleError.self) { try WitnessPolicy(parsing: bytes + [0xfe, 0x0a]) }
    }

    @Test func `the limits hold at their edge and not one past it`() throws {
        func text(_ count: Int) -> String {
            var text = ""
            for index in 0..<count {
                text += "log \(Self.key("l\(index)", .ed25519))\n"
                text += "witness w\(index) \(Self.key("w\(index)"))\n"
                text += "group g\(index) any w\(index)\n"
            }
            return text
        }
        let most = text(WitnessPolicy.maximumCount) + "quorum g99\n"
        #expect(try Self.parsed(most).groups.count == 100)
        for kind in ["log \(Self.key("m", .ed25519))\n", "witness m \(Self.key("m"))\n"] {
            #expect(throws: MerkleError.self) { try Self.parsed(most + kind) }
        }
        let groups = text(99) + "witness x \(Self.key("x"))\ngroup gx any x\ngroup gy any gx\n"
        #expect(throws: MerkleError.self) {
            try Self.parsed(groups + "group gz any gy\nquorum gz\n")
        }
        let comment = "#" + String(repeating: "x", count: WitnessPolicy.maximumBytes - 14) + "\n"
        #expect(throws: Never.self) { try Self.parsed(comment + "quorum none\n") }
        #expect(throws: MerkleError.self) { try Self.parsed("#" + comment + "quorum none\n") }
    }
}
