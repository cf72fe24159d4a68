import JSON

/// How `gate manifest get` writes values.
public enum ValueFormat: String, Hashable, Sendable, CaseIterable {
    /// A scalar on a line of its own, a list as its elements, anything else as compact JSON.
    case lines
    /// A table with a first line of names.
    case tsv
    /// `NAME='value'`, to be read by `eval`.
    case env
    case json
}

extension Manifest {
    /// Values as text, each line with its newline.
    public func text(of found: [Found], as format: ValueFormat) -> String {
        switch format {
        case .lines: found.flatMap { Self.lines($0.value) }.map { $0 + "\n" }.joined()
        case .tsv: Self.table(found.map(\.value))
        case .env: environment(found)
        case .json: found.map { Self.compact($0.value) + "\n" }.joined()
        }
    }

    /// JSON on one line. Control characters stand only in its strings, where they can be escaped:
    /// no value of a manifest can steer the terminal of who reads it.
    private static func compact(_ value: JSON) -> String {
        var text = ""
        for scalar in String(decoding: value.canonical(), as: UTF8.self).unicodeScalars {
            if let escape = escape(scalar) {
                text += escape
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// A control character as JSON escapes it; nil for any other.
    private static func escape(_ scalar: Unicode.Scalar) -> String? {
        guard scalar.properties.generalCategory == .control else { return nil }
        let digits = String(scalar.value, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// A scalar as its own text; nil for lists and objects.
    private static func scalar(_ value: JSON) -> String? {
        switch value {
        case .string(let text): text
        case .null: ""
        case .bool, .integer, .double: compact(value)
        case .array, .object: nil
        }
    }

    private static func lines(_ value: JSON) -> [String] {
        if let text = scalar(value) { return [oneLine(text)] }
        if let elements = value.arrayValue {
            return elements.map { scalar($0).map(oneLine) ?? compact($0) }
        }
        return [compact(value)]
    }

    /// A value must not look like two.
    private static func oneLine(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }

    // MARK: tsv

    private static func table(_ values: [JSON]) -> String {
        let rows = values.flatMap { $0.arrayValue ?? [$0] }
        // A value among objects would stand under the name of another: without names, each is one.
        let isTable = rows.allSatisfy { $0.objectValue != nil }
        let names = isTable ? Self.names(of: rows) : []
        var text = names.isEmpty ? "" : names.map(cell).joined(separator: "\t") + "\n"
        for row in rows {
            let cells = isTable ? Self.cells(of: row, under: names) : [scalar(row) ?? compact(row)]
            text += cells.map(cell).joined(separator: "\t") + "\n"
        }
        return text
    }

    private static func cells(of row: JSON, under names: [String]) -> [String] {
        var values: [[UInt8]: JSON] = [:]
        for member in row.objectValue?.members ?? [] {
            values[Array(member.name.utf8)] = member.value
        }
        return names.map { name in values[Array(name.utf8)].map { scalar($0) ?? compact($0) } ?? ""
        }
    }

    /// Every name that an object has, sorted.
    private static func names(of rows: [JSON]) -> [String] {
        let all = rows.flatMap { $0.objectValue?.names ?? [] }.sorted(by: utf8Order)
        let isFirst = zip(all.dropFirst(), all).map { utf8Order($1, $0) }
        return zip(all, [true] + isFirst).filter(\.1).map(\.0)
    }

    /// As in IANA's text/tab-separated-values made safe, and as `jq -r @tsv` writes it; other control
    /// characters as JSON escapes them, which jq leaves as they are.
    private static func cell(_ text: String) -> String {
        var cell = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\t": cell += "\\t"
            case "\n": cell += "\\n"
            case "\r": cell += "\\r"
            case "\\": cell += "\\\\"
            default:
                if let escape = escape(scalar) {
                    cell += escape
                } else {
                    cell.unicodeScalars.append(scalar)
                }
            }
        }
        return cell
    }

    // MARK: env

    private func environment(_ found: [Found]) -> String {
        var lines: [String] = []
        for one in found { Self.flatten(one.names, one.value, into: &lines) }
        let common: [(String, JSON?)] = [
            ("REVISION", json["range"]?["head"]?["revision"]),
            ("LAST_DEPLOYED_SHA", json["range"]?["base"]?["revision"]),
            ("ENVIRONMENT", json["release"]?["environment"]),
            ("RELEASE_ID", json["release"]?["id"]),
        ]
        for (name, value) in common {
            let line = Self.assignment(name, value.flatMap(Self.scalar) ?? "")
            if !lines.contains(line) { lines.append(line) }
        }
        return lines.joined()
    }

    private static func flatten(_ names: [String], _ value: JSON, into lines: inout [String]) {
        if let text = scalar(value) {
            lines.append(assignment(variable(names), text))
        } else if let object = value.objectValue {
            for member in object.members {
                flatten(names + [member.name], member.value, into: &lines)
            }
        } else if let elements = value.arrayValue {
            let texts = elements.compactMap(scalar)
            if texts.count == elements.count {
                lines.append(assignment(variable(names), texts.joined(separator: "\n")))
                return
            }
            for (index, element) in elements.enumerated() {
                let label = element["name"]?.stringValue ?? String(index)
                flatten(names + [label], element, into: &lines)
            }
        }
    }

    /// `services`, `api-v2`, `changed` as `SERVICES_API_V2_CHANGED`. Names begin with a member of
    /// the manifest, so that none is a variable by which a shell or a loader is led (`PATH`).
    private static func variable(_ names: [String]) -> String {
        let bytes = names.joined(separator: "_").utf8.map { byte -> UInt8 in
            switch byte {
            case 0x30...0x39, 0x41...0x5a: byte
            case 0x61...0x7a: byte - 0x20
            default: UInt8(ascii: "_")
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Between single quotation marks a shell reads everything as it is (POSIX.1-2017, 2.2.2); NUL
    /// cannot stand in a variable.
    private static func assignment(_ name: String, _ value: String) -> String {
        var quoted = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "'": quoted += "'\\''"
            case "\0": quoted += "\u{fffd}"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return "\(name)='\(quoted)'\n"
    }
}
