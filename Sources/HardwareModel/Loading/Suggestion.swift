/// The word of `known` that `word` was probably meant to be: one that begins it or that it begins,
/// or else one that differs in at most a third of its letters, two of short words and one of the
/// shortest; upper and lower case are the same.
func nearest(to word: String, among known: [String]) -> String? {
  let target = Array(word.lowercased().unicodeScalars.prefix(64))
  guard !target.isEmpty else { return nil }
  if target.count >= 3 {
    let begun = known.first { candidate in
      let letters = Array(candidate.lowercased().unicodeScalars)
      return letters.count >= 3 && (letters.starts(with: target) || target.starts(with: letters))
    }
    if let begun { return begun }
  }
  let limit = target.count < 4 ? 1 : max(2, target.count / 3)
  var best: (word: String, distance: Int)?
  for candidate in known {
    let letters = Array(candidate.lowercased().unicodeScalars.prefix(64))
    guard abs(letters.count - target.count) <= limit else { continue }
    let distance = editDistance(target, letters)
    if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best?.word
}

/// The least number of insertions, deletions and substitutions that turn one word into the other
/// (Levenshtein 1966).
private func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
  var previous = Array(0...right.count)
  for (row, letter) in left.enumerated() {
    var current = [row + 1]
    current.reserveCapacity(previous.count)
    for (column, other) in right.enumerated() {
      let substitution = previous[column] + (letter == other ? 0 : 1)
      current.append(min(substitution, previous[column + 1] + 1, current[column] + 1))
    }
    previous = current
  }
  return previous.last ?? left.count
}
