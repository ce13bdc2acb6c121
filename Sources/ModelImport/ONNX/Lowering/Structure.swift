import ModelIR

/// Operators that move, name, pick or generate elements.
let structureLowerings: [String: Lower] =
  [
    viewLowerings, movementLowerings, indexingLowerings, generatorLowerings, samplingLowerings,
  ].reduce(into: [:]) { all, part in all.merge(part) { first, _ in first } }
