"""Writes card.yaml: what a model is, where it comes from, what it amounts to."""

import json

from onnx import helper

MACS_COUNTING = (
    "One MAC for each multiply-add of Conv, Gemm, MatMul (the two products of attention included) "
    "and LSTM (its matrix products); bias additions, normalization, activation, pooling and other "
    "elementwise work count nothing."
)


def card(entry, builder, model, onnx_tool):
    """The text of the card; `onnx_tool` is what the tool counts, from `onnx_tool_counts.json`."""
    fields = {
        "name": entry.name,
        "title": entry.title,
        "origin": entry.origin,
        "license_note": entry.license_note,
        "input": _ports(builder.inputs),
        "output": _ports(builder.outputs),
        "parameters": builder.parameters,
        "running_statistics": builder.running_statistics,
        "macs": builder.macs,
        "macs_counting": MACS_COUNTING,
        "published": entry.published,
        "checked_by": _checks(entry, onnx_tool),
        "nodes": len(model.graph.node),
    }
    return "\n".join(_lines(fields)) + "\n"


def _ports(ports):
    return {
        port.name: {"shape": list(port.shape), "dtype": _dtype_name(port.dtype)} for port in ports
    }


def _dtype_name(dtype):
    return helper.tensor_dtype_to_np_dtype(dtype).name


def _checks(entry, onnx_tool):
    checks = {"hand_formulas": "ModelGraphs/check.py, formulas over the shapes ONNX infers: equal"}
    if entry.compared:
        checks["library"] = entry.compared
    if onnx_tool:
        checks["onnx_tool"] = onnx_tool
    return checks


def _lines(fields, depth=0):
    """YAML of nested maps; strings are JSON strings, which YAML reads as they are."""
    for key, value in fields.items():
        name = key if key.replace("_", "").isalnum() else json.dumps(key)
        if isinstance(value, dict) and "shape" not in value:
            yield f"{'  ' * depth}{name}:"
            yield from _lines(value, depth + 1)
        elif isinstance(value, dict):
            yield f"{'  ' * depth}{name}: {{ shape: {value['shape']}, dtype: {value['dtype']} }}"
        else:
            yield f"{'  ' * depth}{name}: {json.dumps(value, ensure_ascii=False)}"
