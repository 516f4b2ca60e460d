/// Times of the Gregorian calendar in the form of ISO 8601 that people type, from 1970 to 9999.
public enum CalendarTime {
    private static let millisecondsADay = 86_400_000

    /// Reads `YYYY-MM-DD`, or that with `Thh:mm`, `Thh:mm:ss` or `Thh:mm:ss.fff…` behind it and a
    /// zone (`Z`, `+hh:mm`, `-hh:mm`) behind that; returns milliseconds since 1970.
    ///
    /// A date alone is its first moment. Without a zone it is UTC. A space may stand for the `T`.
    /// Fractions have up to nine digits, of which those beyond milliseconds are dropped.
    public static func milliseconds(parsing text: String) -> UInt64? {
        moments(parsing: text)?.lowerBound
    }

    /// Reads the same, as all the milliseconds that it names: those of the day, of the minute, of
    /// the second, or of the fraction as far as it is written.
    public static func moments(parsing text: String) -> ClosedRange<UInt64>? {
        var rest = Array(text.utf8)[...]
        guard let day = takeDate(&rest) else { return nil }
        var time = 0
        var length = millisecondsADay
        if let separator = rest.first {
            guard separator == UInt8(ascii: "T") || separator == UInt8(ascii: " ") else {
                return nil
            }
            rest.removeFirst()
            guard let clock = takeClock(&rest), let zone = takeZone(&rest), rest.isEmpty else {
                return nil
            }
            time = clock.time - zone
            length = clock.length
        }
        let total = day * millisecondsADay + time
        return total < 0 ? nil : UInt64(total)...UInt64(total + length - 1)
    }

    /// A time in UTC with milliseconds: `2026-11-21T09:00:00.250Z`.
    public static func text(_ milliseconds: UInt64) -> String {
        // No recorded time is later: the calendar ends with the year 9999.
        let bounded = Int(min(milliseconds, 253_402_300_799_999))
        let (year, month, day) = date(ofDay: bounded / millisecondsADay)
        let rest = bounded % millisecondsADay
        let clock = [rest / 3_600_000, rest / 60_000 % 60, rest / 1_000 % 60]
        return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2) + "T"
            + clock.map { padded($0, 2) }.joined(separator: ":") + "." + padded(rest % 1_000, 3)
            + "Z"
    }

    // MARK: Parts

    private static func takeDate(_ rest: inout ArraySlice<UInt8>) -> Int? {
        guard let year = takeNumber(4, &rest), take("-", &rest), let month = takeNumber(2, &rest),
            take("-", &rest), let day = takeNumber(2, &rest), (1_970...9_999).contains(year),
            (1...12).contains(month), (1...daysIn(month, of: year)).contains(day)
        else { return nil }
        return days(year, month, day)
    }

    /// The clock's time, and how many milliseconds it names.
    private static func takeClock(
        _ rest: inout ArraySlice<UInt8>
    ) -> (time: Int, length: Int)? {
        guard let hour = takeNumber(2, &rest), take(":", &rest),
            let minute = takeNumber(2, &rest), hour < 24, minute < 60
        else { return nil }
        var time = hour * 3_600_000 + minute * 60_000
        guard take(":", &rest) else { return (time, 60_000) }
        guard let second = takeNumber(2, &rest), second < 60 else { return nil }
        time += second * 1_000
        guard take(".", &rest) else { return (time, 1_000) }
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        guard (1...9).contains(digits.count) else { return nil }
        rest = rest.dropFirst(digits.count)
        let padded = Array(digits) + [0x30, 0x30]
        time += padded.prefix(3).reduce(0) { $0 * 10 + Int($1 - 0x30) }
        return (time, digits.count == 1 ? 100 : digits.count == 2 ? 10 : 1)
    }

    /// How far the zone is ahead of UTC in milliseconds; 0 when none is written.
    private static func takeZone(_ rest: inout ArraySlice<UInt8>) -> Int? {
        guard !rest.isEmpty, !take("Z", &rest) else { return 0 }
        let sign = take("+", &rest) ? 1 : take("-", &rest) ? -1 : 0
        guard sign != 0, let hours = takeNumber(2, &rest), take(":", &rest),
            let minutes = takeNumber(2, &rest), hours <= 23, minutes < 60
        else { return nil }
        return sign * (hours * 3_600_000 + minutes * 60_000)
    }

    private static func takeNumber(_ count: Int, _ rest: inout ArraySlice<UInt8>) -> Int? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        rest = rest.dropFirst(count)
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private static func take(_ character: Character, _ rest: inout ArraySlice<UInt8>) -> Bool {
        guard let first = rest.first, first == character.asciiValue else { return false }
        rest.removeFirst()
        return true
    }

    // MARK: The calendar

    private static func isLeap(_ year: Int) -> Bool {
        year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
    }

    private static func daysIn(_ month: Int, of year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970, counted in eras of 400 years that begin on 1 March.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func date(ofDay days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let part = (5 * dayOfYear + 2) / 153
        let month = part < 10 ? part + 3 : part - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
            dayOfYear - (153 * part + 2) / 5 + 1
        )
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
