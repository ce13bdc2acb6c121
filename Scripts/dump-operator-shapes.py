#!/usr/bin/env python3
"""Writes ONNX's own operator examples, with the types their inputs and outputs really have.

    Scripts/dump-operator-shapes.py DIR

Each node test of the `onnx` package becomes `DIR/<case>/model.onnx`, as it is, and
`DIR/<case>/known.onnx`, in which the inputs a shape may depend on (small integer and boolean ones;
for Range, Resize and Upsample small floats too) are initializers with the test's content instead of
graph inputs. `DIR/cases.tsv` has a row for each case:

    case <TAB> opset <TAB> operators <TAB> inputs <TAB> outputs <TAB> known inputs

Inputs and outputs are those of `model.onnx`, as `dtype:dims` joined by `;`, dims as `1x3x224x224`
or `scalar`; an optional that holds nothing is `absent`, a sequence `sequence:LENGTH`. The operators
of a case and the names of its known inputs are joined by `,`.

Needs onnx and numpy.
"""

import argparse
import pathlib
import sys
import warnings

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.backend.test.case import node as node_cases

SMALL = 64
READS_FLOATS = {"Range", "Resize", "Upsample"}


def described(value):
    """`dtype:dims` of what a test feeds or expects."""
    if value is None:
        return "absent"
    if isinstance(value, onnx.TensorProto):
        value = numpy_helper.to_array(value)
    if isinstance(value, (list, tuple)):
        return f"sequence:{len(value)}"
    value = np.asarray(value)
    dtype = "string" if value.dtype.kind in "OUST" else value.dtype.name
    return f"{dtype}:{'x'.join(map(str, value.shape)) or 'scalar'}"


def decides_shapes(content, operators):
    """Whether an output's shape may follow from this input's content."""
    if content is None or isinstance(content, (list, tuple)):
        return False
    content = np.asarray(content)
    kinds = "iubf" if operators & READS_FLOATS else "iub"
    return content.dtype.kind in kinds and content.ndim <= 1 and content.size <= SMALL


def with_known_inputs(model, feed):
    """The model with inputs that decide shapes stored, and their names."""
    operators = {node.op_type for node in model.graph.node}
    known = onnx.ModelProto()
    known.CopyFrom(model)
    names = []
    for value, content in zip(model.graph.input, feed):
        if decides_shapes(content, operators):
            known.graph.initializer.append(numpy_helper.from_array(np.asarray(content), value.name))
            known.graph.input.remove(value)
            names.append(value.name)
    return known, names


def row(case, feed, expected, known):
    model = case.model
    opset = max((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), default=0)
    operators = ",".join(dict.fromkeys(node.op_type for node in model.graph.node))
    return "\t".join(
        [
            case.name,
            str(opset),
            operators,
            ";".join(map(described, feed)),
            ";".join(map(described, expected)),
            ",".join(known),
        ]
    )


def main():
    parser = argparse.ArgumentParser(description="Write ONNX's operator examples.")
    parser.add_argument("folder", type=pathlib.Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    warnings.filterwarnings("ignore")
    rows = []
    for case in sorted(node_cases.collect_testcases(None), key=lambda case: case.name):
        if not case.model or not case.data_sets:
            continue
        feed, expected = case.data_sets[0]
        (folder / case.name).mkdir(exist_ok=True)
        known, names = with_known_inputs(case.model, feed)
        (folder / case.name / "model.onnx").write_bytes(case.model.SerializeToString())
        (folder / case.name / "known.onnx").write_bytes(known.SerializeToString())
        rows.append(row(case, feed, expected, names))
    (folder / "cases.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    print(f"{len(rows)} operator examples", file=sys.stderr)


if __name__ == "__main__":
    main()
