internal import Glibc

/// Where a passphrase comes from. Never an argument of a command: those are in the process list and
/// in the shell's history.
public enum PassphraseSource: Sendable, Hashable {
    /// The terminal, without echo.
    case terminal
    /// One line of an open file descriptor, such as a pipe from a password manager. Nothing after
    /// the line feed is consumed, so that a second passphrase can follow.
    case descriptor(Int32)
    /// An environment variable, for tests and machines without any better way: other processes of
    /// the same user can read it for as long as this one runs.
    case environment(String)

    /// Reads the passphrase of a key that exists; `prompt` is shown on a terminal.
    ///
    /// Throws ``SecretsError/passphraseLength(accepted:found:)``,
    /// ``SecretsError/passphraseSource(source:reason:)``, or ``SecretsError/interrupted(signal:)``.
    public func read(prompt: String) throws(SecretsError) -> Passphrase {
        switch self {
        case .terminal: try Passphrase(TerminalPrompt(path: "/dev/tty").ask(prompt))
        case .descriptor(let descriptor):
            try Passphrase(
                readLine(
                    from: descriptor, named: "descriptor \(descriptor)", atEnd: Self.endReason
                ) { () -> Bool in false })
        case .environment(let name): try Passphrase(Self.value(of: name))
        }
    }

    /// Reads the passphrase of a key about to be sealed: at least 8 bytes, and on a terminal twice.
    ///
    /// Throws as ``read(prompt:)`` does, and ``SecretsError/passphrasesDiffer``.
    public func readNew(prompt: String) throws(SecretsError) -> Passphrase {
        let first = try read(prompt: prompt)
        try first.requireSealingLength()
        guard case .terminal = self else { return first }
        let second = try read(prompt: "Again: ")
        guard first.bytes.isEqual(to: second.bytes) else { throw .passphrasesDiffer }
        return first
    }

    /// Why a second passphrase is not there.
    private static let endReason =
        "it has ended; each passphrase is a line of its own, in the order in which keys are opened"

    private static func value(of name: String) throws(SecretsError) -> SecretBytes {
        guard let value = unsafe getenv(name) else {
            throw .passphraseSource(source: "environment variable \(name)", reason: "not set")
        }
        let count = unsafe strlen(value)
        guard count <= Passphrase.maximumBytes else {
            throw .passphraseLength(accepted: Passphrase.acceptedBytes, found: count)
        }
        return try unsafe value.withMemoryRebound(to: UInt8.self, capacity: count) {
            pointer throws(SecretsError) in
            try unsafe SecretBytes(copying: Span(_unsafeStart: pointer, count: count))
        }
    }
}

/// Reads one line, without its line feed, byte by byte into locked memory.
///
/// Before each byte `isInterrupted` may wait and says whether to give up, which then gives an empty
/// line. A line that is too long is consumed whole before it is refused. Where nothing follows any
/// more, the line is empty, or refused for the reason `atEnd`.
func readLine(
    from descriptor: Int32, named source: String, atEnd endReason: String? = nil,
    isInterrupted: () -> Bool
) throws(SecretsError) -> SecretBytes {
    var line = try SecretBytes(count: Passphrase.maximumBytes)
    var byte = try SecretBytes(count: 1)
    var count = 0
    while true {
        if isInterrupted() { return try SecretBytes(count: 0) }
        let got = unsafe byte.withMutablePointer { unsafe read(descriptor, $0, 1) }
        if got < 0, errno == EINTR { continue }
        guard got >= 0 else {
            throw .passphraseSource(source: source, reason: systemReason())
        }
        if got == 0, count == 0, let endReason {
            throw .passphraseSource(source: source, reason: endReason)
        }
        let value = byte.span[0]
        if got == 0 || value == UInt8(ascii: "\n") { break }
        if count < Passphrase.maximumBytes {
            var span = line.mutableSpan
            span[count] = value
        }
        // Counting stops where nobody looks any more, so that no input can overflow it.
        count = min(count + 1, Passphrase.maximumBytes + 1)
    }
    guard count <= Passphrase.maximumBytes else {
        throw .passphraseLength(accepted: Passphrase.acceptedBytes, found: count)
    }
    return try SecretBytes(copying: line.span.extracting(..<count))
}
