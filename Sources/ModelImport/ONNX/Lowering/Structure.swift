import ModelIR

/// Operators that move, name, pick or generate elements.
let structureLowerings = [
  viewLowerings, movementLowerings, indexingLowerings, generatorLowerings, samplingLowerings,
]
