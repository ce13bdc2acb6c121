#!/usr/bin/env python3
"""Writes ONNX's own operator tests as files.

    Scripts/write-operator-cases.py DIR

Each node test of the `onnx` package becomes `DIR/<case>/model.onnx` and, for each of its data sets,
`DIR/<case>/test_data_set_<n>/input_<i>.pb` and `output_<i>.pb`: a TensorProto, SequenceProto or
OptionalProto each. `DIR/cases.tsv` has a row for each case, and is written last:

    case <TAB> relative tolerance <TAB> absolute tolerance <TAB> operators

where operators are `domain::type`, joined by `,`, the default domain empty.

Needs onnx and numpy.
"""

import pathlib
import sys
import warnings

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.backend.test.case import node as node_cases


def message(content, value_info):
    """What a test feeds or expects, as ONNX spells it."""
    if isinstance(content, onnx.TensorProto):
        return content
    kind = value_info.type.WhichOneof("value")
    if kind == "sequence_type":
        return numpy_helper.from_list(content, value_info.name)
    if kind == "optional_type":
        return numpy_helper.from_optional(content, value_info.name)
    if kind == "map_type":
        return numpy_helper.from_dict(content, value_info.name)
    return numpy_helper.from_array(content, value_info.name)


def operators(graph):
    found = {f"{node.domain}::{node.op_type}" for node in graph.node}
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                found |= operators(attribute.g)
    return found


def transform_in_double_precision():
    """Makes numpy transform single precision as numpy 1 did.

    The expected values that ONNX publishes (onnx 1.15, `backend/test/data/node`) come from numpy 1,
    which transformed everything in double precision. numpy 2 keeps to single precision, whose noise
    exceeds the absolute tolerance where the exact value is 0: test_dft_inverse then expects 1.9e-7.
    """

    def widened(transform):
        def run(values, *arguments, **named):
            values = np.asarray(values)
            wide = np.complex128 if values.dtype.kind == "c" else np.float64
            return transform(values.astype(wide), *arguments, **named)

        return run

    for name in ("fft", "ifft", "rfft", "irfft"):
        setattr(np.fft, name, widened(getattr(np.fft, name)))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    root = pathlib.Path(sys.argv[1])
    transform_in_double_precision()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cases = sorted(node_cases.collect_testcases(None), key=lambda case: case.name)
    rows = []
    for case in cases:
        folder = root / case.name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.onnx").write_bytes(case.model.SerializeToString())
        graph = case.model.graph
        for number, (inputs, outputs) in enumerate(case.data_sets):
            data = folder / f"test_data_set_{number}"
            data.mkdir(exist_ok=True)
            for stem, contents, infos in (
                ("input", inputs, graph.input),
                ("output", outputs, graph.output),
            ):
                for index, (content, info) in enumerate(zip(contents, infos)):
                    file = data / f"{stem}_{index}.pb"
                    file.write_bytes(message(content, info).SerializeToString())
        names = ",".join(sorted(operators(graph)))
        rows.append(f"{case.name}\t{case.rtol}\t{case.atol}\t{names}\n")
    (root / "cases.tsv").write_text("".join(rows))
    print(f"{len(rows)} operator cases of onnx {onnx.__version__} in {root}")


if __name__ == "__main__":
    main()
