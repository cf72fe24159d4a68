public import Policy

/// Verifies the signature of a commit or tag (SSHSIG in namespace `git`).
public enum GitSignature {
    /// Whose good signature `armored` over `payload` is. OpenPGP and X.509 signatures, and keys
    /// that nobody has, are an error.
    ///
    /// When the commit was made is not known, only when it says so: the time for which a key is
    /// valid is not judged, only that it is listed.
    public static func signer(
        of payload: [UInt8], armored: [UInt8], under signers: AllowedSigners
    ) throws(EvidenceError) -> Principal {
        try SSHSignature(armored: armored)
            .signer(of: payload, in: "git", under: signers, arrival: nil)
    }
}
