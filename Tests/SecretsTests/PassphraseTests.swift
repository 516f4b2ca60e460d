import Bytes
import Foundation
import Glibc
import Synchronization
import Testing

@testable import Secrets

@Suite(.serialized) struct `Passphrases` {
    private func text(_ passphrase: borrowing Passphrase) -> String {
        hexText(passphrase.bytes)
    }

    private func hexText(_ secret: borrowing SecretBytes) -> String {
        String(decoding: decodeHex(hex(secret)) ?? [], as: UTF8.self)
    }

    @Test func `a descriptor gives one line and keeps the rest`() throws {
        let pipe = Pipe()
        try pipe.fileHandleForWriting.write(contentsOf: Data("first line\nsecond\r\n\nlast".utf8))
        try pipe.fileHandleForWriting.close()
        let source = PassphraseSource.descriptor(pipe.fileHandleForReading.fileDescriptor)
        #expect(text(try source.readNew(prompt: "")) == "first line")
        #expect(text(try source.read(prompt: "")) == "second\r")
        let empty = error { () throws(SecretsError) in _ = try source.read(prompt: "") }
        #expect(empty == .passphraseLength(accepted: 8...1024, found: 0))
        #expect(text(try source.read(prompt: "")) == "last")
        let end = error { () throws(SecretsError) in _ = try source.read(prompt: "") }
        #expect(end.map { "\($0)" }?.contains("it has ended") == true)
    }

    @Test func `a line that is too long is refused whole`() throws {
        let pipe = Pipe()
        let lines = [1024, 1025, 3000].map { String(repeating: "x", count: $0) } + ["next"]
        try pipe.fileHandleForWriting.write(contentsOf: Data(lines.joined(separator: "\n").utf8))
        try pipe.fileHandleForWriting.close()
        let source = PassphraseSource.descriptor(pipe.fileHandleForReading.fileDescriptor)
        #expect(text(try source.read(prompt: "")) == lines[0])
        for _ in 0..<2 {
            let found = error { () throws(SecretsError) in _ = try source.read(prompt: "") }
            #expect(found == .passphraseLength(accepted: 8...1024, found: 1025))
        }
        #expect(text(try source.read(prompt: "")) == "next")
    }

    @Test func `a descriptor that is not open is named`() {
        let found = error { () throws(SecretsError) in
            _ = try PassphraseSource.descriptor(9999).read(prompt: "")
        }
        #expect(
            found == .passphraseSource(source: "descriptor 9999", reason: "Bad file descriptor"))
    }

    @Test func `an environment variable is read, and named when it is not set`() throws {
        unsafe setenv("STRONGROOM_TEST_PASSPHRASE", "correct horse", 1)
        defer { unsafe unsetenv("STRONGROOM_TEST_PASSPHRASE") }
        let source = PassphraseSource.environment("STRONGROOM_TEST_PASSPHRASE")
        #expect(text(try source.readNew(prompt: "")) == "correct horse")
        unsafe setenv("STRONGROOM_TEST_PASSPHRASE", "short", 1)
        #expect(text(try source.read(prompt: "")) == "short")
        let short = error { () throws(SecretsError) in _ = try source.readNew(prompt: "") }
        #expect(short == .passphraseLength(accepted: 8...1024, found: 5))
        let unset = error { () throws(SecretsError) in
            _ = try PassphraseSource.environment("STRONGROOM_TEST_UNSET").read(prompt: "")
        }
        #expect(
            unset
                == .passphraseSource(
                    source: "environment variable STRONGROOM_TEST_UNSET", reason: "not set"))
    }

    // MARK: The terminal

    @Test func `what is typed is not shown, and echo comes back`() throws {
        let terminal = try PseudoTerminal()
        let typist = Thread {
            terminal.wait(for: "Passphrase: ")
            terminal.echoes.append(terminal.isEchoing)
            terminal.type("pass wörd\n")
        }
        typist.start()
        let line = try TerminalPrompt(path: terminal.path).ask("Passphrase: ")
        #expect(hexText(line) == "pass wörd")
        #expect(terminal.echoes.values == [false])
        #expect(terminal.isEchoing)
        terminal.wait(for: "\n")
        #expect(terminal.shown == "Passphrase: \r\n")
    }

    @Test func `the terminal edits lines as ever`() throws {
        let terminal = try PseudoTerminal()
        let typist = Thread {
            terminal.wait(for: "? ")
            terminal.type("wrong\u{15}right!\u{7f}\n")
        }
        typist.start()
        let line = try TerminalPrompt(path: terminal.path).ask("? ")
        #expect(hexText(line) == "right")
    }

    @Test func `a signal that ends things restores the terminal first`() throws {
        let terminal = try PseudoTerminal()
        handled.store(0, ordering: .relaxed)
        let previous = signal(SIGTERM) { _ in handled.add(1, ordering: .relaxed) }
        defer { signal(SIGTERM, previous) }
        let typist = Thread {
            terminal.wait(for: "? ")
            kill(getpid(), SIGTERM)
        }
        typist.start()
        let found = error { () throws(SecretsError) in
            _ = try TerminalPrompt(path: terminal.path).ask("? ")
        }
        #expect(found == .interrupted(signal: SIGTERM))
        #expect(handled.load(ordering: .relaxed) == 1)
        #expect(terminal.isEchoing)
    }

    @Test func `after a stop the question is asked again`() throws {
        let terminal = try PseudoTerminal()
        handled.store(0, ordering: .relaxed)
        let previous = signal(SIGTSTP) { _ in handled.add(1, ordering: .relaxed) }
        defer { signal(SIGTSTP, previous) }
        let typist = Thread {
            terminal.wait(for: "? ")
            kill(getpid(), SIGTSTP)
            terminal.wait(for: "? ")
            terminal.type("answer\n")
        }
        typist.start()
        let line = try TerminalPrompt(path: terminal.path).ask("? ")
        #expect(hexText(line) == "answer")
        #expect(handled.load(ordering: .relaxed) == 1)
        #expect(terminal.isEchoing)
    }

    @Test func `an ignored signal stays ignored`() throws {
        let terminal = try PseudoTerminal()
        let previous = signal(SIGHUP, SIG_IGN)
        defer { signal(SIGHUP, previous) }
        let typist = Thread {
            terminal.wait(for: "? ")
            kill(getpid(), SIGHUP)
            terminal.type("answer\n")
        }
        typist.start()
        let line = try TerminalPrompt(path: terminal.path).ask("? ")
        #expect(hexText(line) == "answer")
    }

    @Test func `without a terminal the prompt says so`() throws {
        let found = error { () throws(SecretsError) in
            _ = try TerminalPrompt(path: "/dev/null").ask("? ")
        }
        #expect(
            found
                == .passphraseSource(
                    source: "/dev/null", reason: "Inappropriate ioctl for device"))
    }
}

/// How many signals reached the handlers that a test had set before the prompt.
private let handled = Atomic<Int>(0)

/// Both ends of a terminal that exists only in the kernel.
private final class PseudoTerminal: Sendable {
    /// Values that the typist's thread leaves for the test.
    final class Notes: Sendable {
        private let list = Mutex<[Bool]>([])
        var values: [Bool] { list.withLock { $0 } }
        func append(_ value: Bool) { list.withLock { $0.append(value) } }
    }

    let path: String
    let echoes = Notes()
    private let controller: Int32
    private let device: Int32
    private let output = Mutex("")

    init() throws {
        controller = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY)
        // TIOCSPTLCK and TIOCGPTN, which the C library wraps in functions that Swift does not see.
        var isLocked: Int32 = 0
        var number: Int32 = -1
        let isReady = unsafe ioctl(controller, 0x4004_5431, &isLocked) == 0
        let isNumbered = unsafe ioctl(controller, 0x8004_5430, &number) == 0
        try #require(isReady && isNumbered)
        path = "/dev/pts/\(number)"
        // Held open, so that the terminal outlives each prompt.
        device = unsafe open(path, O_RDWR | O_NOCTTY)
        try #require(device >= 0)
    }

    deinit {
        close(device)
        close(controller)
    }

    var isEchoing: Bool {
        var attributes = termios()
        unsafe tcgetattr(device, &attributes)
        return attributes.c_lflag & UInt32(ECHO) != 0
    }

    /// Everything that was shown so far and waited for.
    var shown: String { output.withLock { $0 } }

    /// Reads what is shown until `text` is.
    func wait(for text: String) {
        var seen: [UInt8] = []
        while seen.suffix(text.utf8.count) != Array(text.utf8)[...] {
            var byte: UInt8 = 0
            guard unsafe read(controller, &byte, 1) == 1 else { return }
            seen.append(byte)
        }
        output.withLock { $0 += String(decoding: seen, as: UTF8.self) }
    }

    func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe write(controller, bytes, bytes.count)
    }
}
