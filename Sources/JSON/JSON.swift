/// A JSON value (RFC 8259).
///
/// ```swift
/// let answer: JSON = ["verdict": "refused", "findings": [.object(finding)], "count": 1]
/// print(String(decoding: answer.pretty(), as: UTF8.self))
/// ```
///
/// Two values are equal when they are written the same (``canonical()``): strings by their bytes
/// and not by Unicode's canonical equivalence, objects whatever the order of their members.
public enum JSON: Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// A number with a fraction or an exponent. What is not finite is written as `null`.
    case double(Double)
    case string(String)
    case array([JSON])
    case object(Object)
}

extension JSON: Hashable {
    public static func == (left: JSON, right: JSON) -> Bool {
        left.canonical() == right.canonical()
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(canonical())
    }
}

/// What a value is, when it is that: nil otherwise.
extension JSON {
    public var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    public var integerValue: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    public var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    public var arrayValue: [JSON]? {
        if case .array(let value) = self { value } else { nil }
    }

    public var objectValue: Object? {
        if case .object(let value) = self { value } else { nil }
    }

    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The member of an object with this name; nil when there is none, or no object.
    public subscript(name: String) -> JSON? { objectValue?[name] }

    /// The element of an array at this position; nil when there is none, or no array.
    public subscript(position: Int) -> JSON? {
        guard let elements = arrayValue, elements.indices.contains(position) else { return nil }
        return elements[position]
    }
}

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringInterpolation,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }

    /// An object; of members with one name the last counts, in the place of the first.
    public init(dictionaryLiteral members: (String, JSON)...) {
        self = .object(Object(members))
    }
}

/// Values of Swift as JSON, so that a literal can hold variables: `["count": JSON(count)]`.
extension JSON {
    public init(_ value: Bool) { self = .bool(value) }
    public init(_ value: Int) { self = .integer(Int64(value)) }
    public init(_ value: Int64) { self = .integer(value) }
    public init(_ value: Double) { self = .double(value) }
    public init(_ value: String) { self = .string(value) }
    public init(_ values: some Sequence<JSON>) { self = .array(Array(values)) }
    public init(_ values: some Sequence<String>) { self = .array(values.map { .string($0) }) }
    public init(_ value: String?) { self = value.map { .string($0) } ?? .null }
    public init(_ value: Int?) { self = value.map { .integer(Int64($0)) } ?? .null }
    public init(_ value: Object) { self = .object(value) }
}
