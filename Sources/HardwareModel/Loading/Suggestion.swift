/// The word of `known` that `word` was probably meant to be: at most a third of its letters, and at
/// least one, differ once upper and lower case are the same.
func nearest(to word: String, among known: [String]) -> String? {
  let target = Array(word.lowercased().unicodeScalars.prefix(64))
  guard !target.isEmpty else { return nil }
  let limit = max(1, target.count / 3)
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
