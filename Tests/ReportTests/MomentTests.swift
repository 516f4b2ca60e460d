import Foundation
import Report
import TestSupport
import Testing

@Suite struct MomentTests {
    @Test(
        arguments: [
            ("1970-01-01", 0), ("1970-01-01T00:00:00.001Z", 1), ("2026-11-21", 1_795_219_200_000),
            ("2026-11-21T14:30", 1_795_271_400_000), ("2026-11-21T14:30Z", 1_795_271_400_000),
            ("2026-11-21 14:30:05", 1_795_271_405_000),
            ("2026-11-21T14:30:05.25Z", 1_795_271_405_250),
            ("2026-11-21T14:30:05.250999999Z", 1_795_271_405_250),
            ("2026-11-21T14:30:05+01:00", 1_795_267_805_000),
            ("2026-11-21T14:30:05-09:30", 1_795_305_605_000),
            ("2024-02-29", 1_709_164_800_000), ("2000-02-29T23:59:59Z", 951_868_799_000),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ] as [(String, UInt64)])
    func `times are read as ISO 8601 writes them`(text: String, milliseconds: UInt64) throws {
        #expect(try Moment(parsing: text) == .time(milliseconds))
    }

    @Test(arguments: [
        "", " ", "-1", "+1", "1.5", "0x10", "18446744073709551616", "today", "2026-",
        "2026-11", "2026-1-1", "2026-00-01", "2026-13-01", "2026-11-00", "2026-11-31",
        "2025-02-29", "1900-02-29", "2100-02-29", "1969-12-31", "2026-11-21T", "2026-11-21T24:00",
        "2026-11-21T14", "2026-11-21T14:60", "2026-11-21T14:30:60", "2026-11-21T14:30:05.",
        "2026-11-21T14:30:05.1234567890", "2026-11-21T14:30Zx", "2026-11-21T14:30+1:00",
        "2026-11-21T14:30+01", "2026-11-21T14:30+24:00", "2026-11-21x14:30", "2026-11-21Z",
        "1970-01-01T00:00+00:01", "٢٠٢٦-11-21",
    ])
    func `what is neither a position nor a time is refused, with what would be accepted`(
        text: String
    ) {
        let error = #expect(throws: ReportError.self) { try Moment(parsing: text) }
        #expect(error?.description.contains("2026-11-21T14:30Z") == true)
    }

    @Test(
        arguments: [
            ("2026-09-30", "2026-09-30T23:59:59.999Z"),
            ("2026-09-30T23:59", "2026-09-30T23:59:59.999Z"),
            ("2026-09-30T23:59:59", "2026-09-30T23:59:59.999Z"),
            ("2026-09-30T23:59:58.5", "2026-09-30T23:59:58.599Z"),
            ("2026-09-30T23:59:58.25", "2026-09-30T23:59:58.259Z"),
            ("2026-09-30T23:59:58.250", "2026-09-30T23:59:58.250Z"),
            ("2026-09-30T23:59:58.2509", "2026-09-30T23:59:58.250Z"),
            ("2026-09-30T23:59+02:00", "2026-09-30T21:59:59.999Z"),
        ])
    func `a time that ends a period is the last millisecond that it names`(
        text: String, last: String
    ) throws {
        let end = try #require(CalendarTime.milliseconds(parsing: last))
        #expect(try Moment(parsing: text, asEnd: true) == .time(end))
    }

    @Test func `digits alone are a position`() throws {
        #expect(try Moment(parsing: "0") == .position(0))
        // A year alone is a number.
        #expect(try Moment(parsing: "2026") == .position(2_026))
        #expect(try Moment(parsing: "18446744073709551615") == .position(.max))
    }

    @Test func `each day from 1970 to 2400 is written as Foundation writes it and read again`() {
        let calendar = Date.ISO8601FormatStyle()
        var wrong: [String] = []
        for day in 0..<157_054 {
            let milliseconds = UInt64(day) * 86_400_000
            let text = CalendarTime.text(milliseconds)
            let known = Date(timeIntervalSince1970: Double(day) * 86_400).formatted(calendar)
            if text != known.dropLast() + ".000Z" { wrong.append(text) }
            if CalendarTime.milliseconds(parsing: text) != milliseconds { wrong.append(text) }
        }
        #expect(wrong == [])
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `written times are read again to the millisecond`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            let time = UInt64.random(in: 0...253_402_300_799_999, using: &generator)
            #expect(CalendarTime.milliseconds(parsing: CalendarTime.text(time)) == time)
        }
    }
}
