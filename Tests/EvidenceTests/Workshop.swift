import GitObjects
import Policy
import Spawn
import Testing

@testable import Evidence

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A temporary folder with SSH keys, made and used by the real `ssh-keygen`.
final class Workshop: Sendable {
    let folder: String

    init() throws {
        var template = Array("/tmp/gate-evidence-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) } != nil
        }
        try #require(made)
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        let removal = Child(["rm", "-rf", folder], timeout: 30)
        do {
            _ = try removal.run()
        } catch {
            Issue.record("\(error)")
        }
    }

    /// Runs a program with blank configuration; its standard output.
    @discardableResult
    func run(_ arguments: String..., input: [UInt8] = []) throws -> [UInt8] {
        try run(arguments, input: input)
    }

    @discardableResult
    func run(_ arguments: [String], input: [UInt8] = []) throws -> [UInt8] {
        let environment = [
            "PATH=/usr/bin:/bin:/usr/local/bin:/opt/homebrew/bin", "HOME=\(folder)",
            "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "TZ=UTC", "LC_ALL=C",
        ]
        let child = Child(
            arguments, environment: environment.map { Array($0.utf8) }, directory: folder,
            input: input, timeout: 120)
        let result = try child.run()
        try #require(
            result.succeeded,
            "\(arguments): \(shown(result.output)) \(shown(result.errorOutput))")
        return result.output
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        try run("sh", "-c", "cat > \"$1\"", "sh", name, input: bytes)
    }

    func read(_ name: String) throws -> [UInt8] {
        try run("cat", name)
    }

    /// Makes a key without passphrase in the file `name`; its public half.
    @discardableResult
    func makeKey(_ name: String, _ type: String = "ed25519", bits: Int? = nil) throws -> PublicKey {
        var arguments = ["ssh-keygen", "-q", "-t", type, "-N", "", "-C", name, "-f", name]
        if let bits { arguments += ["-b", "\(bits)"] }
        let child = Child(arguments, directory: folder, timeout: 120)
        try #require(try child.run().succeeded)
        return try PublicKey(line: try read(name + ".pub"))
    }

    /// The armoured signature that `ssh-keygen -Y sign` makes.
    func sign(
        _ message: [UInt8], _ key: String, namespace: String, hash: String = "sha512"
    ) throws -> [UInt8] {
        try run(
            "ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-O", "hashalg=\(hash)", "-f", key,
            input: message)
    }

    /// A line signed with the key in the file `key`.
    func line(_ statement: Statement, _ key: String, hash: String = "sha512") throws -> Line {
        let armored = try sign(
            try Line.messageToSign(for: statement), key,
            namespace: statement.predicate.namespace, hash: hash)
        return try Line(statement, signature: SSHSignature(armored: armored))
    }
}

/// Everybody's first statement.
func review(_ change: (inout Review) -> Void = { _ in }) throws -> Statement {
    var review = Review(
        state: .approved, targetRef: "refs/heads/master", base: try id("b"), changeDigest: nil,
        comment: "reads well", createdOn: "2026-11-23T09:00:00Z")
    change(&review)
    return Statement(
        subject: try id("a"), repository: "wrk/system", predicate: .review(review))
}

func id(_ digit: String) throws -> ObjectID {
    try #require(ObjectID(hex: String(repeating: digit, count: 40)))
}

func entry(
    _ principal: Principal?, _ key: PublicKey, patterns: [String] = [],
    namespaces: [String]? = nil, from validAfter: Int64? = nil, to validBefore: Int64? = nil
) -> AllowedSigner {
    AllowedSigner(
        principal: principal, authorityPatterns: patterns, keyType: key.type, keyBlob: key.blob,
        namespaces: namespaces, validAfter: validAfter, validBefore: validBefore,
        location: SourceLocation(file: "policies/allowed_signers", line: 1, column: 1))
}
