import ArgumentParser
import Decision
import Quantities

/// What is asked of a board.
struct RequirementOptions: ParsableArguments {
  @Option(help: ArgumentHelp("One run must be done in this time.", valueName: "20ms"))
  var deadline: String?

  @Option(help: ArgumentHelp("The share of the deadline that must stay free.", valueName: "20%"))
  var margin: String?

  @Option(
    help: ArgumentHelp(
      "The probability with which the deadline must be met; 50% takes what is more likely than not.",
      valueName: "90%"))
  var confidence = "50%"

  @Option(help: ArgumentHelp("The power mode may draw at most this.", valueName: "10W"))
  var maxPower: String?

  @Option(help: ArgumentHelp("The board may cost at most this.", valueName: "150USD"))
  var maxPrice: String?

  func requirements() throws -> Requirements {
    let share = try margin.map { try read($0, "--margin") as Fraction } ?? .zero
    guard (0..<1).contains(share.rawValue) else {
      throw ValidationError("--margin '\(margin ?? "")': expected 0 % to less than 100 %")
    }
    let certainty: Fraction = try read(confidence, "--confidence")
    guard certainty.rawValue > 0, certainty.rawValue < 1 else {
      throw ValidationError(
        "--confidence '\(confidence)': expected more than 0 % and less than 100 %")
    }
    return Requirements(
      deadline: try deadline.map { try positive($0, "--deadline") }, margin: share,
      confidence: certainty,
      maximumPower: try maxPower.map { try positive($0, "--max-power") },
      maximumPrice: try maxPrice.map { try positive($0, "--max-price") })
  }

  private func read<Value: RealQuantity>(_ text: String, _ option: String) throws -> Value {
    do throws(QuantityError) {
      return try Value(parsing: text)
    } catch {
      throw ValidationError("\(option) '\(text)': \(error)")
    }
  }

  private func positive<Value: RealQuantity>(_ text: String, _ option: String) throws -> Value {
    let value: Value = try read(text, option)
    guard value > .zero else { throw ValidationError("\(option) '\(text)': must be positive") }
    return value
  }
}
