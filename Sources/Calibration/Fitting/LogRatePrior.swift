import Platform

/// What is believed of a deployment's log rates before any run of it: a normal distribution.
public struct LogRatePrior: Sendable, Hashable {
  /// One a term: `θ`, the logarithm of the seconds that one unit of the term takes.
  public let mean: [Double]
  public let covariance: Matrix
  let cholesky: Cholesky

  /// `nil` when the covariance is not positive definite.
  public init?(mean: [Double], covariance: Matrix) {
    guard covariance.rows == mean.count, let cholesky = Cholesky(covariance) else { return nil }
    self.mean = mean
    self.covariance = covariance
    self.cholesky = cholesky
  }
}

/// One measured run as the fit reads it.
public struct Observation: Sendable, Hashable {
  /// Amounts of each term, in the terms' units, scaled as the prior's rates are.
  public var amounts: [Double]
  /// Natural logarithm of the measured time over what the network's offset explains.
  public var logTime: Double
  /// Variance of the measurement's logarithm, which may be an outlier's.
  public var variance: Double
  /// Variance of what the terms leave out of this network, which no weight makes smaller.
  public var modelVariance: Double
  public init(amounts: [Double], logTime: Double, variance: Double, modelVariance: Double = 0) {
    self.amounts = amounts
    self.logTime = logTime
    self.variance = variance
    self.modelVariance = modelVariance
  }

  /// Of the residual, when the measurement has a weight.
  func totalVariance(weight: Double) -> Double { variance / weight + modelVariance }
}

/// `log Σ exp(θ_j) x_j` and each term's share of the sum, which is its derivative by `θ_j`.
func logTime(_ logRates: [Double], _ amounts: [Double], shares: inout [Double]) -> Double {
  var largest = -Double.infinity
  for index in logRates.indices where amounts[index] > 0 {
    largest = max(largest, logRates[index])
  }
  var sum = 0.0
  for index in logRates.indices {
    let part = amounts[index] > 0 ? exp(logRates[index] - largest) * amounts[index] : 0
    shares[index] = part
    sum += part
  }
  for index in shares.indices { shares[index] = sum > 0 ? shares[index] / sum : 0 }
  return log(sum) + largest
}
