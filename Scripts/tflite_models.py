"""Writes TFLite files of one operator with the schema that comes with ai-edge-litert.

Shapes of results come from the interpreter: a file is written without them first.
"""

import dataclasses

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

TYPES = {
    "float32": schema.TensorType.FLOAT32, "float16": schema.TensorType.FLOAT16,
    "int8": schema.TensorType.INT8, "uint8": schema.TensorType.UINT8,
    "int16": schema.TensorType.INT16, "int32": schema.TensorType.INT32,
    "int64": schema.TensorType.INT64, "bool": schema.TensorType.BOOL,
}  # fmt: skip


@dataclasses.dataclass
class Tensor:
    """A tensor: constant where it has `data`; quantized where it has `scales`."""

    dtype: str = "float32"
    shape: tuple = ()
    data: object = None
    scales: tuple = ()
    zeros: tuple = ()
    axis: int = 0
    # Between which random elements lie; `None`: any stored number, or real ones from -1 to 1.
    limits: tuple | None = None

    def sample(self, generator):
        dtype = np.dtype(self.dtype)
        if dtype.kind == "f":
            low, high = self.limits or (-1, 1)
            return generator.uniform(low, high, self.shape).astype(dtype)
        if dtype.kind == "b":
            return generator.integers(0, 2, self.shape).astype(dtype)
        low, high = self.limits or (np.iinfo(dtype).min, np.iinfo(dtype).max)
        return generator.integers(low, high, self.shape, dtype, endpoint=True)


@dataclasses.dataclass
class Operator:
    """One operator, its name in the schema, inputs (`None` where one is absent) and results."""

    name: str
    inputs: list
    outputs: list
    # The table of options without its last letters, and its fields.
    options: tuple = (None, {})
    custom: bytes | None = None
    version: int = 1
    # Whose numbers are right: those of the interpreter's reference kernels, or of its preferred ones.
    judge: str = "reference"
    # The result that says how many rows of the others are defined.
    counted_by: int | None = None


def quantized(dtype, low, high, shape=(), **more):
    """A tensor that stands for real numbers of a range; of 16 bits symmetrically."""
    if dtype == "float32":
        more.pop("zeros", None)
        return Tensor(dtype, shape, limits=(low, high), **more)
    if dtype == "int16":
        return Tensor(dtype, shape, scales=(max(-low, high) / 32767,), zeros=(0,), **more)
    least = np.iinfo(dtype).min
    scale = (high - low) / 255
    return Tensor(dtype, shape, scales=(scale,), zeros=(int(round(least - low / scale)),), **more)


def _file(operator):
    model = schema.ModelT()
    model.version = 3
    model.description = b"one operator"
    model.buffers = [schema.BufferT()]
    code = schema.OperatorCodeT()
    number = schema.BuiltinOperator.CUSTOM
    if operator.custom is None:
        number = getattr(schema.BuiltinOperator, operator.name)
    else:
        code.customCode = operator.name.encode()
    code.builtinCode = number
    code.deprecatedBuiltinCode = min(number, 127)
    code.version = operator.version
    model.operatorCodes = [code]
    graph = schema.SubGraphT()
    graph.tensors, graph.name = [], b"main"
    positions = {}

    def add(tensor, name):
        if tensor is None:
            return -1
        if id(tensor) in positions:
            return positions[id(tensor)]
        value = schema.TensorT()
        value.name, value.type = name.encode(), TYPES[tensor.dtype]
        value.shape = [int(extent) for extent in tensor.shape]
        value.hasRank = True
        value.buffer = 0
        if tensor.data is not None:
            buffer = schema.BufferT()
            content = np.asarray(tensor.data).astype(tensor.dtype)
            value.shape = list(content.shape)
            buffer.data = np.frombuffer(content.tobytes(), np.uint8)
            model.buffers.append(buffer)
            value.buffer = len(model.buffers) - 1
        if len(tensor.scales):
            value.quantization = schema.QuantizationParametersT()
            value.quantization.scale = [float(scale) for scale in tensor.scales]
            value.quantization.zeroPoint = [int(zero) for zero in tensor.zeros]
            value.quantization.quantizedDimension = tensor.axis
        graph.tensors.append(value)
        positions[id(tensor)] = len(graph.tensors) - 1
        return positions[id(tensor)]

    node = schema.OperatorT()
    node.opcodeIndex = 0
    node.inputs = [add(tensor, f"x{place}") for place, tensor in enumerate(operator.inputs)]
    node.outputs = [add(tensor, f"y{place}") for place, tensor in enumerate(operator.outputs)]
    graph.inputs = [positions[id(tensor)] for _, tensor in _fed(operator)]
    graph.outputs = node.outputs
    table, fields = operator.options
    if table:
        node.builtinOptionsType = getattr(schema.BuiltinOptions, table)
        node.builtinOptions = getattr(schema, f"{table}T")()
        for field, value in fields.items():
            if not hasattr(node.builtinOptions, field):
                raise ValueError(f"{table} has no field {field}")
            setattr(node.builtinOptions, field, value)
    if operator.custom is not None:
        node.customOptions = np.frombuffer(operator.custom, np.uint8)
    graph.operators = [node]
    model.subgraphs = [graph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _fed(operator):
    """The tensors that are fed, each once, with the names that the file gives them."""
    found = []
    for place, tensor in enumerate(operator.inputs):
        if tensor is not None and tensor.data is None and all(tensor is not t for _, t in found):
            found.append((f"x{place}", tensor))
    return found


def write(operator, path):
    """Writes the file; raises what the interpreter says of an operator that it refuses."""
    first = _file(operator)
    interpreter = Interpreter(
        model_content=first, experimental_op_resolver_type=OpResolverType.BUILTIN_REF
    )
    interpreter.allocate_tensors()
    for tensor, details in zip(operator.outputs, interpreter.get_output_details(), strict=True):
        tensor.shape = tuple(int(extent) for extent in details["shape"])
    path.write_bytes(_file(operator))


def feed(operator, seed):
    """Names and elements of the inputs, in the file's order."""
    generator = np.random.default_rng(seed)
    return [(name, tensor.sample(generator)) for name, tensor in _fed(operator)]
