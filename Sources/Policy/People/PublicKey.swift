/// The kinds of SSH keys whose signatures gate verifies.
enum PublicKeyType: String, CaseIterable {
    case ed25519 = "ssh-ed25519"
    case ecdsa256 = "ecdsa-sha2-nistp256"
    case ecdsa384 = "ecdsa-sha2-nistp384"
    case ecdsa521 = "ecdsa-sha2-nistp521"
    case rsa = "ssh-rsa"
    case hardwareEd25519 = "sk-ssh-ed25519@openssh.com"
    case hardwareECDSA256 = "sk-ecdsa-sha2-nistp256@openssh.com"

    /// What is wrong with a key of this type in SSH wire format; nil when it is well formed (RFC
    /// 4253, section 6.6; RFC 5656, section 3.1; RFC 8709; OpenSSH's PROTOCOL.u2f).
    func problem(in blob: [UInt8]) -> String? {
        var reader = WireReader(blob)
        guard let type = reader.string() else { return "the key is cut short" }
        guard type.elementsEqual(rawValue.utf8) else {
            return "the key inside is of another type than \(rawValue)"
        }
        let isWhole =
            switch self {
            case .ed25519: reader.string()?.count == 32
            case .hardwareEd25519: reader.string()?.count == 32 && reader.string() != nil
            case .ecdsa256: reader.point(on: "nistp256", bytes: 65)
            case .ecdsa384: reader.point(on: "nistp384", bytes: 97)
            case .ecdsa521: reader.point(on: "nistp521", bytes: 133)
            case .hardwareECDSA256:
                reader.point(on: "nistp256", bytes: 65) && reader.string() != nil
            case .rsa: reader.string() != nil && reader.isLargeNumber()
            }
        guard isWhole, reader.isAtEnd else {
            return self == .rsa
                ? "not an RSA key of 2,048 to 16,384 bits" : "the key is not well formed"
        }
        return nil
    }
}

/// Reads SSH's wire format (RFC 4251, section 5).
private struct WireReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func string() -> ArraySlice<UInt8>? {
        guard rest.count >= 4 else { return nil }
        let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        guard rest.count - 4 >= length else { return nil }
        defer { rest = rest.dropFirst(4 + length) }
        return rest.dropFirst(4).prefix(length)
    }

    /// A curve's name, and an uncompressed point on it.
    mutating func point(on curve: String, bytes: Int) -> Bool {
        guard let name = string(), name.elementsEqual(curve.utf8), let point = string() else {
            return false
        }
        return point.count == bytes && point.first == 0x04
    }

    /// An RSA modulus that is neither too small to be safe nor so large that it costs a minute.
    mutating func isLargeNumber() -> Bool {
        guard var number = string() else { return false }
        if number.first == 0 { number = number.dropFirst() }
        guard let first = number.first else { return false }
        let bits = number.count * 8 - first.leadingZeroBitCount
        return (2_048...16_384).contains(bits)
    }
}
