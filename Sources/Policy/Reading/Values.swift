import GitObjects
import YAML

/// Reading single values. Each returns nil, and has reported why, when the value is not of its kind.
extension PolicyFile {
    /// A text of the policy's, safe to show and cut short.
    static func shown(_ text: String) -> String {
        let prefix = text.utf8.prefix(80)
        let cut = prefix.count < text.utf8.count ? "…" : ""
        return GitObjects.shown(String(decoding: prefix, as: UTF8.self).utf8) + cut
    }

    func mapping(_ node: Node, _ what: String) -> [Node.Entry]? {
        if case .mapping(let entries) = node.content { return entries }
        let hint: String
        switch node.content {
        case .scalar(let scalar) where scalar.isNull || scalar.text == "true": hint = "write {}"
        case .scalar(let scalar) where scalar.text == "false": hint = "leave it out"
        default: hint = "write key: value pairs"
        }
        report(node.mark, "\(what) must be a mapping, not \(node.kind)", hint: hint)
        return nil
    }

    func list(_ node: Node, _ what: String) -> [Node]? {
        if case .sequence(let items) = node.content { return items }
        let hint: String? =
            if case .scalar(let scalar) = node.content, !scalar.isNull {
                "write [\(Self.shown(scalar.text))]"
            } else {
                node.kind == "nothing" ? "write []" : nil
            }
        report(node.mark, "\(what) must be a list, not \(node.kind)", hint: hint)
        return nil
    }

    func scalar(_ node: Node, _ what: String) -> Scalar? {
        guard case .scalar(let scalar) = node.content, !scalar.isNull else {
            report(node.mark, "\(what) must be a text, not \(node.kind)")
            return nil
        }
        return scalar
    }

    /// A text that is not empty and has no control characters but newlines and tabs.
    func text(_ node: Node, _ what: String) -> String? {
        guard let text = scalar(node, what)?.text else { return nil }
        guard text.utf8.contains(where: { $0 > 0x20 }) else {
            report(node.mark, "\(what) is empty")
            return nil
        }
        guard !text.utf8.contains(where: { $0 < 0x20 && $0 != 0x0a && $0 != 0x09 || $0 == 0x7f })
        else {
            report(node.mark, "\(what) has a control character")
            return nil
        }
        return text
    }

    /// A text of one line.
    func line(_ node: Node, _ what: String) -> String? {
        guard let text = text(node, what) else { return nil }
        guard !text.utf8.contains(0x0a) else {
            report(node.mark, "\(what) must be one line")
            return nil
        }
        return text
    }

    /// A word by which something is called here: ASCII letters, digits, `.`, `_` and `-`.
    func identifier(_ text: String, at mark: Mark, _ what: String) -> String? {
        let isIdentifier =
            text.utf8.count <= 100 && text.utf8.first != UInt8(ascii: "-")
            && text.utf8.first != UInt8(ascii: ".")
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
        guard isIdentifier, !text.isEmpty else {
            report(
                mark, "\(what) cannot be called \(Self.shown(text))",
                hint: "ASCII letters, digits, . _ - and at most 100 of them")
            return nil
        }
        return text
    }

    func bool(_ node: Node, _ what: String) -> Bool? {
        if case .scalar(let scalar) = node.content, scalar.isPlain {
            switch scalar.text {
            case "true": return true
            case "false": return false
            default: break
            }
        }
        report(node.mark, "\(what) must be true or false")
        return nil
    }

    /// A whole number without quotes, underscores allowed between digits (`5_000_000`).
    func integer(_ node: Node, _ what: String, in range: ClosedRange<Int>) -> Int? {
        guard case .scalar(let scalar) = node.content, scalar.isPlain,
            let value = Self.integer(scalar.text)
        else {
            report(
                node.mark, "\(what) must be a whole number", hint: "for example \(range.lowerBound)"
            )
            return nil
        }
        guard range.contains(value) else {
            report(node.mark, "\(what) must be from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return value
    }

    private static func integer(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        let digits = bytes.filter { $0 != UInt8(ascii: "_") }
        // At most 18 digits cannot overflow; a leading zero could be meant as octal.
        guard let first = digits.first, digits.count <= 18,
            first != UInt8(ascii: "0") || digits.count == 1,
            digits.allSatisfy({ (0x30...0x39).contains($0) }),
            bytes.first != UInt8(ascii: "_"), bytes.last != UInt8(ascii: "_"),
            !zip(bytes, bytes.dropFirst()).contains(where: { $0 == $1 && $0 == UInt8(ascii: "_") })
        else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// One word out of a fixed list.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ node: Node, _ what: String, _: Choice.Type = Choice.self
    ) -> Choice? where Choice.RawValue == String {
        guard let text = scalar(node, what)?.text else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        report(
            node.mark, "\(what) cannot be \(Self.shown(text))",
            hint: Suggestion.hint(for: text, among: Choice.allCases.map(\.rawValue)))
        return nil
    }

    /// Texts of one line each, none twice; those that are wrong are left out.
    func lines(_ node: Node, _ what: String) -> [String]? {
        guard let items = list(node, what) else { return nil }
        var lines: [String] = []
        var seen: Set<String> = []
        for item in items {
            guard let line = line(item, "an entry of \(what)") else { continue }
            guard seen.insert(line).inserted else {
                report(item.mark, "\(Self.shown(line)) stands twice in \(what)")
                continue
            }
            lines.append(line)
        }
        return lines
    }

    /// A length of time, in seconds: `30s`, `5m`, `1h`.
    func seconds(_ node: Node, _ what: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = scalar(node, what)?.text else { return nil }
        let units: [UInt8: Int] = [
            UInt8(ascii: "s"): 1, UInt8(ascii: "m"): 60, UInt8(ascii: "h"): 3_600,
        ]
        guard let unit = text.utf8.last.flatMap({ units[$0] }),
            let number = Self.integer(String(text.dropLast())), number < 1_000_000
        else {
            report(node.mark, "\(what) must be a time with its unit", hint: "like 30s, 5m or 1h")
            return nil
        }
        guard range.contains(number * unit) else {
            report(
                node.mark, "\(what) must be from \(range.lowerBound) to \(range.upperBound) seconds"
            )
            return nil
        }
        return number * unit
    }

    func paths(_ node: Node, _ what: String) -> [PathPattern]? {
        guard let items = list(node, what) else { return nil }
        return items.compactMap { item in
            guard let text = line(item, "a pattern of \(what)") else { return nil }
            do throws(PatternError) {
                return try PathPattern(parsing: text)
            } catch {
                report(item.mark, error, in: text)
                return nil
            }
        }
    }

    func regex(_ node: Node, _ what: String) -> LinearPattern? {
        guard let text = scalar(node, what)?.text else { return nil }
        guard !text.isEmpty else {
            report(node.mark, "\(what) is empty")
            return nil
        }
        do throws(PatternError) {
            return try LinearPattern(parsing: text)
        } catch {
            report(node.mark, error, in: text)
            return nil
        }
    }

    func report(_ mark: Mark, _ error: PatternError, in pattern: String) {
        report(
            mark,
            "pattern \(Self.shown(pattern)), character \(error.position): \(error.problem)",
            hint: error.hint)
    }
}
