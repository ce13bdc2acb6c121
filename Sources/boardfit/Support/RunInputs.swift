import ArgumentParser
import ModelIR
import Platform
import Quantities
import ReferenceExecutor
import TensorTypes

/// What a run is fed: tensors from files, and made-up ones for the rest.
struct RunInputs {
  private var given: [(name: String, tensor: Tensor)] = []

  /// Reads each "name=file.npy".
  init(_ arguments: [String]) throws(Failure) {
    for argument in arguments {
      guard let (name, path) = Self.parts(argument) else {
        throw Failure(.usage, "--input '\(argument)': expected NAME=FILE.npy")
      }
      guard !given.contains(where: { $0.name == name }) else {
        throw Failure(.usage, "--input '\(name)' is given twice")
      }
      given.append((name, try readTensor(path)))
    }
  }

  static func parts(_ argument: String) -> (name: String, path: String)? {
    guard let equals = argument.lastIndex(of: "="), equals > argument.startIndex else { return nil }
    let path = argument[argument.index(after: equals)...]
    return path.isEmpty ? nil : (String(argument[..<equals]), String(path))
  }

  /// Inputs that are given say their own shapes, unless a shape was stated.
  func stated(in options: InferenceOptions) -> InferenceOptions {
    var options = options
    for (name, tensor) in given where options.shapes[name] == nil {
      options.shapes[name] = tensor.type.dimensions
    }
    return options
  }

  /// The tensors in the model's order.
  func tensors(for model: any ExecutableModel, seed: UInt64) throws(Failure) -> [Tensor] {
    let names = model.inputs.map(\.name)
    if let stranger = given.first(where: { !names.contains($0.name) }) {
      throw Failure(
        .usage,
        ExecutionError.unknownInput(name: stranger.name, known: names).description)
    }
    var tensors: [Tensor] = []
    for input in model.inputs {
      if let tensor = given.first(where: { $0.name == input.name })?.tensor {
        tensors.append(tensor)
        continue
      }
      guard let type = input.type else {
        throw Failure(
          .usage,
          "input '\(input.name)' has free extents: give them with --shape or --dim, or the tensor "
            + "with --input")
      }
      guard let tensor = Tensor(madeUp: type, name: input.name, seed: seed) else {
        throw Failure(.usage, "input '\(input.name)' is \(type): give it with --input")
      }
      tensors.append(tensor)
    }
    return tensors
  }
}

extension Tensor {
  /// An input for want of a real one, the same for the same seed and name. Real numbers lie between
  /// -1 and 1. Integers of 32 bits and more, which are mostly indices and masks, are 1; narrower
  /// ones, which are mostly quantized, take any value. `nil` for text and blocks.
  init?(madeUp type: TensorType, name: String, seed: UInt64) {
    guard type.elementCount < 1 << 32, !type.storageSize.isSaturated else { return nil }
    var generator = SeededGenerator(
      seed: name.utf8.reduce(seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 })
    let elements: [Double]
    switch type.dtype {
    case .float32, .float16, .bfloat16, .float64, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2,
      .float8e5m2fnuz, .float4e2m1:
      elements = (0..<type.elementCount).map { _ in Double.random(in: -1..<1, using: &generator) }
    case .int8, .int16: elements = Self.integers(-128...127, type, &generator)
    case .uint8, .uint16: elements = Self.integers(0...255, type, &generator)
    case .int4: elements = Self.integers(-8...7, type, &generator)
    case .uint4: elements = Self.integers(0...15, type, &generator)
    case .int2: elements = Self.integers(-2...1, type, &generator)
    case .uint2: elements = Self.integers(0...3, type, &generator)
    case .float8e8m0, .int32, .int64, .uint32, .uint64, .bool:
      elements = Array(repeating: 1, count: type.elementCount)
    case .complex64, .complex128, .string, .q4_0, .q8_0: return nil
    }
    guard let numbers = ReferenceTensor(type, elements) else { return nil }
    self.init(numbers)
  }

  private static func integers(
    _ range: ClosedRange<Int>, _ type: TensorType, _ generator: inout SeededGenerator
  ) -> [Double] {
    (0..<type.elementCount).map { _ in Double(Int.random(in: range, using: &generator)) }
  }
}
