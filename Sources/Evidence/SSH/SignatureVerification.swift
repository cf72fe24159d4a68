import Crypto
import CryptoExtras

extension PublicKey {
    /// Whether `signature` (RFC 4253, section 6.6: a format and a blob) is this key's over `data`.
    ///
    /// - Parameter needsUserVerification: whether a security key must also have verified its user.
    /// - Throws: when the signature is not well formed or in a format that is not accepted.
    func isValid(
        _ signature: [UInt8], over data: [UInt8], needsUserVerification: Bool
    ) throws(EvidenceError) -> Bool {
        var reader = WireReader(signature, "the signature")
        let format = try reader.name()
        let blob = try reader.string()
        let presence = try securityKeyPresence(&reader, needsUserVerification)
        try reader.end()
        switch material {
        case .ed25519(let point):
            try require(format, "ssh-ed25519")
            return try Self.verifyEd25519(point, blob, data)
        case .ecdsa(let curve, let point):
            try require(format, "ecdsa-sha2-" + curve.rawValue)
            return try Self.verifyECDSA(curve, point, blob, data)
        case .rsa(let exponent, let modulus):
            return try Self.verifyRSA(exponent, modulus, format, blob, data)
        case .securityKeyEd25519(let point, let application):
            try require(format, "sk-ssh-ed25519@openssh.com")
            return try Self.verifyEd25519(
                point, blob, Self.securityKeyData(application, presence, data))
        case .securityKeyECDSA(let point, let application):
            try require(format, "sk-ecdsa-sha2-nistp256@openssh.com")
            return try Self.verifyECDSA(
                .nistp256, point, blob, Self.securityKeyData(application, presence, data))
        }
    }

    var isSecurityKey: Bool {
        switch material {
        case .securityKeyEd25519, .securityKeyECDSA: true
        case .ed25519, .ecdsa, .rsa: false
        }
    }

    private func require(_ format: String, _ expected: String) throws(EvidenceError) {
        guard format == expected else {
            throw EvidenceError("has a signature in the format \(format), not \(expected)")
        }
    }

    /// The flags and the counter behind a security key's signature, as bytes (PROTOCOL.u2f). Bit 0
    /// says that somebody touched the key, bit 2 that the key verified who it was.
    private func securityKeyPresence(
        _ reader: inout WireReader, _ needsUserVerification: Bool
    ) throws(EvidenceError) -> [UInt8] {
        guard isSecurityKey else { return [] }
        let flags = try reader.byte()
        guard flags & 1 != 0 else {
            throw EvidenceError("is signed by a security key that nobody touched")
        }
        guard flags & 4 != 0 || !needsUserVerification else {
            throw EvidenceError("is signed by a security key that did not verify its user")
        }
        return [flags] + (try reader.take(4))
    }

    /// What a security key signs: hashes around its flags and counter (PROTOCOL.u2f).
    private static func securityKeyData(
        _ application: [UInt8], _ presence: [UInt8], _ data: [UInt8]
    ) -> [UInt8] {
        Array(SHA256.hash(data: application)) + presence + Array(SHA256.hash(data: data))
    }

    private static func verifyEd25519(
        _ point: [UInt8], _ signature: [UInt8], _ data: [UInt8]
    ) throws(EvidenceError) -> Bool {
        let key: Curve25519.Signing.PublicKey
        do {
            key = try Curve25519.Signing.PublicKey(rawRepresentation: point)
        } catch {
            throw EvidenceError("is signed with a key that is no point of Ed25519")
        }
        return signature.count == 64 && key.isValidSignature(signature, for: data)
    }

    /// The blob holds the numbers r and s (RFC 5656, section 3.1.2).
    private static func verifyECDSA(
        _ curve: Curve, _ point: [UInt8], _ blob: [UInt8], _ data: [UInt8]
    ) throws(EvidenceError) -> Bool {
        var reader = WireReader(blob, "the signature")
        let numbers = [try reader.positiveNumber(), try reader.positiveNumber()]
        try reader.end()
        guard numbers.allSatisfy({ $0.count <= curve.size }) else { return false }
        let raw = numbers.flatMap { number in
            [UInt8](repeating: 0, count: curve.size - number.count) + number
        }
        do {
            switch curve {
            case .nistp256:
                return try P256.Signing.PublicKey(x963Representation: point)
                    .isValidSignature(.init(rawRepresentation: raw), for: data)
            case .nistp384:
                return try P384.Signing.PublicKey(x963Representation: point)
                    .isValidSignature(.init(rawRepresentation: raw), for: data)
            case .nistp521:
                return try P521.Signing.PublicKey(x963Representation: point)
                    .isValidSignature(.init(rawRepresentation: raw), for: data)
            }
        } catch {
            throw EvidenceError("is signed with a key that is no point of \(curve.rawValue)")
        }
    }

    /// RSASSA-PKCS1-v1_5 with SHA-2 only (RFC 8332); `ssh-rsa`, which is SHA-1, is refused, and so
    /// are keys under 2048 bits.
    private static func verifyRSA(
        _ exponent: [UInt8], _ modulus: [UInt8], _ format: String, _ blob: [UInt8],
        _ data: [UInt8]
    ) throws(EvidenceError) -> Bool {
        let key: _RSA.Signing.PublicKey
        do {
            key = try _RSA.Signing.PublicKey(n: modulus, e: exponent)
        } catch {
            throw EvidenceError("is signed with an RSA key of less than 2048 bits, or a bad one")
        }
        // OpenSSH drops leading zeros (ssh-rsa.c, "pad with zeros").
        guard blob.count <= modulus.count else { return false }
        let signature = _RSA.Signing.RSASignature(
            rawRepresentation: [UInt8](repeating: 0, count: modulus.count - blob.count) + blob)
        switch format {
        case "rsa-sha2-256":
            return key.isValidSignature(
                signature, for: SHA256.hash(data: data), padding: .insecurePKCS1v1_5)
        case "rsa-sha2-512":
            return key.isValidSignature(
                signature, for: SHA512.hash(data: data), padding: .insecurePKCS1v1_5)
        default:
            throw EvidenceError(
                "has a signature in the format \(format), not rsa-sha2-256 or rsa-sha2-512")
        }
    }
}
