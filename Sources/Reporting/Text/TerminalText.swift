/// How a terminal shows a report.
public struct TerminalStyle: Sendable, Hashable {
  public var usesColor: Bool
  /// Columns of the terminal; `nil` leaves every line as long as it is.
  public var width: Int?
  public init(usesColor: Bool = false, width: Int? = nil) {
    self.usesColor = usesColor
    self.width = width
  }
}

extension Document {
  /// The document for a terminal.
  public func terminalText(_ style: TerminalStyle = TerminalStyle()) -> String {
    var lines: [String] = []
    if !title.isEmpty { lines += [style.bold(title.neutralized), ""] }
    for section in sections {
      if !section.title.isEmpty { lines.append(style.bold(section.title.neutralized)) }
      for block in section.blocks { lines += style.lines(of: block) }
      lines.append("")
    }
    while lines.last == "" { lines.removeLast() }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension TerminalStyle {
  fileprivate func lines(of block: Document.Block) -> [String] {
    switch block {
    case .pairs(let pairs):
      let keyWidth = pairs.map(\.key.neutralized.displayWidth).max() ?? 0
      return pairs.map { pair in
        let key = pair.key.neutralized.padded(toWidth: keyWidth, alignment: .leading)
        return "  \(muted(key))  \(colored(pair.value.text.neutralized, pair.value.tone))"
      }
    case .table(let table): return lines(of: table.withoutEmptyColumns)
    case .notes(let notes): return notes.flatMap { wrapped($0.neutralized, indent: "  ") }
    case .paragraph(let cell):
      return wrapped(cell.text.neutralized, indent: "").map { colored($0, cell.tone) }
    }
  }

  // MARK: Tables

  private static let gap = "  "

  private func lines(of table: Table) -> [String] {
    let (shown, widths, left) = fitted(table)
    func line(_ texts: [String], _ paint: (Int, String) -> String) -> String {
      let cells = shown.indices.map { position in
        paint(
          position,
          texts[shown[position]].truncated(toWidth: widths[position])
            .padded(toWidth: widths[position], alignment: table.columns[shown[position]].alignment))
      }
      return "  " + cells.joined(separator: Self.gap).trimmingTrailingSpaces
    }
    var lines = [line(table.columns.map(\.title.neutralized)) { muted($1) }]
    for row in table.rows {
      lines.append(
        line(row.map(\.text.neutralized)) { colored($1, row[shown[$0]].tone) })
    }
    if !left.isEmpty {
      let names = left.map { table.columns[$0].title.neutralized }.joined(separator: ", ")
      lines.append(muted("  (too narrow for: \(names))"))
    }
    return lines
  }

  /// The columns that are shown, their widths, and those left out for want of room.
  private func fitted(_ table: Table) -> (shown: [Int], widths: [Int], left: [Int]) {
    let natural = table.columns.indices.map { index in
      table.rows.reduce(table.columns[index].title.neutralized.displayWidth) {
        max($0, $1[index].text.neutralized.displayWidth)
      }
    }
    var shown = Array(table.columns.indices)
    guard let width else { return (shown, natural, []) }
    func least(_ index: Int) -> Int { min(natural[index], table.columns[index].shrinksTo ?? .max) }
    func room(_ columns: [Int], _ size: (Int) -> Int) -> Int {
      columns.reduce(0) { $0 + size($1) + Self.gap.count }
    }
    var left: [Int] = []
    while room(shown, least) > width,
      let position = shown.lastIndex(where: { table.columns[$0].isOptional })
    {
      left.insert(shown.remove(at: position), at: 0)
    }
    return (shown, shrunk(shown.map { (natural[$0], least($0)) }, to: width), left)
  }

  /// Takes columns from the widest that may shrink, one by one, until the line fits.
  private func shrunk(_ sizes: [(natural: Int, least: Int)], to width: Int) -> [Int] {
    var widths = sizes.map(\.natural)
    var excess = widths.reduce(0) { $0 + $1 + Self.gap.count } - width
    while excess > 0,
      let widest = widths.indices.filter({ widths[$0] > sizes[$0].least })
        .max(by: { widths[$0] < widths[$1] })
    {
      widths[widest] -= 1
      excess -= 1
    }
    return widths
  }

  // MARK: Sentences and colour

  private func wrapped(_ text: String, indent: String) -> [String] {
    guard let width, width > indent.count + 20 else { return [indent + text] }
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      let candidate = line.isEmpty ? String(word) : "\(line) \(word)"
      if indent.count + candidate.displayWidth > width, !line.isEmpty {
        lines.append(indent + line)
        line = String(word)
      } else {
        line = candidate
      }
    }
    return lines + [indent + line]
  }

  fileprivate func bold(_ text: String) -> String { escape(text, "1") }
  private func muted(_ text: String) -> String { escape(text, "2") }

  private func colored(_ text: String, _ tone: Cell.Tone) -> String {
    switch tone {
    case .plain: text
    case .good: escape(text, "32")
    case .fair: escape(text, "36")
    case .poor: escape(text, "33")
    case .bad: escape(text, "31")
    case .muted: muted(text)
    }
  }

  private func escape(_ text: String, _ code: String) -> String {
    usesColor && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}

extension String {
  fileprivate var trimmingTrailingSpaces: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
