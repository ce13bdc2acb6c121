import Platform

/// Which run to measure next.
public enum Advice {
  /// A model to measure, and what that would do.
  public struct Choice: Sendable, Hashable {
    /// A position among the candidates.
    public var candidate: Int
    /// Mean deviation of the asked models' logarithms before and after, noise not counted.
    public var before: Double
    public var after: Double
  }

  /// The candidates in the order in which to measure them: each takes the most from the mean deviation
  /// of the models asked about, given those before it (greedy, linearized at the expected rates).
  ///
  /// `candidates` and `targets` are scaled amounts, as ``Prior/scaled(_:)`` gives them;
  /// `noiseVariances` are those of a candidate's measurement and of its network's own offset.
  public static func choices(
    _ count: Int, among candidates: [[Double]], for targets: [[Double]], rates: [Double],
    covariance: Matrix, noiseVariances: [Double]
  ) -> [Choice] {
    func shares(_ amounts: [Double]) -> [Double] {
      var shares = Array(repeating: 0.0, count: amounts.count)
      _ = logTime(rates, amounts, shares: &shares)
      return shares
    }
    let rows = candidates.map(shares)
    let asked = targets.map(shares)
    var covariance = covariance
    var left = Set(candidates.indices)
    var choices: [Choice] = []
    func deviation(_ matrix: Matrix, _ row: [Double]) -> Double {
      max(0, row.dot(matrix * row)).squareRoot()
    }
    while choices.count < count, !left.isEmpty, !asked.isEmpty {
      let projected = asked.map { covariance * $0 }
      let variances = zip(asked, projected).map { $0.dot($1) }
      let before = variances.reduce(0) { $0 + max(0, $1).squareRoot() } / Double(asked.count)
      var best: (candidate: Int, after: Double)?
      for candidate in left.sorted() {
        let scale = deviation(covariance, rows[candidate])
        let total = scale * scale + noiseVariances[candidate]
        var sum = 0.0
        for target in asked.indices {
          let common = projected[target].dot(rows[candidate])
          sum += max(0, variances[target] - common * common / total).squareRoot()
        }
        let after = sum / Double(asked.count)
        if after < best?.after ?? .infinity { best = (candidate, after) }
      }
      guard let best else { break }
      let direction = covariance * rows[best.candidate]
      let total = rows[best.candidate].dot(direction) + noiseVariances[best.candidate]
      covariance.addOuterProduct(direction, weight: -1 / total)
      left.remove(best.candidate)
      choices.append(Choice(candidate: best.candidate, before: before, after: best.after))
    }
    return choices
  }

  /// The runs that advice takes from a group's, to predict all others of it.
  static func runs(
    _ count: Int, from pool: [RunGroup.Run], networks: [Network], traits: DeviceTraits,
    prior: Prior
  ) -> [RunGroup.Run] {
    guard let expected = prior.expected(of: traits) else { return [] }
    let amounts = pool.map { prior.scaled(networks[$0.network].amounts) }
    return choices(
      count, among: amounts, for: amounts, rates: expected.mean, covariance: expected.covariance,
      noiseVariances: pool.map {
        prior.noiseVariance + prior.offset(of: networks[$0.network].amounts).variance
      }
    ).map { pool[$0.candidate] }
  }
}
