import ModelIR
import TensorTypes

extension Lowering {
  /// A node with operands or results whose extents only a run tells.
  func lowerDynamic(_ node: Node) throws(ExecutionError) {
    try lowerByReference(node)
  }
}
