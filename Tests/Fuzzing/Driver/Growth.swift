/// Shows that no reader's work grows faster than its input: steps are counted, not time.
struct Growth {
    private static let size = 8 << 10
    private static let factor = 4
    /// What a step more or less in the large or the small input may make of a ratio of 4.
    private static let tolerance = 1.25

    /// - Returns: Whether all are linear.
    static func report() throws -> Bool {
        var isLinear = true
        for input in GrowingInput.patterns + GrowingInput.readers {
            let (small, large) = (input.bytes(size), input.bytes(size * factor))
            let before = try steps(input, small)
            let after = try steps(input, large)
            let sizes = Double(large.count) / Double(small.count)
            let growth = Double(after) / Double(max(before, 1)) / sizes
            let isBad = growth > tolerance
            if isBad { isLinear = false }
            let mark = isBad ? "  grows faster than its input" : ""
            let perByte = Double(after) / Double(large.count)
            print(
                "\(rounded(growth))  \(rounded(perByte)) steps a byte  \(input.name.debugDescription)"
                    + mark)
        }
        return isLinear
    }

    /// How many regions of the instrumented sources were entered.
    private static func steps(_ input: GrowingInput, _ bytes: [UInt8]) throws -> UInt64 {
        let counters = Counters()
        counters.reset()
        try input.read(bytes)
        return counters.values.reduce(0, &+)
    }

    private static func rounded(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let rest = String(hundredths % 100)
        return "\(hundredths / 100)." + (rest.utf8.count < 2 ? "0" + rest : rest)
    }
}

/// The execution counters of this build (compiler-rt's `InstrProfiling.h`), one for each region.
struct Counters {
    let values: UnsafeMutableBufferPointer<UInt64>

    init() {
        values = UnsafeMutableBufferPointer(
            start: countersStart(), count: countersEnd() - countersStart())
    }

    func reset() {
        values.update(repeating: 0)
    }
}

@_silgen_name("__llvm_profile_begin_counters")
private func countersStart() -> UnsafeMutablePointer<UInt64>

@_silgen_name("__llvm_profile_end_counters")
private func countersEnd() -> UnsafeMutablePointer<UInt64>
