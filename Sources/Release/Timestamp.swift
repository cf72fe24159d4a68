public import Policy

/// A moment as RFC 3339 writes it in UTC, to the second: `2026-11-23T06:30:00Z`.
public struct Timestamp: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Seconds since 1970-01-01T00:00:00Z.
    public let seconds: Int64

    public init(seconds: Int64) {
        self.seconds = seconds
    }

    /// A moment from exactly `YYYY-MM-DDThh:mm:ssZ`, or from a number of seconds since 1970 as
    /// `SOURCE_DATE_EPOCH` has it; nil otherwise.
    public init?(_ text: String) {
        if let seconds = Int64(text), seconds >= 0 {
            self.init(seconds: seconds)
            return
        }
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int? {
            let digits = bytes[range]
            guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }
        guard bytes.count == 20, bytes[10] == UInt8(ascii: "T"), bytes[13] == UInt8(ascii: ":"),
            bytes[16] == UInt8(ascii: ":"), bytes[19] == UInt8(ascii: "Z"),
            let day = CalendarDate(String(decoding: bytes[..<10], as: UTF8.self)),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            hour < 24, minute < 60, second < 60
        else { return nil }
        self.init(seconds: Int64(day.daysSince1970 * 86_400 + hour * 3600 + minute * 60 + second))
    }

    /// The day in UTC; nil before 1970 and after 9999, which commits may claim.
    public var day: CalendarDate? {
        // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
        guard (0..<253_402_300_800).contains(seconds) else { return nil }
        let shifted = Int(seconds / 86_400) + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return CalendarDate(
            year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month,
            day: dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// A moment outside of 1970–9999 reads as the nearest one inside.
    public var description: String {
        guard let day else {
            return Timestamp(seconds: seconds < 0 ? 0 : 253_402_300_799).description
        }
        let ofDay = Int(seconds % 86_400)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(day)T\(two(ofDay / 3600)):\(two(ofDay / 60 % 60)):\(two(ofDay % 60))Z"
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.seconds < right.seconds
    }
}
