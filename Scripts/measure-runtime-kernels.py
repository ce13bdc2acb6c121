#!/usr/bin/env python3
"""Times single kernels of ONNX Runtime and OpenVINO on one thread of this machine.

Needs numpy, onnx, onnxruntime and openvino. The argument is the peak of one core in GFLOP/s:
clock x float operations a cycle. Prints achieved over peak by kernel class, after taking off the
time of an empty graph; the minimum of many runs stands for a quiet machine.
"""
import sys
import time

import numpy as np
import onnxruntime
import openvino

from kernel_shapes import (CONVOLUTIONS, OTHERS, PRODUCTS, RANDOM, convolution, model, other,
                           product)

CORE = openvino.Core()
def fastest(action):
    for _ in range(5):
        action()
    best, start, count = float("inf"), time.perf_counter(), 0
    while count < 20 or time.perf_counter() - start < 0.5:
        begin = time.perf_counter()
        action()
        best = min(best, time.perf_counter() - begin)
        count += 1
    return best


def times(graph, shape):
    """Seconds of one run: ONNX Runtime, OpenVINO."""
    data = RANDOM.standard_normal(shape, dtype=np.float32)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    binding = session.io_binding()
    binding.bind_cpu_input("x", data)
    binding.bind_output("y")
    compiled = CORE.compile_model(CORE.read_model(graph), "CPU", {
        "INFERENCE_NUM_THREADS": 1, "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "f32"})
    request = compiled.create_infer_request()
    request.set_input_tensor(openvino.Tensor(data))
    return np.array([fastest(lambda: session.run_with_iobinding(binding)), fastest(request.infer)])


def main():
    peak = float(sys.argv[1]) * 1e9
    empty = times(model("Relu", (1, 8), (1, 8), [], {}), (1, 8))
    print(f"empty graph: {empty[0] * 1e6:.1f} us, {empty[1] * 1e6:.1f} us")
    print("| class | shapes | ONNX Runtime | OpenVINO |\n|---|---|---|---|")

    def report(name, shares):
        middle = 100 * np.median(shares, axis=0)
        print(f"| {name} | {len(shares)} | {middle[0]:.3g} % | {middle[1]:.3g} % |")

    for table, build in ((CONVOLUTIONS, convolution), (PRODUCTS, product)):
        for name, shapes in table.items():
            built = [build(*shape) for shape in shapes]
            report(name, [2 * macs / (times(graph, shape) - empty) / peak
                          for graph, shape, macs in built])
    for name, shape, output, operations, attributes in OTHERS:
        elapsed = times(other(name, shape, output, attributes), shape) - empty
        report(name, [operations * np.prod(shape) / elapsed / peak])


if __name__ == "__main__":
    main()
