import TensorTypes

/// A run of bytes that views look at.
struct Storage {
  enum Home {
    /// Intermediate results, at an offset that the memory plan gives.
    case arena
    /// The same at every run: weights, packed weights, what was computed at load.
    case constant(TensorStorage)
    /// A constant that nothing needs any more.
    case released
    /// Memory of the caller.
    case input(Int)
    /// Memory that the caller gets.
    case output(Int)
  }

  var byteCount: Int
  var home: Home
  /// Whether instructions write it piece by piece, so that no piece of it is constant.
  var isAssembled = false
  /// Whether an instruction of each run writes it.
  var isWritten = false

  var isConstant: Bool {
    if case .constant = home { true } else { false }
  }
  var isArena: Bool {
    if case .arena = home { true } else { false }
  }
}

/// An instruction with what the memory plan and the reports need to know of it.
struct LoweredStep {
  let instruction: any Instruction
  let step: ExecutionStep
  var reads: [Int]
  var writes: [Int]
  let scratch: Int
  /// Storages among the reads that the result may overwrite element by element.
  let overwritable: [Int]
}
