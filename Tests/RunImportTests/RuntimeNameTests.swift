import RunImport
import Testing

@Suite struct RuntimeNameTests {
  @Test(arguments: [
    ("ONNX Runtime", "onnxruntime-cpu"), ("onnxruntime", "onnxruntime-cpu"),
    ("ORT 1.20.1", "onnxruntime-cpu"), ("ncnn-cpu", "ncnn"), ("NCNN 20240820", "ncnn"),
    ("TFLite", "tflite-xnnpack"), ("RKNN v2.3.x", "rknn"), ("STM32Cube.AI 8.1.0", "st-edge-ai"),
    ("TensorRT", "tensorrt"), ("boardfit", "boardfit"), ("", "ncnn"),
  ])
  func `a runtime is known by what others call it`(_ name: String, _ id: String) {
    #expect(RuntimeNames.name(name, isOf: id))
  }

  @Test(arguments: [
    ("ncnn", "onnxruntime-cpu"), ("TFLite v2.7.1 (ruy)", "tflite-xnnpack"),
    ("onnxruntime", "ncnn"), ("llama.cpp", "ncnn"), ("TFLite Micro", "tflite-xnnpack"),
  ])
  func `another runtime is another`(_ name: String, _ id: String) {
    #expect(!RuntimeNames.name(name, isOf: id))
  }
}
