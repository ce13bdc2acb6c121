import Measurement
import ModelImport
import ReferenceExecutor
import TensorTypes

/// Runs a model and its reference on the same inputs and compares every value that both have.
struct ReferenceCheck {
  let model: LoadedModel
  let options: ExecutionOptions

  /// In the order in which the reference computes them.
  func agreement(
    with executable: inout any ExecutableModel, on inputs: [Tensor]
  ) throws(Failure) -> [ValueAgreement] {
    var referenceOptions = options
    referenceOptions.kernels = .reference
    let reference = try model.executable(referenceOptions)
    guard var reference = reference as? any ObservableModel else {
      throw Failure(.internalFault, "the reference executor hands out no intermediate values")
    }
    let outputNames = Set(executable.outputs.map(\.name))
    var found: [String: Tensor] = [:]
    // A value inside a loop is computed again and again: its turns cannot be told apart by name.
    var repeated: Set<String> = []
    var seen: Set<String> = []
    var agreement: [ValueAgreement] = []
    do throws(ExecutionError) {
      if var observable = executable as? any ObservableModel {
        _ = try observable.run(inputs) { name, tensor in
          if found.updateValue(tensor, forKey: name) != nil { repeated.insert(name) }
        }
      }
      let outputs = try run(&executable, inputs)
      for (output, tensor) in zip(executable.outputs, outputs) { found[output.name] = tensor }
      let expected = try reference.run(inputs) { name, tensor in
        guard !outputNames.contains(name) else { return }
        if !seen.insert(name).inserted { repeated.insert(name) }
        if let value = compare(name, isOutput: false, tensor, found[name]) {
          agreement.append(value)
        }
      }
      for (output, tensor) in zip(reference.outputs, expected) {
        guard let value = compare(output.name, isOutput: true, tensor, found[output.name]) else {
          throw ExecutionError.wrongInput(
            name: output.name, expected: tensor.type.description,
            found: found[output.name]?.type.description ?? "missing")
        }
        agreement.append(value)
      }
    } catch {
      throw Failure(error, of: model.imported.path)
    }
    return agreement.filter { $0.isOutput || !repeated.contains($0.name) }
  }

  private func run(
    _ executable: inout any ExecutableModel, _ inputs: [Tensor]
  ) throws(ExecutionError) -> [Tensor] {
    var times: StepTimes?
    return try executable.run(inputs, times: &times)
  }

  /// `nil` for values that only one side has, or that are no numbers.
  private func compare(
    _ name: String, isOutput: Bool, _ expected: Tensor, _ found: Tensor?
  ) -> ValueAgreement? {
    guard let found, found.type.dimensions == expected.type.dimensions,
      let expected = expected.reals, let found = found.reals
    else { return nil }
    return ValueAgreement(
      name: name, isOutput: isOutput, reference: expected.elements, other: found.elements)
  }
}
