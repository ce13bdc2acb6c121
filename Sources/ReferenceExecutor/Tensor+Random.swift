import Platform
import Quantities
import TensorTypes

extension Tensor {
  /// A weight for a model that comes without: the same for the same seed and name. Real matrices and
  /// filters have the variance `1 ÷ fan-in`, which keeps activations of the size of the input;
  /// vectors lie between ½ and 1½, since variances and scales must be positive. 8-bit integers and
  /// smaller ones take any value, wider ones, which are mostly positions, are 0. `nil` for text.
  init?(randomWeight type: TensorType, named name: String, seed: UInt64) {
    let size = type.storageSize.rawValue
    guard size > 0 || type.elementCount == 0, type.elementCount < .max else { return nil }
    var state = seed
    for byte in name.utf8 { state = mixed(state ^ UInt64(byte)) }
    if type.dtype.isFloatingPoint {
      let fanIn =
        type.rank == 2
        ? type.dimensions.max() ?? 1 : type.dimensions.dropFirst().reduce(1, saturatingProduct)
      let reach = (3 / Double(max(fanIn, 1))).squareRoot()
      func number(_ index: Int) -> Double {
        let unit = Double(mixed(state &+ UInt64(index)) >> 11) * 0x1p-53
        return type.rank < 2 ? 0.5 + unit : (2 * unit - 1) * reach
      }
      if type.dtype == .float32 {
        unsafe self.init(type) { bytes in
          for index in 0..<type.elementCount {
            unsafe bytes.storeBytes(
              of: Float(number(index)), toByteOffset: 4 * index, as: Float.self)
          }
        }
        return
      }
      let numbers = (0..<type.elementCount).map { type.dtype.stored(number($0)) }
      guard let drawn = ReferenceTensor(type, numbers) else { return nil }
      self.init(drawn)
      return
    }
    let isDrawn = type.dtype.isQuantizedStorage
    unsafe self.init(type) { bytes in
      guard isDrawn else { return }
      for index in bytes.indices {
        unsafe bytes[index] = UInt8(truncatingIfNeeded: mixed(state &+ UInt64(index)))
      }
    }
  }
}

/// What the user should know of weights that a model comes without.
func noteOfRandomWeights(_ count: Int, seed: UInt64) -> String {
  count == 1
    ? "1 weight has no elements in the file and is random, by seed \(seed)"
    : "\(count) weights have no elements in the file and are random, by seed \(seed)"
}

/// A well-mixed number for each number.
private func mixed(_ number: UInt64) -> UInt64 {
  var generator = SeededGenerator(seed: number)
  return generator.next()
}
