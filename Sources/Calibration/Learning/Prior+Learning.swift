import Platform

extension Prior {
  /// Learns from groups of runs by expectation maximization of a nonlinear mixed-effects model
  /// (Lindstrom, Bates, Biometrics 46(3), 1990), with robust weights.
  ///
  /// In turn: each group's rates given the prior; then the fixed effects, which are the covariates'
  /// coefficients and each network's own offset, together by generalized least squares (Henderson's
  /// mixed-model equations), so that one network's misfit on fifty devices counts as one piece of
  /// evidence; then the covariance of rates and the noise of each group. Groups of one device share a
  /// weight of `√count`; groups far from all others weigh less (Student's t).
  ///
  /// `networks` are those that runs point at. Returns `nil` without groups of enough runs.
  public static func learned(
    from groups: [RunGroup], networks: [Network], terms: [CostTerm], covariates: [Covariate],
    settings: LearningSettings = LearningSettings()
  ) -> Prior? {
    let usable = groups.filter { $0.runs.count >= settings.fewestRuns }
    guard usable.count > 1, !terms.isEmpty, covariates.first == .intercept else { return nil }
    var learning = Learning(
      usable, networks: networks, terms: terms, covariates: covariates, settings: settings)
    for _ in 0..<settings.rounds { guard learning.round() else { return nil } }
    return learning.prior
  }
}

private struct Learning {
  let groups: [RunGroup]
  let networks: [Network]
  let terms: [CostTerm]
  let covariates: [Covariate]
  let settings: LearningSettings
  let scales: [Double]
  /// Scaled amounts, one row a network.
  let amounts: [[Double]]
  let centres: [Double]
  /// One row a group.
  let design: [[Double]]
  /// What a group weighs among those of its device.
  let deviceWeights: [Double]
  /// Inverse prior covariance of the fixed effects, and their prior mean.
  let fixedInformation: Matrix
  let fixedMean: [Double]

  var coefficients: Matrix
  var covariance: Matrix
  var noise: Double
  var groupNoise: [Double]
  var groupWeights: [Double]
  var offsets: [Double]
  var rates: [[Double]]
  /// Of the fixed effects: coefficients term by term, then offsets.
  var fixedCovariance: Matrix

  /// Coefficients in all.
  private var effects: Int { terms.count * covariates.count }

  init(
    _ groups: [RunGroup], networks: [Network], terms: [CostTerm], covariates: [Covariate],
    settings: LearningSettings
  ) {
    self.groups = groups
    self.networks = networks
    self.terms = terms
    self.covariates = covariates
    self.settings = settings
    let used = Set(groups.flatMap { $0.runs.map(\.network) })
    let values = networks.map { $0.amounts.values(of: terms) }
    func mean(_ term: Int, over networks: some Collection<Int>) -> Double {
      networks.reduce(0) { $0 + values[$1][term] } / Double(max(1, networks.count))
    }
    // A term that no run has keeps its expected ratio, for networks that have it.
    let scales = terms.indices.map { term in
      let scale = mean(term, over: used)
      return scale > 0 ? scale : mean(term, over: networks.indices)
    }
    self.scales = scales
    let amounts = values.map { row in zip(row, scales).map { $1 > 0 ? $0 / $1 : 0 } }
    self.amounts = amounts

    let counts = Dictionary(grouping: groups, by: \.device).mapValues(\.count)
    deviceWeights = groups.map { 1 / Double(counts[$0.device] ?? 1).squareRoot() }
    let raw = groups.map { group in covariates.map { $0.value(of: group.traits) } }
    let centres = covariates.indices.map { column in
      covariates[column] == .intercept
        ? 0 : raw.reduce(0) { $0 + $1[column] } / Double(raw.count)
    }
    self.centres = centres
    design = raw.map { zip($0, centres).map { $0 - $1 } }

    // Before any run, a term costs its expected ratio times a level that half the groups exceed.
    let logRatios = zip(terms, scales).map { log($0.expectedRatio * max($1, 1e-9)) }
    let meanRatio = logRatios.reduce(0, +) / Double(terms.count)
    let relative = logRatios.map { $0 - meanRatio }
    var shares = Array(repeating: 0.0, count: terms.count)
    let level = median(
      groups.map { group in
        median(
          group.runs.map {
            $0.logSeconds - logTime(relative, amounts[$0.network], shares: &shares)
          })
      })
    let intercepts = relative.map { $0 + level }
    coefficients = Matrix(rows: terms.count, columns: covariates.count)
    for term in terms.indices { coefficients[term, 0] = intercepts[term] }

    let effects = terms.count * covariates.count
    var information = Matrix(
      rows: effects + networks.count, columns: effects + networks.count)
    for column in covariates.indices {
      let block = Self.effectCovariance(
        terms, isIntercept: covariates[column] == .intercept, settings)
      guard let inverse = Cholesky(block)?.inverse else { continue }
      for row in terms.indices {
        for other in terms.indices {
          information[row * covariates.count + column, other * covariates.count + column] =
            inverse[row, other]
        }
      }
    }
    for network in networks.indices {
      information[effects + network, effects + network] = 1 / pow(settings.offsetDeviation, 2)
    }
    fixedInformation = information
    var mean = Array(repeating: 0.0, count: effects + networks.count)
    for term in terms.indices { mean[term * covariates.count] = intercepts[term] }
    fixedMean = mean
    fixedCovariance = Matrix(rows: 0, columns: 0)

    covariance =
      Matrix(diagonal: Array(repeating: settings.startVariance, count: terms.count))
      + Matrix(
        rows: terms.count, columns: terms.count, repeating: settings.startSharedVariance)
    noise = settings.noiseStart * settings.noiseStart
    groupNoise = Array(repeating: noise, count: groups.count)
    groupWeights = Array(repeating: 1, count: groups.count)
    offsets = Array(repeating: 0, count: networks.count)
    rates = []
    rates = groups.indices.map { self.mean($0) }
  }

  /// Prior covariance of one covariate's effects on all terms.
  private static func effectCovariance(
    _ terms: [CostTerm], isIntercept: Bool, _ settings: LearningSettings
  ) -> Matrix {
    let shared = isIntercept ? settings.levelDeviation : settings.covariateDeviation
    var matrix = Matrix(rows: terms.count, columns: terms.count, repeating: shared * shared)
    for row in terms.indices {
      let isGuess = terms[row].level == .calls || terms[row] == .detection
      let own =
        !isIntercept
        ? settings.covariateTermDeviation
        : isGuess ? settings.guessedRatioDeviation : settings.ratioDeviation
      matrix[row, row] += own * own
      guard isIntercept else { continue }
      for column in terms.indices where terms[row].level == terms[column].level {
        matrix[row, column] += settings.termLevelDeviation * settings.termLevelDeviation
      }
    }
    return matrix
  }

  func mean(_ group: Int) -> [Double] { coefficients * design[group] }

  /// One expectation and one maximization; `false` when a matrix is no covariance any more.
  mutating func round() -> Bool {
    guard let sphere = Cholesky(covariance) else { return false }
    var spreads: [Matrix] = []
    var information = fixedInformation
    var right = fixedInformation * fixedMean
    for index in groups.indices {
      guard let prior = LogRatePrior(mean: mean(index), covariance: covariance) else {
        return false
      }
      let fit = fit(index, prior: prior)
      spreads.append(fit.covariance)
      guard add(fit, of: index, to: &information, &right) else { return false }
    }
    guard let solved = Cholesky(information) else { return false }
    let effectsFound = solved.solve(right)
    for term in terms.indices {
      for column in covariates.indices {
        coefficients[term, column] = effectsFound[term * covariates.count + column]
      }
    }
    offsets = Array(effectsFound.suffix(networks.count))
    fixedCovariance = solved.inverse
    updateCovariance(spreads, sphere)
    let weight = deviceWeights.reduce(0, +)
    let logNoise = zip(groupNoise, deviceWeights).reduce(0) { $0 + $1.1 * log($1.0) } / weight
    noise = max(exp(logNoise), pow(settings.noiseFloor, 2))
    return true
  }

  /// A group's rates, and its noise with the pull towards the common one.
  private mutating func fit(_ index: Int, prior: LogRatePrior) -> RateFit {
    let group = groups[index]
    let factors = group.runs.map { $0.isNoisy ? settings.noisyFactor : 1 }
    let runs = zip(group.runs, factors).map { run, factor in
      Observation(
        amounts: amounts[run.network], logTime: run.logSeconds - offsets[run.network],
        variance: groupNoise[index] * factor)
    }
    // A round continues where the last one stopped.
    var solving = settings.fit
    solving.reweightings = settings.reweightingsPerRound
    // Here strange devices weigh less instead, lest they widen what is expected of all.
    solving.deviceDegreesOfFreedom = .infinity
    let fit = RateFit(runs, prior: prior, settings: solving, start: rates[index])
    rates[index] = fit.logRates
    var squares = 0.0
    for (position, run) in runs.enumerated() {
      let residual = fit.residuals[position]
      let leverage = fit.predict(run.amounts).variance
      squares += (fit.weights[position] * residual * residual + leverage) / factors[position]
    }
    let pull = settings.groupNoiseWeight
    groupNoise[index] = max(
      (pull * noise + squares) / (pull + Double(runs.count)), pow(settings.noiseFloor, 2))
    return fit
  }

  /// Adds a group to the normal equations of the fixed effects: its runs, linearized at its rates, with
  /// the covariance that its random rates and its noise give them.
  private func add(
    _ fit: RateFit, of index: Int, to information: inout Matrix, _ right: inout [Double]
  ) -> Bool {
    let group = groups[index]
    let count = group.runs.count
    var shares = Array(repeating: 0.0, count: terms.count)
    var rows: [[Double]] = []
    var targets: [Double] = []
    for (position, run) in group.runs.enumerated() {
      _ = logTime(fit.logRates, amounts[run.network], shares: &shares)
      rows.append(shares)
      targets.append(
        fit.residuals[position] + offsets[run.network] + shares.dot(fit.logRates))
    }
    var spread = Matrix(rows: count, columns: count)
    let projected = rows.map { covariance * $0 }
    for row in 0..<count {
      for column in 0..<count { spread[row, column] = rows[row].dot(projected[column]) }
      let factor = group.runs[row].isNoisy ? settings.noisyFactor : 1
      spread[row, row] += groupNoise[index] * factor / fit.weights[row]
    }
    guard let cholesky = Cholesky(spread) else { return false }
    let precision = (deviceWeights[index] * groupWeights[index]) * cholesky.inverse
    let jacobian = Matrix(rows)
    let half = precision * jacobian
    let gram = jacobian.transposed * half
    let weighted = precision * targets
    let covariates = design[index]
    let width = covariates.count
    let first = effects
    for row in terms.indices {
      for column in terms.indices {
        let value = gram[row, column]
        if value == 0 { continue }
        for mine in 0..<width {
          for other in 0..<width {
            information[row * width + mine, column * width + other] +=
              value * covariates[mine] * covariates[other]
          }
        }
      }
      let target = rows.indices.reduce(0) { $0 + rows[$1][row] * weighted[$1] }
      for mine in 0..<width { right[row * width + mine] += target * covariates[mine] }
      for (position, run) in group.runs.enumerated() {
        let value = half[position, row]
        for mine in 0..<width {
          information[row * width + mine, first + run.network] += value * covariates[mine]
          information[first + run.network, row * width + mine] += value * covariates[mine]
        }
      }
    }
    for (position, run) in group.runs.enumerated() {
      right[first + run.network] += weighted[position]
      for (other, second) in group.runs.enumerated() {
        information[first + run.network, first + second.network] += precision[position, other]
      }
    }
    return true
  }

  private mutating func updateCovariance(_ spreads: [Matrix], _ sphere: Cholesky) {
    let nu = settings.fit.deviceDegreesOfFreedom
    var sum = Matrix(
      diagonal: Array(
        repeating: settings.covarianceWeight * settings.covarianceTarget, count: terms.count))
    var total = settings.covarianceWeight
    for index in groups.indices {
      let departure = zip(rates[index], mean(index)).map { $0 - $1 }
      let spread = sphere.solve(spreads[index]).trace
      groupWeights[index] =
        (nu + Double(terms.count)) / (nu + sphere.squaredNorm(departure) + spread)
      sum.addOuterProduct(departure, weight: deviceWeights[index] * groupWeights[index])
      sum.add(spreads[index], weight: deviceWeights[index])
      total += deviceWeights[index]
    }
    covariance = (1 / total) * sum
  }

  var prior: Prior {
    let seen = Set(groups.flatMap { $0.runs.map(\.network) })
    var coefficientCovariance = Matrix(rows: effects, columns: effects)
    for row in 0..<effects {
      for column in 0..<effects {
        coefficientCovariance[row, column] = fixedCovariance[row, column]
      }
    }
    return Prior(
      terms: terms, scales: scales, covariates: covariates, centres: centres,
      coefficients: coefficients, coefficientCovariance: coefficientCovariance,
      covariance: covariance, noiseVariance: noise,
      offsets: networks.indices.filter(seen.contains).map {
        Prior.NetworkOffset(
          name: networks[$0].name, fingerprint: networks[$0].amounts.fingerprint,
          offset: offsets[$0], variance: fixedCovariance[effects + $0, effects + $0])
      },
      members: groups.indices.map { index in
        Prior.Member(
          device: groups[index].device, traits: groups[index].traits,
          departure: zip(rates[index], mean(index)).map { $0 - $1 })
      }, settings: settings, intervalFactors: [])
  }
}

/// The middle value; of an even count, the mean of the two.
func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  guard let last = sorted.last else { return .nan }
  let middle = sorted.count / 2
  if sorted.count % 2 == 1 { return sorted[middle] }
  return middle > 0 ? (sorted[middle - 1] + sorted[middle]) / 2 : last
}
