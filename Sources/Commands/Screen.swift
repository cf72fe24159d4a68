import Files

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Where commands write: results to standard output, all else to standard error.
enum Screen {
    /// Why a result could not be written; 0 while all were (errno(3)). The main thread's only.
    nonisolated(unsafe) private(set) static var resultFailure: Int32 = 0

    /// A result, with a newline.
    static func result(_ text: String) {
        let code = write(Array((text + "\n").utf8)[...], to: STDOUT_FILENO)
        // Whoever has read enough (`gate range | head`) is not told anything.
        if resultFailure == 0 && code != EPIPE { resultFailure = code }
    }

    /// Anything that is no result, with a newline.
    static func note(_ text: String) {
        write(text + "\n", to: STDERR_FILENO)
    }

    /// A question, without a newline, on standard error so that a pipe of results stays clean.
    static func prompt(_ text: String) {
        write(text, to: STDERR_FILENO)
    }

    /// Whether somebody can be asked.
    static var isInteractive: Bool {
        isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1
    }

    /// Whether results go to a terminal that wants colour (https://no-color.org).
    static var hasColour: Bool {
        isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil
            && getenv("TERM").map { strcmp($0, "dumb") != 0 } ?? false
    }

    /// Asks a yes-or-no question; no answer is no.
    static func confirms(_ question: String) -> Bool {
        prompt("\(question) [y/N] ")
        guard let answer = readLine(strippingNewline: true) else {
            note("")
            return false
        }
        return ["y", "yes"].contains(answer.lowercased())
    }

    /// What another program writes, as it comes, on standard error.
    static func relay(_ piece: ArraySlice<UInt8>) {
        write(piece, to: STDERR_FILENO)
    }

    /// Removes a temporary folder; says so where that fails.
    static func discard(_ folder: String) {
        do {
            try Folder.remove(folder)
        } catch {
            note("gate: \(error.description)")
        }
    }

    private static func write(_ text: String, to descriptor: Int32) {
        write(Array(text.utf8)[...], to: descriptor)
    }

    /// - Returns: 0, or what kept the rest from being written.
    @discardableResult
    private static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Int32 {
        var bytes = bytes
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                return errno
            }
            bytes = bytes.dropFirst(count)
        }
        return 0
    }

    private static func systemWrite(
        _ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int
    ) -> Int {
        #if canImport(Glibc)
            Glibc.write(descriptor, bytes, count)
        #else
            Darwin.write(descriptor, bytes, count)
        #endif
    }
}
