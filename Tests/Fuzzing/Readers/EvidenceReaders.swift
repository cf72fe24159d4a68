import GitObjects
import JSON
import Policy

@testable import Evidence

/// Signatures, envelopes and what is in them, as `refs/notes/gate` and commits carry them.
let evidenceReaders = [
    FuzzedReader(
        name: "sshsig",
        sources: [
            "Evidence/SSH/SSHSignature.swift", "Evidence/SSH/PublicKey.swift",
            "Evidence/SSH/WireReader.swift", "Evidence/SSH/Certificate.swift",
            "Evidence/SSH/SignatureVerification.swift", "Evidence/SSH/KeyLookup.swift",
        ], longest: 2_048, read: readSignature),
    FuzzedReader(
        name: "armour",
        sources: ["Evidence/SSH/Base64.swift"], longest: 1_024, read: readArmour),
    FuzzedReader(
        name: "envelope",
        sources: [
            "Evidence/Envelope.swift", "Evidence/Line.swift", "Evidence/Attestation.swift",
            "Evidence/Claim.swift",
        ],
        longest: 2_048, read: readEnvelope),
    FuzzedReader(
        name: "statement",
        sources: ["Evidence/StatementReading.swift", "Evidence/StatementWriting.swift"],
        longest: 1_024, read: readStatement),
]

/// Runs what reads evidence: nil, and its words examined, where it refuses.
private func read<T>(_ body: () throws(EvidenceError) -> T) throws -> T? {
    do throws(EvidenceError) {
        return try body()
    } catch {
        try requireSafe(error.description)
        return nil
    }
}

private let message = Array("what was signed\n".utf8)

/// The binary form. Every key is made a listed one, so that its signature is verified.
private func readSignature(_ bytes: [UInt8]) throws -> Bool {
    guard let signature = try read({ () throws(EvidenceError) in try SSHSignature(bytes) }) else {
        return false
    }
    try require(signature.blob == bytes, "other bytes are kept than were read")
    try requireSafe(signature.namespace)
    let key = signature.key
    let line = try PublicKey(line: Array(key.line.utf8))
    try require(line == key, "the key, written as a line, is another")
    let armoured =
        Array("-----BEGIN SSH SIGNATURE-----\n".utf8) + Base64.encode(bytes)
        + Array("\n-----END SSH SIGNATURE-----\n".utf8)
    try require(
        try SSHSignature(armored: armoured) == signature, "the armoured signature is another")
    let authority = key.certificate?.authority
    let signers = AllowedSigners(entries: [
        AllowedSigner(
            principal: authority == nil ? Principal("alice@wrk.example") : nil,
            authorityPatterns: authority == nil ? [] : ["*@wrk.example", "!mallory*"],
            keyType: key.type, keyBlob: authority ?? key.blob, namespaces: ["git", "gate-*"],
            validAfter: 1_700_000_000, validBefore: 1_900_000_000,
            location: SourceLocation(file: "allowed_signers", line: 1, column: 1))
    ])
    for arrival in [nil, 1_795_424_400, 0] as [Int64?] {
        let principal = try read { () throws(EvidenceError) in
            try signature.signer(
                of: message, in: signature.namespace, under: signers, arrival: arrival)
        }
        guard let principal else { continue }
        try require(arrival != 0, "a signature counts before its key did")
        try require(principal.name.hasSuffix("@wrk.example"), "somebody else's signature")
        let other = try read { () throws(EvidenceError) in
            try signature.signer(
                of: message + [0], in: signature.namespace, under: signers, arrival: arrival)
        }
        try require(other == nil, "one signature over two messages")
    }
    return true
}

private func readArmour(_ bytes: [UInt8]) throws -> Bool {
    let read = try read { () throws(EvidenceError) in try SSHSignature(armored: bytes) }
    let key = try EvidenceReading.key(bytes)
    guard let signature = read else { return key }
    try require(
        try SSHSignature(signature.blob) == signature, "the binary form is another signature")
    return true
}

private enum EvidenceReading {
    /// The same bytes as a line of a `.pub` file.
    static func key(_ bytes: [UInt8]) throws -> Bool {
        guard let key = try read({ () throws(EvidenceError) in try PublicKey(line: bytes) }) else {
            return false
        }
        try require(try PublicKey(key.blob) == key, "the key in wire format is another")
        return true
    }
}

/// A line of evidence, a claim and an attestation: all are envelopes.
private func readEnvelope(_ bytes: [UInt8]) throws -> Bool {
    let line = try read { () throws(EvidenceError) in try Line(parsing: bytes) }
    if let line {
        let again = try Line(line.statement, signature: line.signature)
        try require(again == line && again.bytes == bytes, "written again it is another line")
        try require(Set([line, again]).count == 1, "a line is not itself")
        try require(
            line.signedMessage == (try Line.messageToSign(for: line.statement)),
            "the signature is over something else")
        _ = try read { () throws(EvidenceError) in
            try line.signer(under: owner(of: line.signature.key), arrival: nil)
        }
    }
    let claim = try read { () throws(EvidenceError) in try SignedClaim(parsing: bytes) }
    if let claim {
        try require(claim.bytes == bytes, "other bytes are kept than were read")
        try require(
            Claim.tree(of: Claim.ref(for: claim.claim.tree)) == claim.claim.tree,
            "a claim's ref is another's")
        try require(!claim.claim.stands(at: .max), "a claim that never ends")
        _ = try read { () throws(EvidenceError) in
            try claim.signer(under: AllowedSigners(), arrival: nil)
        }
    }
    try require(line == nil || claim == nil, "one text is evidence and a claim")
    let attestation = try read { () throws(EvidenceError) in try Attestation(parsing: bytes) }
    if let attestation {
        try require(attestation.bytes == bytes, "other bytes than were read")
        if let line {
            let again = Attestation(line.payload, signature: line.signature)
            try require(again.bytes == bytes, "written again it is another attestation")
            try require(again.keyID == line.signature.key.fingerprint, "another key's")
            try require(
                line.signedMessage == Attestation.messageToSign(for: again.payload),
                "the signature is over something else")
        }
        _ = try read { () throws(EvidenceError) in
            try attestation.signer(in: "gate-review", under: AllowedSigners())
        }
    }
    return line != nil || claim != nil || attestation != nil
}

/// A policy that knows only this key.
private func owner(of key: PublicKey) -> AllowedSigners {
    AllowedSigners(entries: [
        AllowedSigner(
            principal: Principal("alice@wrk.example"), keyType: key.type, keyBlob: key.blob,
            location: SourceLocation(file: "allowed_signers", line: 1, column: 1))
    ])
}

private func readStatement(_ bytes: [UInt8]) throws -> Bool {
    let claim = try read { () throws(EvidenceError) in try Claim(payload: bytes) }
    if let claim { try require(claim.payload == bytes, "the claim, written again, is another") }
    let statement = try read { () throws(EvidenceError) in try Statement(payload: bytes) }
    guard let statement else { return claim != nil }
    try require(claim == nil, "one text is a statement and a claim")
    try require(try statement.payload() == bytes, "the statement, written again, is another")
    let again = Statement(
        subject: statement.subject, repository: statement.repository,
        predicate: statement.predicate)
    try require(
        again == statement && statement.predicate.namespace.hasPrefix("gate-"),
        "the statement is about something else")
    let json = try JSON(parsing: bytes)
    try require(json.canonical() == bytes, "a statement that is not canonical")
    return true
}
