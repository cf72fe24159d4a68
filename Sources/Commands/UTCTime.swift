#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Points in time as people read them.
enum UTCTime {
    /// `2026-11-23T09:00:00Z` (RFC 3339).
    ///
    /// - Parameter seconds: since 1970.
    static func text(_ seconds: Int64) -> String {
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        func padded(_ number: Int32, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let day = [padded(parts.tm_year + 1900, 4), padded(parts.tm_mon + 1, 2)]
        let hour = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded($0, 2) }
        return (day + [padded(parts.tm_mday, 2)]).joined(separator: "-") + "T"
            + hour.joined(separator: ":") + "Z"
    }
}
