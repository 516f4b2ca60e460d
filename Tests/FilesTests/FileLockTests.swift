import Synchronization
import TestSupport
import Testing

@testable import Files

@Suite struct `File locks` {
    @Test func `a file lock has one holder at a time`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("lock")
        let holders = Holders()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<20 {
                        do {
                            try withFileLock(path) { () throws(FileError) in
                                holders.enter()
                                holders.leave()
                            }
                        } catch { Issue.record(error) }
                    }
                }
            }
        }
        #expect(holders.most.load(ordering: .relaxed) == 1)
    }

    @Test func `a lock that somebody has is nobody else's until it ends`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("lock")
        func isFree() throws(FileError) -> Bool {
            guard let lock = try FileLock(path) else { return false }
            _ = consume lock
            return true
        }
        let isFreeWithin = try withFileLock(path) { () throws(FileError) in try isFree() }
        #expect(!isFreeWithin)
        let isFreeAfter = try isFree()
        #expect(isFreeAfter)
    }
}

/// How many are inside at once.
private final class Holders: Sendable {
    private let inside = Atomic<Int>(0)
    let most = Atomic<Int>(0)

    func enter() {
        most.max(inside.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
    }

    func leave() { inside.subtract(1, ordering: .relaxed) }
}
