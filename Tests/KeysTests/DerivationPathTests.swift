import Keys
import Testing

@Suite struct `Derivation paths and key origins` {
    @Test func `every written form is read and one is printed`() throws {
        for text in ["m/48h/1h/0h/2h", "48'/1'/0'/2'", "48h/1'/0h/2'"] {
            #expect(try DerivationPath(text: text).text == "48h/1h/0h/2h")
        }
        #expect(try DerivationPath(text: "m") == .root)
        #expect(try DerivationPath(text: "") == .root)
        #expect(try DerivationPath(text: "2147483647h/2147483647").text == "2147483647h/2147483647")
    }

    @Test(arguments: [
        "/", "m/", "mm", "1/", "/1", "-0", "+1", "01", "00", "2147483648", "2147483648h", "1H",
        "1hh", "1h'", "h", "*", "<0;1>", "1 ", " 1", "99999999999", "0x1", "1//2", "m/m", "１",
    ])
    func `a step that is no plain number is refused`(text: String) {
        #expect(throws: KeyError.self) { try DerivationPath(text: text) }
    }

    @Test func `a refusal names the offset and what stood there`() {
        #expect(throws: KeyError.pathStep(offset: 6, found: "x")) {
            try DerivationPath(text: "m/48h/x/2h")
        }
        #expect(throws: KeyError.pathStep(offset: 12, found: "1aa")) {
            try KeyOrigin(text: "[deadbeef/3/1aa]")
        }
    }

    @Test func `a path has at most 255 steps`() throws {
        let longest = Array(repeating: "1", count: 255).joined(separator: "/")
        #expect(try DerivationPath(text: longest).steps.count == 255)
        #expect(throws: KeyError.tooDeep) { try DerivationPath(text: longest + "/1") }
        let one = try #require(ChildNumber(normal: 1))
        #expect(throws: KeyError.tooDeep) { try DerivationPath(text: longest).appending(one) }
    }

    @Test func `an origin is read with h or an apostrophe and printed with h`() throws {
        for text in ["[d34db33f/48h/1h]", "[D34DB33F/48'/1h]"] {
            #expect(try KeyOrigin(text: text).text == "[d34db33f/48h/1h]")
        }
        #expect(try KeyOrigin(text: "[00000000]").text == "[00000000]")
    }

    @Test(arguments: [
        "", "[", "]", "[]", "[deadbeef", "deadbeef]", "[deadbef/0]", "[deadbeeef/0]",
        "[deadbeef/]", "[deadbeef/m/0]", "[gaaaaaaa/0]", "[deadbeef/0h/*]", "[deadbeef/0H]",
        "[deadbeef/-0]", "[aaaaaaaa][aaaaaaaa]", " [deadbeef]", "[deadbeef] ",
    ])
    func `an origin in any other form is refused`(text: String) {
        #expect(throws: KeyError.self) { try KeyOrigin(text: text) }
    }

    @Test func `indices stop below 2³¹`() {
        #expect(ChildNumber(normal: 0x7fff_ffff)?.rawValue == 0x7fff_ffff)
        #expect(ChildNumber(hardened: 0x7fff_ffff)?.rawValue == 0xffff_ffff)
        #expect(ChildNumber(normal: 0x8000_0000) == nil)
        #expect(ChildNumber(hardened: 0x8000_0000) == nil)
    }
}
