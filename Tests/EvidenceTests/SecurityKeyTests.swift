import Crypto
import GitObjects
import Policy
import Testing

@testable import Evidence

/// Security keys without the hardware: what such a key would sign is put together here as
/// PROTOCOL.u2f says, and OpenSSH's own verifier is asked whether it is right.
@Suite struct SecurityKeyTests {
    private let message = Array("message".utf8)
    private let application = Array("ssh:".utf8)

    private func challenge(_ flags: UInt8, _ data: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: application)) + [flags, 0, 0, 0, 7] + Array(SHA256.hash(data: data))
    }

    private func ed25519(flags: UInt8) throws -> SSHSignature {
        let key = Curve25519.Signing.PrivateKey()
        let blob = wire {
            $0.append(string: "sk-ssh-ed25519@openssh.com")
            $0.append(string: Array(key.publicKey.rawRepresentation))
            $0.append(string: application)
        }
        return try signature(
            over: message, blob, format: "sk-ssh-ed25519@openssh.com", tail: [flags, 0, 0, 0, 7]
        ) { data in Array(try key.signature(for: challenge(flags, data))) }
    }

    private func ecdsa(flags: UInt8) throws -> SSHSignature {
        let key = P256.Signing.PrivateKey()
        let blob = wire {
            $0.append(string: "sk-ecdsa-sha2-nistp256@openssh.com")
            $0.append(string: "nistp256")
            $0.append(string: Array(key.publicKey.x963Representation))
            $0.append(string: application)
        }
        return try signature(
            over: message, blob, format: "sk-ecdsa-sha2-nistp256@openssh.com",
            tail: [flags, 0, 0, 0, 7]
        ) { data in
            let raw = Array(try key.signature(for: challenge(flags, data)).rawRepresentation)
            return wire { writer in
                for half in [raw.prefix(32), raw.suffix(32)] {
                    let number = Array(half.drop { $0 == 0 })
                    writer.append(string: number[0] < 0x80 ? number : [0] + number)
                }
            }
        }
    }

    private func signer(_ signature: SSHSignature) throws -> Principal {
        let entry = entry("alice@wrk.example", signature.key)
        return try signature.signer(
            of: message, in: "gate-review", under: AllowedSigners(entries: [entry]), arrival: nil)
    }

    @Test(arguments: [1, 5] as [UInt8]) func touchedKeysCount(_ flags: UInt8) throws {
        for signature in [try ed25519(flags: flags), try ecdsa(flags: flags)] {
            #expect(try signer(signature) == "alice@wrk.example")
            try agreesWithSSHKeygen(signature)
        }
    }

    private func agreesWithSSHKeygen(_ signature: SSHSignature) throws {
        let workshop = try Workshop()
        let text = String(decoding: Base64.encode(signature.blob), as: UTF8.self)
        try workshop.write(
            "signature",
            Array(
                "-----BEGIN SSH SIGNATURE-----\n\(text)\n-----END SSH SIGNATURE-----\n".utf8))
        try workshop.write("allowed", Array("alice@wrk.example \(signature.key.line)\n".utf8))
        try workshop.run(
            "ssh-keygen", "-Y", "verify", "-n", "gate-review", "-I", "alice@wrk.example", "-f",
            "allowed", "-s", "signature", input: message)
    }

    @Test(arguments: [0, 4] as [UInt8]) func untouchedKeysDoNot(_ flags: UInt8) throws {
        for signature in [try ed25519(flags: flags), try ecdsa(flags: flags)] {
            expect("nobody touched") { try signer(signature) }
        }
    }

    /// The flags and the counter are signed too.
    @Test func noByteMayChange() throws {
        for signature in [try ed25519(flags: 1), try ecdsa(flags: 1)] {
            let start = signature.blob.count - signature.signature.count
            for position in start..<signature.blob.count {
                for bit in 0..<8 {
                    var changed = signature.blob
                    changed[position] ^= 1 << UInt8(bit)
                    #expect(throws: EvidenceError.self, "bit \(bit) of byte \(position)") {
                        try self.signer(try SSHSignature(changed))
                    }
                }
            }
        }
    }
}
