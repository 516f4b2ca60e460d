internal import Bytes
internal import Glibc

/// Bytes that must not leak: one block of pages of their own, locked into memory, left out of core
/// dumps, and cleared when the value ends.
///
/// The value can not be copied, printed, interpolated or reflected: the compiler refuses each. A
/// move moves the address and not the bytes. Whoever needs the bytes borrows ``span`` and must not
/// copy from it into an array, which would stay readable in freed memory.
///
/// Each value takes at least one page (4 KiB) of the process's locked-memory limit, and some 15 µs.
@safe
public struct SecretBytes: ~Copyable, @unchecked Sendable {
    private let block: UnsafeMutablePointer<UInt8>
    /// How many bytes the secret has.
    public let count: Int

    /// The most bytes one secret may have: far more than any key, and half of the smallest limit on
    /// locked memory in common use.
    public static let maximumCount = 32_768

    /// Makes room for `count` bytes, all zero.
    ///
    /// Throws ``SecretsError/lockedMemory(bytes:reason:)`` when the system can not lock the pages:
    /// a secret that may be swapped to a disk is not made at all.
    public init(count: Int) throws(SecretsError) {
        precondition((0...Self.maximumCount).contains(count), "a secret has at most 32,768 bytes")
        let size = Self.mappedSize(of: count)
        let pages = unsafe mmap(
            nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let pages = unsafe pages, unsafe pages != MAP_FAILED else {
            throw .lockedMemory(bytes: size, reason: systemReason())
        }
        // Locks do not stack and cover whole pages, so no two secrets may share one.
        guard unsafe mlock(pages, size) == 0, unsafe madvise(pages, size, MADV_DONTDUMP) == 0 else {
            let reason = systemReason()
            unsafe munmap(pages, size)
            throw .lockedMemory(bytes: size, reason: reason)
        }
        unsafe block = pages.bindMemory(to: UInt8.self, capacity: size)
        self.count = count
    }

    /// Copies a secret that somebody else holds in ordinary memory, and has to clear there.
    public init(copying bytes: Span<UInt8>) throws(SecretsError) {
        try self.init(count: bytes.count)
        for index in bytes.indices { unsafe block[index] = bytes[index] }
    }

    /// Draws `count` bytes from `generator`, which outside tests is the system's.
    public init(
        random count: Int, using generator: inout some RandomNumberGenerator
    ) throws(SecretsError) {
        try self.init(count: count)
        var word: UInt64 = 0
        for index in 0..<count {
            if index.isMultiple(of: 8) { word = generator.next() }
            unsafe block[index] = UInt8(truncatingIfNeeded: word)
            word >>= 8
        }
    }

    deinit {
        let size = Self.mappedSize(of: count)
        unsafe explicit_bzero(block, size)
        unsafe munmap(block, size)
    }

    /// The bytes, lent for reading.
    public var span: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let span = unsafe Span(_unsafeStart: block, count: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// The bytes, lent for writing.
    public var mutableSpan: MutableSpan<UInt8> {
        @_lifetime(&self)
        mutating get {
            let span = unsafe MutableSpan(_unsafeStart: block, count: count)
            return unsafe _overrideLifetime(span, mutating: &self)
        }
    }

    /// Whether both hold the same bytes, in time that depends on their lengths alone.
    public func isEqual(to other: borrowing SecretBytes) -> Bool {
        guard count == other.count else { return false }
        var difference: UInt8 = 0
        for index in 0..<count { difference |= unsafe block[index] ^ other.block[index] }
        return difference == 0
    }

    /// Lends the address to C functions; the pointer must not outlive `body`.
    @unsafe func withPointer<Result, Failure: Error>(
        _ body: (UnsafePointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafePointer(block))
    }

    /// Lends the address to C functions that write there; the pointer must not outlive `body`.
    @unsafe mutating func withMutablePointer<Result, Failure: Error>(
        _ body: (UnsafeMutablePointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(block)
    }

    private static func mappedSize(of count: Int) -> Int {
        let page = sysconf(Int32(_SC_PAGESIZE))
        return (max(count, 1) + page - 1) / page * page
    }
}

/// What the system says about the call that has just failed.
func systemReason() -> String { unsafe String(cString: strerror(errno)) }

/// Clears a secret that a function of somebody else's returned in ordinary memory.
@unsafe func clear(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    unsafe explicit_bzero(UnsafeMutableRawPointer(mutating: start), bytes.count)
}

/// Clears what the functions called just before may have left on the stack.
///
/// Code that we do not own (hashes, ciphers) computes on the stack and returns by copy; the next
/// deep call would overwrite most of it some time, and this does so now.
@inline(never)
func clearStack() {
    var below = [2048 of UInt64](repeating: 0)
    var span = below.mutableSpan
    unsafe span.withUnsafeMutableBytes { bytes in
        if let start = bytes.baseAddress { unsafe explicit_bzero(start, bytes.count) }
    }
}
