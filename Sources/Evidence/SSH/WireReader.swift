/// Reads the data types of RFC 4251, section 5, strictly: what is cut off is an error, and so is
/// what is left over.
struct WireReader {
    private let bytes: [UInt8]
    private(set) var position = 0
    /// What is read, for messages: "the signature", "the certificate".
    private let noun: String

    init(_ bytes: [UInt8], _ noun: String) {
        self.bytes = bytes
        self.noun = noun
    }

    /// Everything before the present position.
    var consumed: [UInt8] { Array(bytes[..<position]) }

    var isAtEnd: Bool { position == bytes.count }

    mutating func take(_ count: Int) throws(EvidenceError) -> [UInt8] {
        guard count <= bytes.count - position else {
            throw EvidenceError("is not well formed: \(noun) is cut off")
        }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    mutating func byte() throws(EvidenceError) -> UInt8 {
        try take(1)[0]
    }

    mutating func uint32() throws(EvidenceError) -> UInt32 {
        try take(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    mutating func uint64() throws(EvidenceError) -> UInt64 {
        try take(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func string() throws(EvidenceError) -> [UInt8] {
        try take(Int(try uint32()))
    }

    /// A string that is a name of the protocol; other bytes than ASCII never are.
    mutating func name() throws(EvidenceError) -> String {
        let bytes = try string()
        guard bytes.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw EvidenceError("is not well formed: \(noun) has a name that is not ASCII")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A positive number in its shortest form, without the zero byte that keeps it positive.
    mutating func positiveNumber() throws(EvidenceError) -> [UInt8] {
        let bytes = try string()
        guard let first = bytes.first, first < 0x80 else {
            throw EvidenceError("is not well formed: \(noun) has a number that is not positive")
        }
        guard first == 0 else { return bytes }
        guard bytes.count > 1, bytes[1] >= 0x80 else {
            throw EvidenceError("is not well formed: \(noun) has a number with leading zeros")
        }
        return Array(bytes.dropFirst())
    }

    func end() throws(EvidenceError) {
        guard isAtEnd else {
            throw EvidenceError("is not well formed: \(noun) has bytes behind its end")
        }
    }
}

/// Writes the data types of RFC 4251, section 5.
struct WireWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ raw: some Sequence<UInt8>) {
        bytes.append(contentsOf: raw)
    }

    mutating func append(uint32 value: UInt32) {
        for shift in [24, 16, 8, 0] as [UInt32] {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    mutating func append(string: [UInt8]) {
        append(uint32: UInt32(string.count))
        append(string)
    }

    mutating func append(string: String) {
        append(string: Array(string.utf8))
    }
}
