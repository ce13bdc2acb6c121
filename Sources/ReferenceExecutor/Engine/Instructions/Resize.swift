import CKernels
import ModelIR
import TensorTypes

extension Lowering {
  func lower(
    _ resize: Resize, _ node: Node, _ source: Value.ID, _ result: Value.ID, _ type: TensorType
  ) throws(ExecutionError) {
    try lowerByReference(node)
  }
}
