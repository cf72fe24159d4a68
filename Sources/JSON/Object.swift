extension JSON {
    /// The members of a JSON object, each name once, in the order in which they were added.
    ///
    /// Looking a member up takes time linear in their number: objects here are small.
    public struct Object: Sendable {
        /// One member.
        public struct Member: Sendable {
            public let name: String
            public var value: JSON

            public init(_ name: String, _ value: JSON) {
                self.name = name
                self.value = value
            }
        }

        public private(set) var members: [Member] = []

        public init() {}

        /// An object with these members; of those with one name the last counts, in the place of
        /// the first.
        public init(_ members: some Sequence<(String, JSON)>) {
            var positions: [[UInt8]: Int] = [:]
            for (name, value) in members {
                // In a small object looking costs less than hashing; a large one must not cost the
                // square of its size.
                guard count >= 16 else {
                    self[name] = value
                    continue
                }
                if positions.isEmpty {
                    for (position, member) in self.members.enumerated() {
                        positions[Array(member.name.utf8)] = position
                    }
                }
                if let position = positions[Array(name.utf8)] {
                    self.members[position].value = value
                } else {
                    positions[Array(name.utf8)] = count
                    self.members.append(Member(name, value))
                }
            }
        }

        /// For the reader, which has seen that no name stands twice.
        init(unique members: [Member]) {
            self.members = members
        }

        public var names: [String] { members.map(\.name) }
        public var count: Int { members.count }
        public var isEmpty: Bool { members.isEmpty }

        /// The member with this name, compared byte by byte. A new one is added behind the others;
        /// nil removes it.
        public subscript(name: String) -> JSON? {
            get {
                members.first { $0.name.hasSameBytes(as: name) }?.value
            }
            set {
                let position = members.firstIndex { $0.name.hasSameBytes(as: name) }
                switch (position, newValue) {
                case (let position?, let value?): members[position].value = value
                case (let position?, nil): members.remove(at: position)
                case (nil, let value?): members.append(Member(name, value))
                case (nil, nil): break
                }
            }
        }
    }
}

extension JSON.Object: Hashable {
    public static func == (left: JSON.Object, right: JSON.Object) -> Bool {
        JSON.object(left) == JSON.object(right)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(JSON.object(self))
    }
}

extension JSON.Object: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral members: (String, JSON)...) {
        self.init(members)
    }
}

extension String {
    /// Swift's `==` follows Unicode's canonical equivalence; JSON names are bytes here.
    func hasSameBytes(as other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }
}
