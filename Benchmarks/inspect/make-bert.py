#!/usr/bin/env python3
"""Writes BERT-base with real weight tensors, some 440 MB: `make-bert.py OUTPUT.onnx`.

The graph is that of ModelGraphs/bert-base-128; each ConstantOfShape node becomes an initializer of
the same name, shape and mean, with seeded noise. Needs onnx and numpy.
"""

import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

GRAPH = pathlib.Path(__file__).parents[2] / "ModelGraphs" / "bert-base-128" / "bert-base-128.onnx"
SEED = 20260101


def filled(node, shape, generator):
    """The node's tensor as an initializer: its value, plus a hundredth of noise."""
    value = numpy_helper.to_array(helper.get_node_attr_value(node, "value"))[0]
    content = value + 0.01 * generator.standard_normal(shape, dtype=np.float32)
    return TensorProto(
        name=node.output[0],
        data_type=TensorProto.FLOAT,
        dims=shape,
        raw_data=content.astype("<f4").tobytes(),
    )


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.splitlines()[0])
    model = onnx.load(GRAPH)
    graph = model.graph
    shapes = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    generator = np.random.default_rng(SEED)
    fills = [node for node in graph.node if node.op_type == "ConstantOfShape"]
    for node in fills:
        graph.initializer.append(filled(node, shapes[node.input[0]].tolist(), generator))
        graph.node.remove(node)
    used = {name for node in graph.node for name in node.input}
    for tensor in [tensor for tensor in graph.initializer if tensor.name not in used]:
        graph.initializer.remove(tensor)
    onnx.save(model, sys.argv[1])


if __name__ == "__main__":
    main()
