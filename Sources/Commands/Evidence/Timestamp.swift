#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The time as statements record it, for people.
enum Timestamp {
    /// Now, by RFC 3339 in UTC to the second: `2026-11-23T09:00:00Z`.
    static func now() -> String {
        var seconds = time(nil)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func padded(_ number: Int32, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        let day = [padded(parts.tm_year + 1900, 4), padded(parts.tm_mon + 1, 2)]
        let clock = [padded(parts.tm_hour, 2), padded(parts.tm_min, 2), padded(parts.tm_sec, 2)]
        return (day + [padded(parts.tm_mday, 2)]).joined(separator: "-") + "T"
            + clock.joined(separator: ":") + "Z"
    }
}
