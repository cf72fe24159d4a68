/// A set of Unicode scalars: `[a-zé]`, `\d`, or what is not in it.
struct ScalarSet: Hashable, Sendable {
    private var ascii = ByteClass()
    /// Ranges beyond ASCII, in no order: patterns have few.
    private var others: [ClosedRange<UInt32>] = []

    static let digits = ScalarSet([0x30...0x39])
    /// ASCII letters, digits and `_`.
    static let word = ScalarSet([0x30...0x39, 0x41...0x5a, 0x5f...0x5f, 0x61...0x7a])
    static let space = ScalarSet([0x09...0x0d, 0x20...0x20])

    init(_ ranges: [ClosedRange<UInt32>] = []) {
        for range in ranges { insert(range) }
    }

    mutating func insert(_ range: ClosedRange<UInt32>) {
        if range.lowerBound < 0x80 {
            let upper = min(range.upperBound, 0x7f)
            ascii.insert(UInt8(range.lowerBound)...UInt8(upper))
        }
        if range.upperBound >= 0x80 {
            others.append(max(range.lowerBound, 0x80)...range.upperBound)
        }
    }

    mutating func formUnion(_ set: ScalarSet) {
        ascii.formUnion(set.ascii)
        others += set.others
    }

    var inverted: ScalarSet {
        var result = ScalarSet()
        result.ascii = ascii
        result.ascii.invert()
        var next: UInt32 = 0x80
        for range in others.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > next { result.others.append(next...range.lowerBound - 1) }
            next = max(next, range.upperBound + 1)
        }
        if next <= 0x10_ffff { result.others.append(next...0x10_ffff) }
        return result
    }

    func contains(_ scalar: UInt32) -> Bool {
        if scalar < 0x80 { return ascii.contains(UInt8(scalar)) }
        return others.contains { $0.contains(scalar) }
    }
}
