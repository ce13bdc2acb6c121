"""Writes one ONNX graph node by node, keeping the shape of every value and counting as it goes.

Weights carry no trained values: each is a ConstantOfShape node, so a file stays at kilobytes and
any runtime opens it unchanged. A weight's value is one over the number of products that are
summed with it, which keeps activations finite through any depth.
"""

import math
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8


@dataclass(frozen=True)
class Port:
    """An input or output of the graph."""

    name: str
    dtype: int
    shape: tuple


class GraphBuilder:
    """The nodes of one graph, in order.

    Methods that add a node take its name and return its output value's name. `parameters`,
    `running_statistics` and `macs` hold what the added nodes amount to.
    """

    def __init__(self):
        self.parameters = 0
        self.running_statistics = 0
        self.macs = 0
        self.inputs = []
        self.outputs = []
        self._nodes = []
        self._initializers = {}
        self._shapes = {}
        self._renamed = {}

    # -- values ---------------------------------------------------------------------------------

    def shape(self, value):
        """The shape of a value that was added before."""
        return self._shapes[value]

    def input(self, name, shape, dtype=TensorProto.FLOAT):
        self.inputs.append(Port(name, dtype, tuple(shape)))
        self._shapes[name] = tuple(shape)
        return name

    def output(self, value, name, dtype=TensorProto.FLOAT):
        """Make `value` an output of the graph under the name `name`."""
        self._renamed[value] = name
        self.outputs.append(Port(name, dtype, self.shape(value)))

    def constant(self, name, content, dtype=np.float32):
        """A small tensor whose content matters, stored as it is; one name, one tensor."""
        content = np.asarray(content, dtype=dtype)
        self._initializers[name] = numpy_helper.from_array(content, name)
        self._shapes[name] = content.shape
        return name

    def indices(self, name, content):
        return self.constant(name, content, np.int64)

    def weight(self, name, shape, value, trained=True):
        """A weight tensor filled with `value`; `trained` is false for running statistics."""
        shape = tuple(shape)
        shape_name = "shape_" + "x".join(map(str, shape))
        fill = helper.make_tensor("value", TensorProto.FLOAT, [1], [value])
        self.indices(shape_name, shape)
        self._append("ConstantOfShape", [shape_name], [name], f"{name}/fill", value=fill)
        self._shapes[name] = shape
        if trained:
            self.parameters += math.prod(shape)
        else:
            self.running_statistics += math.prod(shape)
        return name

    # -- nodes ----------------------------------------------------------------------------------

    def node(self, operator, inputs, name, shape=None, **attributes):
        """Add a node with one output, by default of the shape its inputs broadcast to."""
        if shape is None:
            shape = np.broadcast_shapes(*(self.shape(value) for value in inputs))
        (value,) = self.nodes(operator, inputs, name, [shape], **attributes)
        return value

    def nodes(self, operator, inputs, name, shapes, **attributes):
        """Add a node with an output for each of `shapes`; `None` leaves an output out."""
        values = [
            "" if shape is None else f"{name}.output" if len(shapes) == 1 else f"{name}.output_{i}"
            for i, shape in enumerate(shapes)
        ]
        for value, shape in zip(values, shapes):
            if value:
                assert value not in self._shapes, f"{value} is added twice"
                self._shapes[value] = tuple(shape)
        self._append(operator, inputs, values, name, **attributes)
        return values

    def conv(self, x, weight, bias, name, stride, pads, groups=1):
        """A 2-D convolution; `pads` is (top, left, bottom, right)."""
        batch, _, *size = self.shape(x)
        out_channels, in_channels, *kernel = self.shape(weight)
        out = [(size[i] + pads[i] + pads[i + 2] - kernel[i]) // stride[i] + 1 for i in range(2)]
        shape = (batch, out_channels, *out)
        self.macs += math.prod(shape) * in_channels * math.prod(kernel)
        return self.node(
            "Conv",
            [x, weight] + ([bias] if bias else []),
            name,
            shape,
            dilations=[1, 1],
            group=groups,
            kernel_shape=kernel,
            pads=list(pads),
            strides=list(stride),
        )

    def gemm(self, x, weight, bias, name):
        """`x` [m, k] times the transpose of `weight` [n, k]."""
        (m, k), (n, _) = self.shape(x), self.shape(weight)
        self.macs += m * n * k
        inputs = [x, weight] + ([bias] if bias else [])
        return self.node("Gemm", inputs, name, (m, n), transB=1)

    def matmul(self, a, b, name):
        *batch, m, k = self.shape(a)
        *other, _, n = self.shape(b)
        shape = (*np.broadcast_shapes(tuple(batch), tuple(other)), m, n)
        self.macs += math.prod(shape) * k
        return self.node("MatMul", [a, b], name, shape)

    def lstm(self, x, weight, recurrence, bias, name):
        """One forward LSTM layer over `x` [steps, batch, features]; returns all hidden states."""
        steps, batch, features = self.shape(x)
        directions, _, hidden = self.shape(recurrence)
        self.macs += steps * batch * directions * 4 * hidden * (features + hidden)
        shapes = [(steps, directions, batch, hidden)]
        (value,) = self.nodes(
            "LSTM", [x, weight, recurrence, bias], name, shapes, hidden_size=hidden
        )
        return value

    def reshape(self, x, shape, name):
        target = self.indices(f"{name}.shape", shape)
        return self.node("Reshape", [x, target], name, shape)

    def transpose(self, x, permutation, name):
        shape = [self.shape(x)[axis] for axis in permutation]
        return self.node("Transpose", [x], name, shape, perm=permutation)

    def concat(self, values, axis, name):
        shape = list(self.shape(values[0]))
        shape[axis] = sum(self.shape(value)[axis] for value in values)
        return self.node("Concat", values, name, shape, axis=axis)

    def split(self, x, sizes, axis, name):
        shapes = [list(self.shape(x)) for _ in sizes]
        for shape, size in zip(shapes, sizes):
            shape[axis] = size
        return self.nodes(
            "Split", [x, self.indices(f"{name}.sizes", sizes)], name, shapes, axis=axis
        )

    def slice(self, x, axis, start, end, name):
        shape = list(self.shape(x))
        shape[axis] = end - start
        bounds = [
            self.indices(f"index_{start}", [start]),
            self.indices(f"index_{end}", [end]),
            self.indices(f"index_{axis}", [axis]),
        ]
        return self.node("Slice", [x, *bounds], name, shape)

    def unsqueeze(self, x, axis, name):
        shape = list(self.shape(x))
        shape.insert(axis, 1)
        return self.node("Unsqueeze", [x, self.indices(f"index_{axis}", [axis])], name, shape)

    def squeeze(self, x, axis, name):
        shape = list(self.shape(x))
        del shape[axis]
        return self.node("Squeeze", [x, self.indices(f"index_{axis}", [axis])], name, shape)

    # -- the file -------------------------------------------------------------------------------

    def model(self, name):
        """The checked ONNX model of what was added."""
        for node in self._nodes:
            node.input[:] = [self._renamed.get(value, value) for value in node.input]
            node.output[:] = [self._renamed.get(value, value) for value in node.output]
        graph = helper.make_graph(
            self._nodes,
            name,
            [helper.make_tensor_value_info(p.name, p.dtype, p.shape) for p in self.inputs],
            [helper.make_tensor_value_info(p.name, p.dtype, p.shape) for p in self.outputs],
            list(self._initializers.values()),
        )
        model = helper.make_model(
            graph, producer_name="boardfit", opset_imports=[helper.make_opsetid("", OPSET)]
        )
        model.ir_version = IR_VERSION
        onnx.checker.check_model(model, full_check=True)
        return model

    def _append(self, operator, inputs, outputs, name, **attributes):
        self._nodes.append(helper.make_node(operator, inputs, outputs, name, **attributes))
