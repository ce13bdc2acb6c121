public import HardwareModel
public import Measurement
public import Quantities
import TensorTypes

/// What the operators of a host cost by themselves.
public struct OperatorCostReport: Report {
  public var origin: Origin
  public var costs: OperatorCosts
  public var host: HostFacts
  public var before: HostConditions
  public var after: HostConditions
  public var elapsed: Seconds

  public init(
    origin: Origin, costs: OperatorCosts, host: HostFacts, before: HostConditions,
    after: HostConditions, elapsed: Seconds
  ) {
    self.origin = origin
    self.costs = costs
    self.host = host
    self.before = before
    self.after = after
    self.elapsed = elapsed
  }

  public var document: Document {
    let conditions =
      after.pairs(since: before, processors: host.processorCount) + [
        Document.Pair("threads", "\(costs.host.threads)"), Document.Pair("took", "\(elapsed)"),
      ]
    return Document(
      title: "What operators cost on this host",
      sections: [
        Document.Section("", [.pairs(host.pairs + conditions)]),
        Document.Section("Operators", [.table(table)]),
      ])
  }

  private var table: Table {
    Table(
      [
        .init("operator"), .init("variant"), .init("dtype"), .init("fixed", .trailing),
        .init("for each", .trailing), .init("", .leading), .init("residual", .trailing),
        .init("shapes", .trailing), .init("times"), .init("kernel"),
      ],
      rows: costs.rows.map { row in
        let times = row.observations.map(\.time)
        return [
          Cell(row.kind.rawValue), Cell(row.variant), Cell(row.dtype.rawValue),
          Cell("\(row.fixed)"), Cell("\(threeDigits(row.slope.rawValue * 1e12)) ps"),
          Cell(row.scale.rawValue), Cell("\(Fraction(row.residual))"),
          Cell("\(row.observations.count)"),
          Cell(times.min().flatMap { least in times.max().map { "\(least) – \($0)" } } ?? ""),
          Cell(row.kernels.joined(separator: ", ")),
        ]
      })
  }

  /// One row an operator.
  public var records: [JSONObject] {
    costs.rows.map { row in
      [
        "operator": .string(row.kind.rawValue), "variant": .string(row.variant),
        "dtype": .string(row.dtype.rawValue),
        "kernels": .string(row.kernels.joined(separator: " ")),
        "fixedSeconds": .number(row.fixed.rawValue), "scale": .string(row.scale.rawValue),
        "secondsPerMAC": JSONValue(row.scale == .mac ? row.slope.rawValue : nil),
        "secondsPerElement": JSONValue(row.scale == .element ? row.slope.rawValue : nil),
        "secondsPerByte": JSONValue(row.scale == .byte ? row.slope.rawValue : nil),
        "relativeResidual": .number(row.residual), "points": .integer(row.observations.count),
        "leastShape": JSONValue(row.observations.first?.shape),
        "greatestShape": JSONValue(row.observations.last?.shape),
      ]
    }
  }

  public var json: JSONObject {
    origin.header("operatorCosts") + [
      "host": .object(
        host.record + after.record(since: before, processors: host.processorCount)),
      "threads": .integer(costs.host.threads),
      "operators": JSONValue(
        objects: zip(records, costs.rows).map { record, row in
          record + [
            "observations": JSONValue(
              objects: row.observations.map { point in
                [
                  "shape": .string(point.shape), "macs": .integer(point.macs.rawValue),
                  "elements": .integer(point.elements), "bytes": .integer(point.bytes.rawValue),
                  "medianSeconds": .number(point.time.rawValue),
                  "samples": .integer(point.samples),
                ]
              })
          ]
        }),
      "elapsedSeconds": .number(elapsed.rawValue),
    ]
  }
}
