import ModelIR
import TensorTypes

/// Custom operators whose options and meaning are known; others are opaque.
let tfliteCustomOperators: [String: TFLiteLower] = [
  "TFLite_Detection_PostProcess": { node, builder throws(LoweringError) in
    try builder.detectionPostProcess(node)
  }
]

extension TFLiteBuilder {
  fileprivate mutating func detectionPostProcess(_ node: TFLiteNode) throws(LoweringError) {
    guard node.outputs.count == 4 else { return addOpaque(node) }
    func required(_ name: String) throws(LoweringError) -> Double {
      guard let value = node.options.named[name] else { throw node.error(.missingAttribute(name)) }
      return value
    }
    func count(_ name: String, default value: Int? = nil) throws(LoweringError) -> Int {
      if let value, node.options.named[name] == nil { return value }
      let number = try required(name)
      guard number >= 0, number <= Double(Int32.max), let count = Int(exactly: number) else {
        throw node.error(.invalidAttribute(name, reason: "is \(number)"))
      }
      return count
    }
    var scales: [Double] = []
    for name in ["y_scale", "x_scale", "h_scale", "w_scale"] { scales.append(try required(name)) }
    let rowsOfBox = try count("max_classes_per_detection")
    let suppression: DetectionPostProcess.Suppression =
      node.options.named["use_regular_nms"] ?? 0 != 0
      ? .byClass(limit: try count("detections_per_class", default: 100), rowsOfBox: rowsOfBox)
      : .acrossClasses(rowsOfBox: rowsOfBox)
    let operation = DetectionPostProcess(
      scales: scales, classCount: try count("num_classes"),
      score: try required("nms_score_threshold"), overlap: try required("nms_iou_threshold"),
      limit: try count("max_detections"), suppression: suppression)
    var reals: [Value.ID?] = []
    for position in 0..<3 { reals.append(real(try node.required(position), node)) }
    append(
      .geometry(.detectionPostProcess(operation)), named: node.name, reals, node.outputs)
  }
}
