import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// `make fuzz` counts the steps; here the processor's time for this thread stands in for them, which
/// other work on the machine does not change much. A square would be three times what is allowed.
@Suite("growing inputs")
struct GrowthTests {
    private static let size = 512
    private static let factor = 12
    private static let most = Double(factor * 4)

    /// What a sanitizer adds to each allocation is no time of gate's.
    @Test(
        "matchers and readers take time linear in their input",
        .enabled(if: getenv("LSAN_OPTIONS") == nil && getenv("TSAN_OPTIONS") == nil))
    func linear() throws {
        for input in GrowingInput.patterns + GrowingInput.readers {
            let (small, large) = (input.bytes(Self.size), input.bytes(Self.size * Self.factor))
            var (before, after) = (Double.infinity, Double.infinity)
            var growth = Double.infinity
            // A processor that others keep busy is slower by times; what is no line stays none.
            for _ in 0..<8 where growth >= Self.most {
                before = min(before, try Self.time(of: input, small, tries: 4))
                after = min(after, try Self.time(of: input, large, tries: 2))
                // Where nothing takes a tenth of a millisecond there is nothing to see.
                growth = after / max(before, 0.000_1)
            }
            #expect(growth < Self.most, "\(input.name): \(growth) times the time")
        }
    }

    /// The shortest of several runs, in seconds.
    private static func time(of input: GrowingInput, _ bytes: [UInt8], tries: Int) throws -> Double
    {
        var best = Double.infinity
        for _ in 0..<tries {
            let start = now()
            try input.read(bytes)
            best = min(best, now() - start)
        }
        return best
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
