import Evidence
import JSON

/// The manifest as an in-toto Statement v1 (docs/reference/manifest.md).
extension Manifest {
    public static var predicateType: String { "urn:gate:manifest:v1" }
    private static var statementType: String { "https://in-toto.io/Statement/v1" }

    /// The statement's canonical bytes: the subjects are the commit and the images.
    public func statementPayload() -> [UInt8] {
        let commit: JSON = [
            "name": JSON(json.text("source", "uri")), "digest": ["gitCommit": JSON(head)],
        ]
        let images = images.map { image -> JSON in
            ["name": JSON(image.uri), "digest": ["sha256": JSON(image.digest)]]
        }
        let statement: JSON = [
            "_type": JSON(Self.statementType), "predicateType": JSON(Self.predicateType),
            "subject": JSON([commit] + images), "predicate": json,
        ]
        return statement.canonical()
    }

    /// Reads the manifest in a statement, whose subjects must be the manifest's own.
    public init(statement payload: [UInt8]) throws(ManifestError) {
        let statement: JSON
        do throws(JSONError) {
            statement = try JSON(parsing: payload)
        } catch {
            throw ManifestError("is no JSON: \(error)")
        }
        guard statement["_type"]?.stringValue == Self.statementType,
            statement["predicateType"]?.stringValue == Self.predicateType,
            let predicate = statement["predicate"]
        else { throw ManifestError("is an attestation of something else than a manifest") }
        try self.init(parsing: predicate.manifestBytes())
        guard statementPayload() == payload else {
            throw ManifestError("is an attestation whose subjects are not its manifest's")
        }
    }

    /// The paths at which two manifests differ, as `gate manifest get` writes them, sorted.
    public func differences(from other: Manifest) -> [String] {
        var paths: [String] = []
        Self.compare(json, other.json, at: "", into: &paths)
        return paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func compare(
        _ one: JSON, _ other: JSON, at path: String, into paths: inout [String]
    ) {
        if let left = one.objectValue, let right = other.objectValue {
            for name in Set(left.names).union(right.names) {
                let inner = path.isEmpty ? name : "\(path).\(name)"
                guard let a = left[name], let b = right[name] else {
                    paths.append(inner)
                    continue
                }
                compare(a, b, at: inner, into: &paths)
            }
        } else if let left = one.arrayValue, let right = other.arrayValue,
            left.count == right.count
        {
            for (index, pair) in zip(left, right).enumerated() {
                compare(pair.0, pair.1, at: "\(path)[\(index)]", into: &paths)
            }
        } else if one.canonical() != other.canonical() {
            paths.append(path)
        }
    }
}
