/// The name of a git object: the SHA-1 of its header and content, 20 bytes.
///
/// gate reads SHA-1 repositories only; a SHA-256 repository is refused with a sentence of its own
/// when it is opened (git's `Documentation/technical/hash-function-transition`).
public struct ObjectID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The number of bytes in an id.
    public static let byteCount = 20

    let high: UInt64
    let middle: UInt64
    let low: UInt32

    /// The id of no object: in a ref update, "there is no such ref" (githooks(5)).
    public static let zero = ObjectID(high: 0, middle: 0, low: 0)

    /// git's empty tree, which exists in every repository without being stored.
    public static let emptyTree = ObjectID(
        high: 0x4b82_5dc6_42cb_6eb9, middle: 0xa060_e54b_f8d6_9288, low: 0xfbee_4904)

    init(high: UInt64, middle: UInt64, low: UInt32) {
        self.high = high
        self.middle = middle
        self.low = low
    }

    /// An id from its 20 bytes; nil when there are not exactly 20.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var high: UInt64 = 0
        var middle: UInt64 = 0
        var low: UInt32 = 0
        for (index, byte) in bytes.enumerated() {
            switch index {
            case 0..<8: high = high << 8 | UInt64(byte)
            case 8..<16: middle = middle << 8 | UInt64(byte)
            default: low = low << 8 | UInt32(byte)
            }
        }
        self.init(high: high, middle: middle, low: low)
    }

    /// An id from exactly 40 hexadecimal digits in lower case, as git writes them; nil otherwise.
    public init?(hex: some Collection<UInt8>) {
        guard hex.count == Self.byteCount * 2 else { return nil }
        var high: UInt64 = 0
        var middle: UInt64 = 0
        var low: UInt32 = 0
        var position = 0
        for digit in hex {
            let value: UInt8
            switch digit {
            case 0x30...0x39: value = digit - 0x30
            case 0x61...0x66: value = digit - 0x61 + 10
            default: return nil
            }
            switch position {
            case 0..<16: high = high << 4 | UInt64(value)
            case 16..<32: middle = middle << 4 | UInt64(value)
            default: low = low << 4 | UInt32(value)
            }
            position += 1
        }
        self.init(high: high, middle: middle, low: low)
    }

    /// An id from exactly 40 hexadecimal digits in lower case; nil otherwise.
    public init?(hex: String) {
        self.init(hex: hex.utf8)
    }

    /// The 20 bytes.
    public var bytes: [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(Self.byteCount)
        for shift in stride(from: 56, through: 0, by: -8) {
            result.append(UInt8(truncatingIfNeeded: high >> UInt64(shift)))
        }
        for shift in stride(from: 56, through: 0, by: -8) {
            result.append(UInt8(truncatingIfNeeded: middle >> UInt64(shift)))
        }
        for shift in stride(from: 24, through: 0, by: -8) {
            result.append(UInt8(truncatingIfNeeded: low >> UInt32(shift)))
        }
        return result
    }

    /// The 40 hexadecimal digits, lower case.
    public var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(Self.byteCount * 2)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The first seven digits: for messages only, never to look an object up.
    public var short: String { String(hex.prefix(7)) }

    /// Whether this is ``zero``.
    public var isZero: Bool { self == .zero }

    public var description: String { hex }

    public static func == (left: ObjectID, right: ObjectID) -> Bool {
        left.high == right.high && left.middle == right.middle && left.low == right.low
    }

    /// An id is a digest already: eight bytes of it spread well, and nobody can make many objects
    /// whose ids begin with the same eight.
    public func hash(into hasher: inout Hasher) { hasher.combine(high) }

    public static func < (left: ObjectID, right: ObjectID) -> Bool {
        (left.high, left.middle, left.low) < (right.high, right.middle, right.low)
    }
}

extension ObjectID {
    /// The id whose 20 bytes start at `offset`; the caller has checked that they are there.
    package init(unchecked bytes: UnsafeRawBufferPointer, at offset: Int) {
        self.init(
            high: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)),
            middle: UInt64(
                bigEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)),
            low: UInt32(
                bigEndian: bytes.loadUnaligned(fromByteOffset: offset + 16, as: UInt32.self)))
    }
}

extension ObjectID {
    /// ``init(hex:)-(Collection)`` for digits in memory: thousands of commits name their parents so.
    package init?(hexDigits digits: UnsafeRawBufferPointer) {
        guard digits.count == Self.byteCount * 2 else { return nil }
        var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
        for index in 0..<digits.count {
            let digit = digits[index]
            let value: UInt8
            switch digit {
            case 0x30...0x39: value = digit - 0x30
            case 0x61...0x66: value = digit - 0x61 + 10
            default: return nil
            }
            switch index {
            case 0..<16: words.0 = words.0 << 4 | UInt64(value)
            case 16..<32: words.1 = words.1 << 4 | UInt64(value)
            default: words.2 = words.2 << 4 | UInt64(value)
            }
        }
        self.init(high: words.0, middle: words.1, low: UInt32(words.2))
    }

    /// Writes the 20 bytes to the start of `memory`.
    package func store(to memory: UnsafeMutableRawBufferPointer) {
        memory.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
        memory.storeBytes(of: middle.bigEndian, toByteOffset: 8, as: UInt64.self)
        memory.storeBytes(of: low.bigEndian, toByteOffset: 16, as: UInt32.self)
    }
}
