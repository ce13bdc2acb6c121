import CostModel
import Decision
import HardwareModel
import Quantities

// The question and the short answer of a comparison.

extension Comparison {
  /// "Which boards run mobilenet-v2 within 20 ms?"
  var question: String {
    let names = enumerated(entries.map(\.model.name))
    guard let deadline = requirements.deadline else { return "How fast do boards run \(names)?" }
    return "Which boards run \(names) within \(deadline.brief)?"
  }
}

extension Requirements {
  /// "within 20 ms with 10 % to spare, at most 15 W, at most 100 USD"; empty when nothing was asked.
  var phrase: String {
    var parts = deadline == nil ? [] : [deadlinePhrase]
    if let maximumPower { parts.append("at most \(maximumPower.brief)") }
    if let maximumPrice { parts.append("at most \(maximumPrice.brief)") }
    return parts.joined(separator: ", ")
  }

  /// "within 20 ms with 10 % to spare"; empty without a deadline.
  var deadlinePhrase: String {
    guard let deadline else { return "" }
    let spare = margin > .zero ? " with \(margin.brief) to spare" : ""
    return "within \(deadline.brief)\(spare)"
  }

  /// How many deployments will do, which is cheapest and which fastest; or the nearest.
  func answer(_ entry: Comparison.Entry) -> String {
    var sentences = [countAnswer(entry)]
    guard let fastest = entry.fastest else {
      guard let nearest = entry.candidates.first else { return sentences[0] }
      let reasons = nearest.verdict.objections(nearest.estimate, self).joined(separator: "; ")
      return "\(sentences[0]) Nearest: \(phrase(nearest))\(reasons.isEmpty ? "" : " – \(reasons)")."
    }
    if let cheapest = entry.cheapest {
      if cheapest.estimate.deployment == fastest.estimate.deployment {
        return (sentences + ["Cheapest and fastest: \(phrase(cheapest))."]).joined(separator: " ")
      }
      let unpriced = entry.acceptable.count { $0.estimate.deployment.board.price == nil }
      let among = unpriced == 0 ? "" : " of those with a known price (\(unpriced) without)"
      sentences.append("Cheapest\(among): \(phrase(cheapest)).")
    }
    sentences.append("Fastest: \(phrase(fastest)).")
    return sentences.joined(separator: " ")
  }

  /// "7 of 12 deployments run it within 20 ms, or probably do."
  func countAnswer(_ entry: Comparison.Entry) -> String {
    let total = counted(entry.candidates.count + entry.refusals.count, "deployment")
    let count = entry.acceptable.count
    let verbs = count == 1 ? ("fits", "runs it", "does") : ("fit", "run it", "do")
    let asked = phrase.isEmpty ? verbs.0 : "\(verbs.1) \(phrase)"
    return count == 0
      ? "None of \(total) \(asked)." : "\(count) of \(total) \(asked), or probably \(verbs.2)."
  }

  /// "Raspberry Pi 5 (Cortex-A76 · XNNPACK): 12.3 ms (9.80–15.6 ms, 90 %), 97 % in time, 80 USD".
  private func phrase(_ candidate: Candidate) -> String {
    let estimate = candidate.estimate
    var parts = [estimate.latency.phrase(isLowerBound: estimate.isLowerBound)]
    if let probability = candidate.verdict.deadlineProbability {
      parts.append("\(probabilityPhrase(probability)) in time")
    }
    if let price = estimate.deployment.board.price {
      parts.append("\(fixed(price.value.rawValue, decimals: 0)) USD")
    }
    return "\(estimate.deployment.board.name) (\(estimate.deployment.unitPhrase)): "
      + parts.joined(separator: ", ")
  }
}

extension Comparison.Entry {
  /// What every estimate takes for granted, once; what only some do is told with the board.
  var sharedAssumptions: [String] {
    guard let first = candidates.first else { return [] }
    return first.estimate.assumptions.filter { sentence in
      candidates.allSatisfy { $0.estimate.assumptions.contains(sentence) }
    }
  }
}
