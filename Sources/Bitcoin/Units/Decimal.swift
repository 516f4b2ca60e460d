/// Parses an unsigned decimal number in units of 10^-`decimals`, exactly; nil for any form but
/// digits with at most one point between them, no superfluous leading zero, and a value that fits.
func parseDecimal(_ text: String, decimals: Int) -> UInt64? {
    let characters = Array(text.utf8)
    let point = characters.firstIndex(of: UInt8(ascii: ".")) ?? characters.count
    let whole = characters[..<point]
    let fraction = characters[min(point + 1, characters.count)...]
    guard !whole.isEmpty, whole.count == 1 || whole.first != UInt8(ascii: "0"),
        point == characters.count || !fraction.isEmpty, fraction.count <= decimals
    else { return nil }
    var value: UInt64 = 0
    let padding = repeatElement(UInt8(ascii: "0"), count: decimals - fraction.count)
    for part in [Array(whole), Array(fraction), Array(padding)] {
        for character in part {
            guard let digit = digitValue(character) else { return nil }
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = shifted.addingReportingOverflow(digit)
            guard !overflow, !carry else { return nil }
            value = sum
        }
    }
    return value
}

/// Writes `value` units of 10^-`decimals` as a decimal number with all its decimals.
func formatDecimal(_ value: UInt64, decimals: Int) -> String {
    let digits = String(value)
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    return padded.dropLast(decimals) + "." + padded.suffix(decimals)
}

private func digitValue(_ character: UInt8) -> UInt64? {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character)
        ? UInt64(character - UInt8(ascii: "0")) : nil
}
