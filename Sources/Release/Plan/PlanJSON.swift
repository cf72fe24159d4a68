import Evidence
import GitObjects
import History
import Ledger
public import JSON
import Policy

extension ReleasePlan {
    /// The number of the manifest's schema: a reader refuses a larger one.
    public static var schemaVersion: Int { 1 }
    public static var manifestKind: String { "ReleaseManifest" }

    /// The manifest as docs/reference/manifest.md describes it.
    public func json() -> JSON {
        [
            "schemaVersion": JSON(Self.schemaVersion),
            "kind": JSON(Self.manifestKind),
            "release": [
                "id": JSON(id), "environment": JSON(request.environment),
                "train": JSON(request.train), "type": JSON(kind.rawValue),
                "createdOn": JSON(request.createdOn.description),
            ],
            "source": [
                "uri": JSON(request.sourceURI),
                "digest": ["gitCommit": JSON(range.head.hex), "gitTree": JSON(headTree.hex)],
                "annotations": ["sourceRefs": [JSON(text(request.ref.bytes))]],
            ],
            "range": [
                "base": ["revision": JSON(range.base?.hex ?? "")],
                "head": ["revision": JSON(range.head.hex)],
                "relation": JSON(range.relation.rawValue),
                "mergeBase": JSON(range.mergeBases.count == 1 ? range.mergeBases[0].hex : ""),
                "commitCount": JSON(range.commitCount),
                "changeCount": JSON(changes.count { $0.state.kind == .included }),
            ],
            "services": JSON(services.map(serviceJSON)),
            "changes": JSON(changes.map(changeJSON)),
            "migrations": JSON(migrations.map(Self.migrationJSON)),
            "config": JSON(
                config.map {
                    ["path": JSON(text($0.path.bytes)), "event": JSON($0.event.rawValue)]
                }
            ),
            "flags": JSON(flags.map(flagJSON)),
            "checklist": JSON(
                checklist.map { item in
                    [
                        "id": JSON(item.id), "text": JSON(item.text), "required": true,
                        "services": JSON(item.services), "done": false,
                    ]
                }),
            "gates": JSON(gates.map(gateJSON)),
            "shepherd": request.shepherd?.json() ?? [:],
            "holds": JSON(
                holds.map { held in
                    let name = name(of: held.landing)
                    return [
                        "id": JSON(name.id), "title": JSON(text(name.title)),
                        "landing": JSON(held.landing.hex), "by": JSON(held.by.name),
                        "reason": JSON(held.hold.reason), "createdOn": JSON(held.hold.createdOn),
                    ]
                }),
            "statements": [],
            "rollback": [
                "revision": JSON(range.base?.hex ?? ""),
                "blockedBy": JSON(rollbackObstacles),
            ],
            "warnings": JSON(
                warnings.map { ["kind": JSON($0.kind.rawValue), "text": JSON($0.text)] }),
        ]
    }

    /// What a landing of the range is called, be it of this train or another.
    private func name(of landing: ObjectID) -> (id: String, title: [UInt8]) {
        if let change = changes.first(where: { $0.landing.id == landing }) {
            return (change.id, change.title)
        }
        guard let other = range.landings.first(where: { $0.id == landing }) else {
            return (landing.short, [])
        }
        let label = ChangeLabel(of: other)
        return (label.id(of: landing), label.title)
    }

    /// What stays when the push is taken back, and, for a rollback, what stays behind it.
    private var rollbackObstacles: [String] {
        guard range.base != nil else { return [] }
        let event: FileEvent = kind == .rollback ? .removed : .added
        return migrations.filter { $0.event == event }
            .map { "migration \(text($0.app)) \(text($0.name)) stays applied" }
    }

    /// https://slsa.dev/spec/v1.0/verification_summary
    private func gateJSON(_ gate: LandingGate) -> JSON {
        [
            "landing": JSON(gate.landing.hex), "verifier": ["id": "urn:gate:verifier:v1"],
            "timeVerified": JSON(request.createdOn.description),
            "policy": [
                "uri": JSON(request.sourceURI), "digest": ["gitCommit": JSON(gate.policy.hex)],
            ],
            "verificationResult": JSON(gate.passed ? "PASSED" : "FAILED"),
            "problems": JSON(gate.problems),
            "inputAttestations": JSON(
                gate.evidence.map { ["digest": ["sha256": JSON($0.hex)]] }),
        ]
    }

    private func serviceJSON(_ change: ServiceChange) -> JSON {
        var object: JSON.Object = [
            "name": JSON(change.service.name), "changed": JSON(change.changed),
            "reason": JSON(change.reason.rawValue),
            "paths": JSON(change.paths.map { text($0.bytes) }),
        ]
        var digest: JSON.Object = [:]
        if let deployed = change.deployedDigest { digest["sha256"] = JSON(deployed) }
        object["previous"] = [
            "revision": JSON(range.base?.hex ?? ""), "digest": .object(digest),
        ]
        if let uri = change.service.image {
            object["image"] = [
                "name": JSON(change.service.name), "uri": JSON(uri), "digest": [:],
                "annotations": [
                    "org.opencontainers.image.revision": JSON(range.head.hex),
                    "org.opencontainers.image.source": JSON(request.sourceURI),
                    "org.opencontainers.image.created": JSON(request.createdOn.description),
                ],
            ]
        }
        return .object(object)
    }

    private func changeJSON(_ change: Entry) -> JSON {
        [
            "id": JSON(change.id), "title": JSON(text(change.title)), "url": JSON(url(of: change)),
            "state": JSON(change.state.kind.rawValue),
            "matchedBy": JSON(change.state.matchedBy?.rawValue ?? ""),
            "match": JSON(change.state.match?.hex ?? ""),
            "reverts": JSON(change.state.reverts.map(\.hex)),
            "partlyReverts": JSON(change.state.partlyReverts.map(\.hex)),
            "landing": JSON(change.landing.id.hex),
            "commits": JSON(change.commits.reversed().map(\.id.hex)),
            "authors": JSON(change.authors.map(personJSON)),
            "reviewers": JSON(change.reviewers.map(personJSON)),
            "bypasses": JSON(
                change.bypasses.map { bypass in
                    [
                        "by": JSON(bypass.principal.name), "ruleset": JSON(bypass.ruleset),
                        "reason": JSON(bypass.reason),
                    ]
                }),
            "tickets": JSON(change.tickets), "services": JSON(change.services),
            "migrations": JSON(change.migrations.map { text($0.path.bytes) }),
            "config": JSON(change.config.map { text($0.bytes) }), "flags": JSON(change.flags),
            "timings": [
                "authored": JSON(change.authored.description),
                "committed": JSON(change.committed.description),
                "landed": JSON(change.landed.description),
            ],
        ]
    }

    /// Where the change can be read about, when the source's address says which forge it is.
    private func url(of change: Entry) -> String {
        guard request.sourceURI.utf8.starts(with: "https://".utf8) else { return "" }
        let isPlainEnd = request.sourceURI.hasSuffix(".git")
        let project = isPlainEnd ? String(request.sourceURI.dropLast(4)) : request.sourceURI
        switch change.reference {
        case .pullRequest(let number): return "\(project)/pull/\(number)"
        case .mergeRequest(let number): return "\(project)/-/merge_requests/\(number)"
        case .changeID, nil: return ""
        }
    }

    private func personJSON(_ person: Mailmap.Person) -> JSON {
        let name = person.name.isEmpty ? person.email : person.name
        return ["name": JSON(text(name)), "email": JSON(text(person.email))]
    }

    private static func migrationJSON(_ migration: Migration) -> JSON {
        [
            "app": JSON(text(migration.app)), "name": JSON(text(migration.name)),
            "path": JSON(text(migration.path.bytes)), "event": JSON(migration.event.rawValue),
        ]
    }

    private func flagJSON(_ change: FlagChange) -> JSON {
        [
            "name": JSON(change.name), "file": JSON(text(change.file.bytes)),
            "event": JSON(change.event.rawValue), "turnsOn": JSON(change.turnsOn),
            "turnsOff": JSON(change.turnsOff), "before": Self.flagStateJSON(change.old),
            "after": Self.flagStateJSON(change.new),
        ]
    }

    private static func flagStateJSON(_ flag: FeatureFlag?) -> JSON {
        guard let flag else { return [:] }
        let variants = flag.variants.sorted { utf8Order($0.key, $1.key) }
        return [
            "state": JSON(flag.isEnabled ? "ENABLED" : "DISABLED"),
            "defaultVariant": JSON(flag.defaultVariant ?? ""),
            "variants": .object(JSON.Object(variants.map { ($0.key, JSON($0.value)) })),
        ]
    }
}

/// Bytes as text for a machine: what is not UTF-8 becomes U+FFFD.
private func text(_ bytes: [UInt8]) -> String {
    String(decoding: bytes, as: UTF8.self)
}

extension JSON {
    /// The bytes of a manifest: members sorted by name, indented, safe to show on a terminal, one
    /// newline at the end.
    public func manifestBytes() -> [UInt8] {
        sortedByName().pretty() + [0x0a]
    }

    private func sortedByName() -> JSON {
        switch self {
        case .object(let object):
            let members = object.members.sorted { utf8Order($0.name, $1.name) }
            return .object(JSON.Object(members.map { ($0.name, $0.value.sortedByName()) }))
        case .array(let elements): return .array(elements.map { $0.sortedByName() })
        case .null, .bool, .integer, .double, .string: return self
        }
    }
}
