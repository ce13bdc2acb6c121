public import Calibration
import Platform
import Quantities

/// Which models to measure, and what each would tell.
public struct AdviceReport: Report {
  public var origin: Origin
  public var deployment: String
  /// The models asked about.
  public var asked: [String]
  public var choices: [Named]

  /// A choice with its model's name.
  public struct Named: Sendable, Hashable {
    public var model: String
    public var choice: Advice.Choice
    public init(model: String, choice: Advice.Choice) {
      self.model = model
      self.choice = choice
    }
  }

  public init(origin: Origin, deployment: String, asked: [String], choices: [Named]) {
    self.origin = origin
    self.deployment = deployment
    self.asked = asked
    self.choices = choices
  }

  public var document: Document {
    var table = Table([
      .init("", .trailing), .init("measure"), .init("expected error before", .trailing),
      .init("after", .trailing),
    ])
    for (index, named) in choices.enumerated() {
      table.append([
        Cell("\(index + 1)"), Cell(named.model), Cell(Self.share(named.choice.before)),
        Cell(Self.share(named.choice.after)),
      ])
    }
    return Document(
      title: "What to measure on \(deployment)",
      sections: [
        Document.Section(
          "",
          [
            .table(table),
            .notes([
              "The expected error is the mean deviation of \(asked.count) models, as far as rates "
                + "are to blame; each line follows the measurements above it."
            ]),
          ])
      ])
  }

  /// A deviation of the logarithm as a share.
  private static func share(_ deviation: Double) -> String {
    fixed(100 * expm1(deviation), decimals: 0) + " %"
  }

  public var json: JSONObject {
    origin.header("advice")
      + [
        "deployment": .string(deployment), "asked": JSONValue(strings: asked),
        "choices": JSONValue(objects: records),
      ]
  }

  public var records: [JSONObject] {
    choices.map {
      [
        "model": .string($0.model), "deviationBefore": .number($0.choice.before),
        "deviationAfter": .number($0.choice.after),
      ]
    }
  }
}
