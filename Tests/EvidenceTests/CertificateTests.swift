import Crypto
import GitObjects
import Policy
import Testing

@testable import Evidence

private let now: Int64 = 1_795_424_400  // 2026-11-23T09:00:00Z

/// Makes the key `alice` and a certificate for it with these options of `ssh-keygen -s`.
private func certify(
    _ workshop: Workshop, type: String = "ed25519", _ options: [String]
) throws -> PublicKey {
    try workshop.makeKey("alice", type)
    try workshop.run(
        ["ssh-keygen", "-q", "-s", "authority", "-I", "id"] + options + ["alice.pub"])
    return try PublicKey(line: try workshop.read("alice-cert.pub"))
}

@Suite struct CertificateTests {
    @Test(arguments: ["ed25519", "ecdsa", "rsa"]) func goodCertificates(_ type: String) throws {
        let workshop = try Workshop()
        let authority = try workshop.makeKey("authority", type)
        let key = try certify(
            workshop, type: type,
            ["-n", "alice@wrk.example", "-V", "20261123080000Z:20261123100000Z"])
        let listed = try workshop.run("ssh-keygen", "-l", "-f", "alice-cert.pub")
        #expect(String(decoding: listed, as: UTF8.self).contains(" \(key.fingerprint) "))
        let line = try workshop.line(try review(), "alice-cert.pub")
        #expect(line.keyBlob == key.blob)
        func signer(_ patterns: [String], at time: Int64?) throws -> Principal {
            let entry = entry(nil, authority, patterns: patterns)
            return try line.signer(under: AllowedSigners(entries: [entry]), arrival: time)
        }
        #expect(try signer(["*@wrk.example"], at: now) == "alice@wrk.example")
        #expect(try signer(["alice@wrk.example"], at: nil) == "alice@wrk.example")
        expect("may not certify") { try signer(["*@other.example"], at: now) }
        expect("may not certify") { try signer(["*", "!alice@*"], at: now) }
        expect("not yet valid") { try signer(["*"], at: now - 3601) }
        #expect(try signer(["*"], at: now - 3600) == "alice@wrk.example")
        expect("certificate that has expired") { try signer(["*"], at: now + 3600) }
        expect("does not list") {
            try line.signer(
                under: AllowedSigners(entries: [entry("alice@wrk.example", authority)]),
                arrival: now)
        }
    }

    @Test(
        arguments: [
            (["-n", "alice@wrk.example,bob@wrk.example"], "names 2 principals"),
            ([], "names 0 principals"),
            (["-n", "*"], "no plain name"),
            (["-h", "-n", "alice@wrk.example"], "host's certificate"),
            (
                ["-n", "alice@wrk.example", "-O", "force-command=x"],
                "critical option force-command"
            ),
            (["-n", "alice@wrk.example", "-O", "verify-required"], "option verify-required"),
            (["-n", "alice@wrk.example", "-O", "critical:x@wrk.example"], "option x@wrk.example"),
        ] as [([String], String)])
    func badCertificates(_ options: [String], _ clause: String) throws {
        let workshop = try Workshop()
        let authority = try workshop.makeKey("authority")
        _ = try certify(workshop, options)
        let line = try workshop.line(try review(), "alice-cert.pub")
        expect(clause) {
            try line.signer(
                under: AllowedSigners(entries: [entry(nil, authority, patterns: ["*"])]),
                arrival: now)
        }
    }

    /// Every byte of a certificate changed alone, and the signature made anew by its own key: a
    /// certificate that its authority did not sign like this.
    @Test func noByteOfACertificateMayChange() throws {
        let workshop = try Workshop()
        let authority = try workshop.makeKey("authority")
        let key = Curve25519.Signing.PrivateKey()
        let plain = try PublicKey(
            wire {
                $0.append(string: "ssh-ed25519")
                $0.append(string: Array(key.publicKey.rawRepresentation))
            })
        try workshop.write("alice.pub", Array("\(plain.line)\n".utf8))
        try workshop.run(
            "ssh-keygen", "-q", "-s", "authority", "-I", "id", "-n", "alice@wrk.example",
            "alice.pub")
        let blob = try PublicKey(line: try workshop.read("alice-cert.pub")).blob
        let signers = AllowedSigners(entries: [entry(nil, authority, patterns: ["*"])])
        func signer(_ certificate: [UInt8]) throws -> Principal {
            try signature(over: Array("message".utf8), certificate) { data in
                Array(try key.signature(for: data))
            }.signer(of: Array("message".utf8), in: "gate-review", under: signers, arrival: now)
        }
        #expect(try signer(blob) == "alice@wrk.example")
        for position in blob.indices {
            var changed = blob
            changed[position] ^= 1
            #expect(throws: EvidenceError.self, "byte \(position)") { try signer(changed) }
        }
    }
}

/// Bytes in SSH wire format.
func wire(_ body: (inout WireWriter) -> Void) -> [UInt8] {
    var writer = WireWriter()
    body(&writer)
    return writer.bytes
}

/// An SSHSIG made without ssh-keygen: by an Ed25519 key, or a security key.
func signature(
    over message: [UInt8], _ key: [UInt8], format: String = "ssh-ed25519", tail: [UInt8] = [],
    sign: ([UInt8]) throws -> [UInt8]
) throws -> SSHSignature {
    let signed = wire {
        $0.append("SSHSIG".utf8)
        $0.append(string: "gate-review")
        $0.append(string: "")
        $0.append(string: "sha512")
        $0.append(string: Array(SHA512.hash(data: message)))
    }
    let blob = try sign(signed)
    return try SSHSignature(
        wire {
            $0.append("SSHSIG".utf8)
            $0.append(uint32: 1)
            $0.append(string: key)
            $0.append(string: "gate-review")
            $0.append(string: "")
            $0.append(string: "sha512")
            $0.append(
                string: wire {
                    $0.append(string: format)
                    $0.append(string: blob)
                    $0.append(tail)
                })
        })
}
