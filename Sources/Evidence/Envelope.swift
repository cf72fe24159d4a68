import JSON

/// A DSSE envelope with one SSH signature, see docs/reference/evidence.md.
struct Envelope {
    static let payloadType = "application/vnd.in-toto+json"

    /// What the payload is; a signature over one type is none over another.
    let type: String
    let payload: [UInt8]
    let signature: SSHSignature

    /// Reads an envelope in canonical form, around a payload of this type.
    init(
        parsing bytes: [UInt8], type: String = Envelope.payloadType
    ) throws(EvidenceError) {
        let value = try Statement.value(of: bytes, "the envelope")
        guard let envelope = value.objectValue, envelope.count == 3,
            let payload = envelope["payload"]?.stringValue,
            let signatures = envelope["signatures"]?.arrayValue
        else { throw EvidenceError("is no DSSE envelope") }
        guard envelope["payloadType"]?.stringValue == type else {
            throw EvidenceError(
                type == Self.payloadType
                    ? "is an envelope around something else than an in-toto statement"
                    : "is an envelope around something else than \(type)")
        }
        guard signatures.count == 1 else {
            throw EvidenceError("has \(signatures.count) signatures, not one")
        }
        guard let signature = signatures[0].objectValue, signature.count == 2,
            let keyID = signature["keyid"]?.stringValue,
            let text = signature["sig"]?.stringValue
        else { throw EvidenceError("is no DSSE envelope: its signature has not keyid and sig") }
        guard let payload = Base64.decode(payload.utf8), let blob = Base64.decode(text.utf8) else {
            throw EvidenceError("is not in canonical form: its base64")
        }
        self.type = type
        self.payload = payload
        self.signature = try SSHSignature(blob)
        guard keyID == self.signature.key.fingerprint else {
            throw EvidenceError("has a keyid that is not the fingerprint of the signature's key")
        }
        guard encoded() == bytes else {
            throw EvidenceError("is not in canonical form: the envelope")
        }
    }

    init(payload: [UInt8], signature: SSHSignature, type: String = Envelope.payloadType) {
        self.type = type
        self.payload = payload
        self.signature = signature
    }

    /// The canonical bytes. Nothing in an envelope needs an escape.
    func encoded() -> [UInt8] {
        var bytes = Array("{\"payload\":\"".utf8)
        bytes += Base64.encode(payload)
        bytes += "\",\"payloadType\":\"\(type)\",\"signatures\":[{\"keyid\":\"".utf8
        bytes += signature.key.fingerprint.utf8
        bytes += "\",\"sig\":\"".utf8
        bytes += Base64.encode(signature.blob)
        bytes += "\"}]}".utf8
        return bytes
    }

    /// What is signed in place of a payload (DSSE, "PAE"): no payload can be taken for one of
    /// another type.
    static func preAuthenticationEncoding(
        of payload: [UInt8], type: String = Envelope.payloadType
    ) -> [UInt8] {
        Array("DSSEv1 \(type.utf8.count) \(type) \(payload.count) ".utf8) + payload
    }
}
