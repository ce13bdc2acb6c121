import Quantities

/// One line of a record file; its kind stands under the key "record".
enum RecordLine: Codable {
  case start(RunRecord.Start)
  case load(RunRecord.Load)
  case run(RunSample)
  case end(RunRecord.End)

  private enum Kind: String, Codable { case start, load, run, end }
  private enum Keys: String, CodingKey { case record, purpose, seconds, stepSeconds }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Keys.self)
    switch try container.decode(Kind.self, forKey: .record) {
    case .start: self = .start(try RunRecord.Start(from: decoder))
    case .load: self = .load(try RunRecord.Load(from: decoder))
    case .end: self = .end(try RunRecord.End(from: decoder))
    case .run:
      self = .run(
        RunSample(
          purpose: try container.decode(RunPurpose.self, forKey: .purpose),
          time: Seconds(try container.decode(Double.self, forKey: .seconds)),
          stepTimes: try container.decodeIfPresent([Double].self, forKey: .stepSeconds)?
            .map { Seconds($0) } ?? []))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Keys.self)
    switch self {
    case .start(let start):
      try container.encode(Kind.start, forKey: .record)
      try start.encode(to: encoder)
    case .load(let load):
      try container.encode(Kind.load, forKey: .record)
      try load.encode(to: encoder)
    case .end(let end):
      try container.encode(Kind.end, forKey: .record)
      try end.encode(to: encoder)
    case .run(let sample):
      try container.encode(Kind.run, forKey: .record)
      try container.encode(sample.purpose, forKey: .purpose)
      try container.encode(sample.time.rawValue, forKey: .seconds)
      if !sample.stepTimes.isEmpty {
        try container.encode(sample.stepTimes.map(\.rawValue), forKey: .stepSeconds)
      }
    }
  }
}
