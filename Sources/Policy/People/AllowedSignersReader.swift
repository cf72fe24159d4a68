import GitObjects

/// Reads `allowed_signers` (ssh-keygen(1), "ALLOWED SIGNERS"; OpenSSH's `sshsig.c`), line by line.
///
/// Stricter than OpenSSH where that would let one signature be several people's: a key answers to
/// one principal.
struct AllowedSignersReader {
    private let source: PolicyFile
    private var entries: [AllowedSigner] = []
    /// The index of the entry that named a key, and a principal in either case, first.
    private var entryByKey: [[UInt8]: Int] = [:]
    private var nameByFoldedName: [String: String] = [:]
    /// More patterns of authorities than anybody has: every name that a policy mentions is held against
    /// each of them.
    static let mostPatterns = 100
    private var patternCount = 0

    init(_ source: PolicyFile) {
        self.source = source
    }

    mutating func read(_ bytes: [UInt8]) -> AllowedSigners {
        guard bytes.count <= PolicyFile.largestFile else {
            source.report(
                line: 1,
                "the file has \(bytes.count) bytes; at most \(PolicyFile.largestFile) are read")
            return AllowedSigners()
        }
        var number = 0
        for line in bytes.split(separator: 0x0a, omittingEmptySubsequences: false) {
            number += 1
            var cursor = SignerLineCursor(line.last == 0x0d ? line.dropLast() : line)
            cursor.skipBlanks()
            guard let first = cursor.peek, first != UInt8(ascii: "#") else { continue }
            do throws(SignerLineError) {
                try add(try entry(&cursor, line: number))
            } catch {
                source.report(line: number, column: error.column, error.problem, hint: error.hint)
            }
        }
        return AllowedSigners(entries: entries)
    }

    private mutating func entry(
        _ cursor: inout SignerLineCursor, line: Int
    ) throws(SignerLineError) -> AllowedSigner {
        let location = source.location(line: line, column: cursor.column)
        let namesColumn = cursor.column
        let names = try cursor.names()
        var options = SignerOptions()
        var typeColumn = cursor.column
        var type = String(decoding: cursor.word(), as: UTF8.self)
        if !Self.looksLikeKeyType(type) {
            cursor.rewind(toColumn: typeColumn)
            options = try SignerOptions(&cursor)
            typeColumn = cursor.column
            type = String(decoding: cursor.word(), as: UTF8.self)
        }
        guard !type.isEmpty else {
            throw SignerLineError(typeColumn, "no key: a line is NAME [OPTIONS] TYPE KEY")
        }
        guard let keyType = PublicKeyType(rawValue: type) else {
            throw SignerLineError(
                typeColumn, "keys of type \(PolicyFile.shown(type)) are not supported",
                hint: type.contains("-cert-v01@")
                    ? "name the authority's key, with the option cert-authority"
                    : "use one of \(PublicKeyType.allCases.map(\.rawValue).joined(separator: ", "))"
            )
        }
        let blobColumn = cursor.column
        guard let blob = Base64.decode(cursor.word()), !blob.isEmpty else {
            throw SignerLineError(
                blobColumn, "the key is not base64", hint: "copy the whole line of the .pub file")
        }
        if let problem = keyType.problem(in: blob) { throw SignerLineError(blobColumn, problem) }
        var entry = AllowedSigner(
            principal: nil, keyType: type, keyBlob: blob, namespaces: options.namespaces,
            validAfter: options.validAfter, validBefore: options.validBefore, location: location)
        if options.isAuthority {
            entry.authorityPatterns = try authorityPatterns(names, column: namesColumn)
        } else {
            entry.principal = try principal(names, column: namesColumn)
        }
        return entry
    }

    /// Whether a word stands where the key's type does: options have other names.
    private static func looksLikeKeyType(_ word: String) -> Bool {
        word.utf8.starts(with: "ssh-".utf8) || word.utf8.starts(with: "sk-".utf8)
            || word.utf8.starts(with: "ecdsa-".utf8)
    }

    private func principal(
        _ names: ArraySlice<UInt8>, column: Int
    ) throws(SignerLineError) -> Principal {
        if names.contains(UInt8(ascii: ",")) {
            throw SignerLineError(
                column, "a key that names several people: \(shown(names))",
                hint: "one key, one principal; other addresses are aliases in policies/people.yml")
        }
        if names.contains(where: { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") }) {
            throw SignerLineError(
                column, "a wildcard without cert-authority: \(shown(names))",
                hint: "name the one principal whose key this is")
        }
        return Principal(try name(names, column: column))
    }

    private mutating func authorityPatterns(
        _ names: ArraySlice<UInt8>, column: Int
    ) throws(SignerLineError) -> [String] {
        var patterns: [String] = []
        for pattern in names.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            patternCount += 1
            guard patternCount <= Self.mostPatterns else {
                throw SignerLineError(
                    column, "more than \(Self.mostPatterns) patterns of certificate authorities",
                    hint: "one authority for *@wrk.example, say")
            }
            patterns.append(try name(pattern, column: column, isPattern: true))
        }
        return patterns
    }

    private func name(
        _ bytes: ArraySlice<UInt8>, column: Int, isPattern: Bool = false
    ) throws(SignerLineError) -> String {
        let isName = PrincipalName.isValid(bytes, isPattern: isPattern)
        guard isName else {
            throw SignerLineError(
                column, "not a principal's name: \(shown(bytes))",
                hint: "ASCII letters, digits and . _ % + @ = / : ~ -")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func add(_ entry: AllowedSigner) throws(SignerLineError) {
        if let index = entryByKey[entry.keyBlob] {
            let other = entries[index]
            guard other.principal == entry.principal, entry.principal != nil else {
                throw SignerLineError(
                    entry.location.column,
                    "this key already stands in line \(other.location.line) for \(other.names)",
                    hint: "one key, one principal")
            }
        }
        if let name = entry.principal?.name {
            let folded = People.folded(name)
            if let other = nameByFoldedName[folded], other != name {
                throw SignerLineError(
                    entry.location.column, "\(name) and \(other) differ in case only",
                    hint: "one person, one spelling")
            }
            nameByFoldedName[folded] = name
        }
        // Only now: the key of a line that is refused would be that of whichever entry comes next.
        if entryByKey[entry.keyBlob] == nil { entryByKey[entry.keyBlob] = entries.count }
        entries.append(entry)
    }
}

/// What is wrong in a line of `allowed_signers`, and where in it.
struct SignerLineError: Error {
    let column: Int
    let problem: String
    let hint: String?

    init(_ column: Int, _ problem: String, hint: String? = nil) {
        self.column = column
        self.problem = problem
        self.hint = hint
    }
}

/// How principals may be called: so that a name means the same in a shell, a mail and a list of
/// OpenSSH's, and no two look alike.
enum PrincipalName {
    static func isValid(_ bytes: some Collection<UInt8>, isPattern: Bool = false) -> Bool {
        guard let first = bytes.first, first != UInt8(ascii: "-"), first != UInt8(ascii: "@"),
            bytes.count <= 254
        else { return false }
        return bytes.allSatisfy { isPart($0, isPattern: isPattern) }
    }

    private static func isPart(_ byte: UInt8, isPattern: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "%"), UInt8(ascii: "+"),
            UInt8(ascii: "@"), UInt8(ascii: "="), UInt8(ascii: "/"), UInt8(ascii: ":"),
            UInt8(ascii: "~"), UInt8(ascii: "-"):
            true
        case UInt8(ascii: "*"), UInt8(ascii: "?"): isPattern
        default: false
        }
    }
}
