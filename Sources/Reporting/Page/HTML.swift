/// A piece of HTML that is also well-formed XML. Element and attribute names are literals of this
/// program, and every other text is escaped on its way in: there is no way to add markup as text.
indirect enum HTML: Sendable {
  case text(String)
  case element(StaticString, KeyValuePairs<StaticString, String>, [HTML])
  /// An element that has no content and no end tag.
  case void(StaticString, KeyValuePairs<StaticString, String>)
  case group([HTML])
  /// The page's own style sheet, whose content browsers read as it is.
  case stylesheet(StaticString)

  static let empty = HTML.group([])

  /// The markup.
  var markup: String {
    var markup = ""
    write(to: &markup)
    return markup
  }

  private func write(to markup: inout String) {
    switch self {
    case .text(let text): markup += text.escaped
    case .group(let children): for child in children { child.write(to: &markup) }
    case .stylesheet(let text): markup += "\(text)"
    case .void(let name, let attributes):
      Self.open(name, attributes, to: &markup)
      markup += "/>"
    case .element(let name, let attributes, let children):
      Self.open(name, attributes, to: &markup)
      markup += ">"
      for child in children { child.write(to: &markup) }
      markup += "</\(name)>"
    }
  }

  private static func open(
    _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String>,
    to markup: inout String
  ) {
    markup += "<\(name)"
    for (key, value) in attributes where !value.isEmpty {
      markup += " \(key)=\"\(value.escaped)\""
    }
  }
}

/// An element with its children. Attributes with an empty value are left out.
func tag(
  _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:],
  @HTMLBuilder _ children: () -> HTML = { .empty }
) -> HTML {
  .element(name, attributes, [children()])
}

/// Lists children one after the other; a string is text.
@resultBuilder
enum HTMLBuilder {
  static func buildExpression(_ child: HTML) -> HTML { child }
  static func buildExpression(_ text: String) -> HTML { .text(text) }
  static func buildExpression(_ children: [HTML]) -> HTML { .group(children) }
  static func buildBlock(_ children: HTML...) -> HTML {
    children.count == 1 ? children[0] : .group(children)
  }
  static func buildOptional(_ child: HTML?) -> HTML { child ?? .empty }
  static func buildEither(first child: HTML) -> HTML { child }
  static func buildEither(second child: HTML) -> HTML { child }
  static func buildArray(_ children: [HTML]) -> HTML { .group(children) }
}

extension String {
  /// The text for element content and quoted attributes, harmless and neutralized.
  fileprivate var escaped: String {
    let safe = neutralized
    guard safe.utf8.contains(where: { $0.isMarkup }) else { return safe }
    var result = ""
    for scalar in safe.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension UInt8 {
  fileprivate var isMarkup: Bool {
    self == UInt8(ascii: "&") || self == UInt8(ascii: "<") || self == UInt8(ascii: ">")
      || self == UInt8(ascii: "\"") || self == UInt8(ascii: "'")
  }
}
