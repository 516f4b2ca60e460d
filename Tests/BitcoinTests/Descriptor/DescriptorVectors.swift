import Bytes
import Foundation
import Keys
import TestSigning
import TestSupport
import Testing

@testable import Bitcoin

/// A key expression of the standards' vectors, which also hold private keys and other paths.
private func publicKey(_ expression: String, at index: Int) throws -> PublicKey {
    var parts = expression.split(separator: "/").map(String.init)
    if expression.hasPrefix("[") {
        parts = expression.split(separator: "]")[1].split(separator: "/").map(String.init)
    }
    let head = parts.removeFirst()
    let path = parts.joined(separator: "/").replacing("*", with: String(index))
    if head.hasPrefix("xprv") { return try TestKey(text: head).derived(path).publicKey.key }
    if head.hasPrefix("xpub") {
        return try ExtendedPublicKey(text: head).derived(along: DerivationPath(text: path)).key
    }
    if let bytes = decodeHex(head) {
        return try #require(PublicKey(bytes.count == 32 ? [2] + bytes : bytes))
    }
    let secret = try #require(decodeBase58Check(head))
    return try TestKey.publicKey(of: #require(Digest32(Array(secret[1..<33]))))
}

/// The locking script of one of our kinds with any keys; nil for other kinds.
private func script(_ expression: String, at index: Int) throws -> Script? {
    let parts = expression.split { "(),".contains($0) }.map(String.init)
    func keys(_ from: Int) throws -> [PublicKey] {
        try parts[from...].map { try publicKey($0, at: index) }
    }
    func derived(_ kind: Descriptor.Kind, _ threshold: Int, _ from: Int) throws -> Script {
        let root = KeyOrigin(fingerprint: KeyFingerprint(rawValue: 0), path: .root)
        let output = DerivedOutput(
            kind, threshold: threshold,
            keys: try keys(from).map { DerivedKey(publicKey: $0, origin: root) }, chain: .receive,
            index: 0)
        return try #require(output).scriptPubKey
    }
    switch parts[0] {
    case "wpkh": return try derived(.witnessPublicKeyHash, 1, 1)
    case "wsh" where parts[1] == "multi":
        return try derived(.witnessMultisig(.given), #require(Int(parts[2])), 3)
    case "tr" where parts.count == 2: return try derived(.taprootKey, 1, 1)
    case "tr" where parts[2] == "multi_a" || parts[2] == "sortedmulti_a":
        let keys = try keys(4).map(\.xOnly)
        let leaf = Script.tapscriptMultisig(
            try #require(Int(parts[3])),
            parts[2] == "multi_a"
                ? keys : keys.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) })
        let output = TaprootOutput(
            internalKey: try publicKey(parts[1], at: index).xOnly,
            root: TapTree.leafHash(version: 0xc0, leaf))
        return .payToTaproot(outputKey: try #require(output).outputKey)
    default: return nil
    }
}

@Suite struct `Descriptors of the standards` {
    static let files = ["380", "381", "382", "383", "386", "387", "389"]

    @Test(arguments: [("382", 3), ("383", 1), ("386", 1), ("387", 4)])
    func `our kinds give the standard's scripts`(file: String, count: Int) throws {
        guard let vectors = try Vectors.json("bip\(file)_descriptors.json") else { return }
        var checked = 0
        for vector in vectors["valid"]?.array ?? [] {
            let expression = try #require(vector["expr"]?.string)
            for (index, expected) in (vector["scripts"]?.array ?? []).enumerated() {
                guard let script = try script(expression, at: index) else { break }
                #expect(script.hex == expected.string, "\(expression) at \(index)")
                checked += index == 0 ? 1 : 0
            }
        }
        #expect(checked == count)
    }

    @Test func `what is valid but no wallet of ours is refused as such`() throws {
        for file in Self.files {
            guard let vectors = try Vectors.json("bip\(file)_descriptors.json") else { return }
            for vector in vectors["valid"]?.array ?? [] {
                var expression = try #require(vector["expr"]?.string)
                if file == "380" { expression = "wpkh(\(expression))" }
                let error = #expect(throws: DescriptorError.self) {
                    try Descriptor(text: expression, network: .main)
                }
                switch error {
                case .notSupported, .key(_, .privateKey): break
                default: Issue.record("\(expression): \(String(describing: error))")
                }
            }
        }
    }

    @Test func `what is invalid is refused`() throws {
        for file in Self.files {
            guard let vectors = try Vectors.json("bip\(file)_descriptors.json") else { return }
            for vector in vectors["invalid"]?.array ?? [] {
                let expression = try #require(vector["expr"]?.string)
                for text in file == "380"
                    ? ["wpkh(\(expression))", "tr(\(expression))"] : [expression]
                {
                    #expect(throws: DescriptorError.self) {
                        try Descriptor(text: text, network: .main)
                    }
                }
            }
        }
    }

    @Test func `BIP-380's checksums are told apart`() throws {
        #expect(descriptorChecksum("raw(deadbeef)") == "89f8spxm")
        #expect(descriptorChecksum("raw(Ü)") == nil)
        for (text, expected) in [
            ("raw(deadbeef)#", DescriptorError.checksumLength(offset: 13, found: 0)),
            ("raw(deadbeef)#89f8spx", .checksumLength(offset: 13, found: 7)),
            ("raw(deadbeef)#89f8spxmx", .checksumLength(offset: 13, found: 9)),
            ("raw(deedbeef)#89f8spxm", .checksum(expected: "wtt2fm2d", found: "89f8spxm")),
            ("raw(deadbeef)##9f8spxm", .checksum(expected: "89f8spxm", found: "#9f8spxm")),
            ("raw(Ü)#00000000", .character(offset: 4)),
        ] {
            let error = #expect(throws: DescriptorError.self) {
                try Descriptor(text: text, network: .main)
            }
            if case .checksum(_, let found) = error, case .checksum(_, let other) = expected {
                #expect(found == other)
            } else {
                #expect(error == expected)
            }
        }
    }
}
