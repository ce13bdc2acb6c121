import ModelIR
import Platform
import Quantities
import TestSupport
import Testing

@testable import ModelImport

/// Damaged TFLite files are refused or understood; nothing traps, whatever the bytes.
@Suite struct TFLiteFuzzTests {
  static let models = [
    TFLiteSamples.quantized, TFLiteSamples.branching, TFLiteSamples.shapes, DetectionSample.file(),
  ]

  @Test(arguments: models.indices)
  func `every prefix of a file is refused`(index: Int) throws {
    let bytes = Self.models[index].bytes
    var stages = FuzzTests.Stages()
    for count in bytes.indices { stages.run(Array(bytes.prefix(count))) }
    #expect(stages.accepted + stages.refused == bytes.count)
    // The last bytes are those of the last buffer.
    #expect(stages.refused > bytes.count * 9 / 10)
    stages.run(bytes)
    #expect(stages.flattened > 0)
  }

  @Test(arguments: models.indices)
  func `flipped bytes are refused or understood`(index: Int) throws {
    try flip(Self.models[index].bytes, rounds: FuzzTests.rounds / Self.models.count)
  }

  @Test func `flipped bytes of buffers behind the tables are refused or understood`() throws {
    var file = TFLiteSamples.quantized
    file.hasLargeBuffers = true
    try flip(file.bytes, rounds: FuzzTests.rounds / Self.models.count)
  }

  private func flip(_ bytes: [UInt8], rounds: Int) throws {
    var generator = SeededGenerator(seed: 2026)
    var stages = FuzzTests.Stages()
    for _ in 0..<max(rounds, 100) {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = Int.random(in: damaged.indices, using: &generator)
        damaged[place] = UInt8.random(in: 0...255, using: &generator)
      }
      stages.run(damaged)
    }
    #expect(stages.accepted > 0)
    #expect(stages.refused > 0)
    #expect(stages.flattened > 0)
  }
}
