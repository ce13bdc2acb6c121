import TensorTypes

/// Why a layer gets no meaning in the IR.
enum LayerError: Error {
  /// Its work is unknown; the model is fine.
  case notModelled
  /// The file is wrong.
  case invalid(String)
}

/// A layer as a lowering sees it: checked access to its parameters, with ncnn's defaults.
struct LayerView {
  let layer: NCNNLayer

  var name: String { layer.name }

  func has(_ id: Int) -> Bool { layer.parameters[id] != nil }

  func int(_ id: Int, default value: Int = 0) throws(LayerError) -> Int {
    switch layer.parameters[id] {
    case nil: return value
    case .number(.int(let number)): return number
    case .number(.real(let number)):
      guard let whole = Int(exactly: number) else { throw wrong(id, "a whole number") }
      return whole
    case .text: throw .notModelled
    case .list: throw wrong(id, "a whole number")
    }
  }

  /// A whole number that is at least 1.
  func positive(_ id: Int, _ what: String, default value: Int = 0) throws(LayerError) -> Int {
    let number = try int(id, default: value)
    guard number > 0 else { throw .invalid("\(what) (parameter \(id)) is \(number)") }
    return number
  }

  func flag(_ id: Int, default value: Bool = false) throws(LayerError) -> Bool {
    try int(id, default: value ? 1 : 0) != 0
  }

  func real(_ id: Int, default value: Double = 0) throws(LayerError) -> Double {
    switch layer.parameters[id] {
    case nil: return value
    case .number(.int(let number)): return Double(number)
    case .number(.real(let number)): return number
    case .text: throw .notModelled
    case .list: throw wrong(id, "a number")
    }
  }

  func ints(_ id: Int) throws(LayerError) -> [Int]? {
    guard let content = layer.parameters[id] else { return nil }
    guard case .list(let numbers) = content else { throw wrong(id, "a list") }
    var result: [Int] = []
    for number in numbers {
      guard case .int(let value) = number else { throw wrong(id, "a list of whole numbers") }
      result.append(value)
    }
    return result
  }

  /// A list of real numbers; one that is written as a whole number from 2²³ on is the bits of a
  /// 32-bit one, as converters write them.
  func reals(_ id: Int) throws(LayerError) -> [Double]? {
    guard let content = layer.parameters[id] else { return nil }
    guard case .list(let numbers) = content else { throw wrong(id, "a list") }
    return numbers.map { number in
      switch number {
      case .real(let value): value
      case .int(let value):
        value.magnitude < 1 << 23
          ? Double(value) : Double(Float(bitPattern: UInt32(truncatingIfNeeded: value)))
      }
    }
  }

  /// The extents of the results as the file states them, outermost first; `nil` where it does not.
  var shapeHints: [[Int]?] {
    guard let numbers = try? ints(NCNNParameters.shapeHints) else { return [] }
    return stride(from: 0, to: numbers.count - numbers.count % 4, by: 4).map { start in
      let rank = numbers[start]
      guard (1...3).contains(rank) else { return nil }
      let extents = numbers[start + 1...start + rank]
      return extents.allSatisfy { $0 > 0 } ? extents.reversed() : nil
    }
  }

  /// What divides evenly, or else is an error.
  func quotient(_ total: Int, _ divisor: Int, _ what: String) throws(LayerError) -> Int {
    guard total > 0, divisor > 0, total % divisor == 0 else {
      throw .invalid("\(what): \(total) is no multiple of \(divisor)")
    }
    return total / divisor
  }

  /// A product that fits.
  func product(_ factors: Int..., of what: String) throws(LayerError) -> Int {
    var result = 1
    for factor in factors {
      let (next, overflow) = result.multipliedReportingOverflow(by: factor)
      guard !overflow, next > 0, next <= 1 << 40 else { throw .invalid("\(what) is too large") }
      result = next
    }
    return result
  }

  private func wrong(_ id: Int, _ expected: String) -> LayerError {
    .invalid("parameter \(id) is not \(expected)")
  }
}
