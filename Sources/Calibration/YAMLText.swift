import HardwareModel
import Platform
import Quantities

// What the files of this module write and read alike: numbers, lists and matrices.

/// Five significant digits: far below what the data know.
func number(_ value: Double) -> String { significant(value, digits: 5) }
func precise(_ value: Double) -> String { significant(value, digits: 12) }

func quoted(_ text: String) -> String {
  "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
}

func matrix(_ key: String, _ matrix: Matrix) -> [String] {
  ["\(key):"] + (0..<matrix.rows).map { "  - \(list(matrix.row($0)))" }
}

func triangle(_ key: String, _ matrix: Matrix) -> [String] {
  ["\(key):"] + (0..<matrix.rows).map { "  - \(list(Array(matrix.row($0).prefix($0 + 1))))" }
}

func list(_ values: [Double]) -> String {
  "[\(values.map(number).joined(separator: ", "))]"
}

extension ProfileNode {
  func numbers(count: Int?) throws(ProfileError) -> [Double] {
    var numbers: [Double] = []
    for element in try elements() { numbers.append(try element.realNumber()) }
    guard count ?? numbers.count == numbers.count else {
      throw error(.invariant("\(numbers.count) numbers instead of \(count ?? 0)"))
    }
    return numbers
  }

  func matrix(rows: Int, columns: Int) throws(ProfileError) -> Matrix {
    let elements = try elements()
    guard elements.count == rows else {
      throw error(.invariant("\(elements.count) rows instead of \(rows)"))
    }
    var values: [[Double]] = []
    for element in elements { values.append(try element.numbers(count: columns)) }
    return Matrix(values)
  }

  /// A symmetric matrix by its lower triangle.
  func triangle(count: Int) throws(ProfileError) -> Matrix {
    let elements = try elements()
    guard elements.count == count else {
      throw error(.invariant("\(elements.count) rows instead of \(count)"))
    }
    var matrix = Matrix(rows: count, columns: count)
    for (row, element) in elements.enumerated() {
      for (column, value) in try element.numbers(count: row + 1).enumerated() {
        matrix[row, column] = value
        matrix[column, row] = value
      }
    }
    return matrix
  }
}
