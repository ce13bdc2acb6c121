import ModelIR
import TensorTypes

let generatorLowerings: [String: Lower] = [
  "Constant": { node throws(LoweringError) in .generator(try node.constant()) },
  // Whether an input is left out is known from the file.
  "OptionalHasElement": { node in
    let type = TensorType(.bool, [])
    return .generator(
      .constant(type, TensorLiteral(type, .integers([node.hasInput(0) ? 1 : 0]))))
  },
  "ConstantOfShape": { node throws(LoweringError) in
    guard let value = try node.tensor("value") else {
      return .generator(.constantOfShape(.float32))
    }
    return .generator(
      .constantOfShape(try node.dtype(of: value, "value"), value: value.literal))
  },
  "EyeLike": { node throws(LoweringError) in
    .generator(
      .eyeLike(try node.optionalDType("dtype"), diagonal: try node.int("k", default: 0)))
  },
  "Range": { _ in .generator(.range) },
  "Shape": { node throws(LoweringError) in
    .generator(.shape(start: try node.int("start", default: 0), end: try node.int("end")))
  },
  "Size": { _ in .generator(.size) },
  "BlackmanWindow": window(.blackman),
  "HammingWindow": window(.hamming),
  "HannWindow": window(.hann),
  "MelWeightMatrix": { node throws(LoweringError) in
    .generator(.melWeightMatrix(try node.optionalDType("output_datatype") ?? .float32))
  },
  "RandomNormal": { node throws(LoweringError) in
    .generator(.random(.normal(try node.randomType())))
  },
  "RandomUniform": { node throws(LoweringError) in
    .generator(.random(.uniform(try node.randomType())))
  },
  "RandomNormalLike": { node throws(LoweringError) in
    .generator(.random(.normalLike(try node.optionalDType("dtype"))))
  },
  "RandomUniformLike": { node throws(LoweringError) in
    .generator(.random(.uniformLike(try node.optionalDType("dtype"))))
  },
  "Bernoulli": { node throws(LoweringError) in
    .generator(.random(.bernoulli(try node.optionalDType("dtype"))))
  },
  "Multinomial": { node throws(LoweringError) in
    .generator(
      .random(
        .multinomial(
          sampleCount: try node.int("sample_size", default: 1),
          try node.optionalDType("dtype") ?? .int32)))
  },
]

private func window(_ window: Generator.Window) -> Lower {
  { node throws(LoweringError) in
    .generator(
      .window(
        window, try node.optionalDType("output_datatype") ?? .float32,
        isPeriodic: try node.flag("periodic", default: true)))
  }
}

extension NodeView {

  fileprivate func dtype(
    of tensor: ONNXTensor, _ attribute: String
  ) throws(LoweringError) -> DType {
    guard let dtype = ModelImport.dtype(ofDataType: tensor.dataType) else {
      throw error(
        .invalidAttribute(attribute, reason: "has data type \(tensor.dataType), which is none"))
    }
    return dtype
  }

  /// Whether the node is of the domain whose operators look like those of the newest operator set,
  /// whatever its own version.
  var isNewest: Bool { node.domain == "com.microsoft" }

  fileprivate func randomType() throws(LoweringError) -> TensorType {
    guard let shape = try ints("shape") else { throw error(.missingAttribute("shape")) }
    return TensorType(try optionalDType("dtype") ?? .float32, try extents(shape, "shape"))
  }

  private func extents(_ extents: [Int], _ attribute: String) throws(LoweringError) -> [Int] {
    guard extents.allSatisfy({ $0 >= 0 }) else {
      throw error(.invalidAttribute(attribute, reason: "has a negative extent"))
    }
    return extents
  }

  /// The one attribute that holds the value, in whichever form.
  fileprivate func constant() throws(LoweringError) -> Generator {
    if let tensor = try tensor("value") {
      let type = TensorType(
        try dtype(of: tensor, "value"), try extents(tensor.dimensions, "value"))
      let literal = tensor.literal
      return .constant(type, literal?.type == type ? literal : nil)
    }
    if let value = try int("value_int") {
      return .constant(TensorType(.int64, []), TensorLiteral(scalar: value))
    }
    if let values = try ints("value_ints") {
      let type = TensorType(.int64, [values.count])
      return .constant(type, TensorLiteral(type, .integers(values)))
    }
    if has("value_float") {
      let type = TensorType(.float32, [])
      return .constant(type, TensorLiteral(type, .reals([try float("value_float", default: 0)])))
    }
    if let values = try floats("value_floats") {
      let type = TensorType(.float32, [values.count])
      return .constant(type, TensorLiteral(type, .reals(values)))
    }
    if try string("value_string") != nil { return .constant(TensorType(.string, [])) }
    if case .strings(let values)? = node.attributes["value_strings"] {
      return .constant(TensorType(.string, [values.count]))
    }
    if has("sparse_value") {
      throw error(
        .invalidAttribute("sparse_value", reason: "is a sparse tensor, which is not read"))
    }
    throw error(.missingAttribute("value"))
  }
}
