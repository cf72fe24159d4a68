public import Evidence
import Files
public import Git
import GitObjects
public import Policy
import Spawn

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Signs evidence through `ssh-keygen -Y sign`, so that agents, security keys and keys with a
/// passphrase work as they do for git.
///
/// ```swift
/// let signer = try Signer(repository, signers: policy.signers, key: nil, namespace: "gate-review")
/// let line = try signer.sign(statement)
/// ```
public struct Signer {
    /// Whose key it is, under the policy with which the signer was made.
    public let principal: Principal
    /// The key, as `allowed_signers` lists it.
    public let publicKey: PublicKey
    private let source: SigningKey.Source
    private let program: String
    private let namespace: String
    private let signingTime: SigningTime

    /// Finds the key and whose it is.
    ///
    /// - Parameters:
    ///   - signers: of the policy that will judge the evidence.
    ///   - key: a file with a private or public key, or a literal `key::ssh-ed25519 …`; nil: the
    ///     one of git's `user.signingkey`, else the first of the user's keys that `signers` lists.
    ///   - namespace: of the statements to sign, see `Predicate.namespace`.
    public init(
        _ repository: Repository, signers: AllowedSigners, key: String?, namespace: String
    ) throws(LedgerError) {
        let now = Int64(time(nil))
        let search = KeySearch(
            repository: repository, signers: signers, namespace: namespace, now: now)
        let found = try search.find(named: key)
        publicKey = found.publicKey
        source = found.source
        self.namespace = namespace
        signingTime = try SigningTime(repository)
        do throws(EvidenceError) {
            principal = try found.publicKey.principal(
                in: namespace, under: signers, arrival: now)
        } catch {
            let problem = "what you sign \(error.problem)"
            let hint =
                "gate people add YOU --key FILE adds a key, and that change is reviewed;"
                + " or name another key: git config user.signingkey FILE"
            throw key == nil
                ? .cannotSign(problem: problem, hint: hint) : .badKey(problem: problem, hint: hint)
        }
        do throws(GitError) {
            // What git itself signs with: a password manager's program, for example.
            program = try repository.configuration("gpg.ssh.program") ?? "ssh-keygen"
        } catch {
            throw .git(error)
        }
    }

    /// The key as git's `user.signingKey` takes it (git-config(1)).
    public var gitSigningKey: String {
        switch source {
        case .file(let path): path
        case .agent: "key::\(publicKey.line)"
        }
    }

    /// A line of evidence.
    public func sign(_ statement: Statement) throws(LedgerError) -> Line {
        let message: [UInt8]
        do throws(EvidenceError) {
            message = try Line.messageToSign(for: statement)
        } catch {
            throw .cannotSign(problem: "the statement \(error.problem)", hint: nil)
        }
        guard statement.predicate.namespace == namespace else {
            throw .cannotSign(
                problem: "a statement for \(statement.predicate.namespace) is not signed by a"
                    + " signer for \(namespace)", hint: nil)
        }
        let armored = try sign(message)
        do throws(EvidenceError) {
            let line = try Line(statement, signature: SSHSignature(armored: armored))
            guard line.keyBlob == publicKey.blob else {
                throw EvidenceError("is signed with another key than \(publicKey.fingerprint)")
            }
            return line
        } catch {
            throw .cannotSign(problem: "what \(program) made \(error.problem)", hint: nil)
        }
    }

    /// A claim to run checks, in the namespace of test results.
    public func sign(_ claim: Claim) throws(LedgerError) -> SignedClaim {
        guard namespace == Claim.namespace else {
            throw .cannotSign(
                problem: "a claim is not signed by a signer for \(namespace)", hint: nil)
        }
        let armored = try sign(SignedClaim.messageToSign(for: claim))
        do throws(EvidenceError) {
            return try SignedClaim(claim, signature: SSHSignature(armored: armored))
        } catch {
            throw .cannotSign(problem: "what \(program) made \(error.problem)", hint: nil)
        }
    }

    /// A signed envelope around an in-toto statement that is no evidence of gate's notes.
    public func attest(_ payload: [UInt8]) throws(LedgerError) -> Attestation {
        let armored = try sign(Attestation.messageToSign(for: payload))
        do throws(EvidenceError) {
            return Attestation(payload, signature: try SSHSignature(armored: armored))
        } catch {
            throw .cannotSign(problem: "what \(program) made \(error.problem)", hint: nil)
        }
    }

    /// The armoured signature over a message. In files, because that is how git calls the
    /// program, and what stands in for ssh-keygen knows no other way.
    private func sign(_ message: [UInt8]) throws(LedgerError) -> [UInt8] {
        let folder = try Self.inFiles { () throws(FileError) in
            try Folder.makeTemporary(prefix: "gate-sign")
        }
        let armored: [UInt8]
        do throws(LedgerError) {
            armored = try sign(message, in: folder)
        } catch {
            try Self.inFiles { () throws(FileError) in try Folder.remove(folder) }
            throw error
        }
        try Self.inFiles { () throws(FileError) in try Folder.remove(folder) }
        return armored
    }

    private func sign(_ message: [UInt8], in folder: String) throws(LedgerError) -> [UInt8] {
        let messageFile = "\(folder)/statement"
        try Self.inFiles { () throws(FileError) in try File.write(message, to: messageFile) }
        var arguments = [program, "-Y", "sign", "-n", namespace, "-f"]
        switch source {
        case .file(let path):
            arguments.append(path)
        case .agent:
            let keyFile = "\(folder)/key.pub"
            let line = Array("\(publicKey.line)\n".utf8)
            try Self.inFiles { () throws(FileError) in try File.write(line, to: keyFile) }
            // -U: the private key is in the agent (ssh-keygen(1)).
            arguments += [keyFile, "-U"]
        }
        var child = Child(arguments + [messageFile])
        child.asksAtTerminal = true
        let result = try signingTime.run(child)
        guard result.succeeded else { throw failure(result) }
        return try Self.inFiles { () throws(FileError) in
            try File.read(messageFile + ".sig", limit: 1 << 20)
        }
    }

    private static func inFiles<T>(
        _ body: () throws(FileError) -> T
    ) throws(LedgerError) -> T {
        do throws(FileError) {
            return try body()
        } catch {
            throw .cannotSign(problem: "\(shown(error.path.utf8)) \(error.problem)", hint: nil)
        }
    }

    /// What ssh-keygen said, and what helps.
    private func failure(_ result: Child.Result) -> LedgerError {
        // At a terminal its lines end as terminals want them.
        let said = result.errorOutput.split { $0 == 0x0a || $0 == 0x0d }.map { shown($0) }
            .filter { !$0.hasPrefix("Signing file") }
            .joined(separator: "; ")
        let file =
            switch source {
            case .file(let path):
                // ssh-add(1) reads the private half.
                path.hasSuffix(".pub") ? String(path.dropLast(4)) : path
            case .agent: "the key"
            }
        let hint: String? =
            if said.contains("passphrase") {
                "it is asked for at a terminal only; or let the agent have the key: ssh-add \(file)"
            } else if said.contains("agent") || said.contains("No private key") {
                "ssh-add -l shows what the agent has; ssh-add FILE adds a key"
            } else {
                nil
            }
        return .cannotSign(
            problem: "\(program) did not sign with \(publicKey.fingerprint): \(said)", hint: hint)
    }
}
