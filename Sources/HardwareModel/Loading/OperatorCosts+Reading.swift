import Quantities
import TensorTypes

extension OperatorCosts {
  private enum Key: String, ProfileKey { case schema, basis, source, host, operators }

  /// Reads `operators/*.yaml`, which `boardfit probe --operators` writes; in the order of the names.
  public static func load(from directory: String) throws(ProfileError) -> [OperatorCosts] {
    var costs: [OperatorCosts] = []
    for file in try ProfileFile.list(in: directory, [.operators]) {
      costs.append(try OperatorCosts(file))
    }
    return costs
  }

  /// The first fault of each file in `operators/`, which may be missing.
  static func problems(in directory: String) -> [ProfileError] {
    guard let files = try? ProfileFile.list(in: directory, [.operators]) else { return [] }
    return files.compactMap { file in
      do throws(ProfileError) {
        _ = try OperatorCosts(file)
        return nil
      } catch {
        return error
      }
    }
  }

  /// Reads one file.
  public init(_ file: ProfileFile) throws(ProfileError) {
    let node = try ProfileNode(file)
    let fields = try node.fields(Key.self)
    let id = try node.profileIdentifier(of: file)
    try fields.required(.schema).requireSchema()
    let basis = try fields.required(.basis)
    let stated: Basis = try basis.choice()
    guard stated == .measured else {
      throw basis.error(.invariant("costs of operators are measured, not \(stated.rawValue)"))
    }
    var rows: [OperatorCost] = []
    for element in try fields.required(.operators).elements() {
      let row = try OperatorCost(reading: element)
      let isTwice = rows.contains {
        $0.kind == row.kind && $0.variant == row.variant && $0.dtype == row.dtype
      }
      guard !isTwice else {
        throw element.error(
          .invariant("\(row.kind.rawValue) '\(row.variant)' \(row.dtype.rawValue) stands twice"))
      }
      rows.append(row)
    }
    self.init(
      id: id, source: try fields.required(.source).text(),
      host: try Host(reading: try fields.required(.host)), rows: rows)
  }
}

extension OperatorCosts.Host {
  private enum Key: String, ProfileKey {
    case processor, threads, clock
    case instructionSet = "instruction_set"
    case otherLoad = "other_load"
  }

  fileprivate init(reading node: ProfileNode) throws(ProfileError) {
    let fields = try node.fields(Key.self)
    self.init(
      processor: try fields.required(.processor).text(),
      instructionSet: try fields.required(.instructionSet).text(),
      threads: try fields.required(.threads).integer(in: 1...4096),
      clock: try fields.required(.clock).real(.positive),
      otherLoad: try fields.required(.otherLoad).number())
  }
}

extension OperatorCost {
  private enum Key: String, ProfileKey {
    case kind, variant, dtype, kernels, fixed, residual, points
    case mac = "per_mac"
    case element = "per_element"
    case byte = "per_byte"

    static func slope(_ scale: Scale) -> Self {
      switch scale {
      case .mac: .mac
      case .element: .element
      case .byte: .byte
      }
    }
  }

  fileprivate init(reading node: ProfileNode) throws(ProfileError) {
    let fields = try node.fields(Key.self)
    let scales = Scale.allCases.filter { fields[.slope($0)] != nil }
    guard scales.count == 1, let scale = scales.first else {
      throw node.error(.invariant("one of per_mac, per_element and per_byte, not \(scales.count)"))
    }
    var kernels: [String] = []
    for element in try fields.required(.kernels).elements() { kernels.append(try element.text()) }
    var observations: [Observation] = []
    for element in try fields.required(.points).elements() {
      observations.append(try Observation(reading: element))
    }
    self.init(
      kind: try fields.required(.kind).choice(), variant: try fields[.variant]?.text() ?? "",
      dtype: try fields.required(.dtype).choice(), kernels: kernels, scale: scale,
      fixed: try fields.required(.fixed).real(.nonNegative),
      slope: try fields.required(.slope(scale)).real(.nonNegative),
      residual: try fields.required(.residual).number(), observations: observations)
    guard fixed > .zero || slope > .zero else {
      throw node.error(.invariant("an operator that takes no time"))
    }
  }
}

extension OperatorCost.Observation {
  private enum Key: String, ProfileKey { case shape, macs, elements, bytes, time, samples }

  fileprivate init(reading node: ProfileNode) throws(ProfileError) {
    let fields = try node.fields(Key.self)
    let counts = 0...1 << 60
    self.init(
      shape: try fields.required(.shape).text(),
      macs: MACs(try fields.required(.macs).integer(in: counts)),
      elements: try fields.required(.elements).integer(in: counts),
      bytes: Bytes(try fields.required(.bytes).integer(in: counts)),
      time: try fields.required(.time).real(.positive),
      samples: try fields.required(.samples).integer(in: 1...1 << 40))
  }
}

extension ProfileNode {
  /// A number without a unit, not below zero.
  fileprivate func number() throws(ProfileError) -> Double {
    guard let value = Double(try text()), value.isFinite else {
      throw error(.wrongType(expected: "a number"))
    }
    guard value >= 0 else { throw error(.invariant("must not be negative")) }
    return value
  }
}
