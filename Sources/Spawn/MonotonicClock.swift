#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The clock for durations and deadlines: nobody sets it, so that neither a correction of the time
/// nor a jump of the machine's clock makes anybody wait for ever or give up at once.
public enum MonotonicClock {
    /// Seconds since some moment before.
    public static var seconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
