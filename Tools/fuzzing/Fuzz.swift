internal import CFuzzer
internal import Foundation

/// One program for all fuzzers:
/// `STRONGROOM_FUZZ_TARGET=NAME fuzz [libFuzzer's options and folders]`. The name is
/// in the environment since libFuzzer starts the program again by itself.
///
/// Built by `Tools/fuzz` alone, with instrumentation, in a build folder of its own.
@main
enum Fuzz {
    /// What the driver hands the inputs to; set once, before it starts.
    nonisolated(unsafe) private static var check: ([UInt8]) -> Void = { _ in }

    static func main() {
        let name = ProcessInfo.processInfo.environment["STRONGROOM_FUZZ_TARGET"]
        guard let target = Target.all.first(where: { $0.name == name }) else {
            for target in Target.all { print(target.name, target.bytesMax) }
            exit(CommandLine.arguments.dropFirst() == ["--list"] ? 0 : 2)
        }
        unsafe check = target.check
        let words = CommandLine.arguments
        var pointers: [UnsafeMutablePointer<CChar>?] =
            unsafe words.map { unsafe strdup($0) } + [nil]
        var count = Int32(words.count)
        let status = unsafe pointers.withUnsafeMutableBufferPointer { buffer in
            var arguments = buffer.baseAddress
            return unsafe LLVMFuzzerRunDriver(&count, &arguments) { data, size in
                unsafe Fuzz.check(Array(UnsafeBufferPointer(start: data, count: size)))
                return 0
            }
        }
        exit(status)
    }
}
