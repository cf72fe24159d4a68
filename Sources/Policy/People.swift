/// A person or machine that `allowed_signers` names: `alice@wrk.example`.
public struct Principal: Hashable, Sendable, Comparable, CustomStringConvertible,
    ExpressibleByStringLiteral
{
    public let name: String

    public init(_ name: String) {
        self.name = name
    }

    public init(stringLiteral name: String) {
        self.name = name
    }

    public var description: String { name }

    public static func < (left: Principal, right: Principal) -> Bool {
        left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
    }
}

/// Who an address in a commit belongs to.
public enum Identity: Hashable, Sendable {
    case principal(Principal)
    /// Matched by `outsiders`: nobody here, so they can be nobody's reviewer.
    case outsider
    /// Nobody that the policy knows: a finding wherever a contributor must be named.
    case unknown
}

/// `policies/people.yml`.
public struct People: Sendable {
    /// The name by which evidence names this repository.
    public var repository: String
    public var teams: [String: [Principal]]
    /// Other addresses and CODEOWNERS handles, by ``foldedAddress(_:)``.
    public var aliases: [String: Principal]
    public var outsiders: [String]
    /// All principals of `allowed_signers`.
    public var principals: Set<Principal>

    public init(
        repository: String, teams: [String: [Principal]] = [:],
        aliases: [String: Principal] = [:], outsiders: [String] = [],
        principals: Set<Principal> = []
    ) {
        self.repository = repository
        self.teams = teams
        self.aliases = aliases
        self.outsiders = outsiders
        self.principals = principals
    }
}

extension People {
    /// Whose address this is. Case is ignored for ASCII letters, as mail systems do in practice:
    /// two spellings of one address must not become two people.
    public func identity(of email: [UInt8]) -> Identity { .unknown }

    /// The members of the named teams and the named principals.
    public func members(of names: [String]) -> Set<Principal> { [] }

    /// Who an owner in CODEOWNERS is: a team's members, or the principal behind a handle or an
    /// address; empty when the policy knows nobody by that name.
    public func owners(named owner: String) -> Set<Principal> { [] }
}
