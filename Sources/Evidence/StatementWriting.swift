public import GitObjects
import History
import JSON

extension Statement {
    /// in-toto's name for this kind of statement.
    static let type = "https://in-toto.io/Statement/v1"

    /// A statement about a commit or, for a test result, about a tree.
    public init(subject: ObjectID, repository: String, predicate: Predicate) {
        self.init(
            subject: subject, subjectKind: predicate.subjectKind, repository: repository,
            predicate: predicate)
    }

    /// The canonical bytes that are signed, see docs/reference/evidence.md.
    ///
    /// - Throws: when it could not be read back: a ref that is not UTF-8, a list that is not
    ///   sorted, an empty reason.
    public func payload() throws(EvidenceError) -> [UInt8] {
        let bytes = encoded()
        guard try Statement(payload: bytes) == self else {
            throw EvidenceError("cannot be written as it is: a name is not UTF-8")
        }
        return bytes
    }

    func encoded() -> [UInt8] {
        let digest: JSON.Object = [
            subjectKind == .tree ? "gitTree" : "gitCommit": JSON(subject.hex)
        ]
        let value: JSON = [
            "_type": JSON(Self.type),
            "predicate": predicate.json,
            "predicateType": JSON(predicate.type),
            "subject": [
                [
                    "annotations": ["repository": JSON(repository)],
                    "digest": JSON(digest),
                    "name": JSON(subject.hex),
                ]
            ],
        ]
        return value.canonical()
    }
}

extension Predicate {
    /// The predicate type's URI.
    public var type: String {
        switch self {
        case .review: Review.predicateType
        case .testResult: TestResult.predicateType
        case .bypass: Bypass.predicateType
        case .deployment: Deployment.predicateType
        case .hold: Hold.predicateType
        }
    }

    /// The namespace in which statements of this type are signed (ssh-keygen(1), `-n`).
    public var namespace: String {
        switch self {
        case .review: "gate-review"
        case .testResult: "gate-check"
        case .bypass: "gate-bypass"
        case .deployment, .hold: "gate-deploy"
        }
    }

    /// What such a statement is about: a test result about a tree, the others about a commit.
    public var subjectKind: ObjectKind {
        switch self {
        case .testResult: .tree
        case .review, .bypass, .deployment, .hold: .commit
        }
    }

    fileprivate var json: JSON {
        switch self {
        case .review(let review): review.json
        case .testResult(let result): result.json
        case .bypass(let bypass): bypass.json
        case .deployment(let deployment): deployment.json
        case .hold(let hold): hold.json
        }
    }
}

private func sha256(_ hex: String) -> JSON { ["sha256": JSON(hex)] }

extension Review {
    static let predicateType = "urn:gate:review:v1"

    fileprivate var json: JSON {
        [
            "base": JSON(base.hex),
            "changeDigest": changeDigest.map { sha256($0.hex) } ?? nil,
            "comment": JSON(comment),
            "createdOn": JSON(createdOn),
            "state": JSON(state.rawValue),
            "supersedes": JSON(supersedes.map(\.hex)),
            "targetRef": JSON(String(decoding: targetRef.bytes, as: UTF8.self)),
        ]
    }
}

extension TestResult {
    static let predicateType = "https://in-toto.io/attestation/test-result/v0.1"

    fileprivate var json: JSON {
        [
            "configuration": [["digest": sha256(definition), "name": JSON(check)]],
            "failedTests": JSON(failedTests),
            "passedTests": JSON(passedTests),
            "result": JSON(result.rawValue),
            "url": JSON(url),
        ]
    }
}

extension Bypass {
    static let predicateType = "urn:gate:bypass:v1"

    fileprivate var json: JSON {
        [
            "new": JSON(new.hex),
            "old": JSON(old.hex),
            "reason": JSON(reason),
            "ref": JSON(String(decoding: ref.bytes, as: UTF8.self)),
            "ruleset": JSON(ruleset),
        ]
    }
}

extension Deployment {
    static let predicateType = "urn:gate:deployment:v1"

    fileprivate var json: JSON {
        let images = images.map { image -> JSON in
            ["digest": sha256(image.digest), "name": JSON(image.name), "uri": JSON(image.uri)]
        }
        return [
            "createdOn": JSON(createdOn),
            "environment": JSON(environment),
            "images": JSON(images),
            "operator": JSON(self.operator),
            "outcome": JSON(outcome.rawValue),
            "overrides": JSON(
                overrides.map { override -> JSON in
                    ["limit": JSON(override.limit.rawValue), "reason": JSON(override.reason)]
                }),
            "planDigest": sha256(planDigest),
            "previous": JSON(previous?.hex),
            "releaseId": JSON(releaseID),
            "ticks": JSON(ticks),
            "train": JSON(train),
        ]
    }
}

extension Hold {
    static let predicateType = "urn:gate:hold:v1"

    fileprivate var json: JSON {
        [
            "createdOn": JSON(createdOn),
            "reason": JSON(reason),
            "ref": JSON(String(decoding: ref.bytes, as: UTF8.self)),
            "state": JSON(state.rawValue),
            "supersedes": JSON(supersedes.map(\.hex)),
        ]
    }
}
