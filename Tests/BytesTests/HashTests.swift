import Bytes
import Testing

@Suite struct `Hash functions` {
    @Test func `SHA-256 of FIPS 180-4's example`() {
        #expect(
            sha256(Array("abc".utf8)).hex
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func `RIPEMD-160 of its authors' examples`() {
        for (message, digest) in [
            ("", "9c1185a5c5e9fc54612808977ee8f548b2258d31"),
            ("abc", "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"),
            (
                "abcdefghijklmnopqrstuvwxyz", "f71c27109c692c1b56bbdceb5b9d2865b3708dbc"
            ),
            (
                "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
                "9b752e45573d4b39f4dbd3323cab82bf63326bfb"
            ),
        ] {
            #expect(encodeHex(ripemd160(Array(message.utf8))) == digest)
        }
    }

    @Test func `digests order as their bytes do`() throws {
        let small = try #require(Digest32(hex: String(repeating: "00", count: 31) + "01"))
        let large = try #require(Digest32(hex: "01" + String(repeating: "00", count: 31)))
        #expect(small < large)
        #expect(Digest32.zero < small)
        #expect(small.reversedHex == large.hex)
    }
}
