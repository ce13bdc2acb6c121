// Sections of a document as they stand in a page.

extension Document.Section {
  var html: HTML {
    tag("section") {
      if !title.isEmpty { tag("h2") { title } }
      HTML.group(blocks.map(\.html))
    }
  }
}

extension Document.Block {
  var html: HTML {
    switch self {
    case .pairs(let pairs):
      tag("dl") {
        HTML.group(
          pairs.map { pair in
            HTML.group([
              tag("dt") { pair.key },
              tag("dd", ["class": pair.value.tone.styleClass]) { pair.value.text },
            ])
          })
      }
    case .notes(let lines): tag("ul") { HTML.group(lines.map { line in tag("li") { line } }) }
    case .paragraph(let cell): tag("p", ["class": cell.tone.styleClass]) { cell.text }
    case .table(let table): table.html
    }
  }
}

extension Table {
  var html: HTML {
    tag("div", ["class": "wide"]) {
      tag("table") {
        tag("thead") {
          tag("tr") {
            HTML.group(
              columns.map { column in
                tag("th", ["class": column.alignment == .trailing ? "n" : ""]) { column.title }
              })
          }
        }
        tag("tbody") { HTML.group(rows.map(row)) }
      }
    }
  }

  private func row(_ row: [Cell]) -> HTML {
    tag("tr") {
      HTML.group(
        zip(row, columns).map { cell, column in
          let style = column.alignment == .trailing ? "n " : ""
          return tag("td", ["class": style + cell.tone.styleClass]) { cell.text }
        })
    }
  }
}

/// An entry of a chart's key.
func key(_ text: String, _ mark: HTML) -> HTML {
  tag("li") {
    tag("svg", ["viewBox": "0 0 10 10", "class": "chip"]) { mark }
    text
  }
}
