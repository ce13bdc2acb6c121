import ModelIR
import TensorTypes

/// A stack of square matrices, each a list of rows.
struct SquareMatrices<S: KernelScalar> {
  let stack: [Int]
  let elements: [[[S]]]

  init(_ tensor: ReferenceTensor<S>) {
    stack = Array(tensor.dimensions.dropLast(2))
    let side = tensor.dimensions.last ?? 0
    elements = (0..<elementCount(stack)).map { matrix in
      (0..<side).map { row in
        let start = (matrix * side + row) * side
        return Array(tensor.elements[start..<start + side])
      }
    }
  }
}

/// The row at or below the diagonal with the greatest absolute value in a column: two operations a
/// candidate.
private func pivotRow<S: KernelScalar>(_ matrix: [[S]], _ column: Int) -> Int {
  var best = (row: column, value: S(-1))
  for row in column..<matrix.count {
    let value = matrix[row][column].applying(.abs)
    if best.value < value { best = (row, value) }
  }
  return best.row
}

/// By elimination with row pivots (Golub and Van Loan, Matrix Computations, §3.4).
func determinant<S: KernelScalar>(_ matrix: [[S]]) -> S {
  var matrix = matrix
  var sign = 1.0
  for column in matrix.indices {
    let pivot = pivotRow(matrix, column)
    if pivot != column {
      matrix.swapAt(pivot, column)
      sign = -sign
    }
    for row in matrix.indices.dropFirst(column + 1) {
      let quotient = matrix[row][column] / matrix[column][column]
      // A column of zeros has nothing to eliminate.
      let factor = matrix[column][column].doubleValue == 0 ? .zero : quotient
      for place in matrix.indices.dropFirst(column + 1) {
        matrix[row][place] = matrix[row][place] - factor * matrix[column][place]
      }
    }
  }
  return matrix.indices.reduce(S(sign)) { $0 * matrix[$1][$1] }
}

/// By Gauss and Jordan's elimination in place, with row pivots.
func inverted<S: KernelScalar>(_ matrix: [[S]]) -> [[S]] {
  var matrix = matrix
  var swaps: [(Int, Int)] = []
  for column in matrix.indices {
    let pivot = pivotRow(matrix, column)
    matrix.swapAt(pivot, column)
    swaps.append((pivot, column))
    let reciprocal = S.one / matrix[column][column]
    let negated = -reciprocal
    matrix[column][column] = reciprocal
    for place in matrix.indices where place != column {
      matrix[column][place] = matrix[column][place] * reciprocal
    }
    for row in matrix.indices where row != column {
      let factor = matrix[row][column]
      for place in matrix.indices where place != column {
        matrix[row][place] = matrix[row][place] - factor * matrix[column][place]
      }
      matrix[row][column] = factor * negated
    }
  }
  for (one, other) in swaps.reversed() {
    for row in matrix.indices { matrix[row].swapAt(one, other) }
  }
  return matrix
}
