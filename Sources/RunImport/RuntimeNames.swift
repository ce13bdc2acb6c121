/// What logs and tables call runtimes that profiles exist for.
public enum RuntimeNames {
  /// Names beside the profile's own id, in small letters without versions and punctuation.
  private static let spellings: [String: [String]] = [
    "boardfit": [],
    "edgetpu": ["libedgetpu", "coral"],
    "esp-nn": ["tflitemicroespnn"],
    "hailort": ["hailo", "hailortdfc"],
    "ncnn": ["ncnncpu", "ncnnvulkan"],
    "onnxruntime-cpu": ["onnxruntime", "ort", "onnx"],
    "openvino": [],
    "rknn": ["rknnrt", "rknntoolkit2", "rknnlite2"],
    "st-edge-ai": ["stm32cubeai", "xcubeai", "stedgeaicore"],
    "st-neural-art": ["stedgeai", "neuralart"],
    "tensorrt": ["trt", "trtexec"],
    "tflite-xnnpack": [
      "tflite", "tensorflowlite", "litert", "xnnpack", "tflitecpu", "tflitebenchmarkmodelxnnpack",
    ],
    "tflm-cmsis-nn": ["tflm", "tflitemicro", "tensorflowlitemicro", "cmsisnn"],
    "tim-vx": ["timvx"],
  ]

  /// Whether a run that calls its runtime `name` may be one of the profile `id`.
  ///
  /// "ONNX Runtime 1.20", "onnxruntime" and "ORT" are `onnxruntime-cpu`. A run without a name may be
  /// one of any runtime.
  public static func name(_ name: String, isOf id: String) -> Bool {
    let plain = simplified(name)
    return plain.isEmpty || plain == simplified(id) || spellings[id]?.contains(plain) == true
  }

  /// Small letters and digits without versions: "RKNN v2.3.x" is "rknn". What stands beside a version
  /// counts, for "TFLite v2.7 (ruy)" has other kernels than TFLite with XNNPACK.
  private static func simplified(_ name: String) -> String {
    let words = name.lowercased().split { !($0.isLetter || $0.isNumber || $0 == ".") }
    return words.filter { !isVersion($0) }.joined().filter { $0.isLetter || $0.isNumber }
  }

  private static func isVersion(_ word: Substring) -> Bool {
    let digits = word.first == "v" ? word.dropFirst() : word
    return digits.first?.isNumber == true
  }
}
