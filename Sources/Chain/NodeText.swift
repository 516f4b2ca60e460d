/// What a node says in its own words, as it may be shown to people and recorded: printable ASCII in
/// one line of at most ``nodeTextBytesMax`` bytes, every other character escaped.
///
/// A node of ill will must neither fill a screen nor steer a terminal, and its answer must fit the
/// event that records it.
func nodeText(_ text: String) -> String {
    var shown = ""
    for scalar in text.unicodeScalars {
        let isPrintable = (0x20...0x7e).contains(scalar.value)
        let next = isPrintable ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
        guard shown.utf8.count + next.utf8.count <= nodeTextBytesMax else { return shown }
        shown += next
    }
    return shown
}

/// The most bytes of a node's words that are shown or recorded.
let nodeTextBytesMax = 400
