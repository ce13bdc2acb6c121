extension Document {
  /// The most characters a comment on a pull request may have on GitHub, less a reserve.
  public static let commentLimit = 65_000

  /// The document as Markdown of at most `limit` characters: tables and lists are cut to fewer
  /// rows, and then sections left out, until it is short enough. What is missing is said.
  public func markdown(limit: Int = commentLimit) -> String {
    for rows in [Int.max, 400, 200, 100, 50, 20, 10, 5] {
      let text = MarkdownWriter(rowLimit: rows).text(of: self)
      if text.count <= limit { return text }
    }
    let writer = MarkdownWriter(rowLimit: 5)
    var text = writer.heading(of: self)
    let cut = "\n_The rest does not fit here: see the HTML or JSON report._\n"
    for section in sections {
      let next = writer.text(of: section)
      guard text.count + next.count + cut.count <= limit else { return text + cut }
      text += next
    }
    return text
  }
}

private struct MarkdownWriter {
  let rowLimit: Int

  func text(of document: Document) -> String {
    document.sections.reduce(heading(of: document)) { $0 + text(of: $1) }
  }

  func heading(of document: Document) -> String {
    document.title.isEmpty ? "" : "## \(document.title.markdown)\n"
  }

  func text(of section: Document.Section) -> String {
    let body = section.blocks.map { "\n" + text(of: $0) }.joined()
    guard !section.title.isEmpty else { return body }
    return section.isDetail
      ? "\n<details><summary>\(section.title.markdown)</summary>\n\(body)\n</details>\n"
      : "\n### \(section.title.markdown)\n\(body)"
  }

  private func text(of block: Document.Block) -> String {
    switch block {
    case .pairs(let pairs):
      let rows = pairs.map { "| \($0.key.markdown) | \($0.value.markdown) |\n" }
      return "| | |\n|:--|:--|\n" + cut(rows, wrap: { "| \($0) | |\n" })
    case .table(let table): return text(of: table.withoutEmptyColumns)
    case .notes(let notes): return cut(notes.map { "* \($0.markdown)\n" }, wrap: { "* \($0)\n" })
    case .paragraph(let cell): return "\(cell.markdown)\n"
    }
  }

  private func text(of table: Table) -> String {
    func line(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |\n" }
    let rule = table.columns.map { column in
      switch column.alignment {
      case .leading: ":--"
      case .trailing: "--:"
      }
    }
    let blanks = Array(repeating: "", count: max(0, table.columns.count - 1))
    return line(table.columns.map(\.title.markdown)) + "|\(rule.joined(separator: "|"))|\n"
      + cut(table.rows.map { line($0.map(\.markdown)) }, wrap: { line([$0] + blanks) })
  }

  private func cut(_ rows: [String], wrap: (String) -> String) -> String {
    let kept = rows.prefix(rowLimit).joined()
    let left = rows.count - min(rows.count, rowLimit)
    return left == 0 ? kept : kept + wrap("… \(left) more")
  }
}

extension Cell {
  fileprivate var markdown: String {
    switch tone {
    case .good, .bad: text.isEmpty ? "" : "**\(text.markdown)**"
    case .plain, .fair, .poor, .muted: text.markdown
    }
  }
}

extension String {
  /// The most characters of one text; what is longer is cut in the middle.
  private static let markdownWidth = 400

  /// The text so that Markdown shows it as it is: no markup, no table border, no mention.
  fileprivate var markdown: String {
    var result = ""
    var previous: Character = " "
    for character in neutralized.truncated(toWidth: Self.markdownWidth) {
      switch character {
      case "\\", "`", "*", "[", "]", "|", "~", "#", "$": result += "\\\(character)"
      case "_": result += previous.isLetter || previous.isNumber ? "_" : "\\_"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      // A zero-width space keeps a name from calling its bearer.
      case "@": result += previous.isLetter || previous.isNumber ? "@" : "@&#8203;"
      default: result.append(character)
      }
      previous = character
    }
    return result
  }
}
