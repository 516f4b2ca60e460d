import Bytes
import Keys
import Testing

@Suite struct `Public keys` {
    static let generator = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"

    @Test func `adding one to the generator doubles it`() throws {
        let key = try #require(KeyID(hex: Self.generator).flatMap { PublicKey($0) })
        var one = [UInt8](repeating: 0, count: 32)
        one[31] = 1
        let scalar = try #require(Digest32(one))
        #expect(
            key.adding(scalar)?.id.hex
                == "02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5")
    }

    @Test func `an x on no point is no key`() throws {
        let id = try #require(KeyID(hex: "02" + String(repeating: "ff", count: 32)))
        #expect(PublicKey(id) == nil)
        #expect(KeyID(hex: "04" + String(repeating: "11", count: 32)) == nil)
    }
}
