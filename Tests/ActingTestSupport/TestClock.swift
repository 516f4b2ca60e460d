public import Acting
internal import Synchronization

/// A clock that stands until a test sets it.
public final class TestClock: Sendable {
    private let time: Mutex<UInt64>

    /// Stands at a time in milliseconds since 1970.
    public init(_ time: UInt64) { self.time = Mutex(time) }

    /// What tells the time.
    public var clock: WallClock { { self.time.withLock { $0 } } }

    /// Moves to a time, also back.
    public func set(_ time: UInt64) { self.time.withLock { $0 = time } }
}
