import Platform
import Quantities

/// What ncnn's `benchncnn` prints, in milliseconds: a header of settings, then a line a model. A build with
/// NCNN_BENCHMARK prints each layer of each run before it.
enum Benchncnn: LogReader {
  static func recognizes(_ content: LogContent) -> Bool {
    content.json == nil
      && (content.shows("loop_count = ") || content.head.contains { isRow($0.text) })
  }

  private static func isRow(_ text: Substring) -> Bool {
    text.contains("min =") && text.contains("max =") && text.contains("avg =")
  }

  static func read(_ content: LogContent) throws(RunImportError) -> ImportedRuns {
    var result = ImportedRuns(runs: [])
    var settings: [Substring: Int] = [:]
    var layers = LayerTimes()
    for line in content.lines {
      if let (name, value) = setting(line.text) {
        settings[name] = value
        continue
      }
      guard isRow(line.text) else {
        layers.add(line.text)
        continue
      }
      do throws(RowProblem) {
        var log = RunLog(format: .benchncnn)
        let name = try read(line.text, into: &log)
        log.statistics.count = settings["loop_count"].flatMap { $0 > 0 ? $0 : nil }
        log.operators = layers.operators
        let device = settings["gpu_device"] ?? -1
        result.runs.append(
          try ImportedRun(
            log, model: name, runtime: device >= 0 ? "ncnn-vulkan" : "ncnn",
            precision: name.hasSuffix("_int8") ? "int8" : "",
            threads: settings["num_threads"].flatMap { $0 > 0 ? $0 : nil },
            powerMode: cores(settings["powersave"]),
            accelerator: device >= 0 ? "gpu \(device)" : "",
            place: content.place(line.number)))
      } catch {
        result.rejected.append(content.rejected(line.number, error))
      }
      layers = LayerTimes()
    }
    return result
  }

  private static let settingNames: Set<Substring> = [
    "loop_count", "num_threads", "powersave", "gpu_device", "cooling_down",
  ]

  /// "num_threads = 4".
  private static func setting(_ text: Substring) -> (Substring, Int)? {
    let words = text.words
    guard words.count == 3, words[1] == "=", settingNames.contains(words[0]),
      let value = Int(words[2])
    else { return nil }
    return (words[0], value)
  }

  /// ncnn's `set_cpu_powersave`: 0 all, 1 little, 2 big.
  private static func cores(_ powersave: Int?) -> String {
    switch powersave {
    case 1: "little cores only"
    case 2: "big cores only"
    default: ""
    }
  }

  /// "  resnet18  min =   30.93  max =   31.24  avg =   31.08".
  private static func read(_ text: Substring, into log: inout RunLog) throws(RowProblem) -> String {
    guard let start = text.firstRange(of: "min =") else { throw RowProblem("no 'min ='") }
    let name = text[..<start.lowerBound].trimmed
    guard !name.isEmpty else { throw RowProblem("no model before 'min ='") }
    let words = text[start.lowerBound...].words
    guard words.count == 9, words[1] == "=", words[4] == "=", words[7] == "=", words[0] == "min",
      words[3] == "max", words[6] == "avg"
    else {
      throw RowProblem(
        "expected 'min = … max = … avg = …' in milliseconds, without a unit, and nothing else")
    }
    log.statistics.minimum = try TimeUnit.milliseconds.time(words[2], "min")
    log.statistics.maximum = try TimeUnit.milliseconds.time(words[5], "max")
    log.statistics.mean = try TimeUnit.milliseconds.time(words[8], "avg")
    return String(name)
  }

  /// "Convolution   conv1   1.23ms   | [224, 224, 3 *1] -> …" of every run, warm-up included.
  private struct LayerTimes {
    private var order: [String] = []
    private var kinds: [String: String] = [:]
    private var samples: [String: [Seconds]] = [:]

    mutating func add(_ text: Substring) {
      let words = text.prefix { $0 != "|" }.words
      guard words.count == 3, words[2].hasSuffix("ms"),
        let time = try? TimeUnit.milliseconds.part(words[2].dropLast(2), "time")
      else { return }
      let name = String(words[1])
      if kinds.updateValue(String(words[0]), forKey: name) == nil { order.append(name) }
      samples[name, default: []].append(time)
    }

    /// The first run of each layer is left out where there are others: it is cold.
    var operators: [ImportedOperator] {
      order.map { name in
        let all = samples[name] ?? []
        let warm = all.count > 1 ? Array(all.dropFirst()) : all
        return ImportedOperator(
          name: name, nodes: [name], kind: kinds[name] ?? "", time: warm.median, samples: warm)
      }
    }
  }
}
