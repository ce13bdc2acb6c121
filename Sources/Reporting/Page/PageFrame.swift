/// A page under a title, with its origin above and below.
func reportPage(_ title: String, origin: Origin, @HTMLBuilder _ sections: () -> HTML) -> String {
  let content = sections()
  return standalonePage(title: title, generator: origin.tool) {
    tag("main") {
      tag("header") {
        tag("p", ["class": "kicker"]) {
          [origin.tool, origin.date].compactMap { $0 }.joined(separator: " · ")
        }
        tag("h1") { title }
      }
      content
    }
    tag("footer") {
      tag("p") {
        "\(origin.tool)\(origin.date.map { ", \($0)" } ?? ""): "
        tag("code") { origin.command }
      }
    }
  }
}

/// A page that stands alone: no script, no request, and a content security policy that allows
/// neither.
func standalonePage(
  title: String, generator: String, @HTMLBuilder _ body: () -> HTML
) -> String {
  let policy =
    "default-src 'none'; style-src '\(Stylesheet.contentHash)'; base-uri 'none'; "
    + "form-action 'none'"
  let content = body()
  let page = tag("html", ["lang": "en"]) {
    tag("head") {
      HTML.void("meta", ["charset": "utf-8"])
      HTML.void("meta", ["http-equiv": "Content-Security-Policy", "content": policy])
      HTML.void("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
      HTML.void("meta", ["name": "color-scheme", "content": "light dark"])
      HTML.void("meta", ["name": "generator", "content": generator])
      tag("title") { title }
      HTML.element("style", [:], [.stylesheet(Stylesheet.text)])
    }
    tag("body") { content }
  }
  return "<!DOCTYPE html>\n\(page.markup)\n"
}
