import Testing

@testable import Policy

@Suite struct AllowedSignersTests {
    static let alice = Fixture.aliceKey
    static let bob = Fixture.bobKey
    static let ecdsa256 =
        "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBDTpDVfDYFOuk7mxYfLhf4ff6AM1fT3TD1/hdIU+GKBubOwmVSUcElF2dPwCwCDRfO+6QBnBJaionyL0Mg9k73Q="
    static let ecdsa384 =
        "ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBFzyKbI2M3Jpn6wB2RwWLWHioFOB1YNXKRAw8l97s9tRj8lKY0rW6uParF1dUpw5padGjhQtgk/I4JAeLNzovscyAhWwONbG/vFS3lj5GXOKaXU9QDvJ7ROopJs+1aSxeg=="
    static let ecdsa521 =
        "ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBADP9zYxTRNUQRPcobcUQ5KxloN/7XhIDRLglMlbVN1+gS2ENaXxPysfVOMmnHdL56wo3lBCJmya4FDW88A0mMTTRACq1LR/1YdeeykabrM0iAxbi93xcZa/AH1EaRJPVnQdCuWbbf687rJ1eYHQdC12Mkry3QcJaU+QkNtFnj+t4VAw0w=="
    static let rsa1024 =
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQCqHvCPmqw8KphTeG6U6neg73UEZZRquzd5YSIOeh5nQUyE2lwcFUoQMc2jn1vIDHhjWOzOSDKpRQKC4smScuxE/1+xCs3JuservE094FDkIYYQsps2B5Xxuqm5rBaMedPRah8SSK4x7mnmaQI+k6LVUcRbgkeBVQpTCS9IqqtcUw=="
    static let rsa2048 =
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDcfnY2fvqLFv5gcwj+qhF5s23FRaAgJTGkaJES7MT7DLPVKxR9BNk7A8RLz2e6k8+Nr6sCt1Oge71oK53k8belj7y6PgaeZR6bYLdguifm08fnan0XVuHUgzoTbrl8sHfNySkB7wV5+R3ObbOW21sbGCPd52YtTt5gxoRf69cwsnQ5Ph5LIdyX7hTbJ7qw1MRuf7qWoYIw7z9WY5d3o+F2+9kA7W6PeLgnkrkjb5WTpTl5xlSAqOPRor8mPdb8QkuPnfMw8bD7la9WiiWg8PyCIwye3dlEoPgkBO2rO/wc9oDEAHPdaMamO5Rpnhq0KDCo5n+CqDYB5xyYamyONFPF"
    static let dsa =
        "ssh-dss AAAAB3NzaC1kc3MAAACBALhULUh8f+vKvuf5hNQDivcZKyA3WD1XWn0yllcVTo5CznInvJlUmtWTcAaELhS58cIoMsgBwzhdBIuah8KactLslvt8/eGzpq40EleMBaODtrH2bQUybVvHT12sIRZ4EI2CNwQZ+miAkBXyd2XlzAz108IwibUps9ngXYu7CKu7AAAAFQCs0iw9JTrZePaw3xqD7SJQJ5/3PQAAAIA6Q9Be/wFxEKeiuVowqDzTKyY8D90gA2GJlhdFOCuRLT4bAx9xSoX9fhtQLiHe+HMky2pmn9CxiKXq78bQ+NfQQ9g4638z7lDasXvyFvu9NVM5BzrVhXaxEVRVnSZly41IYi8UBVquUptMl/G1eCH7V8lZXQGJqv7H+7u1oYhBtQAAAIEAnBFCA5VHJZeXDs4IzOzU9pB0twnoQERy3jNFPKPI9hmwFnIU0X+H/JpYhr8Jt8jkkur4VYg19+s9x0rF+O44Utl2+XI1Xm/Lhz/rmO1a6WT4BON2osiNzzbI8NWOKwJw0IE7hyLFHZaWQZXaREhP52bqh+7k4LAgqw3S+FnTdq0="
    static let hardwareEd25519 =
        "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fAAAABHNzaDo="
    static let hardwareECDSA =
        "sk-ecdsa-sha2-nistp256@openssh.com AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTZAb3BlbnNzaC5jb20AAAAIbmlzdHAyNTYAAABBBDTpDVfDYFOuk7mxYfLhf4ff6AM1fT3TD1/hdIU+GKBubOwmVSUcElF2dPwCwCDRfO+6QBnBJaionyL0Mg9k73QAAAAEc3NoOg=="

    static func read(_ text: String) -> (AllowedSigners, [String]) {
        let log = DiagnosticLog()
        var reader = AllowedSignersReader(PolicyFile(file: "s", log: log))
        let signers = reader.read(Array(text.utf8))
        return (signers, log.diagnostics.map(\.description))
    }

    @Test(arguments: [
        alice, ecdsa256, ecdsa384, ecdsa521, rsa2048, hardwareEd25519, hardwareECDSA,
    ])
    func typesOfKeys(_ key: String) throws {
        let (signers, problems) = Self.read("alice@wrk.example \(key) a comment\n")
        #expect(problems.isEmpty)
        let entry = try #require(signers.entries.first)
        #expect(entry.principal == "alice@wrk.example")
        #expect(entry.keyType == String(key.split(separator: " ")[0]))
        // The wire format repeats the type.
        #expect(entry.keyBlob.dropFirst(4).starts(with: entry.keyType.utf8))
        #expect(entry.namespaces == nil && entry.validAfter == nil && entry.validBefore == nil)
    }

    @Test func everyOption() throws {
        let (signers, problems) = Self.read(
            """

              # a comment, and an empty line above
            "alice@wrk.example" namespaces="gate-review,git",valid-after="20260102",Valid-Before="202612312359Z" \(Self.alice)
            \tbob@wrk.example\tvalid-before="20260228235959"\t\(Self.bob)\r
            """)
        #expect(problems.isEmpty, "\(problems)")
        #expect(signers.entries.count == 2)
        let first = try #require(signers.entries.first)
        #expect(first.namespaces == ["gate-review", "git"])
        // date -u -d '2026-01-02 00:00:00' +%s
        #expect(first.validAfter == 1_767_312_000)
        // date -u -d '2026-12-31 23:59:00' +%s
        #expect(first.validBefore == 1_798_761_540)
        #expect(first.location == SourceLocation(file: "s", line: 3, column: 1))
        #expect(signers.entries[1].validBefore == 1_772_323_199)
        #expect(signers.entries[1].location == SourceLocation(file: "s", line: 4, column: 2))
    }

    @Test(arguments: [
        ("a,b \(alice)", "1:1: a key that names several people: a,b"),
        ("\"a,b\" \(alice)", "1:1: a key that names several people: a,b"),
        ("*@wrk.example \(alice)", "1:1: a wildcard without cert-authority"),
        ("a? \(alice)", "1:1: a wildcard without cert-authority"),
        ("!a \(alice)", "1:1: not a principal's name"),
        ("\"a b\" \(alice)", "1:1: not a principal's name"),
        ("é \(alice)", "1:1: not a principal's name"),
        ("\"\" \(alice)", "1:1: not a principal's name"),
        ("@a \(alice)", "1:1: not a principal's name"),
        ("\"a \(alice)", "1:1: a quotation mark is never closed"),
        ("a", "1:2: unknown option"),
        ("a ssh-ed25519", "1:14: the key is not base64"),
        ("a ssh-ed25519 AAAA=AAA", "1:15: the key is not base64"),
        ("a ssh-ed25519 AAAAC3Nz", "1:15: the key is cut short"),
        ("a ssh-ed25519 \(alice.split(separator: " ")[1])AAAA", "1:15: the key is not well formed"),
        (
            "a ssh-rsa \(alice.split(separator: " ")[1])",
            "1:11: the key inside is of another type than ssh-rsa"
        ),
        ("a \(rsa1024)", "1:11: not an RSA key of 2,048"),
        ("a \(dsa)", "1:3: keys of type ssh-dss are not supported"),
        (
            "a ssh-ed25519-cert-v01@openssh.com AAAA",
            "1:3: keys of type ssh-ed25519-cert-v01@openssh.com are not supported (name the authority's key"
        ),
        ("a no-touch \(alice)", "1:3: unknown option no-touch"),
        (
            "a namespace=\"git\" \(alice)",
            "1:3: unknown option namespace (did you mean namespaces?)"
        ),
        ("a namespaces=git \(alice)", "1:14: the option's value must stand in quotation marks"),
        ("a namespaces=\"git \(alice)", "1:14: a quotation mark is never closed"),
        ("a namespaces=\"\" \(alice)", "1:13: not a list of namespaces"),
        ("a namespaces=\"gate-*\" \(alice)", "1:13: not a list of namespaces"),
        (
            "a namespaces=\"a\",namespaces=\"b\" \(alice)",
            "1:18: the option namespaces stands twice"
        ),
        (
            "a cert-authority,cert-authority \(alice)",
            "1:18: the option cert-authority stands twice"
        ),
        ("a valid-after \(alice)", "1:14: the option needs a value"),
        ("a valid-after=\"2026\" \(alice)", "1:14: not a time: 2026"),
        ("a valid-after=\"20260230\" \(alice)", "1:14: not a time"),
        ("a valid-after=\"202601012460\" \(alice)", "1:14: not a time"),
        ("a valid-after=\"20260101+1\" \(alice)", "1:14: not a time"),
        (
            "a valid-after=\"20260102\",valid-before=\"20260102\" \(alice)",
            "1:3: valid-before is not after valid-after"
        ),
        ("a namespaces=\"git\"x \(alice)", "1:19: a comma or a blank is expected here"),
        ("a \(alice)\nb \(alice)", "2:1: this key already stands in line 1 for a"),
        ("a \(alice)\nb cert-authority \(alice)", "2:1: this key already stands in line 1 for a"),
        ("a \(alice)\nA \(bob)", "2:1: A and a differ in case only"),
    ])
    func refused(_ text: String, _ expected: String) {
        let (signers, problems) = Self.read(text)
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("s:\(expected)") == true, "\(problems)")
        #expect(signers.entries.count == text.split(separator: "\n").count - 1)
    }

    /// The key of a line that is refused is nobody's yet.
    @Test func keyOfARefusedLine() {
        let (signers, problems) = Self.read("a \(Self.alice)\nA \(Self.bob)\nb \(Self.bob)")
        #expect(problems.count == 1)
        #expect(signers.entries.map(\.principal) == ["a", "b"])
        let (last, again) = Self.read(
            "a \(Self.alice)\nA \(Self.bob)\na \(Self.bob)\nb \(Self.bob)")
        #expect(again.count == 2)
        #expect(last.entries.map(\.principal) == ["a", "a"])
    }

    @Test func severalKeysOfOnePerson() {
        let (signers, problems) = Self.read(
            "a \(Self.alice)\na \(Self.bob)\na namespaces=\"git\" \(Self.alice)")
        #expect(problems.isEmpty)
        #expect(signers.entries.map(\.principal) == ["a", "a", "a"])
        #expect(signers.namedPrincipals == ["a"])
    }

    /// Every name that a policy mentions is held against each of them.
    @Test func moreAuthoritiesThanAnybodyHas() {
        let patterns = (0...100).map { "a\($0)*" }
        let (signers, problems) = Self.read(
            patterns.joined(separator: ",") + " cert-authority \(Fixture.aliceKey)\n")
        #expect(signers.entries.isEmpty)
        #expect(problems.first?.contains("more than 100 patterns") == true)
    }

    @Test func authorities() throws {
        let (signers, problems) = Self.read(
            "*@wrk.example,dave@x.example,b?b cert-authority \(Self.alice)")
        #expect(problems.isEmpty)
        let entry = try #require(signers.entries.first)
        #expect(entry.principal == nil)
        #expect(entry.authorityPatterns == ["*@wrk.example", "dave@x.example", "b?b"])
        #expect(signers.namedPrincipals == ["dave@x.example"])
        for name in ["alice@wrk.example", "a/b@wrk.example", "dave@x.example", "bob", "b/b"] {
            #expect(entry.mayCertify(Principal(name)))
        }
        for name in ["Alice@WRK.example", "alice@wrk.example.org", "eve@x.example", "bb"] {
            #expect(!entry.mayCertify(Principal(name)))
        }
    }

    /// Whom only an authority vouches for is known as soon as the policy names them.
    @Test func certifiedPrincipals() throws {
        let policy = try Policy.read(
            Fixture.files([
                "policies/allowed_signers":
                    "*@wrk.example cert-authority \(Self.alice)\nci@wrk.example \(Fixture.ciKey)"
            ]))
        #expect(
            policy.people.principals == [
                "alice@wrk.example", "bob@wrk.example", "carol@wrk.example", "ci@wrk.example",
            ])
        let problems = Fixture.problems(
            Fixture.files([
                "policies/allowed_signers":
                    "*@other.example cert-authority \(Self.alice)\nci@wrk.example \(Fixture.ciKey)"
            ]))
        #expect(
            problems.contains {
                $0.contains("allowed_signers names nobody called alice@wrk.example")
            })
    }

    @Test(
        arguments: [
            ("", []), ("Zg==", [0x66]), ("Zm8=", [0x66, 0x6f]), ("Zm9v", [0x66, 0x6f, 0x6f]),
            ("Zh==", nil), ("Zm9=", nil), ("Zg=", nil), ("Zg", nil), ("Z===", nil), ("Zm9v\n", nil),
            ("Zm-_", nil), ("=Zm9", nil),
        ] as [(String, [UInt8]?)])
    func base64(_ text: String, _ bytes: [UInt8]?) {
        #expect(Base64.decode(Array(text.utf8)[...]) == bytes)
    }
}
