import TensorTypes

extension OperatorSupport {
  private enum Key: String, ProfileKey { case source, unlisted, rules }

  init(reading node: ProfileNode) throws(ProfileError) {
    let fields = try node.fields(Key.self)
    let list = try fields.required(.rules).fields(OperatorKind.self)
    var rules: [OperatorKind: Rule] = [:]
    for kind in OperatorKind.allCases {
      if let rule = list[kind] { rules[kind] = try Rule(reading: rule) }
    }
    self.init(
      rules: rules,
      unlisted: try fields.required(.unlisted).choice(),
      source: try fields.required(.source).text())
  }
}

extension OperatorKind: ProfileKey {}

extension OperatorSupport.Rule {
  private enum Key: String, ProfileKey { case support, dtypes, note }

  /// `Conv: yes`, or a mapping with dtypes and a note. `partial` must say its conditions.
  fileprivate init(reading node: ProfileNode) throws(ProfileError) {
    switch node.content {
    case .scalar:
      self.init(level: try node.choice())
    case .sequence, .mapping:
      let fields = try node.fields(Key.self)
      self.init(
        level: try fields.required(.support).choice(),
        dtypes: try fields[.dtypes].map { node throws(ProfileError) in Set(try node.choices()) },
        note: try fields[.note]?.text())
    }
    if level == .partial, note == nil {
      throw node.error(.invariant("'partial' needs a 'note' that says the conditions"))
    }
  }
}
