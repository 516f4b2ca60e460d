import Testing

@testable import Report

@Suite struct TableTests {
    @Test(arguments: [
        ("plain", "\"plain\""), ("a \"quoted\" word", "\"a \"\"quoted\"\" word\""),
        ("=1+1", "\"'=1+1\""), ("+1", "\"'+1\""), ("-1", "\"'-1\""), ("@SUM(A1)", "\"'@SUM(A1)\""),
        ("|cmd", "\"'|cmd\""), ("%0A", "\"'%0A\""), ("'quoted", "\"''quoted\""),
        ("  =1", "\"'  =1\""), ("\u{a0}=1", "\"'\u{a0}=1\""), ("＝1", "\"'＝1\""),
        ("\t=1", "\"'\t=1\""), ("", "\"\""), ("a=1", "\"a=1\""), ("a;=1", "\"a;=1\""),
    ])
    func `text of people is quoted and can not begin a formula`(text: String, field: String) {
        #expect(TableValue.text(text).csv == field)
        // One leading apostrophe is what was added, and nothing else.
        let inner = field.dropFirst().dropLast().split(
            separator: "\"\"", omittingEmptySubsequences: false
        ).joined(separator: "\"")
        #expect((inner.first == "'" ? String(inner.dropFirst()) : inner) == text)
    }

    @Test func `words are quoted where RFC 4180 asks for it`() {
        #expect(TableValue.word("2 of (a, b)").csv == "\"2 of (a, b)\"")
        #expect(TableValue.word("confirmed").csv == "confirmed")
        #expect(TableValue.list(["alice", "bob"]).csv == "\"alice;bob\"")
        #expect(TableValue.list([]).csv == "")
        #expect(TableValue.none.csv == "")
        #expect(TableValue.signed(-5).csv == "-5")
        #expect(TableValue.flag(false).csv == "false")
    }

    @Test func `JSON escapes what would end a string or a line`() {
        #expect(
            TableValue.text("\"\\\n\r\t\u{7f}\u{85}\u{2028}\u{2029}é💰").json
                == "\"\\\"\\\\\\u000a\\u000d\\u0009\\u007f\\u0085\\u2028\\u2029é💰\"")
        #expect(TableValue.list(["a", "b"]).json == "[\"a\",\"b\"]")
        #expect(TableValue.number(nil).json == "null")
        #expect(TableValue.number(UInt64(1) << 52).json == "4503599627370496")
    }

    @Test func `columns have one name each and rows a cell for each`() {
        for name in TableName.allCases { #expect(Set(name.columns).count == name.columns.count) }
        #expect(TableRows.refused(3, 5).count == TableName.events.columns.count)
    }
}
