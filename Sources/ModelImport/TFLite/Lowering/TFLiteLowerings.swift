import ModelIR

/// What the built-in operators mean, by their names in the schema; others are opaque.
let tfliteLowerings: [String: TFLiteLower] = [
  tfliteContractions, tfliteElementwise, tflitePooling, tfliteReductions, tfliteMovement,
  tfliteViews, tfliteIndexing, tfliteQuantization,
].reduce(into: [:]) { all, family in all.merge(family) { first, _ in first } }
