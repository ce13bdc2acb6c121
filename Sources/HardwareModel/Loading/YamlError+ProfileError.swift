import Yams

extension YamlError {
  /// The same fault with its place; `text` is what was parsed.
  func profileError(file: String, text: String) -> ProfileError {
    func fault(at mark: Mark?, path: String = "", _ reason: ProfileError.Reason) -> ProfileError {
      ProfileError(
        file: file, line: mark?.line ?? 0, column: mark?.column ?? 0, path: path, reason: reason)
    }
    switch self {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _):
      let setting = context.map { "\($0.text), " } ?? ""
      return fault(at: mark, .yamlSyntax(setting + problem))
    case .composer(_, let problem, let mark, _):
      if problem.contains("another document") { return fault(at: mark, .severalDocuments) }
      if problem.contains("alias") { return fault(at: mark, .anchorOrAlias) }
      return fault(at: mark, .yamlSyntax(problem))
    case .duplicatedKeysInMapping(let keys, let context):
      return duplicate(of: keys.first ?? "", first: context.mark, file: file, text: text)
    case .reader(let problem, let offset, _, _):
      let before = text.prefix(offset ?? 0)
      let line = 1 + before.count { $0.isNewline }
      let column = 1 + before.reversed().prefix { !$0.isNewline }.count
      return ProfileError(
        file: file, line: offset == nil ? 0 : line, column: offset == nil ? 0 : column, path: "",
        reason: .yamlSyntax(problem))
    case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
      return fault(at: nil, .yamlSyntax("the parser gave up"))
    }
  }

  /// Yams tells only where the key stands first. The keys of a block mapping share a column, so
  /// the second is the next line that has the key there; in braces the first place is all there is.
  private func duplicate(of key: String, first: Mark, file: String, text: String) -> ProfileError {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let indent = String(repeating: " ", count: max(0, first.column - 1))
    let starts = [key, "\"\(key)\"", "'\(key)'"].map { indent + $0 }
    let second = lines.indices.dropFirst(first.line).first { index in
      starts.contains { start in
        guard lines[index].hasPrefix(start) else { return false }
        return lines[index].dropFirst(start.count).first { $0 != " " } == ":"
      }
    }
    let path = readable(lines, upTo: second, key: key, at: first).lazy.compactMap { text in
      ProfileNode.path(ofKeyAt: first, in: text, file: file)
    }.first
    return ProfileError(
      file: file, line: second.map { $0 + 1 } ?? first.line, column: first.column,
      path: path ?? "", reason: .duplicateKey(key, firstLine: first.line))
  }

  /// The text before the second key, or up to the first with the braces closed.
  private func readable(
    _ lines: [Substring], upTo second: Int?, key: String, at first: Mark
  ) -> [String] {
    if let second { return [lines.prefix(second).joined(separator: "\n")] }
    guard lines.indices.contains(first.line - 1) else { return [] }
    let begun = String(lines[first.line - 1].unicodeScalars.prefix(first.column - 1))
    let text = (lines.prefix(first.line - 1) + [begun[...]]).joined(separator: "\n")
    return ["}", "}}", "}}}"].map { "\(text)\(key): value \($0)" }
  }
}
