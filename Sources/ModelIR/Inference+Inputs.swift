import TensorTypes

extension Inference {
  /// Gives every input of the model a type: from the options, from fixed extents, or by taking a
  /// batch dimension as 1.
  mutating func bindInputs(of graph: inout Graph) throws(InferenceError) {
    var bindings = options.dimensions
    for input in graph.inputs {
      let name = graph[input.value].name
      guard let dtype = input.dtype, let stated = options.shapes[name] else { continue }
      try bind(stated, to: input, named: name, in: &bindings)
      graph[input.value].type = TensorType(dtype, stated)
    }
    let trailing = graph.namesBehindFirstAxis
    var foundBatch = false
    for input in graph.inputs where options.shapes[graph[input.value].name] == nil {
      // Sequences and the like have no element type: what depends on them stays unknown.
      guard let dtype = input.dtype else { continue }
      let name = graph[input.value].name
      guard let shape = input.shape else { throw .unknownRank(input: name) }
      var extents: [Int] = []
      for (axis, dimension) in shape.dimensions.enumerated() {
        let batch: Bool
        switch dimension {
        case .fixed(let extent):
          extents.append(extent)
          continue
        case .named(let label):
          if let extent = bindings[label] {
            extents.append(extent)
            continue
          }
          batch = label.isBatch(atAxis: axis, trailing)
          if batch { bindings[label] = options.batch ?? 1 }
        case .unknown:
          batch = axis == 0
        }
        guard batch else {
          throw .unboundDimension(
            input: name, dimension: dimension, axis: axis,
            suggestion: suggestion(
              for: dimension, of: name, shape,
              beside: graph.freeNames(without: bindings, trailing)))
        }
        if options.batch == nil {
          assume("input '\(name)': batch dimension '\(dimension)' taken as 1")
        }
        foundBatch = true
        extents.append(options.batch ?? 1)
      }
      graph[input.value].type = TensorType(dtype, extents)
    }
    if let batch = options.batch, batch != 1, !foundBatch { throw .fixedBatch(batch) }
    for input in graph.inputs {
      let value = graph[input.value]
      if let type = value.type { try check(type, of: value) }
    }
  }

  /// - Parameter free: All names that need an extent, so that one error tells of all.
  private func suggestion(
    for dimension: Dimension, of input: String, _ shape: Shape, beside free: [String]
  ) -> String {
    let extents = shape.dimensions.map { dimension in
      if case .fixed(let extent) = dimension { String(extent) } else { "\(dimension)" }
    }
    let byShape = "--shape \(input):\(extents.joined(separator: ","))"
    return if case .named(let name) = dimension {
      (["--dim \(name)=EXTENT"] + free.filter { $0 != name }.map { "--dim \($0)=EXTENT" })
        .joined(separator: " ") + " (or \(byShape) with numbers)"
    } else {
      "\(byShape) with a number for each ?"
    }
  }

  /// Checks the stated extents of an input against the file's, and learns named ones.
  private func bind(
    _ stated: [Int], to input: GraphInput, named name: String, in bindings: inout [String: Int]
  ) throws(InferenceError) {
    guard let shape = input.shape else { return }
    guard stated.count == shape.dimensions.count else {
      throw .shapeMismatch(value: name, declared: shape, stated: stated)
    }
    for (extent, dimension) in zip(stated, shape.dimensions) {
      switch dimension {
      case .fixed(let declared):
        guard declared == extent else {
          throw .shapeMismatch(value: name, declared: shape, stated: stated)
        }
      case .named(let label):
        if let bound = bindings[label], bound != extent {
          throw .dimensionMismatch(name: label, first: bound, second: extent)
        }
        bindings[label] = extent
      case .unknown: break
      }
    }
  }
}

extension Graph {
  /// The names that stand for an extent behind the first axis of some input: not a batch.
  fileprivate var namesBehindFirstAxis: Set<String> {
    var names: Set<String> = []
    for input in inputs {
      let dimensions = input.shape?.dimensions ?? []
      for case .named(let name) in dimensions.dropFirst() { names.insert(name) }
    }
    return names
  }

  /// The names of extents that neither are bound nor count samples, in the order of the inputs.
  fileprivate func freeNames(
    without bindings: [String: Int], _ trailing: Set<String>
  ) -> [String] {
    var seen = Set(bindings.keys)
    var names: [String] = []
    for input in inputs where input.dtype != nil {
      for (axis, dimension) in (input.shape?.dimensions ?? []).enumerated() {
        guard case .named(let name) = dimension, !name.isBatch(atAxis: axis, trailing),
          seen.insert(name).inserted
        else { continue }
        names.append(name)
      }
    }
    return names
  }
}

extension String {
  /// Whether a name at this axis of an input is the count of samples.
  fileprivate func isBatch(atAxis axis: Int, _ trailing: Set<String>) -> Bool {
    looksLikeBatch(atAxis: axis) || axis == 0 && !trailing.contains(self)
  }

  /// Whether exporters use this name for the count of samples in one run; the short ones also
  /// stand for lengths behind the first axis.
  private func looksLikeBatch(atAxis axis: Int) -> Bool {
    let name = lowercased()
    return name.contains("batch") || axis == 0 && ["n", "b", "bs"].contains(name)
  }
}
