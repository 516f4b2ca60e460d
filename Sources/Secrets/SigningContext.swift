internal import CSecp256k1
internal import Glibc

/// The library's context for whatever touches a secret key, one a process.
///
/// It is blinded with 32 random bytes when it is first used, so that what a signature costs in time
/// and power says less about the key, and never changed after that, so that threads share it.
@safe
struct SigningContext: @unchecked Sendable {
    let pointer: OpaquePointer

    static let shared = SigningContext()

    private init() {
        guard let context = unsafe secp256k1_context_create(UInt32(SECP256K1_CONTEXT_NONE)) else {
            preconditionFailure("the library aborts the process itself when memory runs out")
        }
        unsafe pointer = context
        unsafe withUnsafeTemporaryAllocation(byteCount: 32, alignment: 16) { seed in
            guard let start = seed.baseAddress, unsafe getentropy(start, 32) == 0,
                unsafe secp256k1_context_randomize(
                    context, start.assumingMemoryBound(to: UInt8.self)) == 1
            else { preconditionFailure("the kernel gives 32 random bytes") }
            unsafe explicit_bzero(start, 32)
        }
    }
}
