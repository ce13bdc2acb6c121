import CostModel
import HardwareModel
import ModelIR
import Quantities
import TensorTypes
import Testing

/// Which steps become one kernel, rule by rule; without its rule each step stays alone.
@Suite struct FusionTests {
  /// The operators of each kernel of the plan.
  private func kernels(
    _ workload: Workload, _ rules: Set<FusionRule>, computes: [DType] = [.float32]
  ) throws -> [[String]] {
    let runtime = RoundNumbers.runtime(fusion: rules, computes: computes, kinds: [.cpuOutOfOrder])
    let profile = try #require(runtime.kernels[.cpuOutOfOrder])
    let plan = ExecutionPlan(workload, runtime: runtime, kernels: profile, precision: .stored)
    return plan.kernels.map { $0.steps.map { workload.steps[$0].op.name } }
  }

  private func product() -> GraphSketch {
    var sketch = GraphSketch()
    sketch.input("x", [4, 8])
    sketch.weight("w", [8, 16])
    sketch.weight("b", [16])
    sketch.node(Ops.matMul, ["x", "w"], "product")
    return sketch
  }

  @Test func `bias and activation join the product before them`() throws {
    var sketch = product()
    sketch.node(Ops.add, ["product", "b"], "biased")
    sketch.node(Ops.relu, ["biased"], "y")
    let workload = try sketch.workload(outputs: ["y"])
    #expect(try kernels(workload, [.bias, .clampActivation]) == [["MatMul", "Add", "Relu"]])
    #expect(try kernels(workload, [.bias]) == [["MatMul", "Add"], ["Relu"]])
    #expect(try kernels(workload, []) == [["MatMul"], ["Add"], ["Relu"]])
  }

  @Test func `a result that others need stays in memory`() throws {
    var sketch = product()
    sketch.node(Ops.relu, ["product"], "y")
    let workload = try sketch.workload(outputs: ["product", "y"])
    #expect(try kernels(workload, [.clampActivation]) == [["MatMul"], ["Relu"]])
  }

  /// Convolutions of ncnn take an activation with them, its additions do not.
  @Test func `any activation joins a product, a clamp an addition too`() throws {
    var sketch = product()
    sketch.node(Ops.relu, ["product"], "active")
    sketch.input("r", [4, 16])
    sketch.node(Ops.add, ["active", "r"], "sum")
    sketch.node(Ops.relu, ["sum"], "y")
    let workload = try sketch.workload(outputs: ["y"])
    #expect(try kernels(workload, [.anyActivation]) == [["MatMul", "Relu"], ["Add"], ["Relu"]])
    #expect(try kernels(workload, [.clampActivation]) == [["MatMul", "Relu"], ["Add", "Relu"]])
  }

  @Test func `a residual joins only by its rule`() throws {
    var sketch = product()
    sketch.input("r", [4, 16])
    sketch.node(Ops.add, ["product", "r"], "y")
    let workload = try sketch.workload(outputs: ["y"])
    #expect(try kernels(workload, [.residual]) == [["MatMul", "Add"]])
    #expect(try kernels(workload, [.bias]) == [["MatMul"], ["Add"]])
  }

  @Test func `a gate joins whole`() throws {
    var sketch = product()
    sketch.node(Ops.sigmoid, ["product"], "gate")
    sketch.node(Ops.mul, ["product", "gate"], "y")
    let workload = try sketch.workload(outputs: ["y"])
    #expect(try kernels(workload, [.anyActivation]) == [["MatMul", "Sigmoid", "Mul"]])
    #expect(try kernels(workload, [.clampActivation]).count == 3)
  }

  @Test func `layer normalization written out becomes one kernel`() throws {
    var sketch = GraphSketch()
    sketch.input("x", [4, 16])
    sketch.weight("axes", [1], .int64)
    for name in ["two", "epsilon", "scale", "shift"] { sketch.weight(name, [16]) }
    let mean = Operator.reduction(Reduction(.reduce(.mean, Reduction.Axes([-1]))))
    sketch.node(mean, ["x"], "mean")
    sketch.node(Ops.sub, ["x", "mean"], "centred")
    sketch.node(Ops.pow, ["centred", "two"], "squares")
    sketch.node(mean, ["squares"], "variance")
    sketch.node(Ops.add, ["variance", "epsilon"], "shifted")
    sketch.node(Ops.sqrt, ["shifted"], "deviation")
    sketch.node(Ops.div, ["centred", "deviation"], "normal")
    sketch.node(Ops.mul, ["normal", "scale"], "scaled")
    sketch.node(Ops.add, ["scaled", "shift"], "y")
    let workload = try sketch.workload(outputs: ["y"])
    #expect(try kernels(workload, [.normalization]).map(\.count) == [9])
    #expect(try kernels(workload, []).count == 9)
  }

  @Test func `attention keeps its scores out of memory`() throws {
    var sketch = GraphSketch()
    sketch.input("q", [2, 4, 8])
    sketch.input("k", [2, 8, 4])
    sketch.input("v", [2, 4, 8])
    sketch.weight("scale", [1])
    sketch.node(Ops.matMul, ["q", "k"], "scores")
    sketch.node(Ops.mul, ["scores", "scale"], "scaled")
    sketch.node(Ops.softmax, ["scaled"], "weights")
    sketch.node(Ops.matMul, ["weights", "v"], "y")
    let workload = try sketch.workload(outputs: ["y"])
    #expect(
      try kernels(workload, [.attention]) == [["MatMul", "Mul", "Softmax", "MatMul"]])
    #expect(try kernels(workload, []).count == 4)
  }

  @Test func `dequantize, product and quantize become an integer kernel`() throws {
    var sketch = GraphSketch()
    sketch.input("x", [4, 8], .int8)
    sketch.weight("w", [8, 16], .int8)
    sketch.weight("scale", [])
    sketch.weight("zero", [], .int8)
    let quantize = Operator.quantization(
      QuantizationOperator(
        .quantizeLinear(.init(), output: nil, saturates: true, precision: nil)))
    let dequantize = Operator.quantization(
      QuantizationOperator(.dequantizeLinear(.init(), output: nil)))
    sketch.node(dequantize, ["x", "scale", "zero"], "xf")
    sketch.node(dequantize, ["w", "scale", "zero"], "wf")
    sketch.node(Ops.matMul, ["xf", "wf"], "product")
    sketch.node(Ops.relu, ["product"], "activated")
    sketch.node(quantize, ["activated", "scale", "zero"], "y")
    let workload = try sketch.workload(outputs: ["y"])
    #expect(
      try kernels(workload, [.quantization], computes: [.int8])
        == [["MatMul", "Relu", "QuantizeLinear"]])
    #expect(try kernels(workload, []).count == 5)

    let runtime = RoundNumbers.runtime(fusion: [.quantization], kinds: [.npu])
    let profile = try #require(runtime.kernels[.npu])
    let plan = ExecutionPlan(workload, runtime: runtime, kernels: profile, precision: .stored)
    #expect(plan.kernels[0].computes == .int8)
    #expect(plan.kernels[0].readSize.rawValue == 4 * 8)
    #expect(plan.kernels[0].writeSize.rawValue == 4 * 16)
  }

  @Test func `dequantized operands become an integer product with a real result`() throws {
    let dequantize = Operator.quantization(
      QuantizationOperator(.dequantizeLinear(.init(), output: nil)))
    var sketch = GraphSketch()
    sketch.input("x", [4, 8], .int8)
    sketch.input("real", [4, 8])
    sketch.weight("w", [8, 16], .int8)
    sketch.weight("scale", [])
    sketch.node(dequantize, ["x", "scale"], "xf")
    sketch.node(dequantize, ["w", "scale"], "wf")
    sketch.node(Ops.matMul, ["xf", "wf"], "product")
    sketch.node(Ops.relu, ["product"], "y")
    sketch.node(Ops.matMul, ["real", "wf"], "z")
    let rules: Set<FusionRule> = [.quantization, .integerProduct, .clampActivation]
    let workload = try sketch.workload(outputs: ["y"])
    #expect(try kernels(workload, rules, computes: [.int8]) == [["MatMul", "Relu"]])
    #expect(
      try kernels(workload, [.quantization, .clampActivation])
        == [["DequantizeLinear"], ["DequantizeLinear"], ["MatMul", "Relu"]])

    let runtime = RoundNumbers.runtime(fusion: rules, kinds: [.npu])
    let profile = try #require(runtime.kernels[.npu])
    let plan = ExecutionPlan(workload, runtime: runtime, kernels: profile, precision: .stored)
    #expect(plan.kernels[0].computes == .int8)
    #expect(plan.kernels[0].readSize.rawValue == 4 * 8)
    #expect(plan.kernels[0].weightSize.rawValue == 8 * 16)
    #expect(plan.kernels[0].writeSize.rawValue == 4 * 16 * 4)
    // ReLU, and what makes a sum real: convert, multiply.
    #expect(plan.kernels[0].otherOperations.rawValue == 4 * 16 * 3)

    // Whoever multiplies real numbers needs the weights as such.
    let both = try sketch.workload(outputs: ["y", "z"])
    #expect(
      try kernels(both, rules, computes: [.int8, .float32])
        == [["DequantizeLinear"], ["MatMul", "Relu"], ["MatMul"]])
  }
}
