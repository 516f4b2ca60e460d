public import ArgumentParser

/// How a program ends: 0 when all is well, 1 when something was refused or found, 2 when it was
/// used wrongly or nothing could be checked.
public protocol UsageError: Error {
    /// Whether the command was used wrongly.
    var isUsage: Bool { get }
    /// Which command or option does what the error asks for, as a sentence; nil for none.
    var hint: String? { get }
}

extension UsageError {
    public var hint: String? { nil }
}

/// What people are told of an error: its sentence and, where there is one, the way on.
public func sentence(of error: any Error) -> String {
    let hint = (error as? any UsageError)?.hint
    return "\(error)" + (hint.map { ". \($0)" } ?? "")
}

extension ParsableCommand {
    /// Runs a program from its arguments and returns the status to exit with.
    ///
    /// An error is printed on standard error as one sentence. Help and versions are printed on
    /// standard output.
    public static func status() async -> Int32 {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return finishedStatus()
        } catch let status as ExitCode {
            return status.rawValue
        } catch let error as any UsageError {
            complain(sentence(of: error))
            return error.isUsage ? 2 : 1
        } catch {
            guard exitCode(for: error) != .failure || error is ValidationError else {
                complain("\(error)")
                return 1
            }
            let message = fullMessage(for: error)
            if exitCode(for: error).isSuccess {
                print(message)
                return finishedStatus()
            }
            writeError(message + "\n")
            return 2
        }
    }
}

/// Done, unless what was printed is lost: whoever keeps a checkpoint or an export with `>` must
/// know.
private func finishedStatus() -> Int32 {
    guard let reason = finishOutput() else { return 0 }
    complain("it is done, but standard output could not be written whole: \(reason)")
    return 1
}
