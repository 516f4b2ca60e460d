/// A count with its noun: `1 entry`, `2 entries`.
///
/// - Parameter many: the plural, where it is not the singular with an s.
public func counted(
    _ number: some BinaryInteger, _ one: String, _ many: String? = nil
) -> String {
    "\(number) " + (number == 1 ? one : many ?? one + "s")
}
