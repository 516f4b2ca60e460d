internal import CFuzzer
internal import Glibc

/// One program for all fuzzers: `fuzz TARGET [libFuzzer's options] [corpus folders]`.
///
/// Built by `Tools/fuzz` alone, with instrumentation, in a build folder of its own.
@main
enum Fuzz {
    /// What the driver hands the inputs to; set once, before it starts.
    nonisolated(unsafe) private static var check: ([UInt8]) -> Void = { _ in }

    static func main() {
        guard CommandLine.arguments.count > 1, CommandLine.arguments[1] != "--list",
            let target = Target.all.first(where: { $0.name == CommandLine.arguments[1] })
        else {
            for target in Target.all { print(target.name, target.bytesMax) }
            exit(CommandLine.arguments.dropFirst() == ["--list"] ? 0 : 2)
        }
        unsafe check = target.check
        let words = [CommandLine.arguments[0]] + CommandLine.arguments.dropFirst(2)
        var pointers: [UnsafeMutablePointer<CChar>?] =
            unsafe words.map { unsafe strdup($0) } + [nil]
        var count = Int32(words.count)
        let status = unsafe pointers.withUnsafeMutableBufferPointer { buffer in
            var arguments = unsafe buffer.baseAddress
            return unsafe LLVMFuzzerRunDriver(&count, &arguments) { data, size in
                unsafe Fuzz.check(Array(UnsafeBufferPointer(start: data, count: size)))
                return 0
            }
        }
        exit(status)
    }
}
