import Quantities

/// The sign that a number must have.
enum NumberBound {
  /// A rate, a capacity, a clock: nothing of it would divide by zero.
  case positive
  /// An overhead, a reservation: zero is a claim like any other.
  case nonNegative

  fileprivate func check(_ value: Double, of node: ProfileNode) throws(ProfileError) {
    guard value.isFinite else {
      throw node.error(.quantity(.outOfRange(try node.text())))
    }
    switch self {
    case .positive where value <= 0: throw node.error(.invariant("must be more than zero"))
    case .nonNegative where value < 0: throw node.error(.invariant("must not be negative"))
    case .positive, .nonNegative: break
    }
  }
}

/// The keys that say why a number is believed.
private protocol EvidenceKey: ProfileKey {
  static var basis: Self { get }
  static var source: Self { get }
  /// A remark; it is kept behind the source.
  static var note: Self { get }
}

private enum SourcedKey: String, EvidenceKey { case value, basis, source, note }
private enum FactorKey: String, EvidenceKey { case value, low, high, basis, source, note }
private enum TileKey: String, EvidenceKey { case m, n, k, basis, source, note }

extension Fields where Key: EvidenceKey {
  fileprivate func sourced<Value>(_ value: Value) throws(ProfileError) -> Sourced<Value> {
    let basis = try required(.basis).choice(of: Basis.self)
    let source = try required(.source).text()
    let note = try self[.note]?.text()
    return Sourced(value, basis: basis, source: note.map { "\(source) (\($0))" } ?? source)
  }
}

extension ProfileNode {
  /// A count with its basis and source.
  func sourced<Value: CountQuantity>(
    _ bound: NumberBound = .positive
  ) throws(ProfileError) -> Sourced<Value> {
    let fields = try fields(SourcedKey.self)
    let value: Value = try fields.required(.value).count(bound)
    return try fields.sourced(value)
  }

  /// A count with its unit.
  func count<Value: CountQuantity>(
    _ bound: NumberBound = .positive
  ) throws(ProfileError) -> Value {
    let text = try text()
    let value: Value
    do { value = try Value(parsing: text) } catch { throw self.error(.quantity(error)) }
    try bound.check(Double(value.rawValue), of: self)
    return value
  }

  /// A rate, a time, money with its basis and source.
  func sourced<Value: RealQuantity>(
    _ bound: NumberBound = .positive
  ) throws(ProfileError) -> Sourced<Value> {
    let fields = try fields(SourcedKey.self)
    let value: Value = try fields.required(.value).real(bound)
    return try fields.sourced(value)
  }

  /// A share of what is described, above 0 and at most `limit`.
  func share(atMost limit: Double) throws(ProfileError) -> Sourced<Double> {
    let share: Sourced<Fraction> = try sourced()
    guard share.value.rawValue <= limit else {
      throw child("value").error(.invariant("must be at most \(Fraction(limit))"))
    }
    return Sourced(share.value.rawValue, basis: share.basis, source: share.source)
  }

  /// A factor between its bounds, all above 0 and at most `limit`.
  func factor(atMost limit: Double) throws(ProfileError) -> Sourced<Factor> {
    let fields = try fields(FactorKey.self)
    let value: Fraction = try fields.required(.value).real(.positive)
    let low: Fraction = try fields.required(.low).real(.positive)
    let high: Fraction = try fields.required(.high).real(.positive)
    guard low <= value, value <= high else {
      throw error(.invariant("low ≤ value ≤ high does not hold: \(low), \(value), \(high)"))
    }
    guard high.rawValue <= limit else {
      throw child("high").error(.invariant("must be at most \(Fraction(limit))"))
    }
    let factor = Factor(value: value.rawValue, low: low.rawValue, high: high.rawValue)
    return try fields.sourced(factor)
  }

  func tile() throws(ProfileError) -> Sourced<TileShape> {
    let fields = try fields(TileKey.self)
    let extents = 1...65_536
    let tile = TileShape(
      m: try fields.required(.m).integer(in: extents),
      n: try fields.required(.n).integer(in: extents),
      k: try fields.required(.k).integer(in: extents))
    return try fields.sourced(tile)
  }

  /// A rate or a time by itself, where the file as a whole says why it is believed.
  func real<Value: RealQuantity>(_ bound: NumberBound) throws(ProfileError) -> Value {
    let text = try text()
    let value: Value
    do { value = try Value(parsing: text) } catch { throw self.error(.quantity(error)) }
    try bound.check(value.rawValue, of: self)
    return value
  }
}
