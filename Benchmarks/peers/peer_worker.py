"""One runtime with one model: `peer_worker.py RUNTIME MODEL.onnx THREADS FOLDER`.

Reads the inputs from FOLDER/inputs.npz, loads the model, runs it once and writes the outputs to
FOLDER/RUNTIME.npz; prints `{"ready": seconds}`. Then a line of seconds on standard input asks for
samples of that long, and the answer is a line with their list. The caller pins the process.
"""

import json
import pathlib
import sys
import time

import numpy as np


def onnxruntime(model, threads, feed):
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4
    session = ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, feed)


def openvino(model, threads, feed):
    """The fp32 hint keeps it from bf16, which it would choose where the processor has it."""
    import openvino as ov

    settings = {
        "INFERENCE_NUM_THREADS": threads,
        "INFERENCE_PRECISION_HINT": "f32",
        "NUM_STREAMS": "1",
        "PERFORMANCE_HINT": "LATENCY",
    }
    compiled = ov.Core().compile_model(str(model), "CPU", settings)
    request = compiled.create_infer_request()
    for name, content in feed.items():
        request.set_tensor(name, ov.Tensor(content))

    def run():
        request.infer()
        return [request.get_output_tensor(i).data for i in range(len(compiled.outputs))]

    return run


def ncnn(model, threads, feed):
    """pnnx's conversion beside the model, in fp32; the batch axis is not among its own."""
    import ncnn as library

    network = library.Net()
    network.opt.num_threads = threads
    network.opt.use_vulkan_compute = False
    for option in ("fp16_packed", "fp16_storage", "fp16_arithmetic", "bf16_storage"):
        setattr(network.opt, f"use_{option}", False)
    stem = model.parent / "ncnn" / model.stem
    if not stem.with_name(f"{model.stem}.ncnn.bin").exists():
        raise FileNotFoundError("no ncnn form of it")
    if network.load_param(f"{stem}.ncnn.param") or network.load_model(f"{stem}.ncnn.bin"):
        raise RuntimeError("ncnn does not load it")
    numbered = lambda names: sorted(names, key=lambda name: int(name.lstrip("inout")))  # noqa: E731
    narrow = {np.dtype(np.int64): np.int32}
    inputs = [
        library.Mat(np.ascontiguousarray(content[0], narrow.get(content.dtype)))
        for content in feed.values()
    ]
    outputs = numbered(network.output_names())

    def run():
        extractor = network.create_extractor()
        for name, content in zip(numbered(network.input_names()), inputs, strict=True):
            extractor.input(name, content)
        return [np.array(extractor.extract(name)[1]) for name in outputs]

    return run


def tract(model, threads, feed):
    """Single-threaded through its Python interface, whatever `threads` says."""
    import tract as library

    runnable = library.onnx().load(str(model)).into_model().into_runnable()
    inputs = list(feed.values())
    return lambda: [output.to_numpy() for output in runnable.run(inputs)]


RUNTIMES = {"onnxruntime": onnxruntime, "openvino": openvino, "ncnn": ncnn, "tract": tract}


def samples(run, seconds):
    """One untimed run, then seconds of each until they have taken `seconds`; three at least."""
    run()
    found, end = [], time.perf_counter() + seconds
    while len(found) < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        run()
        found.append(time.perf_counter() - start)
    return found


def main():
    runtime, model, threads, folder = sys.argv[1:]
    folder = pathlib.Path(folder)
    with np.load(folder / "inputs.npz") as stored:
        feed = dict(stored)
    start = time.perf_counter()
    run = RUNTIMES[runtime](pathlib.Path(model), int(threads), feed)
    outputs = run()
    ready = time.perf_counter() - start
    np.savez(folder / f"{runtime}.npz", *outputs)
    print(json.dumps({"ready": ready}), flush=True)
    for line in sys.stdin:
        print(json.dumps(samples(run, float(line))), flush=True)


if __name__ == "__main__":
    main()
