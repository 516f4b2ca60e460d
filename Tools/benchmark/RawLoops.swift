internal import Bytes
internal import CLMDB
internal import CSecp256k1
internal import Crypto
internal import Dispatch
internal import Events
internal import Glibc
internal import Keys
internal import Synchronization

/// What the machine does without us: the loops that every figure is held against.
enum Raw {
    /// A signature as libsecp256k1 takes it.
    struct Verification: Sendable {
        let key: secp256k1_pubkey
        let digest: Digest32
        let signature: [UInt8]

        init?(_ event: SignedEvent) {
            var key = secp256k1_pubkey()
            let bytes = event.author.bytes
            guard
                unsafe secp256k1_ec_pubkey_parse(
                    strongroom_verifying_context(), &key, bytes, bytes.count) == 1
            else { return nil }
            self.key = key
            digest = event.id
            signature = event.signature.bytes
        }

        func isValid() -> Bool {
            var key = key
            var parsed = secp256k1_ecdsa_signature()
            return unsafe digest.span.withUnsafeBufferPointer { message in
                guard let message = message.baseAddress else { return false }
                unsafe secp256k1_ecdsa_signature_parse_compact(
                    strongroom_verifying_context(), &parsed, signature)
                return unsafe secp256k1_ecdsa_verify(
                    strongroom_verifying_context(), &parsed, message, &key) == 1
            }
        }
    }

    /// Verifies every signature on all cores; returns how long it took in seconds.
    static func verify(_ verifications: [Verification]) -> Double {
        let failures = Atomic<Int>(0)
        let chunk = 256
        let time = seconds {
            DispatchQueue.concurrentPerform(
                iterations: (verifications.count + chunk - 1) / chunk
            ) { number in
                let end = min((number + 1) * chunk, verifications.count)
                for index in number * chunk..<end where !verifications[index].isValid() {
                    failures.add(1, ordering: .relaxed)
                }
            }
        }
        precondition(failures.load(ordering: .relaxed) == 0, "the signatures are good")
        return time
    }

    /// Hashes `count` leaves of `leafBytes` and the nodes over them on all cores; returns seconds.
    static func hashTree(count: Int, leafBytes: Int) -> Double {
        let leaf = [UInt8](repeating: 0, count: leafBytes)
        let node = [UInt8](repeating: 1, count: 65)
        return seconds {
            DispatchQueue.concurrentPerform(iterations: (count + 1023) / 1024) { number in
                var last: UInt8 = 0
                for _ in 0..<min(1024, count - number * 1024) {
                    for message in [leaf, node] {
                        var state = SHA256()
                        unsafe message.withUnsafeBytes { unsafe state.update(bufferPointer: $0) }
                        unsafe state.finalize().withUnsafeBytes { last ^= unsafe $0[0] }
                    }
                }
                withExtendedLifetime(last) {}
            }
        }
    }
}

/// An LMDB environment with nothing around it.
@safe
final class RawLog {
    private let environment: OpaquePointer?
    private var table = MDB_dbi()
    private var next = 0

    /// Makes a new environment at `path`, in place of one that is there.
    init(_ path: String) {
        for suffix in ["", "-lock"] { unsafe unlink(path + suffix) }
        var environment: OpaquePointer?
        unsafe mdb_env_create(&environment)
        unsafe mdb_env_set_mapsize(environment, 1 << 36)
        let code = unsafe mdb_env_open(environment, path, UInt32(MDB_NOSUBDIR), 0o600)
        precondition(code == MDB_SUCCESS, "LMDB opens \(path)")
        unsafe self.environment = environment
    }

    deinit { unsafe mdb_env_close(environment) }

    /// Commits `entries` durably in batches of these sizes; returns how long it took in seconds.
    func commit(_ entries: [[UInt8]], batches: [Int]) -> Double {
        var start = 0
        return seconds {
            for size in batches {
                var transaction: OpaquePointer?
                unsafe mdb_txn_begin(environment, nil, 0, &transaction)
                unsafe mdb_dbi_open(transaction, nil, 0, &table)
                for entry in entries[start..<start + size] { unsafe put(entry, transaction) }
                start += size
                let code = unsafe mdb_txn_commit(transaction)
                precondition(code == MDB_SUCCESS, "LMDB commits")
            }
        }
    }

    @unsafe private func put(_ entry: [UInt8], _ transaction: OpaquePointer?) {
        var position = UInt64(next).bigEndian
        next += 1
        unsafe withUnsafeMutableBytes(of: &position) { key in
            unsafe entry.withUnsafeBytes { bytes in
                var key = unsafe MDB_val(mv_size: 8, mv_data: key.baseAddress)
                var value = unsafe MDB_val(
                    mv_size: bytes.count,
                    mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
                let code = unsafe mdb_put(transaction, table, &key, &value, UInt32(MDB_APPEND))
                precondition(code == MDB_SUCCESS, "LMDB puts")
            }
        }
    }
}
