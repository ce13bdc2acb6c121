import ModelIR
import Quantities
import TensorTypes

/// How a precision scenario stores each tensor of a workload.
struct TensorStorage {
  /// The stored dtype; `nil` where the type is unknown.
  let dtypes: [DType?]
  let sizes: [Bytes]

  /// Float activations take the scenario's dtype. Float weights with at least two axes do too;
  /// vectors (biases, scales) keep 4 bytes an element under integer weights, as accumulators do,
  /// and take the activation's dtype otherwise.
  init(_ workload: Workload, precision: Precision) {
    var dtypes: [DType?] = []
    var sizes: [Bytes] = []
    dtypes.reserveCapacity(workload.tensors.count)
    sizes.reserveCapacity(workload.tensors.count)
    for tensor in workload.tensors {
      guard let type = tensor.type else {
        dtypes.append(nil)
        sizes.append(.zero)
        continue
      }
      let dtype = Self.stored(type, role: tensor.role, precision: precision)
      dtypes.append(dtype)
      sizes.append(dtype.storageSize(of: type.elementCount))
    }
    self.dtypes = dtypes
    self.sizes = sizes
  }

  private static func stored(
    _ type: TensorType, role: Workload.Tensor.Role, precision: Precision
  ) -> DType {
    guard type.dtype.isFloatingPoint, let activation = precision.activation,
      let weight = precision.weight
    else { return type.dtype }
    switch role {
    case .input, .intermediate: return activation
    case .weight where type.rank >= 2: return weight
    case .weight: return activation == .int8 ? .int32 : activation
    }
  }
}
