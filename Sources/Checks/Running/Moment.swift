#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A point in time: the clock on the wall for people, the monotonic one for durations.
struct Moment {
    private let wall: time_t
    private let monotonic: Double

    /// Now.
    init() {
        wall = time(nil)
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        monotonic = Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }

    func milliseconds(until later: Moment) -> Int {
        Int(((later.monotonic - monotonic) * 1000).rounded())
    }

    func microseconds(until later: Moment) -> Int {
        Int(((later.monotonic - monotonic) * 1_000_000).rounded())
    }

    /// RFC 3339, UTC, to the second: `2026-11-23T09:00:00Z`.
    var timestamp: String {
        var seconds = wall
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func padded(_ number: Int32, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return padded(parts.tm_year + 1900, 4) + "-" + padded(parts.tm_mon + 1, 2) + "-"
            + padded(parts.tm_mday, 2) + "T" + padded(parts.tm_hour, 2) + ":"
            + padded(parts.tm_min, 2) + ":" + padded(parts.tm_sec, 2) + "Z"
    }
}
