internal import Foundation

/// Tells the time, in milliseconds since 1970. Whatever asks for it is given one, so that a test,
/// or a campaign, says what time it is.
public typealias WallClock = @Sendable () -> UInt64

/// The machine's own clock.
public let machineClock: WallClock = { UInt64(max(0, Date().timeIntervalSince1970) * 1_000) }
