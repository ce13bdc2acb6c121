/// A TFLite file whose only operator decodes and suppresses five boxes of two classes.
public enum DetectionSample {
  /// What the FlexBuffer starts with, each ended by a zero.
  private static let names = [
    "max_detections", "max_classes_per_detection", "detections_per_class", "use_regular_nms",
    "nms_score_threshold", "nms_iou_threshold", "num_classes", "y_scale", "x_scale", "h_scale",
    "w_scale",
  ]

  /// The rest, as flatbuffers' Python package writes it: 3 boxes of 2 classes each, 2 of a class, by a
  /// score of 0.5 and an overlap of 0.5; scales 10, 10, 5, 5.
  private static let values = """
    0b781294 a4435833 6a11222b 0b000000 01000000 0b000000 02000000 0000a040 02000000
    03000000 0000003f 0000003f 02000000 00000000 0000a040 00002041 00002041 060e0606
    0e0e066a 0e0e0e37 2601
    """

  /// The options; `suppressesByClass` with one row for each box.
  public static func options(suppressesByClass: Bool = false) -> [UInt8] {
    var bytes = Array((names.joined(separator: "\0") + "\0").utf8)
    let start = bytes.count
    let digits = values.compactMap { $0.hexDigitValue }
    for place in stride(from: 0, to: digits.count - 1, by: 2) {
      bytes.append(UInt8(digits[place] * 16 + digits[place + 1]))
    }
    if suppressesByClass {
      bytes[start + 32] = 1
      bytes[start + 52] = 1
    }
    return bytes
  }

  public static func file(suppressesByClass: Bool = false) -> TFLiteFile {
    let rows = suppressesByClass ? 3 : 6
    var node = TFLiteFile.Operator(32, [0, 1, 2], [3, 4, 5, 6])
    node.customCode = "TFLite_Detection_PostProcess"
    node.customOptions = options(suppressesByClass: suppressesByClass)
    let anchors: [Float] = [
      0.25, 0.25, 0.5, 0.5, 0.25, 0.3, 0.5, 0.5, 0.75, 0.75, 0.25, 0.25, 0.5, 0.5, 1, 0.5, 0.7,
      0.75, 0.25, 0.25,
    ]
    return TFLiteFile([
      TFLiteFile.Subgraph(
        [
          .init("offsets", [1, 5, 4]), .init("scores", [1, 5, 3]),
          .init("anchors", floats: anchors, shape: [5, 4]), .init("boxes", [1, rows, 4]),
          .init("classes", [1, rows]), .init("best", [1, rows]), .init("count", [1]),
        ], inputs: [0, 1], outputs: [3, 4, 5, 6], [node])
    ])
  }

  /// Two boxes moved and stretched, the others as the anchors.
  public static let offsets: [Double] =
    [0, 0, 0, 0, 1, -1, 0, 1, 2, 0, -1, 0] + Array(repeating: 0, count: 8)
  /// The background first.
  public static let scores: [Double] = [
    0.1, 0.75, 0.5, 0.2, 0.625, 0.8125, 0.9, 0.25, 0.125, 0.3, 0.4375, 0.5625, 0.05, 0.6875, 0.375,
  ]
}
