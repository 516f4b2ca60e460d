/// The examples of BIP-143, typed in so that they run without the vectors' folder.
enum BIP143 {
    /// The unsigned transactions, in the order of the text.
    static let transactions: [String] = [
        """
        0100000002fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f0000000000\
        eeffffffef51e1b804cc89d182d279655c3aa89e815b1b309fe287d9b2b55d57b90ec68a0100000000ff\
        ffffff02202cb206000000001976a9148280b37df378db99f66f85c95a783a76ac7a6d5988ac9093510d\
        000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa815988ac11000000
        """,
        """
        0100000001db6b1b20aa0fd7b23880be2ecbd4a98130974cf4748fb66092ac4d3ceb1a54770100000000\
        feffffff02b8b4eb0b000000001976a914a457b684d7f0d539a46a45bbc043f35b59d0d96388ac0008af\
        2f000000001976a914fd270b1ee6abcaea97fea7ad0402e8bd8ad6d77c88ac92040000
        """,
        """
        0100000002fe3dc9208094f3ffd12645477b3dc56f60ec4fa8e6f5d67c565d1c6b9216b36e0000000000\
        ffffffff0815cf020f013ed6cf91d29f4202e8a58726b1ac6c79da47c23d1bee0a6925f80000000000ff\
        ffffff0100f2052a010000001976a914a30741f8145e5acadf23f751864167f32e0963f788ac00000000
        """,
        """
        0100000002e9b542c5176808107ff1df906f46bb1f2583b16112b95ee5380665ba7fcfc0010000000000\
        ffffffff80e68831516392fcd100d186b3c2c7b95c80b53c77e77c35ba03a66b429a2a1b0000000000ff\
        ffffff0280969800000000001976a914de4b231626ef508c9a74a8517e6783c0546d6b2888ac80969800\
        000000001976a9146648a8cd4531e1ec47f35916de8e259237294d1e88ac00000000
        """,
        """
        010000000136641869ca081e70f394c6948e8af409e18b619df2ed74aa106c1ca29787b96e0100000000\
        ffffffff0200e9a435000000001976a914389ffce9cd9ae88dcc0631e88a821ffdbe9bfe2688acc0832f\
        05000000001976a9147480a33f950689af511e6e84c138dbbd3c3ee41588ac00000000
        """,
        """
        010000000169c12106097dc2e0526493ef67f21269fe888ef05c7a3a5dacab38e1ac8387f14c1d000000\
        ffffffff0101000000000000000000000000
        """,
    ]

    /// The script codes, in the order of the text.
    static let scriptCodes: [String] = [
        """
        76a9141d0f172a0ecb48aee1be1f2687d2963ae33f71a188ac
        """,
        """
        76a91479091972186c449eb1ded22b78e40d009bdf008988ac
        """,
        """
        21026dccc749adc2a9d0d89497ac511f760f45c47dc5ed9cf352a58ac706453880aeadab210255a9626a\
        ebf5e29c0e6538428ba0d1dcf6ca98ffdf086aa8ced5e0d0215ea465ac
        """,
        """
        210255a9626aebf5e29c0e6538428ba0d1dcf6ca98ffdf086aa8ced5e0d0215ea465ac
        """,
        """
        0063ab68210392972e2eb617b2388771abe27235fd5ac44af8e61693261550447a4c3e39da98ac
        """,
        """
        68210392972e2eb617b2388771abe27235fd5ac44af8e61693261550447a4c3e39da98ac
        """,
        """
        56210307b8ae49ac90a048e9b53357a2354b3334e9c8bee813ecb98e99a7e07e8c3ba32103b28f0c28bf\
        ab54554ae8c658ac5c3e0ce6e79ad336331f78c428dd43eea8449b21034b8113d703413d57761b8b9781\
        957b8c0ac1dfe69f492580ca4195f50376ba4a21033400f6afecb833092a9a21cfdf1ed1376e58c5d1f4\
        7de74683123987e967a8f42103a6d48b1131e94ba04d9737d61acdaa1322008af9602b3b14862c07a178\
        9aac162102d8b661b0b3302ee2f162b09e07a55ad5dfbe673a9f01d9f0c19617681024306b56ae
        """,
        """
        ad4830450220487fb382c4974de3f7d834c1b617fe15860828c7f96454490edd6d891556dcc9022100ba\
        f95feb48f845d5bfc9882eb6aeefa1bc3790e39f59eaa46ff7f15ae626c53e01
        """,
    ]

    /// One signature hash: which transaction and input, with what, and the digest.
    struct Example {
        let transaction: Int
        let input: Int
        let scriptCode: Int
        let satoshis: UInt64
        let type: UInt8
        let digest: String
    }

    static let examples: [Example] = [
        Example(
            transaction: 0, input: 1, scriptCode: 0, satoshis: 600_000_000, type: 0x1,
            digest: "c37af31116d1b27caf68aae9e3ac82f1477929014d5b917657d0eb49478cb670"),
        Example(
            transaction: 1, input: 0, scriptCode: 1, satoshis: 1_000_000_000, type: 0x1,
            digest: "64f3b0f4dd2bb3aa1ce8566d220cc74dda9df97d8490cc81d89d735c92e59fb6"),
        Example(
            transaction: 2, input: 1, scriptCode: 2, satoshis: 4_900_000_000, type: 0x3,
            digest: "82dde6e4f1e94d02c2b7ad03d2115d691f48d064e9d52f58194a6637e4194391"),
        Example(
            transaction: 2, input: 1, scriptCode: 3, satoshis: 4_900_000_000, type: 0x3,
            digest: "fef7bd749cce710c5c052bd796df1af0d935e59cea63736268bcbe2d2134fc47"),
        Example(
            transaction: 3, input: 0, scriptCode: 4, satoshis: 16_777_215, type: 0x83,
            digest: "e9071e75e25b8a1e298a72f0d2e9f4f95a0f5cdf86a533cda597eb402ed13b3a"),
        Example(
            transaction: 3, input: 1, scriptCode: 5, satoshis: 16_777_215, type: 0x83,
            digest: "cd72f1f1a433ee9df816857fad88d8ebd97e09a75cd481583eb841c330275e54"),
        Example(
            transaction: 4, input: 0, scriptCode: 6, satoshis: 987_654_321, type: 0x1,
            digest: "185c0be5263dce5b4bb50a047973c1b6272bfbd0103a89444597dc40b248ee7c"),
        Example(
            transaction: 4, input: 0, scriptCode: 6, satoshis: 987_654_321, type: 0x2,
            digest: "e9733bc60ea13c95c6527066bb975a2ff29a925e80aa14c213f686cbae5d2f36"),
        Example(
            transaction: 4, input: 0, scriptCode: 6, satoshis: 987_654_321, type: 0x3,
            digest: "1e1f1c303dc025bd664acb72e583e933fae4cff9148bf78c157d1e8f78530aea"),
        Example(
            transaction: 4, input: 0, scriptCode: 6, satoshis: 987_654_321, type: 0x81,
            digest: "2a67f03e63a6a422125878b40b82da593be8d4efaafe88ee528af6e5a9955c6e"),
        Example(
            transaction: 4, input: 0, scriptCode: 6, satoshis: 987_654_321, type: 0x82,
            digest: "781ba15f3779d5542ce8ecb5c18716733a5ee42a6f51488ec96154934e2c890a"),
        Example(
            transaction: 4, input: 0, scriptCode: 6, satoshis: 987_654_321, type: 0x83,
            digest: "511e8e52ed574121fc1b654970395502128263f62662e076dc6baf05c2e6a99b"),
        Example(
            transaction: 5, input: 0, scriptCode: 7, satoshis: 200_000, type: 0x1,
            digest: "71c9cd9b2869b9c70b01b1f0360c148f42dee72297db312638df136f43311f23"),
    ]
}
