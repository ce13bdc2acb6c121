#!/usr/bin/env python3
"""Counts the parameters and MACs of every bundled graph again and compares with its card.

    ModelGraphs/check.py [--run] [--exports DIR] [--write-onnx-tool] [NAME ...]

Nothing of the generator is used: the counts follow from the file, the shapes ONNX infers for it
and the formulas below. Where onnx-tool is installed its figures are compared too, on the operators
the cards count. The exit status is 1 when anything disagrees.

`--run` runs each model once with onnxruntime on seeded input and asks for finite output (the 1B
decoders take some 9 GB). `--exports` compares with the same architectures as their libraries export
them (`Scripts/fetch-models --exports`): every operator that decides the work must occur as often,
with the same output shape. `--write-onnx-tool` records onnx-tool's figures for `generate.py` to put
on the cards.

Needs `onnx` and `numpy`; uses `onnx_tool` and `onnxruntime` when present.
"""

import argparse
import contextlib
import importlib.metadata
import importlib.util
import io
import json
import math
import pathlib
import sys
from collections import Counter

import numpy as np
import onnx
from onnx import helper

HERE = pathlib.Path(__file__).resolve().parent
SHAPES = HERE.parent / "Tests" / "Fixtures" / "shapes" / "exports"
ONNX_TOOL_COUNTS = HERE / "generator" / "onnx_tool_counts.json"
COUNTED = ("Conv", "Gemm", "MatMul", "LSTM")
SEED = 20260101

EXPORTS = {
    "mobilenet-v2": "mobilenet_v2",
    "mobilenet-v3-small": "mobilenet_v3_small",
    "resnet-18": "resnet18",
    "resnet-50": "resnet50",
    "efficientnet-lite0": "timm_efficientnet_lite0",
    "yolov8n-640": "yolov8n",
    "deit-tiny": "timm_deit_tiny_patch16_224",
    "bert-base-128": "bert_base",
}
# Left out: what an exporter writes in several ways (masks, shape arithmetic, folded normalization).
COMPARED = {
    *COUNTED,
    "Clip",
    "Erf",
    "GlobalAveragePool",
    "HardSigmoid",
    "HardSwish",
    "LayerNormalization",
    "MaxPool",
    "Relu",
    "Resize",
    "Sigmoid",
    "Softmax",
    "Tanh",
}


# -- the graph ------------------------------------------------------------------------------------


def inferred_shapes(model):
    """The dims of every value, by ONNX shape inference alone."""
    result = onnx.shape_inference.infer_shapes(
        model, check_type=True, strict_mode=True, data_prop=True
    )
    graph = result.graph
    shapes = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    for value in [*graph.input, *graph.value_info, *graph.output]:
        dims = value.type.tensor_type.shape.dim
        if all(dim.HasField("dim_value") for dim in dims):
            shapes[value.name] = tuple(dim.dim_value for dim in dims)
    missing = [name for node in graph.node for name in node.output if name not in shapes]
    if missing:
        raise ValueError(f"shape inference leaves open: {', '.join(missing[:5])}")
    return shapes


def attribute(node, name, otherwise):
    for found in node.attribute:
        if found.name == name:
            return helper.get_attribute_value(found)
    return otherwise


# -- counts ---------------------------------------------------------------------------------------


def macs(node, shapes):
    """The multiply-adds of one node; 0 for operators that are not counted."""
    inputs = [shapes[name] for name in node.input if name]
    output = shapes[node.output[0]] if node.output[0] else ()
    if node.op_type == "Conv":
        # each output element sums over a kernel window of its group's input channels
        out_channels, channels_of_group, *kernel = inputs[1]
        assert inputs[0][1] == channels_of_group * attribute(node, "group", 1)
        assert output[1] == out_channels
        return math.prod(output) * channels_of_group * math.prod(kernel)
    if node.op_type == "Gemm":
        depth = inputs[0][0 if attribute(node, "transA", 0) else 1]
        return math.prod(output) * depth
    if node.op_type == "MatMul":
        return math.prod(output) * inputs[0][-1]
    if node.op_type == "LSTM":
        # four gates, each from the features and from the previous hidden state
        steps, batch, features = inputs[0]
        directions, gate_rows, _ = inputs[1]
        hidden = gate_rows // 4
        return steps * batch * directions * 4 * (features * hidden + hidden * hidden)
    return 0


def parameters(model, shapes):
    """(trained, running statistics): elements of the weight tensors, each tensor once.

    A weight is a tensor made by ConstantOfShape, or a stored one that a Conv takes as its kernel
    (the fixed kernel of YOLO's box distribution). The last two inputs of a BatchNormalization are
    statistics of the training data, not parameters.
    """
    stored = {tensor.name for tensor in model.graph.initializer}
    weights = {node.output[0] for node in model.graph.node if node.op_type == "ConstantOfShape"}
    weights |= {
        node.input[1]
        for node in model.graph.node
        if node.op_type == "Conv" and node.input[1] in stored
    }
    statistics = {
        name
        for node in model.graph.node
        if node.op_type == "BatchNormalization"
        for name in node.input[3:5]
    }
    return (
        sum(math.prod(shapes[name]) for name in weights - statistics),
        sum(math.prod(shapes[name]) for name in statistics),
    )


def onnx_tool_counts(path):
    """(all operators, counted operators) by onnx-tool's own figures."""
    import onnx_tool

    with contextlib.redirect_stdout(io.StringIO()):
        graph = onnx_tool.Model(str(path), {"verbose": False, "constant_folding": False}).graph
        graph.shape_infer(None)
        graph.profile()
    nodes = graph.nodemap.values()
    return (
        int(sum(node.macs[0] for node in nodes)),
        int(sum(node.macs[0] for node in nodes if node.op_type in COUNTED)),
    )


def onnx_tool_excess(node, shapes):
    """What onnx-tool counts for a node beyond its multiply-adds.

    Conv and Gemm: one for each bias addition. LSTM: bias and gate additions, and its constants for
    the exponentials of the activations.
    """
    from onnx_tool.node import EXP_MACS, TANH_MACS

    output = shapes[node.output[0]] if node.output[0] else ()
    if node.op_type in ("Conv", "Gemm"):
        return math.prod(output) if len(node.input) > 2 else 0
    if node.op_type == "LSTM":
        steps, batch, _ = shapes[node.input[0]]
        biases = math.prod(shapes[node.input[3]])
        states = steps * batch * attribute(node, "hidden_size", 0)
        return steps * batch * biases + states * (4 + 3 * EXP_MACS + 2 * TANH_MACS + 4)
    return 0


# -- one model ------------------------------------------------------------------------------------


class Findings:
    """What disagreed, printed as it is met."""

    def __init__(self):
        self.count = 0

    def compare(self, model, what, stated, counted):
        if stated != counted:
            self.count += 1
            print(f"{model}: {what}: stated {stated}, counted {counted}", file=sys.stderr)


def card_numbers(path):
    """The whole numbers on a card's first level."""
    numbers = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        key, mark, text = line.partition(": ")
        if mark and text.isdigit():
            numbers[key] = int(text)
    return numbers


def check(folder, findings, with_onnx_tool):
    """Compares one card with its graph; returns onnx-tool's record for the card, if asked for."""
    name = folder.name
    path = folder / f"{name}.onnx"
    onnx.checker.check_model(str(path), full_check=True)
    model = onnx.load(path)
    shapes = inferred_shapes(model)
    stated = card_numbers(folder / "card.yaml")
    trained, statistics = parameters(model, shapes)
    total = sum(macs(node, shapes) for node in model.graph.node)
    findings.compare(name, "parameters", stated.get("parameters"), trained)
    findings.compare(name, "running statistics", stated.get("running_statistics"), statistics)
    findings.compare(name, "MACs", stated.get("macs"), total)
    findings.compare(name, "nodes", stated.get("nodes"), len(model.graph.node))
    print(f"{name}: {trained:,} parameters, {total:,} MACs, {len(model.graph.node)} nodes")
    if not with_onnx_tool:
        return None
    tool_total, tool_counted = onnx_tool_counts(path)
    excess = sum(onnx_tool_excess(node, shapes) for node in model.graph.node)
    findings.compare(name, "onnx-tool's MACs less its extras", total, tool_counted - excess)
    return {
        "version": importlib.metadata.version("onnx-tool"),
        "macs_all_operators": tool_total,
        "macs_counted_operators": tool_counted,
        "difference": (
            f"of the counted operators, {excess} are bias additions"
            + (" and LSTM activations" if "lstm" in name else "")
            + f" and the rest equals ours; the other {tool_total - tool_counted} are operators we "
            "do not count. It counts no parameters here: weights made by ConstantOfShape are none "
            "to it."
        ),
    }


def recorded_shapes(name):
    """The dims of an export's values as ONNX Runtime computed them."""
    shapes = {}
    for line in (SHAPES / f"{name}.tsv").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            value, _, dims = line.split("\t")
            shapes[value] = () if dims == "scalar" else tuple(map(int, dims.split("x")))
    return shapes


def occurrences(model, shapes):
    """How often each compared operator occurs with each output shape."""
    return Counter(
        (node.op_type, shapes[node.output[0]])
        for node in model.graph.node
        if node.op_type in COMPARED
    )


def compare_with_export(folder, exports, findings):
    name = EXPORTS[folder.name]
    model = onnx.load(folder / f"{folder.name}.onnx")
    export = onnx.load(exports / f"{name}.onnx", load_external_data=False)
    ours = occurrences(model, inferred_shapes(model))
    theirs = occurrences(export, recorded_shapes(name))
    findings.compare(folder.name, "not in the export", Counter(), ours - theirs)
    findings.compare(folder.name, "only in the export", Counter(), theirs - ours)
    print(f"{folder.name}: {ours.total()} operators as in the export {name}")


def run(path):
    """Whether the model's outputs are finite on seeded input."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
    generator = np.random.default_rng(SEED)
    feed = {}
    for value in session.get_inputs():
        if value.type == "tensor(int64)":
            feed[value.name] = np.ones(value.shape, np.int64)
        else:
            feed[value.name] = generator.random(value.shape, np.float32)
    return all(np.isfinite(output).all() for output in session.run(None, feed))


def main():
    parser = argparse.ArgumentParser(description="Count the bundled graphs and compare the cards.")
    parser.add_argument("names", nargs="*", help="models to check; all when none is named")
    parser.add_argument("--run", action="store_true", help="run each model once")
    parser.add_argument("--exports", type=pathlib.Path, metavar="DIR", help="compare with these")
    parser.add_argument("--write-onnx-tool", action="store_true", help="record its figures")
    arguments = parser.parse_args()

    folders = sorted(path.parent for path in HERE.glob("*/card.yaml"))
    folders = [
        folder for folder in folders if not arguments.names or folder.name in arguments.names
    ]
    with_onnx_tool = importlib.util.find_spec("onnx_tool") is not None
    if not with_onnx_tool:
        print("onnx-tool is not installed: its figures are not compared", file=sys.stderr)
    findings, records = Findings(), {}
    for folder in folders:
        records[folder.name] = check(folder, findings, with_onnx_tool)
        if arguments.exports and folder.name in EXPORTS:
            compare_with_export(folder, arguments.exports, findings)
        if arguments.run:
            findings.compare(folder.name, "finite", True, run(folder / f"{folder.name}.onnx"))
    if arguments.write_onnx_tool:
        ONNX_TOOL_COUNTS.write_text(json.dumps(records, indent=2) + "\n", encoding="utf-8")
    if not folders:
        sys.exit("no such model")
    return 1 if findings.count else 0


if __name__ == "__main__":
    sys.exit(main())
