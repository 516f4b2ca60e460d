internal import Glibc

/// A parser under attack: how long its inputs are, and what must hold for each of them beyond not
/// crashing. A property that does not hold ends the process, which libFuzzer takes for a finding.
struct Target: Sendable {
    let name: String
    /// Longer inputs only cost time.
    let bytesMax: Int
    let check: @Sendable ([UInt8]) -> Void

    init(_ name: String, bytesMax: Int = 4_096, _ check: @escaping @Sendable ([UInt8]) -> Void) {
        self.name = name
        self.bytesMax = bytesMax
        self.check = check
    }

    static let all = [encodings, log, bitcoin, files, exports, served].flatMap(\.self)
}

/// Ends the process, which libFuzzer takes for a finding, unless the property holds.
func demand(_ holds: Bool, _ property: String) {
    guard !holds else { return }
    print("Fatal error: broken property:", property)
    fflush(nil)
    abort()
}

/// A big-endian number.
func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
