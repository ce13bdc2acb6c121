public import ModelIR

/// A model loaded to run, by the kernels that the options name.
public func makeExecutable(
  _ model: InferredGraph, weights: any WeightSource,
  options: ExecutionOptions = ExecutionOptions()
) throws(ExecutionError) -> any ExecutableModel {
  switch options.kernels {
  case .reference: try Interpreter(model.graph, weights: weights, options: options)
  case .tuned: try Engine(model, weights: weights, options: options)
  }
}
