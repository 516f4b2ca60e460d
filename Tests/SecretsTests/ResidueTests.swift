import Bytes
import Foundation
import Glibc
import Keys
import Secrets
import Testing

/// Searches the whole writable memory of a process of its own for copies of a secret that should
/// have been only in its own pages.
///
/// The searches are functions of their own: this compiler ends a value that can not be copied too
/// early in a scope that never returns.
@Suite struct `Residue` {
    @Test func `a planted copy is found, so that finding none means something`() async {
        await #expect(processExitsWith: .exitCode(1)) { exit(Int32(try afterPlanting())) }
    }

    @Test func `signing leaves no copy of the key`() async {
        await #expect(processExitsWith: .success) { exit(Int32(try afterSigning())) }
    }

    @Test func `sealing and opening leave no copy of the secret or the passphrase`() async {
        await #expect(processExitsWith: .success) {
            var count = 0
            for kind in [KeyKind.event, .wallet(.main), .note(.log)] {
                count += try afterSealing(kind)
            }
            exit(Int32(count))
        }
    }

    @Test func `deriving leaves no copy of any key on the way`() async {
        await #expect(processExitsWith: .success) { exit(Int32(try afterDeriving())) }
    }
}

private func afterPlanting() throws -> Int {
    var system = SystemRandomNumberGenerator()
    let secret = try KeyKind.event.newSecret(using: &system)
    let planted = [UInt8](capacity: 32) { $0.append(secret.span) }
    return withExtendedLifetime(planted) { copies(of: secret.span) }
}

private func afterSigning() throws -> Int {
    var system = SystemRandomNumberGenerator()
    let key = try SecretKey(random: &system)
    let digest = sha256([1])
    _ = try key.sign(digest)
    _ = try key.signLowR(digest)
    _ = try key.signSchnorr(digest.array, auxiliary: .zero)
    _ = try key.signTaproot(digest, tweak: digest, auxiliary: .zero)
    return copies(of: key.bytes)
}

private func afterSealing(_ kind: KeyKind) throws -> Int {
    var system = SystemRandomNumberGenerator()
    let secret = try kind.newSecret(using: &system)
    let word = try SecretBytes(random: 32, using: &system)
    do {
        let passphrase = try Passphrase(SecretBytes(copying: word.span))
        let file = try KeyFile(
            sealing: secret, of: kind, name: KeyName("k"), under: passphrase, cost: .light,
            using: &system)
        let opened = try KeyFile(parsing: file.bytes).open(passphrase)
        if kind == .note(.log) { _ = try NoteKey(opened).sign([1]) }
    }
    return copies(of: secret.span) + copies(of: word.span)
}

private func afterDeriving() throws -> Int {
    var system = SystemRandomNumberGenerator()
    let seed = try SecretBytes(random: 32, using: &system)
    let root = try ExtendedPrivateKey(seed: seed, version: .main)
    let account = try root.derived(along: DerivationPath(text: "48h/0h"))
    let address = try account.child(ChildNumber(rawValue: 0))
    _ = try address.key.sign(sha256([1]))
    let parents = copies(of: seed.span) + copies(of: root.key.bytes)
    return parents + copies(of: account.key.bytes) + copies(of: address.key.bytes)
}

/// How often the bytes of `secret` stand in the writable memory of this process, other than where
/// `secret` itself is.
private func copies(of secret: Span<UInt8>) -> Int {
    guard let file = FileHandle(forReadingAtPath: "/proc/self/maps"),
        let maps = try? file.readToEnd(),
        let memory = FileHandle(forReadingAtPath: "/proc/self/mem")
    else { return -1 }
    let search = unsafe Search(descriptor: memory.fileDescriptor)
    defer { unsafe search.chunk.deallocate() }
    var count = 0
    for line in String(decoding: maps, as: UTF8.self).split(separator: "\n") {
        let words = line.split(separator: " ")
        let bounds = words[0].split(separator: "-").compactMap { Int($0, radix: 16) }
        guard words[1].hasPrefix("rw"), bounds.count == 2 else { continue }
        count += unsafe secret.withUnsafeBytes {
            unsafe search.count(of: $0, from: bounds[0], to: bounds[1])
        }
    }
    return count
}

/// Reads memory through the kernel, which survives pages that vanish meanwhile.
@unsafe private struct Search {
    static let chunkBytes = 1 << 20
    let descriptor: Int32
    let chunk = UnsafeMutableRawPointer.allocate(byteCount: chunkBytes, alignment: 4096)

    /// Counts the places from `start` to `end` that hold the needle, without the needle's own and
    /// without those in the chunk, which holds what was read.
    func count(of needle: UnsafeRawBufferPointer, from start: Int, to end: Int) -> Int {
        guard let first = unsafe needle.first, let bytes = needle.baseAddress else { return 0 }
        let own = unsafe Int(bitPattern: chunk)..<Int(bitPattern: chunk) + Self.chunkBytes
        var count = 0
        var address = start
        while address < end {
            let wanted = unsafe min(Self.chunkBytes, end - address)
            let got = unsafe pread(descriptor, chunk, wanted, address)
            let last = got - needle.count
            guard last >= 0 else { return count }
            var from = 0
            while from <= last,
                let found = unsafe memchr(chunk + from, Int32(first), last + 1 - from)
            {
                let offset = unsafe found - chunk
                let place = address + offset
                if unsafe memcmp(found, bytes, needle.count) == 0,
                    place != Int(bitPattern: bytes), !own.contains(place)
                {
                    count += 1
                }
                from = offset + 1
            }
            // A copy can begin in the last bytes of this part.
            address += last + 1
        }
        return count
    }
}
