public import JSON

/// Where in a manifest a value stands: `release.id`, `services.api.image.uri`,
/// `changes[0].title`, `changes.*.id`, `…annotations["org.opencontainers.image.created"]`.
///
/// In a list, a name stands for the element whose `name` or `id` it is, a number for the element
/// at that place, and `*` for each of them.
public struct ManifestPath: Hashable, Sendable {
    enum Step: Hashable, Sendable {
        case name(String)
        case every
    }

    let steps: [Step]

    /// The whole manifest.
    public init() {
        steps = []
    }

    /// - Throws: when brackets or quotation marks do not fit.
    public init(parsing text: String) throws(ManifestError) {
        var steps: [Step] = []
        var rest = Array(text.utf8)[...]
        while let first = rest.first {
            if first == UInt8(ascii: "[") {
                steps.append(try Self.bracket(&rest))
            } else {
                if first == UInt8(ascii: ".") { rest.removeFirst() }
                let name = rest.prefix { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "[") }
                guard !name.isEmpty else {
                    if steps.isEmpty, rest.isEmpty { break }
                    throw ManifestError("cannot be read at that path: a name is missing")
                }
                rest = rest[name.endIndex...]
                steps.append(Self.step(name))
            }
        }
        self.steps = steps
    }

    private static func bracket(_ rest: inout ArraySlice<UInt8>) throws(ManifestError) -> Step {
        rest.removeFirst()
        let isQuoted = rest.first == UInt8(ascii: "\"")
        if isQuoted { rest.removeFirst() }
        let end = UInt8(ascii: isQuoted ? "\"" : "]")
        let name = rest.prefix { $0 != end }
        rest = rest[name.endIndex...]
        guard rest.first == end, !name.isEmpty || isQuoted else {
            throw ManifestError("cannot be read at that path: a bracket is not closed")
        }
        rest.removeFirst()
        if isQuoted {
            guard rest.first == UInt8(ascii: "]") else {
                throw ManifestError("cannot be read at that path: a bracket is not closed")
            }
            rest.removeFirst()
            return .name(String(decoding: name, as: UTF8.self))
        }
        return step(name)
    }

    private static func step(_ name: ArraySlice<UInt8>) -> Step {
        name.elementsEqual("*".utf8) ? .every : .name(String(decoding: name, as: UTF8.self))
    }
}

extension Manifest {
    /// A value with the names that lead to it.
    public struct Found: Sendable {
        public let names: [String]
        public let value: JSON
    }

    /// What stands at a path, in the manifest's order; several where the path has `*`.
    ///
    /// - Throws: when there is nothing.
    public func values(at path: ManifestPath) throws(ManifestError) -> [Found] {
        var found = [Found(names: [], value: json)]
        for step in path.steps {
            var next: [Found] = []
            for one in found { next += try Self.follow(step, from: one) }
            found = next
        }
        return found
    }

    private static func follow(
        _ step: ManifestPath.Step, from found: Found
    ) throws(ManifestError) -> [Found] {
        switch step {
        case .every:
            if let elements = found.value.arrayValue {
                return elements.enumerated().map { index, element in
                    Found(names: found.names + [label(of: element, index)], value: element)
                }
            }
            if let object = found.value.objectValue {
                return object.members.map {
                    Found(names: found.names + [$0.name], value: $0.value)
                }
            }
        case .name(let name):
            if let value = found.value[name] {
                return [Found(names: found.names + [name], value: value)]
            }
            if let elements = found.value.arrayValue,
                let element = elements.first(where: { isCalled($0, name) })
                    ?? Int(name).flatMap({ found.value[$0] })
            {
                return [Found(names: found.names + [name], value: element)]
            }
        }
        let place = found.names.isEmpty ? "the manifest" : found.names.joined(separator: ".")
        switch step {
        case .every: throw ManifestError("has nothing inside \(place)")
        case .name(let name): throw ManifestError("has no \(name) in \(place)")
        }
    }

    private static func isCalled(_ element: JSON, _ name: String) -> Bool {
        element["name"]?.stringValue == name || element["id"]?.stringValue == name
    }

    private static func label(of element: JSON, _ index: Int) -> String {
        element["name"]?.stringValue ?? String(index)
    }
}
