#!/usr/bin/env python3
"""Records the dtype and shape of every value of an ONNX model, as ONNX Runtime computes them.

    Scripts/dump-shapes.py MODEL.onnx [--shape input:1x3x224x224 ...] [--dim N=1 ...] -o FILE.tsv

Every node output of the main graph becomes a graph output; the model runs once, graph
optimizations off, on seeded random inputs. The file's rows are `value <TAB> dtype <TAB> dims`,
dims as `1x3x224x224` or `scalar`; lines from `#` on say what was run. The branch that an If takes
is recorded too, a value `v` of it as `<first output of the If>::<then_branch or else_branch>::v`;
values inside Loop and Scan bodies and inside functions are not.

`--infer` takes ONNX's own shape inference instead, for models too large to run, and says so in the
header. `--values-per-run` bounds memory: the model runs as often as it takes to see every value.

Needs onnx, onnxruntime and numpy.
"""

import argparse
import hashlib
import pathlib
import sys

import if_branches
import numpy as np
import onnx
import onnxruntime
from model_inputs import InputError, add_options, fixed_inputs, given, random_input, runtime_inputs
from onnx import TensorProto

SEED = 20260101
ABSENT = "absent"


# -- names ---------------------------------------------------------------------------------------


def onnx_dtype_name(dtype):
    """numpy's name for what ONNX calls FLOAT, DOUBLE, INT64 and so on."""
    name = TensorProto.DataType.Name(dtype).lower()
    return {"float": "float32", "double": "float64"}.get(name, name)


def numpy_dtype_name(array):
    return "string" if array.dtype.kind in "OUS" else array.dtype.name


def dims_text(dims):
    return "x".join(str(dim) for dim in dims) if len(dims) else "scalar"


# -- the two sources -----------------------------------------------------------------------------


def node_outputs(model):
    return [name for node in model.graph.node for name in node.output if name]


def measured(path, model, shapes, fill, values_per_run):
    """(value, dtype, dims) of each node output, from running the model."""
    generator = np.random.default_rng(SEED)
    feed = {
        value.name: random_input(value, shapes[value.name], fill, generator)
        for value in runtime_inputs(model)
    }
    declared = list(model.graph.output)
    while wanted := if_branches.conditions(model):
        computed = [name for name in wanted if name not in feed]
        results = run_for(path, model, declared, feed, computed) if computed else []
        if_branches.take_branches(model, feed | dict(zip(computed, results)))
    names = node_outputs(model)
    step = values_per_run or max(len(names), 1)
    found = {}
    for start in range(0, len(names), step):
        wanted = names[start : start + step]
        for name, result in zip(wanted, run_for(path, model, declared, feed, wanted)):
            found[name] = described(result)
    return [(name, *found[name]) for name in names]


def run_for(path, model, declared, feed, wanted):
    """What the values named in `wanted` hold; `declared` are the graph's own outputs."""
    known = {value.name for value in declared}
    del model.graph.output[:]
    model.graph.output.extend(declared)
    model.graph.output.extend(
        onnx.ValueInfoProto(name=name) for name in wanted if name not in known
    )
    return run(path, model, feed, wanted)


def run(path, model, feed, wanted):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    external = any(tensor.data_location for tensor in model.graph.initializer)
    content = model.SerializeToString()
    if external:  # data beside the file is found from the file's folder
        beside = path.with_name(f".{path.stem}.dump.onnx")
        beside.write_bytes(content)
        content = str(beside)
    try:
        session = onnxruntime.InferenceSession(content, options, ["CPUExecutionProvider"])
        return session.run(wanted, feed)
    finally:
        if external:
            beside.unlink()


def described(result):
    if result is None:
        return ABSENT, ABSENT
    if isinstance(result, (list, dict)):
        return "sequence" if isinstance(result, list) else "map", str(len(result))
    result = np.asarray(result)
    return numpy_dtype_name(result), dims_text(result.shape)


def inferred(model):
    """(value, dtype, dims) of each node output, from ONNX shape inference."""
    del model.graph.value_info[:]
    result = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    types = {
        value.name: value.type.tensor_type
        for value in [*result.graph.value_info, *result.graph.output]
    }
    rows = []
    for name in node_outputs(model):
        dims = [
            dim.dim_value if dim.HasField("dim_value") else None for dim in types[name].shape.dim
        ]
        if None in dims:
            raise InputError(f"shape inference leaves '{name}' open")
        rows.append((name, onnx_dtype_name(types[name].elem_type), dims_text(dims)))
    return rows


# -- the file ------------------------------------------------------------------------------------


def header(path, model, shapes, source):
    types = {value.name: value.type.tensor_type.elem_type for value in runtime_inputs(model)}
    yield f"# model: {path.name}"
    yield f"# sha256: {hashlib.sha256(path.read_bytes()).hexdigest()}"
    yield f"# source: {source}"
    yield "# values: node outputs of the main graph and of If branches taken; none of Loop, Scan"
    for name, shape in shapes.items():
        yield f"# input: {name} {onnx_dtype_name(types[name])} {dims_text(shape)}"


def dump(arguments):
    path = arguments.model
    shapes, dims, fill = given(arguments)
    model = onnx.load(path, load_external_data=False)
    shapes = fixed_inputs(model, shapes, dims)
    if arguments.infer:
        source = f"onnx shape inference, onnx {onnx.__version__}"
        rows = inferred(model)
    else:
        source = f"onnxruntime {onnxruntime.__version__}, graph optimizations off"
        rows = measured(path, model, shapes, fill, arguments.values_per_run)
    lines = [*header(path, model, shapes, source), *("\t".join(row) for row in rows)]
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description="Record the shape of every value of a model.")
    parser.add_argument("model", type=pathlib.Path)
    add_options(parser)
    parser.add_argument("--values-per-run", type=int, default=0, metavar="COUNT")
    parser.add_argument("--infer", action="store_true", help="ONNX shape inference; run nothing")
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    try:
        dump(parser.parse_args())
    except InputError as error:
        sys.exit(f"dump-shapes: {error}")


if __name__ == "__main__":
    main()
