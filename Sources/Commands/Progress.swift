#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A line on the terminal that says how far something has come; nothing where nobody looks, nor in
/// the first second.
struct Progress {
    private let verb: String
    private let total: Int
    private let noun: String
    private let start = Self.now
    private var shown = 0.0
    private let isVisible = isatty(STDERR_FILENO) == 1

    init(_ verb: String, of total: Int, _ noun: String) {
        self.verb = verb
        self.total = total
        self.noun = noun
    }

    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    mutating func show(_ done: Int) {
        let now = Self.now
        guard isVisible, now - start > 1, now - shown > 0.1 else { return }
        shown = now
        Screen.prompt("\r\u{1b}[K\(verb) \(done) of \(total) \(noun)")
    }

    mutating func end() {
        if shown > 0 { Screen.prompt("\r\u{1b}[K") }
        shown = 0
    }
}
