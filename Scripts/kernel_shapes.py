"""Shapes of single kernels by class, and ONNX graphs of one operator. Needs numpy and onnx."""
import numpy as np
from onnx import TensorProto, helper, numpy_helper

RANDOM = np.random.default_rng(0)
# Input and output channels, kernel, stride, size, groups, dilation.
CONVOLUTIONS = {
    "pointwise": [(64, 64, 1, 1, 56), (64, 256, 1, 1, 56), (256, 64, 1, 1, 56),
                  (128, 512, 1, 1, 28), (512, 128, 1, 1, 28), (96, 24, 1, 1, 56),
                  (24, 144, 1, 1, 56), (576, 96, 1, 1, 14), (960, 160, 1, 1, 7),
                  (1024, 1024, 1, 1, 7)],
    "spatial": [(64, 64, 3, 1, 56), (128, 128, 3, 1, 28), (256, 256, 3, 1, 14), (512, 512, 3, 1, 7),
                (32, 32, 3, 1, 80), (16, 16, 3, 1, 160), (64, 64, 5, 1, 28)],
    "strided": [(64, 128, 3, 2, 56), (128, 256, 3, 2, 28), (32, 64, 3, 2, 160),
                (256, 512, 3, 2, 14), (256, 256, 3, 1, 28, 1, 2)],
    "stem": [(3, 32, 3, 2, 224), (3, 64, 7, 2, 224), (3, 16, 3, 2, 320), (1, 16, 3, 1, 96),
             (3, 16, 3, 1, 224)],
    "grouped": [(128, 128, 3, 1, 28, 32), (256, 256, 3, 1, 14, 32), (240, 60, 1, 1, 28, 3),
                (116, 116, 3, 1, 28, 2)],
    "depthwise": [(32, 32, 3, 1, 112, 32), (144, 144, 3, 1, 56, 144), (192, 192, 3, 1, 28, 192),
                  (576, 576, 3, 1, 14, 576), (960, 960, 3, 1, 7, 960), (96, 96, 3, 2, 112, 96),
                  (240, 240, 5, 1, 28, 240)],
}
# Rows, columns, depth.
PRODUCTS = {
    "matrix product": [(128, 768, 768), (128, 3072, 768), (128, 768, 3072), (64, 512, 512),
                       (197, 768, 192), (197, 192, 768), (16, 1024, 1024)],
    "matrix vector": [(1, 1000, 1024), (1, 1000, 2048), (1, 4096, 4096), (1, 128, 640),
                      (1, 3072, 768)],
}
IMAGE = (1, 64, 56, 56)
# Operator, shape, output shape, operations an element, attributes.
OTHERS = [
    ("Add", IMAGE, IMAGE, 1, {}), ("Mul", IMAGE, IMAGE, 1, {}), ("Relu", IMAGE, IMAGE, 1, {}),
    ("Exp", IMAGE, IMAGE, 1, {}), ("Sigmoid", IMAGE, IMAGE, 1, {}), ("Tanh", IMAGE, IMAGE, 1, {}),
    ("Erf", IMAGE, IMAGE, 1, {}), ("Softmax", (12, 128, 128), (12, 128, 128), 4, {"axis": -1}),
    ("LayerNormalization", (1, 197, 768), (1, 197, 768), 7, {}),
    ("GlobalAveragePool", IMAGE, (1, 64, 1, 1), 1, {}),
    ("MaxPool", IMAGE, (1, 64, 28, 28), 2.25,
     {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1] * 4}),
    ("AveragePool", IMAGE, IMAGE, 9, {"kernel_shape": [3, 3], "pads": [1] * 4}),
    ("Transpose", IMAGE, (1, 56, 56, 64), 1, {"perm": [0, 2, 3, 1]}),
]
# Operator, gates, attributes.
CELLS = [("LSTM", 4, {}), ("GRU", 3, {}), ("GRU", 3, {"linear_before_reset": 1}), ("RNN", 1, {})]
# Steps, batch, inputs, hidden elements, directions.
SEQUENCES = [(1, 1, 128, 128, 1), (50, 1, 16, 64, 1), (50, 1, 64, 64, 1), (100, 1, 128, 128, 1),
             (100, 1, 128, 128, 2), (50, 1, 256, 256, 1), (20, 1, 512, 512, 1),
             (10, 1, 1024, 1024, 1), (50, 4, 128, 128, 1), (50, 16, 256, 256, 1)]


def weights(name, *shape):
    return numpy_helper.from_array(RANDOM.standard_normal(shape, dtype=np.float32) / 10, name)


def model(operator, shape, output, constants, attributes):
    """A graph of one operator as bytes."""
    names = ["x"] + [constant.name for constant in constants]
    graph = helper.make_graph(
        [helper.make_node(operator, names, ["y"], **attributes)], "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, output)], constants)
    opsets = [helper.make_opsetid("", 20)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9).SerializeToString()


def convolution(cin, cout, kernel, stride, size, groups=1, dilation=1):
    """Graph, input shape and multiply-accumulates of a convolution with bias."""
    out = -(-size // stride)
    graph = model("Conv", (1, cin, size, size), (1, cout, out, out),
                  [weights("w", cout, cin // groups, kernel, kernel), weights("b", cout)],
                  {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "group": groups,
                   "pads": [dilation * (kernel - 1) // 2] * 4, "dilations": [dilation] * 2})
    return graph, (1, cin, size, size), cin // groups * cout * kernel**2 * out**2


def product(rows, columns, depth):
    """Graph, input shape and multiply-accumulates of a product with constant weights."""
    graph = model("MatMul", (rows, depth), (rows, columns), [weights("w", depth, columns)], {})
    return graph, (rows, depth), rows * columns * depth


def recurrent(cell, gates, attributes, steps, batch, inputs, hidden, directions):
    """Graph of a cell along sequences, with biases."""
    width = gates * hidden
    return model(cell, (steps, batch, inputs), (steps, directions, batch, hidden),
                 [weights("w", directions, width, inputs), weights("r", directions, width, hidden),
                  weights("b", directions, 2 * width)],
                 {"hidden_size": hidden, **attributes,
                  "direction": "bidirectional" if directions == 2 else "forward"})


def other(name, shape, output, attributes):
    """Graph of an operator without products; a second operand is constant."""
    constants = {"Add": [shape], "Mul": [shape], "LayerNormalization": [shape[-1:]]}
    return model(name, shape, output, [weights("w", *s) for s in constants.get(name, [])],
                 attributes)
