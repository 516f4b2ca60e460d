internal import Acting
internal import Bytes
internal import Chain
internal import Secrets

extension Target {
    /// The files that people exchange and keep, and what a node answers.
    static let files = [
        Target("key-file", bytesMax: 1_024) { input in
            guard let file = try? KeyFile(parsing: input) else { return }
            demand(file.bytes == input, "a key file has one spelling")
        },
        Target("event-file", bytesMax: 8_192) { input in
            guard let file = try? EventFile(decoding: input, named: "the file") else { return }
            demand(file.encoded == input, "an event file has one encoding")
        },
        Target("request-file", bytesMax: 16_384) { input in
            guard let file = try? RequestFile(decoding: input, named: "the file") else { return }
            let again = try? RequestFile(decoding: file.encoded, named: "the file")
            demand(again?.encoded == file.encoded, "a request file reads as it is written")
        },
        Target("armor", bytesMax: 2_048) { input in
            guard let bytes = try? Armor.decode(input, "EVENT", from: "the file") else { return }
            let again = try? Armor.decode(
                Array(Armor.encode(bytes, "EVENT").utf8), "EVENT", from: "the file")
            demand(again == bytes, "armor reads as it is written")
        },
        Target("rpc-reply") { input in
            // Ids as a client has them that has called before.
            let ids = 7..<10
            _ = try? RPCAnswer.result(in: input, to: 7, of: "fuzz", as: BlockchainInfo.self)
            _ = try? RPCAnswer.result(in: input, to: 7, of: "fuzz", as: Int.self)
            guard
                let texts = try? RPCAnswer.results(in: input, to: ids, of: "fuzz", as: String.self)
            else { return }
            demand(texts.count == ids.count, "each call has its answer")
        },
    ]
}
