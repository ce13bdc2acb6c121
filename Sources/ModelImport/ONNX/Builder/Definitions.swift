/// Operators that are brought in as the graphs of simpler ones that define them, when the model does
/// not bring its own.
///
/// Source: ONNX `docs/Operators-ml.md`.
let onnxDefinitions: [GraphBuilder.FunctionID: ONNXFunction] = [
  definition(
    "ai.onnx.ml", "Binarizer", ["X"], "Y", defaults: ["threshold": .float(0)],
    [
      definitionNode("Constant", [], "level", ("value_float", .reference("threshold"))),
      definitionNode("CastLike", ["level", "X"], "threshold"),
      definitionNode("Greater", ["X", "threshold"], "above"),
      definitionNode("CastLike", ["above", "X"], "Y"),
    ]),
  definition(
    "ai.onnx.ml", "ArrayFeatureExtractor", ["X", "Y"], "Z",
    [
      definitionNode("Reshape", ["Y"], "places", ("shape", .ints([-1]))),
      definitionNode("Gather", ["X", "places"], "features", ("axis", .int(-1))),
      // The features of a vector are a matrix of one row.
      definitionNode("Constant", [], "matrix", ("value_ints", .ints([1, 1]))),
      definitionNode("Expand", ["features", "matrix"], "Z"),
    ]),
].reduce(into: [:]) { all, entry in all[entry.0] = entry.1 }

/// The operator set in whose terms definitions are written.
let definitionOperatorSet = ["": 23]

func definitionNode(
  _ type: String, _ inputs: [String], _ output: String, _ attributes: (String, ONNXAttribute)...
) -> ONNXNode {
  var node = ONNXNode()
  node.operatorType = type
  node.inputs = inputs
  node.outputs = [output]
  node.attributes.entries = attributes.map { (name: $0.0, value: $0.1) }
  return node
}

private func definition(
  _ domain: String, _ name: String, _ inputs: [String], _ output: String,
  defaults: [String: ONNXAttribute] = [:], _ nodes: [ONNXNode]
) -> (GraphBuilder.FunctionID, ONNXFunction) {
  var function = ONNXFunction()
  function.name = name
  function.domain = domain
  function.inputs = inputs
  function.outputs = [output]
  function.attributeDefaults = defaults
  function.nodes = nodes
  function.opsets = definitionOperatorSet
  return (GraphBuilder.FunctionID(domain: domain, name: name, overload: ""), function)
}
