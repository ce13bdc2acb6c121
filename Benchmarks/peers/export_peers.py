#!/usr/bin/env python3
"""Export the peers' models: `export_peers.py [--only TEXT] [--folder DIR]`.

Random weights, opset 17, batch 1. The networks are those of `Scripts/export-models.py`, the decoder
that of `ModelGraphs/generator`; the int8 variants are ONNX Runtime's static quantization of them.
Inputs are images, token numbers and caches only, so that any random draw is valid.
"""

import argparse
import functools
import importlib.util
import os
import pathlib
import subprocess
import sys

import numpy as np
import onnx

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(REPOSITORY / "Scripts"), str(REPOSITORY / "ModelGraphs")]
import model_inputs  # noqa: E402

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
SEED = 20260101

# Small ones first, so that a first figure is soon had. Names of Scripts/export-models.py.
NETWORKS = {
    "mobilenet-v3-small": "mobilenet_v3_small",
    "mobilenet-v2": "mobilenet_v2",
    "efficientnet-lite0": "timm_efficientnet_lite0",
    "efficientnet-b0": "efficientnet_b0",
    "resnet-18": "resnet18",
    "yolov8n-640": "yolov8n",
    "deit-tiny": "timm_deit_tiny_patch16_224",
    "resnet-50": "resnet50",
    "bert-base-128": "bert_base",
}
DECODERS = {"decoder-4x1024-decode-256": (1, 256), "decoder-4x1024-prefill-64": (64, 0)}
# Operators to quantize; None for all that ONNX Runtime's quantizer knows.
QUANTIZED = {"mobilenet-v2": None, "resnet-50": None, "bert-base-128": ["MatMul", "Gemm"]}


# -- fp32 ----------------------------------------------------------------------------------------


def exporter():
    """`Scripts/export-models.py` as a module; its name has a dash."""
    path = REPOSITORY / "Scripts" / "export-models.py"
    spec = importlib.util.spec_from_file_location("export_models", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    # The mask and the token types stay inside: a random mask would hide tokens.
    module.EXPORTS["bert_base"] = lambda: module.bert(12, 128, names=("input_ids",))
    # Its statistics have to be there before they are fused into the convolutions.
    prepare = functools.partial(with_statistics, shape=(1, 3, 640, 640))
    module.EXPORTS["yolov8n"] = lambda: module.yolo("yolov8n", 640, prepare)
    return module


def with_statistics(network, shape, count=4):
    """Gives batch normalization random weights, and the statistics of `count` pictures.

    Untrained networks let their input fade out layer by layer: without this, the output would be
    the same for every input, and an executor's errors would not show.
    """
    import torch

    norms = [each for each in network.modules() if isinstance(each, torch.nn.BatchNorm2d)]
    if not norms:
        return network
    for norm in norms:
        norm.weight.data.uniform_(0.5, 1.5)
        norm.bias.data.uniform_(-0.5, 0.5)
        norm.reset_running_stats()
        norm.momentum = 1.0
        norm.train()
    generator = np.random.default_rng(SEED)
    pictures = [model_inputs.picture(shape, generator) for _ in range(count)]
    with torch.no_grad():
        network(torch.from_numpy(np.concatenate(pictures)).float())
    return network.eval()


def export(module, name, target):
    """One network of `module.EXPORTS`, its normalization made to matter."""

    def make():
        network, inputs = module.EXPORTS[name]()
        return with_statistics(network.eval(), next(iter(inputs.values())).shape), inputs

    module.export(name, make, target, dynamo=False)


def decoder(new, cached):
    """A 4-layer decoder, 1024 wide, with random weights; mask and positions are constants of it."""
    from generator import decoder as llama
    from generator.builder import GraphBuilder

    builder = GraphBuilder()
    llama.build(builder, llama.Shape(4, 1024, 16, 4, 64, 2816, 32000), new, cached)
    model = builder.model("decoder")
    random = np.random.default_rng(SEED)
    contents = {
        "attention_mask": np.ones((1, cached + new), np.int64),
        "position_ids": np.arange(cached, cached + new)[None],
    }
    for node in [node for node in model.graph.node if node.op_type == "ConstantOfShape"]:
        name = node.output[0]
        shape = builder.shape(name)
        content = random.standard_normal(shape, np.float32) * 0.02
        contents[name] = content if len(shape) > 1 else content + 1
        model.graph.node.remove(node)
    for name, content in contents.items():
        model.graph.initializer.append(onnx.numpy_helper.from_array(content, name))
    for port in [port for port in model.graph.input if port.name in contents]:
        model.graph.input.remove(port)
    return model


# -- int8 ----------------------------------------------------------------------------------------


def quantize(source, target, operators):
    """ONNX Runtime's static quantization: QDQ, u8 activations, s8 weights per channel."""
    from onnxruntime.quantization import (
        CalibrationDataReader,
        QuantFormat,
        QuantType,
        quantize_static,
    )
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Random(CalibrationDataReader):
        def __init__(self):
            graph = onnx.load(source, load_external_data=False)
            self.feeds = iter([model_inputs.feed(graph, seed=SEED + i) for i in range(4)])

        def get_next(self):
            return next(self.feeds, None)

    prepared, partial = target.with_suffix(".prepared"), target.with_suffix(".partial")
    quant_pre_process(source, prepared)
    quantize_static(
        prepared,
        partial,
        Random(),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=operators,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )
    prepared.unlink()
    partial.replace(target)


# -- ncnn ----------------------------------------------------------------------------------------


def convert(source, folder):
    """pnnx's conversion of an ONNX file to ncnn with fp32 weights, outputs as pnnx orders them."""
    folder.mkdir(exist_ok=True)
    shapes = ",".join(
        "[" + ",".join(map(str, value.shape)) + "]" + ("i64" if value.dtype == np.int64 else "f32")
        for value in model_inputs.feed(onnx.load(source, load_external_data=False)).values()
    )
    work = folder / "work"
    work.mkdir(exist_ok=True)
    local = work / source.name
    model = onnx.load(source)
    for node in model.graph.node:  # pnnx knows an embedding by a Gather that leaves its axis out
        if node.op_type == "Gather" and all(each.i == 0 for each in node.attribute):
            del node.attribute[:]
    onnx.save(model, local)
    try:
        command = [pathlib.Path(sys.executable).with_name("pnnx"), source.name, "fp16=0"]
        result = subprocess.run(
            [*command, f"inputshape={shapes}"],
            cwd=work,
            capture_output=True,
            text=True,
            timeout=600,
        )
        stem = source.stem.replace("-", "_")  # pnnx writes no dash
        made = {kind: work / f"{stem}.ncnn.{kind}" for kind in ("param", "bin")}
        if result.returncode or not all(path.exists() for path in made.values()):
            tail = (result.stderr or result.stdout).strip().splitlines()[-3:]
            raise RuntimeError(f"pnnx: exit {result.returncode}: {' / '.join(tail)}")
        for kind, path in made.items():
            path.replace(folder / f"{source.stem}.ncnn.{kind}")
    finally:
        for path in work.iterdir():
            path.unlink()
        work.rmdir()


# -- everything ----------------------------------------------------------------------------------


def steps(models):
    """(file to make, function that makes it), in order."""
    scripts = exporter()
    for name, network in NETWORKS.items():
        target = models / f"{name}.onnx"
        yield target, lambda n=network, t=target: export(scripts, n, t)
    for name, lengths in DECODERS.items():
        target = models / f"{name}.onnx"
        yield target, lambda p=lengths, t=target: onnx.save(decoder(*p), t)
    for name, operators in QUANTIZED.items():
        source, target = models / f"{name}.onnx", models / f"{name}-int8.onnx"
        yield target, lambda s=source, t=target, o=operators: quantize(s, t, o)
    for name in [*NETWORKS, *DECODERS]:
        source = models / f"{name}.onnx"
        target = models / "ncnn" / f"{name}.ncnn.bin"
        yield target, lambda s=source, f=target.parent: convert(s, f)


def main():
    parser = argparse.ArgumentParser(description="Export the peers' models.")
    parser.add_argument("--only", default="", help="only files whose name contains this")
    parser.add_argument("--folder", type=pathlib.Path, default=CACHE / "boardfit/peers/models")
    arguments = parser.parse_args()
    models = arguments.folder
    models.mkdir(parents=True, exist_ok=True)
    failures = 0
    for target, make in steps(models):
        if target.exists() or arguments.only not in target.name:
            continue
        try:
            make()
            print(f"{target.name}: {target.stat().st_size:,} bytes", flush=True)
        except Exception as error:  # one model's failure must not cost the others
            failures += 1
            print(
                f"{target.name}: {type(error).__name__}: {error}"[:600], file=sys.stderr, flush=True
            )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
