/// Text in HTML, also between quotation marks of an attribute.
func escaped(_ text: some StringProtocol) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "\"": result += "&quot;"
        case "'": result += "&#39;"
        case _ where scalar.properties.generalCategory == .control: result += "\u{fffd}"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}

/// Text of unknown direction, which must not turn its neighbours round.
func isolated(_ text: String) -> String {
    "<bdi>\(escaped(text))</bdi>"
}
