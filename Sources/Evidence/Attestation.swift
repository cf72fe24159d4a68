public import Policy

/// An in-toto statement in a signed DSSE envelope that stands by itself, outside the notes: a
/// release manifest that is handed to others.
public struct Attestation: Sendable {
    /// The largest envelope that is read, in bytes.
    public static let byteLimit = 64 << 20

    /// The envelope in canonical form, without newline.
    public let bytes: [UInt8]
    /// The in-toto statement.
    public let payload: [UInt8]
    /// The fingerprint of the key that signed it.
    public var keyID: String { signature.key.fingerprint }
    private let signature: SSHSignature

    /// Reads an envelope in canonical form; no signature is checked.
    public init(parsing bytes: [UInt8]) throws(EvidenceError) {
        guard bytes.count <= Self.byteLimit else {
            throw EvidenceError("is longer than \(Self.byteLimit) bytes")
        }
        let envelope = try Envelope(parsing: bytes)
        self.bytes = bytes
        payload = envelope.payload
        signature = envelope.signature
    }

    /// An envelope around a payload and what `ssh-keygen -Y sign` made of ``messageToSign(for:)``.
    public init(_ payload: [UInt8], signature: SSHSignature) {
        self.payload = payload
        self.signature = signature
        bytes = Envelope(payload: payload, signature: signature).encoded()
    }

    /// The bytes to sign: DSSE's pre-authentication encoding.
    public static func messageToSign(for payload: [UInt8]) -> [UInt8] {
        Envelope.preAuthenticationEncoding(of: payload)
    }

    /// Whose good signature this is under these signers.
    ///
    /// - Parameter namespace: in which it must have been signed (ssh-keygen(1), `-n`).
    public func signer(
        in namespace: String, under signers: AllowedSigners
    ) throws(EvidenceError) -> Principal {
        try signature.signer(
            of: Envelope.preAuthenticationEncoding(of: payload), in: namespace, under: signers,
            arrival: nil)
    }
}
