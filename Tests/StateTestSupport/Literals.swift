public import Bitcoin
public import Events

// Tests write names, amounts and quorums as literals; a wrong one is the test's mistake.

extension Label: ExpressibleByStringLiteral, ExpressibleByUnicodeScalarLiteral,
    ExpressibleByExtendedGraphemeClusterLiteral
{
    public init(stringLiteral text: String) {
        guard let label = Label(text) else { preconditionFailure("\(text) is no name") }
        self = label
    }
}

extension Amount: ExpressibleByIntegerLiteral {
    /// An amount in satoshis.
    public init(integerLiteral satoshis: UInt64) {
        guard let amount = Amount(satoshis: satoshis) else {
            preconditionFailure("\(satoshis) satoshis are more than there are")
        }
        self = amount
    }
}

extension Quorum: ExpressibleByStringLiteral, ExpressibleByUnicodeScalarLiteral,
    ExpressibleByExtendedGraphemeClusterLiteral
{
    /// A quorum as people write it.
    public init(stringLiteral text: String) {
        do { self = try Quorum(parsing: text) } catch { preconditionFailure("\(error)") }
    }
}
