import Calibration
import Testing

@Suite struct MatrixTests {
  @Test func choleskySolves() throws {
    let matrix = Matrix([[4, 2, 1], [2, 5, 3], [1, 3, 6]])
    let cholesky = try #require(Cholesky(matrix))
    let solution = cholesky.solve([1, 2, 3])
    for (left, right) in zip(matrix * solution, [1.0, 2, 3]) { #expect(abs(left - right) < 1e-12) }
    let identity = matrix * cholesky.inverse
    for row in 0..<3 {
      for column in 0..<3 {
        #expect(abs(identity[row, column] - (row == column ? 1 : 0)) < 1e-12)
      }
    }
  }

  @Test func whatIsNoCovarianceIsRefused() {
    #expect(Cholesky(Matrix([[1, 2], [2, 1]])) == nil)
    #expect(Cholesky(Matrix([[.nan, 0], [0, 1]])) == nil)
    #expect(LogRatePrior(mean: [0], covariance: Matrix([[1, 0], [0, 1]])) == nil)
  }
}
