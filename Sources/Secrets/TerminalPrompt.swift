internal import Glibc
internal import Synchronization

/// Asks for one line on a terminal without showing what is typed.
///
/// A signal that would end or stop the process meanwhile first puts the terminal back as it was,
/// then takes its normal course; after a stop (Ctrl-Z) the question is asked again. Signals that
/// the process ignores stay ignored.
struct TerminalPrompt {
    /// The terminal's device file.
    let path: String

    /// The signals that end or stop a process at a terminal.
    private static let signals = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU]
    private static let stops = [SIGTSTP, SIGTTIN, SIGTTOU]

    /// Signal handlers belong to the whole process, so one question is asked at a time.
    private static let turn = Mutex(())

    /// Shows `prompt` and reads a line of at most 1,024 bytes.
    ///
    /// Throws ``SecretsError/passphraseSource(source:reason:)`` where there is no terminal, and
    /// ``SecretsError/interrupted(signal:)`` after a signal that the process survived.
    func ask(_ prompt: String) throws(SecretsError) -> SecretBytes {
        while true {
            var line: SecretBytes?
            let signal = try Self.turn.withLock { _ throws(SecretsError) in
                try askOnce(prompt, &line)
            }
            if let line = line.take() { return line }
            if let signal, !Self.stops.contains(signal) { throw .interrupted(signal: signal) }
        }
    }

    /// Fills `line`, or returns the signal that came first, once it took its normal course.
    private func askOnce(
        _ prompt: String, _ line: inout SecretBytes?
    ) throws(SecretsError) -> Int32? {
        let terminal = unsafe open(path, O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else { throw failure() }
        defer { close(terminal) }
        var shown = termios()
        guard unsafe tcgetattr(terminal, &shown) == 0 else { throw failure() }
        var hidden = shown
        hidden.c_lflag &= ~UInt32(ECHO | ECHONL)

        let catcher = try SignalCatcher(Self.signals)
        // From the background even this call is answered by a signal.
        let isHidden = unsafe tcsetattr(terminal, TCSAFLUSH, &hidden) == 0
        guard isHidden || errno == EINTR else { throw failure() }
        if isHidden {
            defer { unsafe tcsetattr(terminal, TCSAFLUSH, &shown) }
            show(prompt, on: terminal)
            line = try readLine(from: terminal, named: path) { catcher.waits(for: terminal) }
            show("\n", on: terminal)
        }
        // This also gives the signals back, so that the one that came now takes its normal course.
        let signal = catcher.firstSignal()
        if let signal {
            line = nil
            takeCourse(of: signal)
        }
        return signal
    }

    /// Raises a signal on this thread, which may be one of those that block all signals, and
    /// returns when it has had its effect, if the process is still there then.
    private func takeCourse(of signal: Int32) {
        var only = sigset_t()
        var before = sigset_t()
        unsafe sigemptyset(&only)
        unsafe sigaddset(&only, signal)
        unsafe pthread_sigmask(SIG_UNBLOCK, &only, &before)
        raise(signal)
        unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
    }

    private func show(_ text: String, on terminal: Int32) {
        // A prompt that can not be shown is no reason to lose the answer.
        let bytes = Array(text.utf8)
        _ = unsafe write(terminal, bytes, bytes.count)
    }

    private func failure() -> SecretsError {
        .passphraseSource(source: path, reason: systemReason())
    }
}

/// Where the handler writes the number of the signal; −1 while nobody waits.
private let wakeDescriptor = Atomic<Int32>(-1)

/// Runs inside a signal handler, so it does nothing but write one byte.
private func noteSignal(_ signal: Int32) {
    let reason = errno
    var byte = UInt8(truncatingIfNeeded: signal)
    _ = unsafe write(wakeDescriptor.load(ordering: .relaxed), &byte, 1)
    errno = reason
}

/// Takes over signals for as long as it lives, and wakes whoever waits when one arrives on any
/// thread, which an interrupted read alone would not do.
private struct SignalCatcher: ~Copyable {
    private let reader: Int32
    private let writer: Int32
    private let previous: [(signal: Int32, action: sigaction)]

    init(_ signals: [Int32]) throws(SecretsError) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else {
            throw .passphraseSource(source: "pipe", reason: systemReason())
        }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        reader = ends[0]
        writer = ends[1]
        wakeDescriptor.store(writer, ordering: .relaxed)
        var replaced: [(Int32, sigaction)] = []
        for signal in signals {
            var old = sigaction()
            unsafe sigaction(signal, nil, &old)
            let isIgnored =
                unsafe unsafeBitCast(old.__sigaction_handler.sa_handler, to: Int.self)
                == unsafeBitCast(SIG_IGN, to: Int.self)
            if isIgnored { continue }
            var new = sigaction()
            unsafe new.__sigaction_handler.sa_handler = noteSignal
            unsafe sigemptyset(&new.sa_mask)
            unsafe sigaction(signal, &new, nil)
            replaced.append((signal, old))
        }
        previous = replaced
    }

    deinit {
        for (signal, action) in previous {
            var old = action
            unsafe sigaction(signal, &old, nil)
        }
        wakeDescriptor.store(-1, ordering: .relaxed)
        close(reader)
        close(writer)
    }

    /// The first signal that arrived, if any did.
    consuming func firstSignal() -> Int32? {
        var byte: UInt8 = 0
        guard unsafe read(reader, &byte, 1) == 1 else { return nil }
        return Int32(byte)
    }

    /// Waits until `descriptor` can be read, or until a signal arrives, which it then says.
    func waits(for descriptor: Int32) -> Bool {
        while true {
            var polled = [
                pollfd(fd: reader, events: Int16(POLLIN), revents: 0),
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            ]
            let count = unsafe poll(&polled, 2, -1)
            if count < 0, errno == EINTR { continue }
            return polled[0].revents != 0
        }
    }
}
