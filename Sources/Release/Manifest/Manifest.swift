public import JSON

/// Why a manifest cannot be used.
public struct ManifestError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A clause without a full stop.
    public let problem: String
    public let hint: String?

    public init(_ problem: String, hint: String? = nil) {
        self.problem = problem
        self.hint = hint
    }

    public var description: String { problem }
}

/// A manifest that was written before: docs/reference/manifest.md.
public struct Manifest: Sendable {
    public private(set) var json: JSON

    /// Reads a file. Members that this version does not know are refused: a misspelt one must not
    /// be one that is silently left out.
    public init(parsing bytes: [UInt8]) throws(ManifestError) {
        do {
            json = try JSON(parsing: bytes)
        } catch {
            throw ManifestError("is no JSON: \(error)")
        }
        guard let members = json.objectValue, json["kind"]?.stringValue == ReleasePlan.manifestKind
        else {
            throw ManifestError(
                "is no release manifest", hint: "make one: gate manifest -o manifest.json")
        }
        guard let version = json["schemaVersion"]?.integerValue, version >= 1 else {
            throw ManifestError("has no schemaVersion")
        }
        guard version <= ReleasePlan.schemaVersion else {
            throw ManifestError(
                "has schema version \(version); this gate reads \(ReleasePlan.schemaVersion)",
                hint: "install the gate that wrote it")
        }
        for name in members.names where !Self.members.contains(name) {
            throw ManifestError("has an unknown member: \(name)")
        }
        for name in Self.members.sorted(by: utf8Order) where members[name] == nil {
            throw ManifestError("lacks the member \(name)")
        }
    }

    /// Puts another value in a member's place.
    mutating func replace(_ name: String, with value: JSON) {
        var whole = json.objectValue ?? [:]
        whole[name] = value
        json = .object(whole)
    }

    private static let members: Set<String> = [
        "schemaVersion", "kind", "release", "source", "range", "services", "changes", "migrations",
        "config", "flags", "checklist", "gates", "shepherd", "holds", "rollback", "statements",
        "warnings",
    ]

    /// Adds the digest of a service's image.
    ///
    /// - Parameters:
    ///   - reference: `registry.wrk.example/api@sha256:…`.
    /// - Throws: when the service or its image is another, or has another digest already: what
    ///   one environment proved may not be exchanged in the next.
    public mutating func setImage(
        of service: String, to reference: String
    ) throws(ManifestError) {
        let (uri, digest) = try Self.parts(of: reference)
        var services = json["services"]?.arrayValue ?? []
        guard let index = services.firstIndex(where: { $0["name"]?.stringValue == service }),
            var object = services[index].objectValue
        else {
            let names = services.compactMap { $0["name"]?.stringValue }
            throw ManifestError(
                "has no service \(service)",
                hint: names.isEmpty ? nil : "it has " + names.joined(separator: ", "))
        }
        guard var image = object["image"]?.objectValue else {
            throw ManifestError(
                "has no image for \(service)", hint: "name it in policies/release.yml")
        }
        guard image["uri"]?.stringValue == uri else {
            throw ManifestError(
                "has another image for \(service): \(image["uri"]?.stringValue ?? "none")")
        }
        if let present = image["digest"]?["sha256"]?.stringValue, present != digest {
            throw ManifestError(
                "has another digest for \(service) already: sha256:\(present)",
                hint: "an image that was rebuilt needs a new manifest")
        }
        image["digest"] = ["sha256": JSON(digest)]
        object["image"] = .object(image)
        services[index] = .object(object)
        replace("services", with: JSON(services))
    }

    private static func parts(
        of reference: String
    ) throws(ManifestError) -> (uri: String, digest: String) {
        let parts = reference.split(separator: "@", omittingEmptySubsequences: false)
        let prefix = "sha256:"
        guard parts.count == 2, !parts[0].isEmpty, parts[1].hasPrefix(prefix) else {
            throw ManifestError(
                "takes an image by its digest only",
                hint: "gate manifest set-image api registry.wrk.example/api@sha256:…")
        }
        let digest = String(parts[1].dropFirst(prefix.count))
        let isHex = digest.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
        }
        guard digest.utf8.count == 64, isHex else {
            throw ManifestError("takes a SHA-256 of 64 hexadecimal digits in lower case")
        }
        return (String(parts[0]), digest)
    }
}
