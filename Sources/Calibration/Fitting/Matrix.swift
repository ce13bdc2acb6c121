/// A small dense matrix of real numbers, row after row.
public struct Matrix: Sendable, Hashable {
  public let rows: Int
  public let columns: Int
  public private(set) var values: [Double]

  public init(rows: Int, columns: Int, repeating value: Double = 0) {
    self.rows = rows
    self.columns = columns
    values = Array(repeating: value, count: rows * columns)
  }

  init(rows: Int, columns: Int, values: [Double]) {
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  /// Rows of equal length.
  public init(_ rows: [[Double]]) {
    self.init(rows: rows.count, columns: rows.first?.count ?? 0)
    values = Array(rows.joined())
    precondition(values.count == rows.count * columns)
  }

  /// A square matrix with `diagonal` on its diagonal.
  public init(diagonal: [Double]) {
    self.init(rows: diagonal.count, columns: diagonal.count)
    for index in diagonal.indices { self[index, index] = diagonal[index] }
  }

  public subscript(row: Int, column: Int) -> Double {
    get { values[row * columns + column] }
    set { values[row * columns + column] = newValue }
  }

  public func row(_ index: Int) -> [Double] {
    Array(values[index * columns..<(index + 1) * columns])
  }

  public var diagonal: [Double] { (0..<min(rows, columns)).map { self[$0, $0] } }
  public var trace: Double { diagonal.reduce(0, +) }

  public var transposed: Matrix {
    var result = Matrix(rows: columns, columns: rows)
    for row in 0..<rows { for column in 0..<columns { result[column, row] = self[row, column] } }
    return result
  }

  public static func + (lhs: Matrix, rhs: Matrix) -> Matrix {
    precondition(lhs.rows == rhs.rows && lhs.columns == rhs.columns)
    var result = lhs
    for index in result.values.indices { result.values[index] += rhs.values[index] }
    return result
  }

  public static func * (lhs: Double, rhs: Matrix) -> Matrix {
    var result = rhs
    for index in result.values.indices { result.values[index] *= lhs }
    return result
  }

  public static func * (lhs: Matrix, rhs: [Double]) -> [Double] {
    precondition(lhs.columns == rhs.count)
    return (0..<lhs.rows).map { row in
      var sum = 0.0
      for column in 0..<lhs.columns { sum += lhs.values[row * lhs.columns + column] * rhs[column] }
      return sum
    }
  }

  public static func * (lhs: Matrix, rhs: Matrix) -> Matrix {
    precondition(lhs.columns == rhs.rows)
    var result = Matrix(rows: lhs.rows, columns: rhs.columns)
    for row in 0..<lhs.rows {
      for inner in 0..<lhs.columns {
        let factor = lhs.values[row * lhs.columns + inner]
        if factor == 0 { continue }
        for column in 0..<rhs.columns {
          result.values[row * rhs.columns + column] +=
            factor * rhs.values[inner * rhs.columns + column]
        }
      }
    }
    return result
  }

  /// Adds `weight · v vᵀ` to a square matrix.
  public mutating func addOuterProduct(_ vector: [Double], weight: Double = 1) {
    for row in vector.indices {
      let factor = weight * vector[row]
      for column in vector.indices { values[row * columns + column] += factor * vector[column] }
    }
  }

  public mutating func add(_ other: Matrix, weight: Double = 1) {
    for index in values.indices { values[index] += weight * other.values[index] }
  }
}

extension [Double] {
  func dot(_ other: [Double]) -> Double {
    precondition(count == other.count)
    var sum = 0.0
    for index in indices { sum += self[index] * other[index] }
    return sum
  }
}

/// `A = L Lᵀ` of a symmetric positive definite matrix.
public struct Cholesky: Sendable, Hashable {
  /// Lower triangular.
  public let factor: Matrix

  /// `nil` when the matrix is not positive definite, or holds what is no number.
  public init?(_ matrix: Matrix) {
    precondition(matrix.rows == matrix.columns)
    let n = matrix.rows
    var lower = Array(repeating: 0.0, count: n * n)
    for column in 0..<n {
      var pivot = matrix[column, column]
      for k in 0..<column { pivot -= lower[column * n + k] * lower[column * n + k] }
      guard pivot > 0, pivot.isFinite else { return nil }
      let root = pivot.squareRoot()
      lower[column * n + column] = root
      for row in column + 1..<max(n, column + 1) {
        var sum = matrix[row, column]
        for k in 0..<column { sum -= lower[row * n + k] * lower[column * n + k] }
        lower[row * n + column] = sum / root
      }
    }
    factor = Matrix(rows: n, columns: n, values: lower)
  }

  /// `L⁻¹ b`.
  public func halfSolve(_ b: [Double]) -> [Double] {
    var x = b
    for row in x.indices {
      for k in 0..<row { x[row] -= factor[row, k] * x[k] }
      x[row] /= factor[row, row]
    }
    return x
  }

  /// `A⁻¹ b`.
  public func solve(_ b: [Double]) -> [Double] {
    var x = halfSolve(b)
    for row in x.indices.reversed() {
      for k in row + 1..<max(x.count, row + 1) { x[row] -= factor[k, row] * x[k] }
      x[row] /= factor[row, row]
    }
    return x
  }

  /// `A⁻¹ B`, column by column.
  public func solve(_ matrix: Matrix) -> Matrix {
    let columns = matrix.transposed
    return Matrix((0..<columns.rows).map { solve(columns.row($0)) }).transposed
  }

  public var inverse: Matrix { solve(Matrix(diagonal: Array(repeating: 1, count: factor.rows))) }

  /// The trace of `A⁻¹`, without making it.
  var inverseTrace: Double {
    (0..<factor.rows).reduce(0) { sum, index in
      var unit = Array(repeating: 0.0, count: factor.rows)
      unit[index] = 1
      return sum + squaredNorm(unit)
    }
  }

  /// `bᵀ A⁻¹ b`.
  public func squaredNorm(_ b: [Double]) -> Double {
    halfSolve(b).reduce(0) { $0 + $1 * $1 }
  }
}
