internal import Bytes
@unsafe @preconcurrency internal import Glibc

/// Writes text on standard error. A message that nobody can receive is dropped: it must not end the
/// work that it is about.
public func writeError(_ text: String) { write(text, to: 2) }

/// Says a line on standard output at once, also where that is a pipe or a file, for a command that
/// goes on. Nobody need hear it: a service's log that is full or gone does not end the service.
public func say(_ line: String) {
    // What was printed before comes before it.
    _ = unsafe fflush(stdout)
    write("\(line)\n", to: 1)
}

private func write(_ text: String, to descriptor: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        let count = unsafe rest.withUnsafeBytes {
            unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
        }
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
    }
}

/// Prints a message on standard error. What it quotes may come from anybody: characters that could
/// steer the terminal are escaped, all but newlines.
public func complain(_ message: String) {
    var safe = ""
    for scalar in message.unicodeScalars {
        let escaped = String(scalar).escapedForDisplay
        safe += escaped.hasPrefix("\\u") && scalar != "\n" ? escaped : String(scalar)
    }
    writeError("strongroom: \(safe)\n")
}

/// Hands over what was printed; returns why it could not be, such as a full disk behind a `>`.
func finishOutput() -> String? {
    errno = 0
    guard unsafe fflush(stdout) != 0 || ferror(stdout) != 0 else { return nil }
    return unsafe String(cString: strerror(errno == 0 ? EIO : errno))
}
