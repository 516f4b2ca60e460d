import Bytes
import Foundation
import Glibc
import Secrets
import TestSupport
import Testing

@Suite struct `Secret bytes` {
    @Test func `what goes in is lent out again`() throws {
        for count in [0, 1, 31, 32, 4096, 4097, SecretBytes.maximumCount] {
            var generator = SeededGenerator(seed: UInt64(count))
            let bytes = generator.bytes(count)
            let copied = try SecretBytes(copying: bytes.span)
            #expect(copied.count == count)
            #expect(hex(copied) == encodeHex(bytes))
            generator = SeededGenerator(seed: UInt64(count))
            let random = try SecretBytes(random: count, using: &generator)
            #expect(hex(random) == encodeHex(bytes))
        }
    }

    @Test func `new room is zero, and can be written`() throws {
        var secret = try SecretBytes(count: 33)
        #expect(hex(secret) == String(repeating: "00", count: 33))
        var span = secret.mutableSpan
        span[32] = 7
        #expect(secret.span[32] == 7)
    }

    @Test func `two secrets are equal by their bytes and lengths`() throws {
        let one = try secret("010203")
        for (other, isEqual) in [
            ("010203", true), ("010204", false), ("000203", false), ("0102", false), ("", false),
        ] {
            let other = try secret(other)
            let found = one.isEqual(to: other)
            #expect(found == isEqual)
        }
    }

    /// The kernel's own words on the pages that hold a secret.
    @Test func `the pages are locked and left out of core dumps`() throws {
        let held = try secret("c0ffee")
        let address = unsafe held.span.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
        // The kernel hands the file out in pieces, which reading by its size would miss.
        let file = try #require(FileHandle(forReadingAtPath: "/proc/self/smaps"))
        let maps = String(decoding: try #require(try file.readToEnd()), as: UTF8.self)
        var isOurs = false
        var flags: [Substring] = []
        for line in maps.split(separator: "\n") {
            let words = line.split(separator: " ")
            let bounds = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            if bounds.count == 2 { isOurs = (bounds[0]..<bounds[1]).contains(address) }
            if isOurs, words[0] == "VmFlags:" { flags = words }
        }
        #expect(flags.contains("lo"))
        #expect(flags.contains("dd"))
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let locked = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmLck:") })
        let kibibytes = try #require(Int(locked.filter(\.isNumber)))
        #expect(kibibytes >= 4)
        #expect(held.count == 3)
    }

    @Test func `the pages are gone when the secret ends`() async {
        await #expect(processExitsWith: .signal(SIGSEGV)) {
            var address: UnsafePointer<UInt8>?
            do {
                let held = try SecretBytes(count: 32)
                unsafe address = held.span.withUnsafeBufferPointer { $0.baseAddress }
            }
            if let address = unsafe address { print(unsafe address.pointee) }
        }
    }
}
