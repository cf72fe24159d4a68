public import Evidence
public import GitObjects

/// The engine's verdict on one landing, in the words of SLSA's verification summary.
public struct LandingGate: Hashable, Sendable {
    public var landing: ObjectID
    /// The commit whose policy judged.
    public var policy: ObjectID
    public var passed: Bool
    /// What is missing, each as a clause; empty when it passed.
    public var problems: [String]
    /// The lines of evidence that counted.
    public var evidence: [LineDigest]

    public init(
        landing: ObjectID, policy: ObjectID, passed: Bool, problems: [String],
        evidence: [LineDigest]
    ) {
        self.landing = landing
        self.policy = policy
        self.passed = passed
        self.problems = problems
        self.evidence = evidence
    }
}
