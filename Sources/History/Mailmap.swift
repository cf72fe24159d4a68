/// git's `.mailmap`: under which name and address a person is to be shown (gitmailmap(5)).
public struct Mailmap: Sendable {
    /// A person as a commit or a trailer names them.
    public struct Person: Hashable, Sendable, Comparable {
        public var name: [UInt8]
        public var email: [UInt8]

        public init(name: [UInt8], email: [UInt8]) {
            self.name = name
            self.email = email
        }

        public static func < (left: Person, right: Person) -> Bool {
            if left.email != right.email {
                return left.email.lexicographicallyPrecedes(right.email)
            }
            return left.name.lexicographicallyPrecedes(right.name)
        }
    }

    private struct Target {
        var name: [UInt8]?
        var email: [UInt8]?
        var isEmpty: Bool { name == nil && email == nil }
    }

    private struct Entry {
        var simple = Target()
        /// By the name that the commit has, in lower case.
        var byName: [[UInt8]: Target] = [:]
    }

    private var entries: [[UInt8]: Entry] = [:]

    /// A file that maps nobody.
    public init() {}

    /// Reads a file as git does (`mailmap.c`): lines that name no address are skipped, later lines
    /// win.
    public init(parsing bytes: [UInt8]) {
        for line in bytes.split(separator: 0x0a) where line.first != 0x23 {
            guard let (first, rest) = Self.person(line, mayBeEmpty: false) else { continue }
            let second = Self.person(rest, mayBeEmpty: true)?.person
            add(first, second)
        }
    }

    /// How to show a person.
    public func resolve(_ person: Person) -> Person {
        guard let entry = entries[Self.folded(person.email[...])] else { return person }
        let target = entry.byName[Self.folded(person.name[...])] ?? entry.simple
        return Person(name: target.name ?? person.name, email: target.email ?? person.email)
    }

    /// - Parameters:
    ///   - first: the proper name and address; with one address only, that of the commits.
    ///   - second: what the commits have, where it is given.
    private mutating func add(
        _ first: (name: [UInt8]?, email: [UInt8]), _ second: (name: [UInt8]?, email: [UInt8])?
    ) {
        let key = Self.folded((second?.email ?? first.email)[...])
        let newEmail = second == nil ? nil : first.email
        var entry = entries[key] ?? Entry()
        if let oldName = second?.name {
            entry.byName[Self.folded(oldName[...])] = Target(name: first.name, email: newEmail)
        } else {
            if let name = first.name { entry.simple.name = name }
            if let newEmail { entry.simple.email = newEmail }
        }
        entries[key] = entry
    }

    /// `Name <address>`; what stands behind it.
    private static func person(
        _ line: ArraySlice<UInt8>, mayBeEmpty: Bool
    ) -> (person: (name: [UInt8]?, email: [UInt8]), rest: ArraySlice<UInt8>)? {
        guard let open = line.firstIndex(of: 0x3c),
            let close = line[(open + 1)...].firstIndex(of: 0x3e),
            mayBeEmpty || close > open + 1
        else { return nil }
        let name = trimmed(line[..<open])
        let person = (
            name: name.isEmpty ? nil : Array(name), email: Array(line[(open + 1)..<close])
        )
        return (person, line[(close + 1)...])
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
        var slice = text
        while let first = slice.first, isSpace(first) { slice.removeFirst() }
        while let last = slice.last, isSpace(last) { slice.removeLast() }
        return slice
    }

    private static func folded(_ text: ArraySlice<UInt8>) -> [UInt8] {
        text.map { (0x41...0x5a).contains($0) ? $0 + 0x20 : $0 }
    }
}
