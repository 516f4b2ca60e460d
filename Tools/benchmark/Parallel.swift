internal import Dispatch
internal import Foundation
internal import Synchronization

/// The machine's cores.
let cores = max(ProcessInfo.processInfo.activeProcessorCount, 1)

/// Maps 0..<count on all cores, in order.
func parallelMap<Value: Sendable>(
    _ count: Int, _ transform: @Sendable (Int) throws -> Value
) throws -> [Value] {
    let chunk = max((count + cores * 4 - 1) / (cores * 4), 1)
    let chunks = (count + chunk - 1) / chunk
    let results = Mutex<[Int: Result<[Value], any Error>]>([:])
    DispatchQueue.concurrentPerform(iterations: chunks) { number in
        let range = number * chunk..<min((number + 1) * chunk, count)
        let result = Result { try range.map(transform) }
        results.withLock { $0[number] = result }
    }
    let done = results.withLock { $0 }
    return try (0..<chunks).flatMap { try done[$0]?.get() ?? [] }
}

/// How long `body` takes, in seconds.
func seconds(_ body: () throws -> Void) rethrows -> Double {
    let duration = try ContinuousClock().measure(body)
    return Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
}

/// What work costs: how long one waits for it, and the processor time of all threads, which a busy
/// machine stretches far less.
struct Cost {
    private(set) var elapsed = 0.0
    private(set) var processor = 0.0

    mutating func add(_ body: () throws -> Void) rethrows {
        let before = clock()
        elapsed += try seconds(body)
        processor += Double(clock() - before) / Double(CLOCKS_PER_SEC)
    }
}
