#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// What `Tests/Fuzzing/fuzz.py` runs: libFuzzer on one reader, or the inputs of a corpus one after
/// another.
@main
struct Driver {
    /// libFuzzer calls a C function, which has no context of its own.
    private nonisolated(unsafe) static var reader: FuzzedReader?

    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count > 1 else { usage() }
        if arguments[1] == "list" {
            for reader in FuzzedReader.all {
                let sources = reader.sources.joined(separator: ",")
                print("\(reader.name)\t\(reader.longest)\t\(sources)")
            }
            return
        }
        if arguments[1] == "growth" {
            do {
                guard try Growth.report() else { fail("not everything is linear") }
            } catch {
                fail("\(error)")
            }
            return
        }
        guard arguments.count > 2, let reader = FuzzedReader.named(arguments[2]) else { usage() }
        let rest = Array(arguments.dropFirst(3))
        do {
            switch arguments[1] {
            case "run": run(reader, rest)
            case "replay": try CorpusWork(reader: reader).replay(rest)
            case "keep": try CorpusWork(reader: reader).keep(rest)
            default: usage()
            }
        } catch {
            fail("\(reader.name): \(error)")
        }
    }

    private static func usage() -> Never {
        fail(
            """
            usage: fuzz list
                   fuzz growth
                   fuzz run READER [libFuzzer's arguments]
                   fuzz replay READER FOLDER...
                   fuzz keep READER INTO FOLDER...
            """)
    }

    private static func say(_ message: String) {
        let text = Array((message + "\n").utf8)
        _ = text.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    static func fail(_ message: String) -> Never {
        say(message)
        exit(1)
    }

    /// libFuzzer's main loop; does not return.
    private static func run(_ reader: FuzzedReader, _ arguments: [String]) {
        self.reader = reader
        let words = ["fuzz-\(reader.name)", "-max_len=\(reader.longest)"] + arguments
        var pointers = words.map { strdup($0) } + [nil]
        var count = Int32(words.count)
        let status = pointers.withUnsafeMutableBufferPointer { buffer in
            var start = buffer.baseAddress
            return runDriver(&count, &start) { bytes, size in
                Driver.readOnce(UnsafeBufferPointer(start: bytes, count: size))
                return 0
            }
        }
        exit(status)
    }

    private static func readOnce(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let reader else { return }
        do {
            _ = try reader.read(Array(bytes))
        } catch {
            // libFuzzer keeps the input when the process dies of a signal.
            say("violation: \(error)")
            abort()
        }
    }
}

/// libFuzzer's entry for programs with a `main` of their own (LLVM's `FuzzerInterface.h`).
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ argc: UnsafeMutablePointer<Int32>,
    _ argv: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32
