import CKernels
import ModelIR
import TensorTypes

/// What happens to sums before they are stored, with the places of its operands.
struct Epilogue {
  var bias: Address?
  var activation = Activation.identity
  var residual: Address?
  var residualStride = 0
  var residualActivation = Activation.identity

  func with(_ machine: Machine, _ body: (UnsafePointer<bf_epilogue>) -> Void) {
    let epilogue = unsafe bf_epilogue(
      bias: machine.floats(bias), activation: activation.function, a: activation.a,
      b: activation.b, residual: machine.floats(residual), residual_stride: residualStride,
      residual_activation: residualActivation.function, residual_a: residualActivation.a,
      residual_b: residualActivation.b)
    unsafe withUnsafePointer(to: epilogue) { unsafe body($0) }
  }
}

/// The stages of an epilogue with their numbers: first a factor and an addend for each channel, for
/// the weights, then activations and a residual.
struct EpilogueNumbers {
  /// Empty is 1.
  var factors: [Float] = []
  /// Empty is 0.
  var addends: [Float]
  var activation = Activation.identity
  var residual: Value.ID?
  var residualActivation = Activation.identity
}

extension Lowering {
  /// - Parameter bias: The node's own bias, one for each of `channels`, or empty.
  func numbers(
    of stages: [EpilogueStage], channels: Int, bias: [Float]
  ) throws(ExecutionError) -> EpilogueNumbers {
    var numbers = EpilogueNumbers(addends: bias)
    func scale(_ factors: [Float]) {
      numbers.factors =
        numbers.factors.isEmpty ? factors : zip(numbers.factors, factors).map { $0 * $1 }
      if !numbers.addends.isEmpty {
        numbers.addends = zip(numbers.addends, factors).map { $0 * $1 }
      }
    }
    func add(_ addends: [Float]) {
      numbers.addends =
        numbers.addends.isEmpty ? addends : zip(numbers.addends, addends).map { $0 + $1 }
    }
    for stage in stages {
      switch stage {
      case .batchNormalization(let id):
        guard let (factors, addends) = try affine(graph[id], channels: channels) else { continue }
        scale(factors)
        add(addends)
      case .addend(let value): add(try perChannel(value, channels))
      case .factor(let value): scale(try perChannel(value, channels))
      case .activation(let activation):
        if numbers.residual == nil {
          numbers.activation = activation
        } else {
          numbers.residualActivation = activation
        }
      case .residual(let value): numbers.residual = value
      }
    }
    return numbers
  }

  /// Batch normalization by stored statistics as a factor and an addend for each channel, computed
  /// in double precision.
  func affine(
    _ node: Node, channels: Int
  ) throws(ExecutionError) -> (factors: [Float], addends: [Float])? {
    guard case .normalization(let normalization) = node.op, node.inputs.count == 5 else {
      return nil
    }
    var parameters: [[Float]] = []
    for case let input? in node.inputs.dropFirst() {
      parameters.append(try perChannel(input, channels))
    }
    guard parameters.count == 4 else { return nil }
    var (factors, addends): ([Float], [Float]) = ([], [])
    for channel in 0..<channels {
      let deviation = (Double(parameters[3][channel]) + normalization.epsilon).squareRoot()
      let factor = Double(parameters[0][channel]) / deviation
      factors.append(Float(factor))
      addends.append(
        Float(Double(parameters[1][channel]) - Double(parameters[2][channel]) * factor))
    }
    return (factors, addends)
  }

  /// A constant of one number, or of one for each channel.
  func perChannel(_ value: Value.ID, _ channels: Int) throws(ExecutionError) -> [Float] {
    let numbers = try floats(try view(value))
    if numbers.count == 1 { return Array(repeating: numbers[0], count: channels) }
    guard numbers.count == channels else {
      throw nodeError(.inconsistent("\(numbers.count) numbers for \(channels) channels"))
    }
    return numbers
  }
}
