internal import Foundation

/// The machine's clock in milliseconds since 1970.
public func now() -> UInt64 { UInt64(max(0, Date().timeIntervalSince1970) * 1_000) }
