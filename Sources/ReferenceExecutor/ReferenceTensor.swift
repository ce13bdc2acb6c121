public import ModelIR
public import TensorTypes

/// A tensor of a reference kernel: elements in row-major order, of whatever dtype, all held in one
/// scalar type. Whole numbers are exact as far as the scalar is: to 2⁵³ in `Double`.
public struct ReferenceTensor<Scalar: KernelScalar>: Sendable {
  public let type: TensorType
  public private(set) var elements: [Scalar]

  /// `nil` when the count of elements is not the shape's.
  public init?(_ type: TensorType, _ elements: [Scalar]) {
    guard elements.count == type.elementCount, !type.dimensions.contains(where: { $0 < 0 }) else {
      return nil
    }
    self.type = type
    self.elements = elements
  }

  public init?(_ literal: TensorLiteral) {
    switch literal.elements {
    case .integers(let numbers): self.init(literal.type, numbers.map { Scalar(whole: $0) })
    case .reals(let numbers): self.init(literal.type, numbers.map { Scalar($0) })
    }
  }

  public var dimensions: [Int] { type.dimensions }

  /// The elements as whole numbers, toward zero; what is no number is 0.
  public var integers: [Int] { elements.map(\.wholeNumber) }

  /// What a shape rule may know of the tensor: all of it, when it is small.
  var operand: Operand {
    guard elements.count <= TensorLiteral.maximumElementCount else { return Operand(type) }
    let literal =
      type.dtype.wholeNumberRange == nil
      ? TensorLiteral(type, .reals(elements.map(\.doubleValue)))
      : TensorLiteral(type, .integers(integers))
    return Operand(type, literal: literal)
  }

  /// The same elements in another shape of as many.
  func reshaped(_ dimensions: [Int]) throws(ReferenceError) -> Self {
    try Self(computed: TensorType(type.dtype, dimensions), elements)
  }

  /// The elements at `positions`, in the shape given.
  func picking(_ positions: [Int], _ dimensions: [Int]) throws(ReferenceError) -> Self {
    guard positions.allSatisfy(elements.indices.contains) else {
      throw .inconsistent("a place beyond \(type)")
    }
    return try Self(computed: TensorType(type.dtype, dimensions), positions.map { elements[$0] })
  }

  /// The same elements with another function of each.
  func mapping(_ transform: (Scalar) -> Scalar) -> Self {
    var result = self
    result.elements = elements.map(transform)
    return result
  }

  /// A kernel's result, its elements stored in the dtype.
  init(computed type: TensorType, _ elements: [Scalar]) throws(ReferenceError) {
    let stored =
      type.dtype.wholeNumberRange == nil ? elements : elements.map { $0.stored(as: type.dtype) }
    guard let tensor = Self(type, stored) else {
      throw .inconsistent("\(elements.count) elements for \(type)")
    }
    self = tensor
  }
}

/// Why a reference kernel has no result.
public enum ReferenceError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The inputs do not suit the operator.
  case shape(ShapeError)
  /// Control flow, which is no kernel's business, and operators nobody models.
  case notEvaluated(String)
  /// Elements that name no place, or no number the operator can use.
  case invalidElement(input: Int, reason: String)
  case tooLarge(String)
  /// A kernel made something else than its operator says.
  case inconsistent(String)

  public var description: String {
    switch self {
    case .shape(let error): error.description
    case .notEvaluated(let name): "\(name) has no reference kernel"
    case .invalidElement(let input, let reason): "input \(input) \(reason)"
    case .tooLarge(let what): "\(what) is too large to compute"
    case .inconsistent(let what): "a kernel produced \(what)"
    }
  }
}
