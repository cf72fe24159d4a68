public import GitObjects
import JSON
public import Policy

/// Somebody's word that they are running checks on a tree, so that nobody else runs the same.
///
/// A claim is no evidence and proves nothing: it spares work. It lies alone in a blob under
/// ``refPrefix`` and is signed like evidence, but around a payload of a type of its own, so that
/// neither can be taken for the other (docs/reference/ci.md).
public struct Claim: Hashable, Sendable {
    /// The refs of claims: this and the tree's 40 hexadecimal digits.
    public static let refPrefix = "refs/gate/claims/"
    /// In which claims are signed: whoever may sign test results may claim.
    public static let namespace = "gate-check"
    /// The longest time, in seconds, for which a server takes a claim.
    public static let longest: Int64 = 600
    /// The most claims that a server has at once.
    public static let mostAtOnce = 256

    /// The tree on which checks run.
    public let tree: ObjectID
    /// The repository that the policy names.
    public let repository: String
    /// The place of work: one clone on one machine. Letters, digits and `.`, `_`, `-`; at most 64.
    public let runner: String
    /// When it ends by itself, in seconds since 1970.
    public let expires: Int64

    public init(tree: ObjectID, repository: String, runner: String, expires: Int64) {
        self.tree = tree
        self.repository = repository
        self.runner = runner
        self.expires = expires
    }

    /// Whether it keeps others off at this time. One that ends later than a server takes any was
    /// taken before the clock was set back, and would stand for as long as that was.
    public func stands(at now: Int64) -> Bool {
        expires > now && expires - now <= Self.longest
    }

    /// The tree that a ref of a claim is about; nil when the name is none of a claim's.
    public static func tree(of ref: RefName) -> ObjectID? {
        guard ref.starts(with: refPrefix) else { return nil }
        let digits = ref.bytes.dropFirst(refPrefix.utf8.count)
        guard let id = ObjectID(hex: digits), id.hex.utf8.elementsEqual(digits) else { return nil }
        return id
    }

    /// Where the claim on a tree lies.
    public static func ref(for tree: ObjectID) -> RefName { RefName(refPrefix + tree.hex) }

    var payload: [UInt8] {
        let value: JSON = [
            "expires": JSON(expires), "repository": JSON(repository), "runner": JSON(runner),
            "tree": JSON(tree.hex),
        ]
        return value.canonical()
    }

    init(payload: [UInt8]) throws(EvidenceError) {
        let value = try Statement.value(of: payload, "the claim")
        guard let members = value.objectValue, members.count == 4,
            let expires = members["expires"]?.integerValue,
            let repository = members["repository"]?.stringValue,
            let runner = members["runner"]?.stringValue, Self.isName(runner),
            let tree = members["tree"]?.stringValue.flatMap({ ObjectID(hex: $0.utf8) })
        else { throw EvidenceError("is no claim: expires, repository, runner and tree") }
        self.init(tree: tree, repository: repository, runner: runner, expires: expires)
        guard self.payload == payload else {
            throw EvidenceError("is not in canonical form: the claim")
        }
    }

    private static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: true
                default: false
                }
            }
    }
}

/// A claim with its signature, read strictly; not yet believed.
public struct SignedClaim: Hashable, Sendable {
    /// The largest one, in bytes.
    public static let byteLimit = 16_384
    private static let payloadType = "application/vnd.gate.claim+json"

    public let claim: Claim
    /// The blob's content: a DSSE envelope in canonical form and a newline.
    public let bytes: [UInt8]
    private let signature: SSHSignature

    /// Reads the content of a claim's blob; no signature is checked.
    public init(parsing bytes: [UInt8]) throws(EvidenceError) {
        guard bytes.count <= Self.byteLimit else {
            throw EvidenceError("is longer than \(Self.byteLimit) bytes")
        }
        guard bytes.last == 0x0a else { throw EvidenceError("does not end with a newline") }
        let envelope = try Envelope(parsing: Array(bytes.dropLast()), type: Self.payloadType)
        self.bytes = bytes
        signature = envelope.signature
        claim = try Claim(payload: envelope.payload)
    }

    /// A claim and what `ssh-keygen -Y sign` made of ``messageToSign(for:)``.
    public init(_ claim: Claim, signature: SSHSignature) throws(EvidenceError) {
        let envelope = Envelope(
            payload: claim.payload, signature: signature, type: Self.payloadType)
        try self.init(parsing: envelope.encoded() + [0x0a])
    }

    /// The bytes to sign, in ``Claim/namespace``.
    public static func messageToSign(for claim: Claim) -> [UInt8] {
        Envelope.preAuthenticationEncoding(of: claim.payload, type: payloadType)
    }

    /// Whose good signature this is.
    ///
    /// - Parameter arrival: seconds since 1970 by which the validity of the key is judged.
    public func signer(
        under signers: AllowedSigners, arrival: Int64?
    ) throws(EvidenceError) -> Principal {
        try signature.signer(
            of: Self.messageToSign(for: claim), in: Claim.namespace, under: signers,
            arrival: arrival)
    }
}
