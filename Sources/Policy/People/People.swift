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
    public var teams: [String: [Principal]] {
        didSet { indexTeams() }
    }
    /// Other addresses and CODEOWNERS handles, by ``foldedAddress(_:)``.
    public var aliases: [String: Principal] {
        didSet { indexAddresses() }
    }
    public var outsiders: [String] {
        didSet { indexOutsiders() }
    }
    /// All principals of `allowed_signers`: those whose key it lists, and those that a team or an
    /// alias names and a certificate authority of it may certify.
    public var principals: Set<Principal> {
        didSet { indexAddresses() }
    }

    /// Everybody's own name and aliases, folded: a push may name thousands of authors.
    private var addresses: [String: Principal] = [:]
    private var foldedTeams: [String: [Principal]] = [:]
    private var outsiderGlobs: [Glob] = []

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
        indexAddresses()
        indexTeams()
        indexOutsiders()
    }

    private mutating func indexAddresses() {
        addresses = [:]
        for (address, principal) in aliases { addresses[Self.folded(address)] = principal }
        // An own name is stronger than an alias; a policy in which the two differ is not valid.
        for principal in principals { addresses[Self.folded(principal.name)] = principal }
    }

    private mutating func indexTeams() {
        foldedTeams = [:]
        for (team, members) in teams { foldedTeams[Self.folded(team), default: []] += members }
    }

    private mutating func indexOutsiders() {
        outsiderGlobs = outsiders.map { Glob(addresses: $0) }
    }
}

extension People {
    /// An address with its ASCII letters in lower case; nil when it is not UTF-8, and so no
    /// address that a policy could name.
    public static func foldedAddress(_ address: some Sequence<UInt8>) -> String? {
        String(validating: address.map(fold), as: UTF8.self)
    }

    /// A text with its ASCII letters in lower case, and no others: two names must not become one
    /// by rules of Unicode that mail systems do not follow.
    static func folded(_ text: String) -> String {
        if !text.utf8.contains(where: { $0 &- 0x41 < 26 }) { return text }
        return String(decoding: text.utf8.map(fold), as: UTF8.self)
    }

    private static func fold(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }

    /// Whose address this is. Case is ignored for ASCII letters, as mail systems do in practice:
    /// two spellings of one address must not become two people.
    public func identity(of email: [UInt8]) -> Identity {
        // Handles stand among the aliases and are no addresses.
        if let address = Self.foldedAddress(email), !address.utf8.starts(with: "@".utf8),
            let principal = addresses[address]
        {
            return .principal(principal)
        }
        return outsiderGlobs.contains { $0.matches(email) } ? .outsider : .unknown
    }

    /// The members of the named teams and the named principals; names that are neither add nobody.
    public func members(of names: [String]) -> Set<Principal> {
        var members: Set<Principal> = []
        for name in names {
            if let team = teams[name] {
                members.formUnion(team)
            } else if principals.contains(Principal(name)) {
                members.insert(Principal(name))
            }
        }
        return members
    }

    /// Whether one of those whom a list names is wanted, asking no more of them than it takes.
    func members(of names: [String], contain isWanted: (Principal) -> Bool) -> Bool {
        names.contains { name in
            if let team = teams[name] { return team.contains(where: isWanted) }
            let principal = Principal(name)
            return principals.contains(principal) && isWanted(principal)
        }
    }

    /// Who an owner in CODEOWNERS is: a team's members, or the principal behind a handle or an
    /// address; empty when the policy knows nobody by that name.
    ///
    /// A team is named by the last part of `@organisation/team`. A plain `@name` is a handle among
    /// the aliases before it is a team.
    public func owners(named owner: String) -> Set<Principal> {
        let name = Self.folded(owner)
        if let principal = addresses[name] { return [principal] }
        guard name.utf8.first == UInt8(ascii: "@") else { return [] }
        let parts = name.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let team = parts.last else { return [] }
        return Set(foldedTeams[String(team)] ?? [])
    }
}

extension Glob {
    /// A pattern for mail addresses: `*` is any text, ASCII letters match in either case.
    fileprivate init(addresses pattern: String) {
        let tokens = People.folded(pattern).utf8.map { byte -> Token in
            byte == UInt8(ascii: "*") ? .everything : .byte(byte)
        }
        self.init(tokens, foldsCase: true)
    }
}
