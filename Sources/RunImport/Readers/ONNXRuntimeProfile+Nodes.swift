import Quantities

extension ONNXRuntimeProfile {
  /// The nodes of each run.
  struct NodeTiming {
    private var order: [Key] = []
    private var events: [Key: Event] = [:]
    /// For each run, the time of each node in it, in microseconds.
    private var times: [[Key: Double]]
    private(set) var notes: [String] = []
    private(set) var threads: Int?
    private(set) var precision = ""

    private struct Key: Hashable {
      let name: String
      let index: String
    }

    /// `runs` in the order of their beginnings.
    init(_ nodes: [Event], in runs: [Event]) {
      times = Array(repeating: [:], count: runs.count)
      guard !nodes.isEmpty else { return }
      guard zip(runs, runs.dropFirst()).allSatisfy({ $0.end <= $1.begin + 1 }) else {
        notes.append(
          "runs overlap in time, so that nobody can say to which of them a node belongs: operators are left out"
        )
        return
      }
      threads = nodes.map(Self.threadCount).max()
      precision = Self.precision(nodes)
      var perRun: [[Event]] = Array(repeating: [], count: runs.count)
      var strayCount = 0
      for node in nodes {
        if let run = Self.run(of: node, in: runs) {
          perRun[run].append(node)
        } else {
          strayCount += 1
        }
      }
      if strayCount > 0 {
        notes.append(
          "\(strayCount) events of nodes lie in no whole run: the process was ended during one, or ran others"
        )
      }
      for (run, members) in perRun.enumerated() {
        // The end of the outermost Loop, If or Scan that runs, for each thread.
        var ends: [String: Double] = [:]
        let ordered = members.sorted {
          ($0.begin, -$0.duration, $0.isControlFlow ? 0 : 1)
            < ($1.begin, -$1.duration, $1.isControlFlow ? 0 : 1)
        }
        for node in ordered {
          if let end = ends[node.thread], node.end <= end { continue }
          if node.isControlFlow { ends[node.thread] = node.end }
          let key = Key(
            name: String(node.name.dropLast(nodeSuffix.count)),
            index: node.arguments?["node_index"]?.text ?? "")
          if events.updateValue(node, forKey: key) == nil { order.append(key) }
          times[run][key, default: 0] += node.duration
        }
      }
    }

    /// Over the runs at these positions, in the order in which nodes first ran.
    func operators(ofRuns positions: Range<Int>) -> [ImportedOperator] {
      order.compactMap { key in
        let samples = times[positions].compactMap { $0[key].map { Seconds($0 * 1e-6) } }
        guard let event = events[key], !samples.isEmpty else { return nil }
        let kind = event.operatorName
        return ImportedOperator(
          name: key.name, nodes: [key.name], kind: kind,
          inputShapes: event.shapes("input_type_shape"),
          outputShapes: event.shapes("output_type_shape"),
          unit: event.arguments?["provider"]?.text ?? "", time: samples.median, samples: samples,
          isOverhead: ONNXRuntimeProfile.isAdded(key.name, kind))
      }
    }

    private static func run(of node: Event, in runs: [Event]) -> Int? {
      var low = 0
      var high = runs.count
      while low < high {
        let middle = (low + high) / 2
        if runs[middle].begin <= node.begin { low = middle + 1 } else { high = middle }
      }
      guard low > 0, node.end <= runs[low - 1].end + 1 else { return nil }
      return low - 1
    }

    /// One, unless the event tells of others.
    private static func threadCount(_ node: Event) -> Int {
      1 + (node.arguments?["thread_scheduling_stats"]?["sub_threads"]?.members?.count ?? 0)
    }

    /// The type on which most of the products' time went; empty without products.
    private static func precision(_ nodes: [Event]) -> String {
      var times: [String: Double] = [:]
      for node in nodes
      where ["Conv", "Gemm", "MatMul"].contains(where: node.operatorName.contains) {
        guard let type = node.arguments?["input_type_shape"]?.elements?.first?.members?.first?.key
        else { continue }
        times[type, default: 0] += node.duration
      }
      let longest = times.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
      return switch longest {
      case "float": "fp32"
      case "float16": "fp16"
      case "bfloat16": "bf16"
      case "int8", "uint8": "int8"
      case let other: other ?? ""
      }
    }
  }
}

extension ONNXRuntimeProfile {
  /// Changes of layout, copies between devices, and the reshapes around a product made two-dimensional.
  fileprivate static func isAdded(_ name: String, _ kind: String) -> Bool {
    ["ReorderInput", "ReorderOutput", "MemcpyToHost", "MemcpyFromHost"].contains(kind)
      || name.hasPrefix("gemm_input_reshape") || name.hasPrefix("gemm_output_reshape")
  }
}

extension ONNXRuntimeProfile.Event {
  var operatorName: String { arguments?["op_name"]?.text ?? "" }
  var isControlFlow: Bool { ["Loop", "If", "Scan"].contains(operatorName) }

  /// `[{"float":[1,3,96,96]}, …]`; absent inputs are empty objects.
  func shapes(_ key: String) -> [[Int]] {
    (arguments?[key]?.elements ?? []).compactMap { element in
      element.members?.first?.value.elements.map { $0.compactMap(\.integer) }
    }
  }
}
