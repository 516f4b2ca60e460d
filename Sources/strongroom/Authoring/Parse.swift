import Acting
import Auditing
import Bitcoin
import Events
import Foundation
import Keys
import Reading
import State
import Terminal

/// Reads the texts that people type into values, and says what would be accepted otherwise.
enum Parse {
    static func member(_ text: String) throws -> MemberName {
        guard let name = MemberName(text) else { throw notAName(text, "a member") }
        return name
    }

    static func wallet(_ text: String) throws -> WalletName {
        guard let name = WalletName(text) else { throw notAName(text, "a wallet") }
        return name
    }

    static func role(_ text: String) throws -> RoleName {
        guard let name = RoleName(text) else { throw notAName(text, "a role") }
        return name
    }

    private static func notAName(_ text: String, _ what: String) -> CommandError {
        .usage("\"\(text)\" is no name of \(what): \(MemberName.shape)")
    }

    static func quorum(_ text: String) throws -> Quorum {
        do { return try Quorum(parsing: text) } catch {
            throw CommandError.usage("\"\(text)\" is no quorum: \(error)")
        }
    }

    static func key(_ text: String) throws -> KeyID {
        guard let key = KeyID(hex: text) else {
            throw CommandError.usage(
                "\(text) is no event key: 66 hexadecimal digits starting with 02 or 03, as "
                    + "`strongroom key show NAME` prints it")
        }
        return key
    }

    /// A person's name, salted.
    static func person(_ text: String) throws -> SaltedValue {
        guard let value = SaltedValue(name: text, salt: randomDigest()) else {
            throw CommandError.usage(
                "\"\(text.plain)\" is no person's name: one line of 1 to \(SaltedValue.nameLimit) "
                    + "bytes without control characters is accepted")
        }
        return value
    }

    /// `NAME:KEY[:ROLE,ROLE…]`
    static func enrolment(_ text: String, person: SaltedValue? = nil) throws -> Enrolment {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard (2...3).contains(parts.count) else {
            throw CommandError.usage(
                "\"\(text)\" is no member: NAME:KEY or NAME:KEY:ROLE,ROLE is accepted")
        }
        let roles = parts.count == 3 ? parts[2].split(separator: ",").map(String.init) : []
        return Enrolment(
            member: try member(parts[0]), key: try key(parts[1]),
            roles: try roles.map { try role($0) }, person: person?.digest)
    }

    static func amount(_ text: String) throws -> Amount {
        guard let amount = Amount(bitcoin: text), amount > .zero else {
            throw CommandError.usage(
                "\"\(text)\" is no amount: BTC with at most 8 decimals, such as 0.25, more than 0 "
                    + "and at most 21,000,000")
        }
        return amount
    }

    /// A number that an option gives.
    static func number<Number: FixedWidthInteger>(
        _ number: Number, of option: String, within range: ClosedRange<Number>
    ) throws -> Number {
        guard range.contains(number) else {
            throw CommandError.usage(
                "\(option) is from \(range.lowerBound) to \(range.upperBound), not \(number)")
        }
        return number
    }

    static func feeRate(_ text: String) throws -> FeeRate {
        guard let rate = FeeRate(satoshisPerVbyte: text), rate.satoshisPerKilovbyte > 0 else {
            throw CommandError.usage(
                "\"\(text)\" is no fee rate: satoshis per virtual byte, such as 12.5")
        }
        return rate
    }

    /// `ADDRESS:AMOUNT`, of which one may be `ADDRESS:all`: whoever gets what the others leave.
    static func recipients(
        _ texts: [String], _ network: Network
    ) throws -> (paid: [TransactionOutput], rest: Script?) {
        var paid: [TransactionOutput] = []
        var rest: Script?
        for text in texts {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
                .map(String.init)
            guard parts.count == 2 else {
                throw CommandError.usage(
                    "\"\(text)\" is no recipient: ADDRESS:AMOUNT or ADDRESS:all is accepted")
            }
            let script: Script
            do { script = try Address.decode(parts[0], network).script } catch {
                throw CommandError.refused("the address \(parts[0]) is refused: \(error)")
            }
            guard parts[1] == "all" else {
                paid.append(TransactionOutput(amount: try amount(parts[1]), scriptPubKey: script))
                continue
            }
            guard rest == nil else {
                throw CommandError.usage(
                    "\"\(text)\": one recipient gets all that the others leave, not two")
            }
            rest = script
        }
        return (paid, rest)
    }

    /// `90m`, `12h`, `7d`: milliseconds from now.
    static func duration(_ text: String) throws -> UInt64 {
        guard let span = TimeSpan(text), span.milliseconds > 0 else {
            throw CommandError.usage(
                "\"\(text)\" is no time span: a number with s, m, h or d, such as 12h; at most 30d")
        }
        return span.milliseconds
    }

    static func network(_ text: String) throws -> Network {
        guard let network = Network(rawValue: text) else {
            throw CommandError.usage(
                "\"\(text)\" is no network: "
                    + Network.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return network
    }
}
