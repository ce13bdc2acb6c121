public import TensorTypes

/// A number that reference kernels compute with: `Float`, `Double`, or one that counts.
///
/// Each requirement is one operation, except the constants and the two conversions: those serve
/// positions, extents and attributes, which are known without computing.
public protocol KernelScalar: Sendable {
  init(_ value: Double)
  /// A whole number, exactly where the scalar can hold it.
  init(whole: Int)
  /// The value, for positions and for storing in a dtype; not an operation.
  var doubleValue: Double { get }
  /// The value toward zero, for positions; 0 where it is none that `Int` holds.
  var wholeNumber: Int { get }
  /// The value that memory of the dtype would hold; storing is not an operation. Whole numbers are
  /// cut toward zero and wrap, real ones are rounded to the nearest, ties to even.
  func stored(as dtype: DType) -> Self
  static var zero: Self { get }

  static func + (lhs: Self, rhs: Self) -> Self
  static func - (lhs: Self, rhs: Self) -> Self
  static func * (lhs: Self, rhs: Self) -> Self
  static func / (lhs: Self, rhs: Self) -> Self
  static prefix func - (operand: Self) -> Self
  static func < (lhs: Self, rhs: Self) -> Bool
  func isEqual(to other: Self) -> Bool
  static func minimum(_ lhs: Self, _ rhs: Self) -> Self
  static func maximum(_ lhs: Self, _ rhs: Self) -> Self
  func applying(_ function: ElementaryFunction) -> Self
  func applying(_ function: BinaryFunction, _ other: Self) -> Self
}

extension KernelScalar {
  public init(whole: Int) { self.init(Double(whole)) }
  /// Beyond the range of `Int` its ends: a slice may end as far away as it likes.
  public var wholeNumber: Int {
    let whole = doubleValue.rounded(.towardZero)
    return Int(exactly: whole) ?? (whole.isNaN ? 0 : whole < 0 ? .min : .max)
  }
  public func stored(as dtype: DType) -> Self { Self(dtype.stored(doubleValue)) }

  static var one: Self { Self(1) }
  static var infinity: Self { Self(.infinity) }
  static var negativeInfinity: Self { Self(-.infinity) }
  static func += (lhs: inout Self, rhs: Self) { lhs = lhs + rhs }

  /// A truth value as an element.
  init(_ truth: Bool) { self.init(truth ? 1 : 0) }
  /// Whether an element stands for true; reading a mask is not an operation.
  var isTrue: Bool { doubleValue != 0 }
}

extension Float: KernelScalar {
  public var doubleValue: Double { Double(self) }
  public func applying(_ function: ElementaryFunction) -> Float {
    Float(function(Double(self)))
  }
  public func applying(_ function: BinaryFunction, _ other: Float) -> Float {
    Float(function(Double(self), Double(other)))
  }
}

extension Double: KernelScalar {
  public var doubleValue: Double { self }
  public func applying(_ function: ElementaryFunction) -> Double { function(self) }
  public func applying(_ function: BinaryFunction, _ other: Double) -> Double {
    function(self, other)
  }
}
