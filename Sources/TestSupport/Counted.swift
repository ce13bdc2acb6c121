public import ReferenceExecutor
import Synchronization

/// A `Double` that counts what is done with it, in the ``Tally`` of the task.
public struct Counted: KernelScalar {
  public let doubleValue: Double
  public init(_ value: Double) { doubleValue = value }
  public static let zero = Counted(0)

  /// Operations done; each task may have its own.
  public final class Tally: Sendable {
    private let operations = Atomic<Int>(0)
    public init() {}
    public var count: Int { operations.load(ordering: .relaxed) }
    fileprivate func add() { operations.wrappingAdd(1, ordering: .relaxed) }
  }

  @TaskLocal private static var tally = Tally()

  /// The result of `body`, and how many operations it took.
  public static func counting<Result>(
    _ body: () throws -> Result
  ) rethrows -> (result: Result, operations: Int) {
    let tally = Tally()
    let result = try $tally.withValue(tally, operation: body)
    return (result, tally.count)
  }

  private static func counted(_ value: Double) -> Counted {
    tally.add()
    return Counted(value)
  }

  public static func + (lhs: Self, rhs: Self) -> Self {
    counted(lhs.doubleValue + rhs.doubleValue)
  }
  public static func - (lhs: Self, rhs: Self) -> Self {
    counted(lhs.doubleValue - rhs.doubleValue)
  }
  public static func * (lhs: Self, rhs: Self) -> Self {
    counted(lhs.doubleValue * rhs.doubleValue)
  }
  public static func / (lhs: Self, rhs: Self) -> Self {
    counted(lhs.doubleValue / rhs.doubleValue)
  }
  public static prefix func - (operand: Self) -> Self { counted(-operand.doubleValue) }
  public static func < (lhs: Self, rhs: Self) -> Bool {
    tally.add()
    return lhs.doubleValue < rhs.doubleValue
  }
  public func isEqual(to other: Self) -> Bool {
    Self.tally.add()
    return doubleValue.isEqual(to: other.doubleValue)
  }
  public static func minimum(_ lhs: Self, _ rhs: Self) -> Self {
    counted(Double.minimum(lhs.doubleValue, rhs.doubleValue))
  }
  public static func maximum(_ lhs: Self, _ rhs: Self) -> Self {
    counted(Double.maximum(lhs.doubleValue, rhs.doubleValue))
  }
  public func applying(_ function: ElementaryFunction) -> Self {
    Self.counted(function(doubleValue))
  }
  public func applying(_ function: BinaryFunction, _ other: Self) -> Self {
    Self.counted(function(doubleValue, other.doubleValue))
  }
}
