public import HardwareModel
import Platform
import Quantities

/// A prior as it is kept: the numbers, and where they came from.
public struct PriorFile: Sendable, Hashable {
  /// What it is for and how it came about.
  public struct Provenance: Sendable, Hashable {
    /// The runtime's id among the profiles: "ncnn".
    public var runtime: String
    /// "cpu", "gpu", "npu", "mcu".
    public var unit: UnitClass
    /// Names by which tables of measurements call the runtime on that unit; ``anyRuntime`` alone where
    /// it is for whatever runtime has no prior of its own.
    public var names: [String]
    public static let anyRuntime = "*"
    public var isForAnyRuntime: Bool { names == [Self.anyRuntime] }
    /// Files of runs and of graphs, with their SHA-256.
    public var sources: [String]
    public var command: String
    public var tool: String
    /// ISO 8601.
    public var date: String
    public var deviceCount: Int
    public var groupCount: Int
    public var runCount: Int
    public var networkCount: Int
    /// Families of networks that have some of each term, in the order of the prior's terms.
    public var families: [Int]
    public init(
      runtime: String, unit: UnitClass, names: [String], sources: [String], command: String,
      tool: String, date: String, deviceCount: Int, groupCount: Int, runCount: Int,
      networkCount: Int, families: [Int]
    ) {
      self.runtime = runtime
      self.unit = unit
      self.names = names
      self.sources = sources
      self.command = command
      self.tool = tool
      self.date = date
      self.deviceCount = deviceCount
      self.groupCount = groupCount
      self.runCount = runCount
      self.networkCount = networkCount
      self.families = families
    }
  }
  public var provenance: Provenance
  public var prior: Prior
  public init(provenance: Provenance, prior: Prior) {
    self.provenance = provenance
    self.prior = prior
  }
}

// MARK: Writing

extension PriorFile {
  /// The file's text; reading it gives the same prior to five digits.
  public var text: String {
    var lines = [
      "# Learned from published runs by the command below; do not edit.",
      "schema: 1",
      "runtime: \(quoted(provenance.runtime))",
      "unit: \(quoted(provenance.unit.rawValue))",
      "names: [\(provenance.names.map(quoted).joined(separator: ", "))]",
      "provenance:",
      "  command: \(quoted(provenance.command))",
      "  tool: \(quoted(provenance.tool))",
      "  date: \(quoted(provenance.date))",
      "  sources:",
    ]
    lines += provenance.sources.map { "    - \(quoted($0))" }
    lines += [
      "  devices: \(provenance.deviceCount)", "  groups: \(provenance.groupCount)",
      "  runs: \(provenance.runCount)", "  networks: \(provenance.networkCount)",
      "noise_variance: \(number(prior.noiseVariance))",
      "interval_factors: \(list(prior.intervalFactors))",
      "# families: of networks that have some of the term. scale: its mean amount over networks.",
      "terms:",
    ]
    for (index, term) in prior.terms.enumerated() {
      let families = provenance.families.indices.contains(index) ? provenance.families[index] : 0
      lines.append(
        "  - { name: \(term.rawValue), families: \(families), scale: \(number(prior.scales[index])) }"
      )
    }
    lines.append("covariates:")
    for (covariate, centre) in zip(prior.covariates, prior.centres) {
      lines.append("  - { name: \(covariate.rawValue), centre: \(number(centre)) }")
    }
    lines.append("# One row a term, one column a covariate.")
    lines += matrix("coefficients", prior.coefficients)
    lines.append("# Lower triangles.")
    lines += triangle("covariance", prior.covariance)
    lines += triangle("coefficient_covariance", prior.coefficientCovariance)
    lines.append("networks:")
    lines += prior.offsets.map(\.line)
    lines.append("# What each group's rates do beyond the regression.")
    lines.append("members:")
    for member in prior.members {
      let traits = member.traits
      let graphics =
        traits.graphics.map {
          ", vendor: \($0.vendor?.rawValue ?? "unknown"), discrete: \($0.isDiscrete)"
        } ?? ""
      let memory =
        traits.memoryBandwidth.map { ", memory: \(number($0.rawValue / 1e9)) GB/s" } ?? ""
      lines.append("  - device: \(quoted(member.device))")
      lines.append(
        "    traits: { core: \(quoted(traits.core ?? "unknown")), "
          + "architecture: \(traits.architecture?.rawValue ?? "unknown"), "
          + "clock: \(number(traits.clock.rawValue / 1e9)) GHz, macs: \(number(traits.macsPerCycle)), "
          + "fp16: \(traits.hasFloat16), order: \(traits.order.rawValue), "
          + "threads: \(traits.threads)\(memory)\(graphics) }")
      lines.append("    departure: \(list(member.departure))")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

// MARK: Reading

private enum Key: String, ProfileKey {
  case schema, runtime, unit, names, provenance, terms, covariates, coefficients, covariance
  case networks, members
  case noiseVariance = "noise_variance"
  case intervalFactors = "interval_factors"
  case coefficientCovariance = "coefficient_covariance"
}
private enum ProvenanceKey: String, ProfileKey {
  case command, tool, date, sources, devices, groups, runs, networks
}
private enum TermKey: String, ProfileKey { case name, families, scale }
private enum CovariateKey: String, ProfileKey { case name, centre }
private enum MemberKey: String, ProfileKey { case device, traits, departure }
private enum TraitsKey: String, ProfileKey {
  case core, architecture, clock, macs, fp16, order, threads, memory, vendor, discrete
}

extension PriorFile {
  public init(_ file: ProfileFile) throws(ProfileError) {
    let node = try ProfileNode(file)
    let fields = try node.fields(Key.self)
    try fields.required(.schema).requireSchema()

    var terms: [CostTerm] = []
    var scales: [Double] = []
    var families: [Int] = []
    for node in try fields.required(.terms).elements() {
      let term = try node.fields(TermKey.self)
      terms.append(try term.required(.name).choice())
      families.append(try term.required(.families).integer(in: 0...1_000_000))
      scales.append(try term.required(.scale).realNumber())
    }
    var covariates: [Covariate] = []
    var centres: [Double] = []
    for node in try fields.required(.covariates).elements() {
      let covariate = try node.fields(CovariateKey.self)
      covariates.append(try covariate.required(.name).choice())
      centres.append(try covariate.required(.centre).realNumber())
    }
    guard Set(terms).count == terms.count, Set(covariates).count == covariates.count else {
      throw node.error(.invariant("a term or covariate stands twice"))
    }
    var offsets: [Prior.NetworkOffset] = []
    for node in try fields.required(.networks).elements() {
      offsets.append(try Prior.NetworkOffset(reading: node))
    }
    var members: [Prior.Member] = []
    for node in try fields.required(.members).elements() {
      let member = try node.fields(MemberKey.self)
      members.append(
        Prior.Member(
          device: try member.required(.device).text(),
          traits: try DeviceTraits(reading: try member.required(.traits)),
          departure: try member.required(.departure).numbers(count: terms.count)))
    }
    let covariance = try fields.required(.covariance).triangle(count: terms.count)
    guard Cholesky(covariance) != nil else {
      throw try fields.required(.covariance).error(.invariant("not positive definite"))
    }
    let noise = try fields.required(.noiseVariance)
    guard try noise.realNumber() > 0 else {
      throw noise.error(.invariant("must be more than zero"))
    }
    let origin = try fields.required(.provenance).fields(ProvenanceKey.self)
    let counts = 0...1_000_000_000
    provenance = Provenance(
      runtime: try fields.required(.runtime).text(), unit: try fields.required(.unit).choice(),
      names: try texts(try fields.required(.names)),
      sources: try texts(try origin.required(.sources)),
      command: try origin.required(.command).text(), tool: try origin.required(.tool).text(),
      date: try origin.required(.date).text(),
      deviceCount: try origin.required(.devices).integer(in: counts),
      groupCount: try origin.required(.groups).integer(in: counts),
      runCount: try origin.required(.runs).integer(in: counts),
      networkCount: try origin.required(.networks).integer(in: counts), families: families)
    prior = Prior(
      terms: terms, scales: scales, covariates: covariates, centres: centres,
      coefficients: try fields.required(.coefficients).matrix(
        rows: terms.count, columns: covariates.count),
      coefficientCovariance: try fields.required(.coefficientCovariance).triangle(
        count: terms.count * covariates.count),
      covariance: covariance, noiseVariance: try noise.realNumber(), offsets: offsets,
      members: members,
      settings: provenance.scope.settings,
      intervalFactors: try fields.required(.intervalFactors).numbers(count: nil))
  }
}

private func texts(_ node: ProfileNode) throws(ProfileError) -> [String] {
  var texts: [String] = []
  for element in try node.elements() { texts.append(try element.text()) }
  return texts
}

extension DeviceTraits {
  fileprivate init(reading node: ProfileNode) throws(ProfileError) {
    let fields = try node.fields(TraitsKey.self)
    let core = try fields.required(.core).text()
    let architecture = try fields.required(.architecture)
    let macs = try fields.required(.macs)
    guard try macs.realNumber() > 0 else { throw macs.error(.invariant("must be more than zero")) }
    self.init(
      core: core == "unknown" ? nil : core,
      architecture: try architecture.text() == "unknown" ? nil : try architecture.choice(),
      clock: try fields.required(.clock).positive(), macsPerCycle: try macs.realNumber(),
      hasFloat16: try fields.required(.fp16).flag(), order: try fields.required(.order).choice(),
      threads: try fields.required(.threads).integer(in: 1...1_000_000))
    memoryBandwidth = try fields[.memory].map { node throws(ProfileError) in
      try node.positive()
    }
    // Of graphics units: both or neither.
    if let vendor = fields[.vendor] {
      graphics = GraphicsTraits(
        vendor: try vendor.text() == "unknown" ? nil : try vendor.choice(),
        isDiscrete: try fields.required(.discrete).flag())
    } else if let discrete = fields[.discrete] {
      throw discrete.error(.invariant("is for graphics units, which state a vendor"))
    }
  }
}
