public import Evidence
import GitObjects
import JSON

extension Manifest {
    /// The manifest of a release that was started: its plan, and what signed statements have added
    /// since. It is the same in every clone that has the same statements.
    ///
    /// - Parameters:
    ///   - statements: those of the release, oldest first.
    ///   - ticks: items ticked for it elsewhere: on the environment before.
    public init(
        plan: [UInt8], statements: [DeploymentChain.Link], ticks: [String] = []
    ) throws(ManifestError) {
        try self.init(parsing: plan)
        let images = statements.last?.deployment.images ?? []
        let ticked = Set(ticks + (statements.last?.deployment.ticks ?? []))
        replace("services", with: JSON(json.list("services").map { Self.service($0, images) }))
        replace(
            "checklist",
            with: JSON(
                json.list("checklist").map { item in
                    Self.setting("done", of: item, to: JSON(ticked.contains(item.text("id"))))
                }))
        replace("statements", with: JSON(statements.map(Self.statement)))
    }

    private static func service(_ service: JSON, _ images: [Deployment.Image]) -> JSON {
        guard let image = service["image"],
            let known = images.first(where: { $0.name == service.text("name") })
        else { return service }
        return setting(
            "image", of: service,
            to: setting("digest", of: image, to: ["sha256": JSON(known.digest)]))
    }

    private static func setting(_ name: String, of value: JSON, to member: JSON) -> JSON {
        var object = value.objectValue ?? [:]
        object[name] = member
        return .object(object)
    }

    private static func statement(_ link: DeploymentChain.Link) -> JSON {
        [
            "line": JSON(link.digest.hex), "revision": JSON(link.revision.hex),
            "outcome": JSON(link.deployment.outcome.rawValue),
            "operator": JSON(link.deployment.operator),
            "keyid": JSON(link.keyID),
            "createdOn": JSON(link.deployment.createdOn),
            "overrides": JSON(
                link.deployment.overrides.map { override in
                    ["limit": JSON(override.limit.rawValue), "reason": JSON(override.reason)]
                }),
        ]
    }

    /// The images whose digests it names, sorted by service.
    public var images: [Deployment.Image] {
        json.list("services").compactMap { service in
            guard let image = service["image"] else { return nil }
            let digest = image.text("digest", "sha256")
            if digest.isEmpty { return nil }
            return Deployment.Image(
                name: service.text("name"), uri: image.text("uri"), digest: digest)
        }.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// The services that are deployed anew from an image and lack its digest.
    public var servicesWithoutDigest: [String] {
        json.list("services").filter { service in
            service["image"] != nil && service.flag("changed")
                && service["image"]?.text("digest", "sha256").isEmpty == true
        }.map { $0.text("name") }
    }

    public var changedServices: Set<String> {
        Set(json.list("services").filter { $0.flag("changed") }.map { $0.text("name") })
    }

    /// The plan in it: what it was before statements added anything.
    public func planBytes() -> [UInt8] {
        var plan = self
        plan.replace(
            "services",
            with: JSON(
                json.list("services").map { service in
                    guard let image = service["image"] else { return service }
                    return Self.setting(
                        "image", of: service, to: Self.setting("digest", of: image, to: [:]))
                }))
        plan.replace(
            "checklist",
            with: JSON(json.list("checklist").map { Self.setting("done", of: $0, to: false) }))
        plan.replace("statements", with: [])
        return plan.json.manifestBytes()
    }

    /// The digests of the statements that have added to it.
    public var statementLines: [String] { json.list("statements").map { $0.text("line") } }
    /// The items that are done.
    public var ticked: [String] {
        json.list("checklist").filter { $0.flag("done") }.map { $0.text("id") }
    }
    public var releaseID: String { json.text("release", "id") }
    public var environment: String { json.text("release", "environment") }
    public var train: String { json.text("release", "train") }
    public var isRollback: Bool { json.text("release", "type") == "rollback" }
    public var createdOn: String { json.text("release", "createdOn") }
    /// The commit that is deployed, 40 hexadecimal digits in a manifest that gate made.
    public var head: String { json.text("range", "head", "revision") }
    /// The branch that was released, as a full name.
    public var sourceRef: String {
        json["source"]?["annotations"]?.texts("sourceRefs").first ?? ""
    }
    /// What taking the release back would leave behind, or what a rollback leaves.
    public var rollbackObstacles: [String] { json["rollback"]?.texts("blockedBy") ?? [] }
    public var base: String { json.text("range", "base", "revision") }

    /// The items of the checklist that must be ticked, with their words.
    public var requiredItems: [(id: String, text: String)] {
        json.list("checklist").filter { $0.flag("required") }
            .map { ($0.text("id"), $0.text("text")) }
    }
}
