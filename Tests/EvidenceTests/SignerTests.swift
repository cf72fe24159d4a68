import Crypto
import GitObjects
import Policy
import Testing

@testable import Evidence

private let now: Int64 = 1_795_424_400

@Suite struct SignerTests {
    @Test(
        arguments: [
            ("ed25519", nil), ("ecdsa", 256), ("ecdsa", 384), ("ecdsa", 521), ("rsa", 2048),
            ("rsa", 3072),
        ] as [(String, Int?)])
    func verifiesEveryKindOfKey(_ type: String, _ bits: Int?) throws {
        let workshop = try Workshop()
        let key = try workshop.makeKey("alice", type, bits: bits)
        let listed = try workshop.run("ssh-keygen", "-l", "-f", "alice.pub")
        #expect(String(decoding: listed, as: UTF8.self).contains(" \(key.fingerprint) "))
        let signers = AllowedSigners(entries: [entry("alice@wrk.example", key)])
        for hash in ["sha256", "sha512"] {
            let line = try workshop.line(try review(), "alice", hash: hash)
            #expect(try line.signer(under: signers, arrival: now) == "alice@wrk.example")
            #expect(try Line(parsing: line.bytes) == line)
            #expect(line.keyBlob == key.blob)
        }
        let armored = try workshop.sign(Array("payload".utf8), "alice", namespace: "git")
        #expect(
            try GitSignature.signer(of: Array("payload".utf8), armored: armored, under: signers)
                == "alice@wrk.example")
        #expect(throws: EvidenceError.self) {
            try GitSignature.signer(of: Array("payloaD".utf8), armored: armored, under: signers)
        }
    }

    @Test func refusesShortRSAKeys() throws {
        let workshop = try Workshop()
        let key = try workshop.makeKey("alice", "rsa", bits: 1024)
        let line = try workshop.line(try review(), "alice")
        expect("less than 2048 bits") {
            try line.signer(
                under: AllowedSigners(entries: [entry("alice@wrk.example", key)]), arrival: now)
        }
    }

    /// One bit of each byte of a whole line (of Ed25519: every bit), flipped alone: what still
    /// parses never verifies.
    @Test(arguments: ["ed25519", "ecdsa", "rsa"]) func noBitMayChange(_ type: String) throws {
        let workshop = try Workshop()
        let key = try workshop.makeKey("alice", type)
        let signers = AllowedSigners(entries: [entry("alice@wrk.example", key)])
        let line = try workshop.line(try review(), "alice")
        for position in line.bytes.indices {
            for bit in type == "ed25519" ? Array(0..<8) : [position % 8] {
                var bytes = line.bytes
                bytes[position] ^= 1 << UInt8(bit)
                #expect(throws: EvidenceError.self, "bit \(bit) of byte \(position)") {
                    try Line(parsing: bytes).signer(under: signers, arrival: now)
                }
            }
        }
        for count in [0, 1, line.bytes.count / 2, line.bytes.count - 1] {
            #expect(throws: EvidenceError.self) {
                try Line(parsing: Array(line.bytes.prefix(count)))
            }
        }
        #expect(throws: EvidenceError.self) { try Line(parsing: line.bytes + [0x0a]) }
    }

    /// The same inside the binary signature, where base64 cannot hide it.
    @Test func noBitOfTheSignatureMayChange() throws {
        let workshop = try Workshop()
        let key = try workshop.makeKey("alice")
        let signers = AllowedSigners(entries: [entry("alice@wrk.example", key)])
        let message = Array("message".utf8)
        let blob = try SSHSignature(
            armored: try workshop.sign(message, "alice", namespace: "git")
        ).blob
        for position in blob.indices {
            for bit in 0..<8 {
                var changed = blob
                changed[position] ^= 1 << UInt8(bit)
                #expect(throws: EvidenceError.self, "bit \(bit) of byte \(position)") {
                    try SSHSignature(changed).signer(
                        of: message, in: "git", under: signers, arrival: nil)
                }
            }
        }
        #expect(throws: EvidenceError.self) { try SSHSignature(blob + [0]) }
    }

    @Test func theNamespaceDecides() throws {
        let workshop = try Workshop()
        let key = try workshop.makeKey("alice")
        let statement = try review()
        let message = try Line.messageToSign(for: statement)
        let armored = try workshop.sign(message, "alice", namespace: "gate-check")
        let line = try Line(statement, signature: SSHSignature(armored: armored))
        let alice = { (namespaces: [String]?) in
            AllowedSigners(entries: [entry("alice@wrk.example", key, namespaces: namespaces)])
        }
        expect("in the namespace gate-check, not gate-review") {
            try line.signer(under: alice(nil), arrival: now)
        }
        let good = try workshop.line(statement, "alice")
        #expect(
            try good.signer(under: alice(["git", "gate-*"]), arrival: now) == "alice@wrk.example")
        for namespaces in [["git"], [], ["gate-*", "!gate-review"]] {
            expect("does not let sign gate-review") {
                try good.signer(under: alice(namespaces), arrival: now)
            }
        }
    }

    @Test func theKeyDecides() throws {
        let workshop = try Workshop()
        let alice = try workshop.makeKey("alice")
        let bob = try workshop.makeKey("bob")
        let line = try workshop.line(try review(), "alice")
        func signer(_ entries: [AllowedSigner], at time: Int64? = now) throws -> Principal {
            try line.signer(under: AllowedSigners(entries: entries), arrival: time)
        }
        expect("does not list") { try signer([]) }
        expect("does not list") { try signer([entry("bob@wrk.example", bob)]) }
        expect("does not list") { try signer([entry(nil, alice, patterns: ["*"])]) }
        expect("several people") {
            try signer([entry("alice@wrk.example", alice), entry("bob@wrk.example", alice)])
        }
        let limited = [entry("alice@wrk.example", alice, from: now, to: now + 10)]
        expect("not yet valid") { try signer(limited, at: now - 1) }
        #expect(try signer(limited, at: now) == "alice@wrk.example")
        #expect(try signer(limited, at: now + 10) == "alice@wrk.example")
        expect("has expired") { try signer(limited, at: now + 11) }
        #expect(try signer(limited, at: nil) == "alice@wrk.example")
    }

    /// What OpenSSH's own verifier says about the message that is signed.
    @Test func sshKeygenAgrees() throws {
        let workshop = try Workshop()
        let key = try workshop.makeKey("alice")
        let line = try workshop.line(try review(), "alice")
        try workshop.write(
            "signature", try workshop.sign(line.signedMessage, "alice", namespace: "gate-review"))
        try workshop.write("allowed", Array("alice@wrk.example \(key.line)\n".utf8))
        try workshop.run(
            "ssh-keygen", "-Y", "verify", "-n", "gate-review", "-I", "alice@wrk.example", "-f",
            "allowed", "-s", "signature", input: line.signedMessage)
    }

    @Test func gitAgrees() throws {
        let workshop = try Workshop()
        let key = try workshop.makeKey("alice")
        try workshop.run("git", "init", "-q", ".")
        try workshop.run(
            "git", "-c", "user.name=Alice", "-c", "user.email=alice@wrk.example", "-c",
            "gpg.format=ssh", "-c", "user.signingkey=\(workshop.folder)/alice", "commit", "-q",
            "-S", "--allow-empty", "-m", "Signed")
        let text = String(
            decoding: try workshop.run("git", "cat-file", "commit", "HEAD"), as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let first = try #require(lines.firstIndex { $0.hasPrefix("gpgsig ") })
        let last = try #require(lines.firstIndex { $0.contains("END SSH") })
        let armored =
            [String(lines[first].dropFirst(7))]
            + lines[first + 1...last].map { String($0.dropFirst()) }
        let payload = (lines[..<first] + lines[(last + 1)...]).joined(separator: "\n")
        #expect(
            try GitSignature.signer(
                of: Array(payload.utf8), armored: Array(armored.joined(separator: "\n").utf8),
                under: AllowedSigners(entries: [entry("alice@wrk.example", key)]))
                == "alice@wrk.example")
    }

    @Test(
        arguments: [
            ("-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----", "OpenPGP"),
            ("-----BEGIN SIGNED MESSAGE-----\nx\n-----END SIGNED MESSAGE-----", "X.509"),
            ("", "not armoured"),
            ("-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----", "no base64"),
            ("-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----", "cut off"),
            ("-----BEGIN SSH SIGNATURE-----\n?\n-----END SSH SIGNATURE-----", "no base64"),
        ] as [(String, String)])
    func refusesOtherSignatures(_ armored: String, _ clause: String) {
        expect(clause) {
            try GitSignature.signer(of: [], armored: Array(armored.utf8), under: AllowedSigners())
        }
    }
}

/// Expects an ``EvidenceError`` that says this.
func expect(_ clause: String, _ body: () throws -> Principal) {
    let error = #expect(throws: EvidenceError.self) { try body() }
    #expect(error?.problem.contains(clause) == true, "\(error?.problem ?? "no error")")
}

@Suite struct Base64Tests {
    @Test(
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"), ("\u{3ff}\u{3fe}", "z7/Pvg=="),
        ] as [(String, String)])
    func asRFC4648(_ text: String, _ encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == Array(encoded.utf8))
        #expect(Base64.decode(encoded.utf8) == Array(text.utf8))
        let bare = encoded.filter { $0 != "=" }
        #expect(Base64.encode(Array(text.utf8), padded: false) == Array(bare.utf8))
    }

    @Test(
        arguments: [
            "Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zm9v\n", "Zm9 ", "Zm9-", "Z===", "====", "=Zg=",
            "Zg==Zg==",
        ])
    func refusesOtherForms(_ text: String) {
        #expect(Base64.decode(text.utf8) == nil)
    }
}
