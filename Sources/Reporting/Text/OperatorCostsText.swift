public import HardwareModel
import Platform
import Quantities
import TensorTypes

/// Measured costs of operators in the form that `OperatorCosts` reads; `Documentation/Measuring.md`
/// has its meaning.
public struct OperatorCostsText: Sendable {
  public var costs: OperatorCosts

  public init(_ costs: OperatorCosts) { self.costs = costs }

  public var text: String {
    let host = costs.host
    return """
      # Measured by boardfit probe --operators. Do not edit: run it again.
      schema: 1
      basis: measured
      source: \(quoted(costs.source))
      host:
        processor: \(quoted(host.processor))
        instruction_set: \(host.instructionSet)
        threads: \(host.threads)
        clock: \(fourDigits(host.clock.rawValue / 1e9)) GHz
        other_load: \(fourDigits(host.otherLoad))
      operators:
      \(costs.rows.map(row).joined(separator: "\n"))

      """
  }

  private func row(_ row: OperatorCost) -> String {
    var lines = ["  - kind: \(row.kind.rawValue)"]
    if !row.variant.isEmpty { lines.append("    variant: \(quoted(row.variant))") }
    lines += [
      "    dtype: \(row.dtype.rawValue)",
      "    kernels: [\(row.kernels.joined(separator: ", "))]",
      "    fixed: \(fourDigits(row.fixed.rawValue * 1e6)) us",
      "    per_\(row.scale.rawValue): \(fourDigits(row.slope.rawValue * 1e9)) ns",
      "    residual: \(fourDigits(row.residual))", "    points:",
    ]
    lines += row.observations.map { point in
      "      - { shape: \(quoted(point.shape)), macs: \(point.macs.rawValue), "
        + "elements: \(point.elements), bytes: \(point.bytes.rawValue), "
        + "time: \(fourDigits(point.time.rawValue * 1e6)) us, samples: \(point.samples) }"
    }
    return lines.joined(separator: "\n")
  }
}

private func fourDigits(_ number: Double) -> String { significant(number, digits: 4) }

/// A scalar in double quotes; backslashes and quotes are escaped, control characters are spaces.
private func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"", "\\": result += "\\" + String(scalar)
    default:
      result += scalar.properties.generalCategory == .control ? " " : String(scalar)
    }
  }
  return result + "\""
}
